/* My number, or all numbers of my visit, live: figures are patched, a change of state fetches the part again
   from the server. */
(function () {
  "use strict";

  var PEOPLE = 8;
  var START = 14;
  var END = 306;
  var SVG = "http://www.w3.org/2000/svg";
  // The same silence after which the stream counts as lost (live.js).
  var STALE_SECONDS = 27;
  var RETRY_SECONDS = 2;
  // All phones of an agency hear of its trouble in one moment, and must not all ask in it.
  var SPREAD_SECONDS = 10;
  // Between hours and minutes, as the reader's language writes it.
  var MARK = document.documentElement.lang === "en" ? ":" : ".";
  var stream = null;
  var freshAt = Date.now();
  var isLive = false;
  // The server's time of day in seconds, and when we heard it: a heartbeat moves it on.
  var heard = { seconds: 0, at: 0 };
  var fetching = false;
  var lastCause = "";
  // The bell, once its button was pressed: without a finger's wish a phone plays nothing.
  var bell = null;
  // The stream has told of a change that the part does not show yet; `retry` is the timer that asks again.
  var owed = false;
  var retry = 0;
  // The part as the server wrote it last, without its time: equal means that nothing has changed.
  var served = null;
  var heardTrouble = null;
  var heardVisit = "";
  var looking = 0;

  function root() { return document.querySelector("[data-mpp-followed]"); }

  function each(selector, act, within) {
    Array.prototype.forEach.call((within || root()).querySelectorAll(selector), act);
  }

  function write(element, text) {
    // Setting the same text again would make a screen reader say it again.
    if (element.textContent !== String(text)) { element.textContent = text; }
  }

  function put(name, text, within) {
    each("[data-mpp-figure=" + name + "]", function (element) { write(element, text); }, within);
  }

  function hide(selector, hidden, within) {
    each(selector, function (element) { element.hidden = hidden; }, within);
  }

  function hear(time) {
    var parts = time.split(/[.:]/).map(Number);
    heard = { seconds: parts[0] * 3600 + parts[1] * 60 + parts[2], at: Date.now() };
  }

  function two(number) { return ("0" + Math.floor(number)).slice(-2); }

  function hour(seconds) {
    var left = seconds % 86400;
    return two(left / 3600) + MARK + two(left % 3600 / 60);
  }

  function showTime() {
    if (!heard.at) { return; }
    var now = heard.seconds + Math.round((Date.now() - heard.at) / 1000);
    put("time", hour(now) + MARK + two(now % 60));
  }

  function shape(kind, attributes, text) {
    var element = document.createElementNS(SVG, kind);
    Object.keys(attributes).forEach(function (name) { element.setAttribute(name, attributes[name]); });
    if (text) { element.textContent = text; }
    return element;
  }

  /* The same line as templates/components/track.html. */
  function drawTrack(ahead, serving) {
    var svg = root().querySelector("[data-mpp-track] svg");
    if (!svg) { return; }
    var shown = Math.min(ahead, PEOPLE);
    var rest = ahead - shown;
    var gap = (END - START) / (shown + (rest ? 2 : 1));
    var people = shape("g", { "class": "track-people" });
    while (svg.firstChild) { svg.removeChild(svg.firstChild); }
    svg.appendChild(shape("path", { "class": "track-line", d: "M" + START + " 12H" + END }));
    if (serving) { svg.appendChild(shape("circle", { "class": "track-now", cx: START, cy: 12, r: 8 })); }
    for (var place = 1; place <= shown; place += 1) {
      people.appendChild(shape("path", { d: "M" + Math.round(START + gap * place) + " 5l7 7-7 7-7-7z" }));
    }
    people.appendChild(shape("path", { d: "M" + END + " 0l12 12-12 12-12-12z" }));
    svg.appendChild(people);
    if (rest) {
      var x = Math.round(START + gap * (shown + 1));
      svg.appendChild(shape("text", { "class": "track-more", x: x, y: 17 }, "+" + rest));
    }
    svg.setAttribute("aria-label", svg.getAttribute("aria-label").replace(/\d+/, ahead));
  }

  /* The stream speaks Indonesian: in another language the server says what has changed. */
  function showCause(cause) {
    if (document.documentElement.lang === "id") {
      put("cause", cause);
      hide("[data-mpp-cause]", !cause);
    } else if (cause !== lastCause) {
      refresh();
    }
    lastCause = cause;
  }

  /* A number of the visit in its row, and where it is named as the next one. */
  function patchNumber(label, ahead, minutes) {
    each("[data-mpp-number]", function (row) {
      if (row.getAttribute("data-mpp-number") !== label) { return; }
      each("[data-mpp-ahead]", function (element) {
        var form = ahead === 0 ? "data-none" : ahead === 1 ? "data-one" : "data-many";
        write(element, element.getAttribute(form).replace("{people}", ahead));
      }, row);
      put("minutes", minutes, row);
      hide("[data-mpp-known]", !minutes, row);
      hide("[data-mpp-unknown]", Boolean(minutes), row);
    });
  }

  function patchVisit(state) {
    served = null;
    Object.keys(state.numbers).forEach(function (label) {
      patchNumber(label, state.numbers[label][0], state.numbers[label][1]);
    });
    put("until", state.until);
    hide("[data-mpp-until]", !state.until);
  }

  function patch(state) {
    var known = state.low_minutes !== null;
    var serving = Boolean(state.now_serving);
    hear(state.time);
    showTime();
    if (state.numbers) { patchVisit(state); }
    if (state.state !== "WAITING") { return; }
    served = null;
    put("ahead", state.ahead);
    showCause(state.cause);
    put("now_serving", state.now_serving);
    hide("[data-mpp-serving]", !serving);
    hide("[data-mpp-next]", state.ahead > 0);
    hide("[data-mpp-known]", !known);
    hide("[data-mpp-unknown]", known);
    put("counters", state.counters);
    hide("[data-mpp-staffed]", !state.counters);
    hide("[data-mpp-unstaffed]", state.counters > 0);
    if (known) {
      put("minutes", state.low_minutes + "–" + state.high_minutes);
      put("earliest", hour(heard.seconds + state.low_minutes * 60));
    }
    drawTrack(state.ahead, serving);
    sayWhenToLeave(state);
  }

  /* The same words as queueing.ticket_words.leave_of. */
  function sayWhenToLeave(state) {
    each("[data-mpp-leave]", function (element) {
      if (state.low_minutes === null) { return; }
      var spare = state.low_minutes - Number(element.getAttribute("data-mpp-leave"));
      var time = hour(heard.seconds + spare * 60);
      element.textContent = element.getAttribute(spare > 0 ? "data-at" : "data-now").replace("{time}", time);
    });
  }

  function hearTrouble(state) {
    if (state.trouble === heardTrouble) { return; }
    heardTrouble = state.trouble;
    setTimeout(function () {
      if (differs("trouble", heardTrouble)) { owe(); }
    }, SPREAD_SECONDS * 1000 * Math.random());
  }

  function owe() {
    owed = true;
    refresh();
  }

  function differs(name, value) {
    return value !== undefined && String(value) !== root().getAttribute("data-" + name);
  }

  function changed(state) {
    // Of the order to go the server may think again before it answers: one mark is asked for once.
    var isVisitNews = state.visit !== heardVisit && differs("visit", state.visit);
    heardVisit = state.visit;
    return isVisitNews || differs("state", state.state) || differs("calls", state.calls);
  }

  function wake() {
    var time = root().querySelector("[data-mpp-figure=time]");
    if (time) { hear(time.textContent); }
    hide("[data-mpp-script]", false);
    hide("[data-mpp-sound]", bell !== null || !window.Audio);
    hide("[data-mpp-sounding]", bell === null);
    hide("[data-mpp-connected]", !isLive);
    document.title = root().getAttribute("data-title");
  }

  function ring() {
    var playing = bell && bell.play();
    if (playing) { playing.catch(function () {}); }
  }

  function announce() {
    window.scrollTo(0, 0);
    ring();
    if (navigator.vibrate) { navigator.vibrate([400, 150, 400, 150, 400]); }
  }

  function timeless(part) {
    var time = part.querySelector("[data-mpp-figure=time]");
    // Without a time the part is final: it is always put in place.
    return time ? part.outerHTML.replace(time.outerHTML, "") : null;
  }

  /* Put the new part in place; whoever had reached a link by keyboard stays on it. */
  function replace(before, part) {
    var active = document.activeElement;
    var href = active && before.contains(active) ? active.getAttribute("href") : null;
    before.parentNode.replaceChild(part, before);
    if (!href) { return; }
    Array.prototype.some.call(part.querySelectorAll("a[href]"), function (link) {
      if (link.getAttribute("href") !== href) { return false; }
      link.focus({ preventScroll: true });
      return true;
    });
  }

  /* Ask the server for the part as it is now: after a change of state or of trouble, while the stream is
     away, and now and then: a file, or a way to be told, does not come with the stream. */
  function refresh() {
    if (fetching) { return; }
    var wasOwed = owed;
    owed = false;
    fetching = true;
    window.MppLive.ask(location.href, { "X-MPP-Part": "1" })
      .then(function (html) {
        var before = root();
        var part = new DOMParser().parseFromString(html, "text/html").querySelector("[data-mpp-followed]");
        var called = part.getAttribute("data-called");
        var isCall = called && called !== before.getAttribute("data-called");
        freshAt = Date.now();
        lookLater();
        if (served && served === timeless(part)) {
          hear(part.querySelector("[data-mpp-figure=time]").textContent);
          return;
        }
        served = timeless(part);
        replace(before, document.importNode(part, true));
        wake();
        if (isCall) { announce(); }
        if (!root().hasAttribute("data-live") && stream) { stream.close(); }
      })
      .catch(function () { owed = owed || wasOwed; })
      .then(function () {
        fetching = false;
        if (owed) { refreshLater(); }
      });
  }

  /* A call must not be missed because one answer was lost: the stream tells of it only once. */
  function refreshLater() {
    clearTimeout(retry);
    retry = setTimeout(function () {
      if (owed) { refresh(); }
    }, RETRY_SECONDS * 1000 * (1 + Math.random()));
  }

  function onConnection(status) {
    isLive = status === "live";
    if (isLive) {
      freshAt = Date.now();
      showTime();
    }
    // Polling may keep the page fresh while the stream is away: what counts is the age of what is shown.
    var age = Math.round((Date.now() - freshAt) / 1000);
    var isStale = age > STALE_SECONDS;
    hide("[data-mpp-stale]", !isStale);
    hide("[data-mpp-connected]", !isLive);
    if (!isStale) { return; }
    each("[data-mpp-age]", function (element) {
      var time = root().querySelector("[data-mpp-figure=time]");
      var text = element.getAttribute("data-text").replace("{time}", time ? time.textContent : "");
      element.textContent = text.replace("{minutes}", Math.max(1, Math.floor(age / 60)));
    });
  }

  function lookAgain() {
    lookLater();
    if (!document.hidden && root().hasAttribute("data-live")) { refresh(); }
  }

  function lookLater() {
    clearTimeout(looking);
    // A hall of phones must not ask in one moment.
    var every = Number(root().getAttribute("data-every")) * 1000 * (0.8 + Math.random() * 0.4);
    looking = setTimeout(lookAgain, every);
  }

  /* Without a signal the service worker answers with the last page it was given, and says of when it is. */
  function keepForLater() {
    var worker = navigator.serviceWorker.controller;
    if (!worker || !isLive) { return; }
    worker.postMessage({ path: location.pathname, html: "<!doctype html>" + document.documentElement.outerHTML });
  }

  if (navigator.serviceWorker) {
    navigator.serviceWorker.register("/pekerja.js").catch(function () {});
    document.addEventListener("visibilitychange", function () {
      if (document.hidden) { keepForLater(); }
    });
    window.addEventListener("pagehide", keepForLater);
  }
  wake();
  if (document.documentElement.hasAttribute("data-mpp-kept")) {
    freshAt = Number(document.documentElement.getAttribute("data-mpp-kept"));
    onConnection("stale");
  }
  lookLater();
  if (root().hasAttribute("data-live") && window.MppLive) {
    stream = window.MppLive.open(root().getAttribute("data-live"), {
      heartbeatSeconds: 15,
      onState: function (state) {
        hearTrouble(state);
        if (changed(state)) {
          owe();
        } else {
          patch(state);
        }
      },
      onConnection: onConnection,
      poll: refresh
    });
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest ? event.target.closest("[data-mpp-sound]") : null;
    if (!button) { return; }
    bell = new window.Audio(button.getAttribute("data-mpp-sound"));
    ring();
    wake();
  });
  document.addEventListener("click", function (event) {
    var link = event.target.closest ? event.target.closest("[data-mpp-refresh]") : null;
    if (!link || !window.fetch) { return; }
    event.preventDefault();
    refresh();
  });
})();
