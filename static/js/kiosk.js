/* The kiosk: one document that never leaves the screen. Each touch fetches the next page and puts it in
   place, so a lost server shows our own words and never the browser's. Without this script the same links
   and forms work as usual. */
(function () {
  "use strict";

  var IDLE_SECONDS = 40;
  var WARNING_SECONDS = 20;
  var ANSWER_SECONDS = 4.5;
  var RETRY_SECONDS = 5;
  // Together below five: so soon a lost server is shown (trust.md K-09).
  var HEALTH_SECONDS = 2;
  var HEALTH_ANSWER_SECONDS = 2.5;
  var REFRESH_SECONDS = 15;
  // A touch is repeated by itself for this long; afterwards its visitor has gone to the staff.
  var PATIENCE_SECONDS = 30;
  var MM_PER_PX = 25.4 / 96;
  var PRINTED = "mpp-printed";
  var UNPRINTED = "mpp-unprinted";

  var busy = false;
  var underWay = "";
  var wanted = null;
  var lost = null;
  var lastTouch = seconds();
  var shownAt = seconds();
  var clockBase = null;
  var nextHealth = HEALTH_SECONDS;
  var nextRefresh = REFRESH_SECONDS;

  function seconds() { return performance.now() / 1000; }
  function one(selector) { return document.querySelector(selector); }
  function settings() { return one("[data-mpp-kiosk]"); }
  function manner(name) { return settings().getAttribute("data-mpp-" + name); }
  function isHome() { return settings().hasAttribute("data-mpp-home"); }
  function startUrl() { return manner("kiosk"); }
  function setText(selector, text) {
    var node = one(selector);
    if (node && node.textContent !== text) { node.textContent = text; }
  }

  // --- fetching and showing -------------------------------------------------------------------

  function ask(request) {
    var stop = new AbortController();
    var timer = setTimeout(function () { stop.abort(); }, (request.patience || ANSWER_SECONDS) * 1000);
    return fetch(request.url, {
      method: request.body ? "POST" : "GET",
      body: request.body || undefined,
      cache: "no-store",
      credentials: "same-origin",
      signal: stop.signal
    }).then(function (response) {
      return response.text().then(function (text) {
        clearTimeout(timer);
        if (response.status >= 500) { throw new Error("server " + response.status); }
        return { url: response.url, status: response.status, text: text };
      });
    }, function (error) {
      clearTimeout(timer);
      throw error;
    });
  }

  function go(request) {
    if (busy) { return; }
    busy = true;
    underWay = codeIn(request.body);
    document.body.setAttribute("aria-busy", "true");
    ask(request).then(function (answer) {
      done();
      show(answer, request);
      goOn();
    }).catch(function () {
      done();
      lose(request);
    });
  }

  function done() {
    busy = false;
    document.body.removeAttribute("aria-busy");
  }

  function goStart() { go({ url: startUrl(), since: seconds() }); }

  function show(answer, request) {
    var page = new DOMParser().parseFromString(answer.text, "text/html");
    if (!page.querySelector("[data-mpp-kiosk]")) {
      // Not a page of the kiosk: an old form, or somebody else's answer. Begin again.
      if (answer.status < 500 && request.url !== startUrl()) { goStart(); } else { lose(request); }
      return;
    }
    lost = null;
    if (page.querySelector("[data-mpp-home]") && renewed(page)) {
      location.replace(startUrl());
      return;
    }
    remember(answer.url);
    put(page);
  }

  function renewed(page) {
    // The portal was updated: its script has another name now.
    var ours = one("script[src*='kiosk']");
    var theirs = page.querySelector("script[src*='kiosk']");
    return ours && theirs && ours.getAttribute("src") !== theirs.getAttribute("src");
  }

  function put(page) {
    document.title = page.title;
    while (document.body.firstChild) { document.body.removeChild(document.body.firstChild); }
    document.body.className = page.body.className;
    while (page.body.firstChild) { document.body.appendChild(document.adoptNode(page.body.firstChild)); }
    begin();
  }

  function remember(url) {
    // One entry above the first at most: Back always leads to the start.
    if (history.state && history.state.mpp) { history.replaceState({ mpp: true }, "", url); }
    else if (url !== location.href) { history.pushState({ mpp: true }, "", url); }
  }

  function begin() {
    shownAt = seconds();
    nextRefresh = shownAt + REFRESH_SECONDS;
    var time = one("[data-mpp-time]");
    var told = time && time.getAttribute("data-mpp-time");
    // Its third letter stands between hours and minutes, as the reader's language writes it.
    clockBase = told ? { at: shownAt, seconds: secondsOfDay(told), mark: told.charAt(2) } : null;
    if (!manner("return")) { forget(); }
    if (isHome() && settings().hasAttribute("data-mpp-untouched")) { sessionStorage.clear(); }
    if (one("[data-mpp-countdown]")) { one("[data-mpp-countdown]").hidden = false; }
    if (manner("print")) { printOnce(); }
    var main = one("main");
    if (main) { main.focus({ preventScroll: true }); }
    document.dispatchEvent(new Event("mpp:screen"));
    tick();
  }

  function beginAgain() {
    // After a power cut: the number of the last touch may exist without its paper. The server knows its age:
    // it shows a fresh one once more, and gives one back whose visitor has left.
    var touch = isHome() ? recall() : null;
    begin();
    if (!touch) { return; }
    var fields = new FormData(one("[data-mpp-scan]"));
    fields.set("kunci", touch.key);
    if (touch.seen) { fields.set("terlihat", "1"); }
    go({ url: manner("unprinted"), body: new URLSearchParams(fields), since: seconds() });
  }

  // --- a touch that makes a number, kept until its paper is out -------------------------------

  function keep(touch) { localStorage.setItem(UNPRINTED, JSON.stringify(touch)); }

  function recall() {
    try {
      return JSON.parse(localStorage.getItem(UNPRINTED));
    } catch (error) {
      return null;
    }
  }

  function received(event) {
    // The portal's own printer has answered; without paper the screen asks for a photograph.
    var touch = recall();
    if (event.detail) { forget(); }
    else if (touch) { keep({ key: touch.key, seen: true }); }
  }

  function forget() { localStorage.removeItem(UNPRINTED); }

  // --- printing -------------------------------------------------------------------------------

  function printOnce() {
    var again = !manner("print") || sessionStorage.getItem(PRINTED) === manner("print");
    sessionStorage.setItem(PRINTED, manner("print") || "");
    var button = one("[data-mpp-reprint]");
    button.querySelector("span").textContent = button.getAttribute("data-mpp-reprint");
    one("[data-mpp-unprinted]").hidden = true;
    one("[data-mpp-printed]").hidden = false;
    if (!again) { (document.fonts ? document.fonts.ready : Promise.resolve()).then(printSlip); }
  }

  function reprint() {
    printOnce();
    printSlip();
  }

  function printSlip() {
    var slip = one("[data-mpp-slip]");
    if (!slip) { return; }
    fitPaper(slip.getAttribute("data-mpp-slip"), Math.ceil(slip.offsetHeight * MM_PER_PX) + 2);
    window.print();
    document.dispatchEvent(new CustomEvent("mpp:slip"));
    forget();
  }

  function fitPaper(width, length) {
    // A roll has no page length of its own; the sheet's own rule is only a guess.
    var sheet = document.styleSheets[document.styleSheets.length - 1];
    var rule = "@page { size: " + width + "mm " + length + "mm; margin: 0; }";
    try {
      var last = sheet.cssRules.length - 1;
      if (last >= 0 && sheet.cssRules[last].type === CSSRule.PAGE_RULE) { sheet.deleteRule(last); }
      sheet.insertRule(rule, sheet.cssRules.length);
    } catch (error) {
      return;
    }
  }

  // --- the server is lost ---------------------------------------------------------------------

  function lose(request) {
    wanted = null;
    lost = { request: request, retryAt: seconds() + RETRY_SECONDS };
    one("[data-mpp-lost]").hidden = false;
  }

  function retry() {
    lost.retryAt = seconds() + RETRY_SECONDS;
    if (!lost.request) { checkHealth(); return; }
    if (seconds() - lost.request.since > PATIENCE_SECONDS) { lost.request = { url: startUrl(), since: seconds() }; }
    go(lost.request);
  }

  function found() {
    lost = null;
    one("[data-mpp-lost]").hidden = true;
  }

  function checkHealth() {
    ask({ url: manner("health"), patience: HEALTH_ANSWER_SECONDS }).then(function () {
      if (lost && !lost.request) { found(); }
    }, function () {
      // A number that is already on the screen stays there.
      if (!lost && !busy && !manner("return")) { lose(null); }
    });
  }

  // --- time passes ----------------------------------------------------------------------------

  function tick() {
    var now = seconds();
    showClock(now);
    if (lost) {
      if (!busy && now >= lost.retryAt) { retry(); }
      return;
    }
    if (now >= nextHealth) {
      nextHealth = now + HEALTH_SECONDS;
      checkHealth();
    }
    if (manner("return")) { countDown(now); }
    else if (isHome() && settings().hasAttribute("data-mpp-untouched")) { refresh(now); }
    else { watchIdle(now); }
  }

  function showClock(now) {
    if (!clockBase) { return; }
    var total = Math.floor(clockBase.seconds + now - clockBase.at) % 86400;
    setText("[data-mpp-time]", two(Math.floor(total / 3600)) + clockBase.mark + two(Math.floor(total / 60) % 60));
  }

  function countDown(now) {
    var left = Math.ceil(Number(manner("return")) - (now - Math.max(shownAt, lastTouch)));
    setText("[data-mpp-return-left]", String(Math.max(0, left)));
    if (left <= 0) { goStart(); }
  }

  function refresh(now) {
    if (now < nextRefresh || busy) { return; }
    nextRefresh = now + REFRESH_SECONDS;
    var touch = lastTouch;
    ask({ url: startUrl() }).then(function (answer) {
      // Whoever touched the screen meanwhile goes first.
      if (!busy && !lost && touch === lastTouch) { show(answer, { url: startUrl(), since: now }); }
    }, function () {
      if (!busy && !lost) { lose(null); }
    });
  }

  function watchIdle(now) {
    var idle = now - Math.max(lastTouch, shownAt);
    var warning = one("[data-mpp-idle]");
    if (idle < IDLE_SECONDS) {
      warning.hidden = true;
      return;
    }
    setText("[data-mpp-idle-left]", String(Math.max(0, Math.ceil(IDLE_SECONDS + WARNING_SECONDS - idle))));
    if (warning.hidden) {
      warning.hidden = false;
      one("[data-mpp-stay]").focus();
    }
    if (idle >= IDLE_SECONDS + WARNING_SECONDS) { goStart(); }
  }

  function secondsOfDay(text) {
    var parts = text.split(/[.:]/).map(Number);
    return parts[0] * 3600 + parts[1] * 60 + (parts[2] || 0);
  }

  function two(number) { return (number < 10 ? "0" : "") + number; }

  // --- touches --------------------------------------------------------------------------------

  function touched() { lastTouch = seconds(); }

  function clicked(event) {
    var target = event.target.closest ? event.target : event.target.parentElement;
    if (target.closest("[data-mpp-stay]")) {
      one("[data-mpp-idle]").hidden = true;
      return;
    }
    var link = target.closest("a[href]");
    if (!link || !settings() || link.hasAttribute("data-mpp-leave")) { return; }
    event.preventDefault();
    if (link.hasAttribute("data-mpp-reprint")) { reprint(); return; }
    if (busy) { want(link); return; }
    mark(link);
    go({ url: link.href, since: seconds() });
  }

  function submitted(event) {
    event.preventDefault();
    var form = event.target;
    var button = form.querySelector("button");
    if (busy && form.hasAttribute("data-mpp-scan")) { wantScan(form.elements.kode.value); return; }
    if (busy) { want(button); return; }
    mark(button);
    if (form.elements.kunci) { keep({ key: form.elements.kunci.value }); }
    go({ url: form.action, body: new URLSearchParams(new FormData(form)), since: seconds() });
  }

  function mark(node) {
    if (node) { node.classList.add("is-chosen"); }
  }

  // A touch or a scan while the one before is under way is done afterwards; a touch only if the next screen has
  // that control too. The same twice is one.

  function want(node) {
    wanted = node && !node.classList.contains("is-chosen") ? { name: nameOf(node) } : null;
  }

  function wantScan(code) {
    if (code !== underWay) { wanted = { code: code }; }
  }

  function goOn() {
    var next = wanted;
    if (!next || busy) { return; }
    wanted = null;
    if (next.code) { scan(next.code); } else { touch(next.name); }
  }

  function scan(code) {
    var form = one("[data-mpp-scan]");
    form.elements.kode.value = code;
    form.requestSubmit();
  }

  function touch(name) {
    var found = Array.prototype.filter.call(document.querySelectorAll("a[href], form button"), function (node) {
      return nameOf(node) === name && node.offsetParent;
    })[0];
    if (found) { found.click(); }
  }

  function codeIn(fields) { return fields && fields.get("kode") || ""; }

  function nameOf(node) { return (node.querySelector("b") || node).textContent.trim(); }

  document.addEventListener("pointerdown", touched, true);
  document.addEventListener("keydown", touched, true);
  document.addEventListener("click", clicked);
  document.addEventListener("submit", submitted);
  document.addEventListener("mpp:receipt", received);
  document.addEventListener("contextmenu", function (event) { event.preventDefault(); });
  window.addEventListener("popstate", function () { goStart(); });
  // Only over TLS, or on the machine itself, a browser lets a page leave something for the time without a server.
  if (navigator.serviceWorker) {
    navigator.serviceWorker.register(manner("worker"), { scope: startUrl() }).catch(function () {
      // The next start of the browser tries again; this page shows a lost server by itself.
      return;
    });
  }
  beginAgain();
  setInterval(tick, 250);
})();
