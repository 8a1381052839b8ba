/* The officer console: keeps the page true all day without a reload.
   The server renders every state; this swaps it in (htmx), ticks, listens and watches the keys. */
(function () {
  "use strict";

  var REFRESH_SECONDS = 60;
  // Without an answer for so long, a press would only be a guess.
  var RETRY_SECONDS = 3;
  // Another tab may still be in use: then the server has not locked this one.
  var IDLE_RETRY_SECONDS = 15;
  // How often the server hears that a hand is on the screen.
  var STAY_SECONDS = 30;

  var root = document.getElementById("console");
  var words = root.dataset;
  var live = null;
  var watching = "";
  var newest = 0;          // the version that the stream has told of
  var isConnected = null;  // null: not known yet
  var shownAt = 0;         // when the figures on the page were rendered
  var freshAt = 0;         // when they were last known to be true
  var isPressing = false;
  var isOutdated = false;
  var isOffline = false;   // the last request had no answer
  var wasOffline = false;
  var asked = -RETRY_SECONDS * 1000;
  var handAt = performance.now();
  var toldAt = 0;
  var kept = {};

  function part() { return root.querySelector("[data-mpp-console]"); }
  function each(selector, act) { Array.prototype.forEach.call(root.querySelectorAll(selector), act); }
  function two(number) { return (number < 10 ? "0" : "") + number; }
  function secondsSince(moment) { return (performance.now() - moment) / 1000; }

  // Time. The server gives seconds, this adds what has passed since: this computer's clock plays no part.

  function tick() {
    var passed = secondsSince(shownAt);
    each("[data-mpp-seconds]", function (element) {
      var seconds = Number(element.dataset.mppSeconds) + passed;
      element.textContent = two(Math.floor(seconds / 60)) + "." + two(Math.floor(seconds) % 60);
    });
    each("[data-mpp-clock]", function (element) {
      var parts = element.dataset.mppClock.split(/[.:]/);
      var minutes = Math.floor((Number(parts[0]) * 3600 + Number(parts[1]) * 60 + Number(parts[2]) + passed) / 60);
      // As the reader's language writes it.
      element.textContent = two(Math.floor(minutes / 60) % 24) + element.dataset.mppClock.charAt(2) + two(minutes % 60);
    });
    each("[data-mpp-promise]", function (element) { measure(element, passed); });
    each("[data-mpp-wait]", function (button) { waitFor(button, Number(button.dataset.mppWait) - passed); });
    each("[data-mpp-until]", function (element) { tell(element, Number(element.dataset.mppUntil) - passed); });
    each("[data-mpp-undo]", function (form) { countDown(form, Number(form.dataset.mppUndo) - passed); });
    if (isConnected === false || isOffline) { showConnection(); }
    if (isOffline && performance.now() - asked > RETRY_SECONDS * 1000) { refresh(true); }
    watchIdle();
  }

  function measure(element, passed) {
    var promised = Number(element.dataset.mppPromise) * 60;
    var seconds = Number(element.parentNode.querySelector("[data-mpp-seconds]").dataset.mppSeconds) + passed;
    var late = seconds - promised;
    element.querySelector("[data-mpp-fill]").setAttribute("width", Math.min(seconds / promised, 1.5) * 200);
    element.classList.toggle("promise-late", late > 0);
    element.querySelector("[data-mpp-late]").textContent =
      late > 0 ? words.mppTextLate.replace("{count}", Math.max(1, Math.floor(late / 60))) : "";
  }

  // What a rule holds back for some seconds. The server refuses it too, for those without a script.

  function waitFor(button, left) {
    var note = button.querySelector("[data-mpp-wait-words]");
    if (left > 0) {
      button.disabled = true;
      note.textContent = button.dataset.mppTextWait.replace("{count}", Math.ceil(left));
    } else if (!isPressing && !isOffline) {
      button.disabled = false;
      button.removeAttribute("data-mpp-wait");
    }
    note.hidden = left <= 0;
  }

  function tell(element, left) {
    element.textContent = left > 0
      ? element.dataset.mppTextUntil.replace("{count}", Math.ceil(left))
      : element.dataset.mppTextThen;
  }

  function countDown(form, left) {
    form.querySelector("[data-mpp-undo-left]").textContent =
      "· " + words.mppTextSeconds.replace("{count}", Math.max(0, Math.ceil(left)));
    if (left > 0 || isPressing) { return; }
    if (form.contains(document.activeElement)) { document.getElementById("console-now").focus(); }
    form.parentNode.classList.remove("has-undo");
    form.parentNode.removeChild(form);
  }

  // Connection

  function showConnection() {
    var badge = root.querySelector("[data-mpp-connection]");
    if (!badge || (isConnected === null && !isOffline)) { return; }
    var isLive = isConnected && !isOffline;
    var seconds = Math.round(secondsSince(freshAt));
    var age = seconds < 120
      ? words.mppTextSeconds.replace("{count}", seconds)
      : words.mppTextMinutes.replace("{count}", Math.floor(seconds / 60));
    badge.hidden = false;
    badge.className = isLive ? "state state-open" : "state state-trouble";
    badge.textContent = isLive ? words.mppTextLive : words.mppTextStale.replace("{age}", age);
  }

  function connect() {
    var session = part().dataset.mppSession || "";
    if (session === watching) { return; }
    if (live) { live.close(); }
    live = null;
    watching = session;
    newest = 0;
    isConnected = null;
    if (!session) { return; }
    live = window.MppLive.open(part().dataset.mppLive, {
      onState: function (state) {
        newest = state.version;
        if (!state.open || isBehind()) { refresh(); }
      },
      onConnection: function (status) {
        var isBack = status === "live" && isConnected === false;
        isConnected = status === "live";
        if (isConnected && !isOutdated) { freshAt = performance.now(); }
        if (isBack) { refresh(); }
        showConnection();
      },
      poll: refresh
    });
  }

  // No answer: the buttons say so and wait with us. Nothing is kept to be sent later.

  function goOffline() {
    isOffline = wasOffline = true;
    root.classList.add("is-offline");
    each("form[hx-post] button:not([disabled])", function (button) {
      button.disabled = true;
      button.setAttribute("data-mpp-offline", "");
    });
    var hint = root.querySelector("#console-call small");
    if (hint) { hint.textContent = words.mppTextOffline; }
    showConnection();
  }

  window.addEventListener("offline", goOffline);
  window.addEventListener("online", function () { refresh(true); });

  // A hand on the screen keeps it unlocked; without one the server locks it, and this shows it at once.

  function watchIdle() {
    var minutes = Number(part().dataset.mppIdle);
    if (!minutes || isOffline) { return; }
    var idle = secondsSince(handAt);
    if (idle > minutes * 60 + 1 && secondsSince(shownAt) > IDLE_RETRY_SECONDS) { refresh(true); }
  }

  function hand() {
    handAt = performance.now();
    var step = Math.min(STAY_SECONDS, Number(part().dataset.mppIdle) * 15);
    if (!step || isOffline || secondsSince(toldAt) < step) { return; }
    toldAt = handAt;
    var token = root.querySelector("[name=csrfmiddlewaretoken]");
    if (!token) { return; }
    fetch(words.mppStay, { method: "POST", headers: { "X-CSRFToken": token.value } }).then(function (answer) {
      if (answer.status === 423) { refresh(true); }
    }, function () {});
  }

  ["pointerdown", "pointermove", "keydown", "wheel"].forEach(function (name) {
    document.addEventListener(name, hand, { capture: true, passive: true });
  });

  function isBehind() { return Number(part().dataset.mppVersion) < newest; }

  // Keeping true. A refresh never disturbs a press on its way or an open list; it follows after.

  function isBusy() {
    var focus = document.activeElement;
    var pin = document.getElementById("screen-pin");
    return isPressing || root.querySelector("[data-mpp-sheet][open]") || (focus && focus.tagName === "SELECT")
      || (pin && pin.value);
  }

  function refresh(evenWhenBusy) {
    isOutdated = true;
    if (isPressing || (isBusy() && evenWhenBusy !== true)) { return; }
    asked = performance.now();
    kept.isForced = evenWhenBusy === true;
    // A failure needs no word here: it is tried again every few seconds, and the connection tells its age.
    htmx.ajax("GET", words.mppAddress, { source: root, target: root, swap: "innerHTML" }).catch(function () {});
  }

  function isPress(event) { return event.detail.requestConfig.verb !== "get"; }

  document.addEventListener("htmx:beforeRequest", function (event) {
    if (isPress(event)) { isPressing = true; }
    kept.focus = root.contains(document.activeElement) ? document.activeElement : null;
  });

  document.addEventListener("htmx:afterRequest", function (event) {
    if (isPress(event)) { isPressing = false; }
  });

  document.addEventListener("htmx:beforeSwap", function (event) {
    var xhr = event.detail.xhr;
    event.detail.shouldSwap = xhr.getResponseHeader("X-MPP-Part") === "console";
    if (!event.detail.shouldSwap) {
      refused(xhr.status, isPress(event));
      return;
    }
    // A list was opened while fresh figures were on their way: they must not close it.
    if (!isPress(event) && isBusy() && !kept.isForced) {
      event.detail.shouldSwap = false;
      isOutdated = true;
      return;
    }
    var column = root.querySelector("[data-mpp-scroll]");
    kept.scroll = column ? column.scrollTop : 0;
    // A message stays until the next press; fresh figures must not take it away unread.
    kept.notices = isPress(event) ? null : root.querySelector("[data-mpp-notices]");
  });

  // An answer that is no console: a page for errors. A form may be too old; what is shown is fetched anew.
  function refused(status, wasPress) {
    if (wasPress) {
      complain(words.mppTextFailed);
      isOutdated = true;
    } else if (status < 500) {
      location.reload();
    }
  }

  document.addEventListener("htmx:afterSwap", function () {
    shownAt = freshAt = performance.now();
    isOffline = false;
    root.classList.remove("is-offline");
    isOutdated = isBehind();
    var notices = root.querySelector("[data-mpp-notices]");
    if (kept.notices && kept.notices.children.length && !notices.children.length) {
      notices.parentNode.replaceChild(kept.notices, notices);
    }
    var column = root.querySelector("[data-mpp-scroll]");
    if (column) { column.scrollTop = kept.scroll; }
    restoreFocus();
    if (wasOffline) { inform(); }
    settle();
  });

  ["htmx:sendError", "htmx:timeout"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      if (isPress(event)) {
        complain(words.mppTextUnsent);
        isOutdated = true;
      }
      goOffline();
    });
  });

  // The same button keeps the focus; when it is off now, the plate takes it: a second Enter must do nothing.
  function restoreFocus() {
    var before = kept.focus;
    if (!before || before === document.activeElement) { return; }
    var element = root.contains(before) ? before : before.id && document.getElementById(before.id);
    if (!element || element.disabled) { element = document.getElementById("console-now"); }
    if (element) { element.focus({ preventScroll: true }); }
  }

  function complain(text) { notify(text).setAttribute("data-mpp-trouble", ""); }

  function say(text) { calm(notify(text), text); }

  function notify(text) {
    var notice = document.getElementById("console-trouble").content.firstElementChild.cloneNode(true);
    var place = root.querySelector("[data-mpp-notices]");
    notice.querySelector("[data-mpp-words]").textContent = text;
    place.textContent = "";
    place.appendChild(notice);
    return notice;
  }

  function calm(notice, text) {
    notice.className = "notice notice-plain";
    notice.querySelector("[data-mpp-words]").textContent = text;
    notice.querySelector("b").textContent = "";
  }

  // What was said while nothing could be sent is over: the state that is shown now is the true one.
  function inform() {
    wasOffline = false;
    var notice = root.querySelector("[data-mpp-trouble]");
    if (notice) { calm(notice, words.mppTextBack); }
  }

  function settle() {
    document.title = part().dataset.mppTitle;
    root.classList.add("has-script");
    each("[data-mpp-script]", function (element) { element.hidden = false; });
    var pin = document.getElementById("screen-pin");
    if (pin && document.activeElement === document.body) { pin.focus(); }
    connect();
    showConnection();
    tick();
  }

  // Keys, listed on the buttons themselves; each person switches them on or off for themselves.

  function areKeysOn() { return part().dataset.mppKeys === "on"; }

  function isTyping() {
    var focus = document.activeElement;
    return Boolean(focus) && focus.matches("input:not([type=checkbox]):not([type=radio]), select, textarea");
  }

  function keyOf(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) { return ""; }
    if (event.key === "F2" && !event.altKey) { return isTyping() ? "" : "F2"; }
    return event.altKey && event.code && event.code.indexOf("Key") === 0 ? event.code.slice(3) : "";
  }

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") { closeSheets(null); }
    var key = areKeysOn() ? keyOf(event) : "";
    var button = key && root.querySelector('[data-mpp-key="' + key + '"]');
    if (!button) { return; }
    event.preventDefault();
    // Nothing is left to guess for whoever cannot hover: the key says why it does nothing.
    if (!event.repeat && button.disabled && button.title && !isOffline) { say(button.title); }
    if (!event.repeat && !button.disabled && !(isOffline && button.tagName === "SUMMARY")) { button.click(); }
  });

  // Lists that open from a button

  function closeSheets(except) {
    each("[data-mpp-sheet][open]", function (sheet) {
      if (sheet === except) { return; }
      var hadFocus = sheet.contains(document.activeElement);
      sheet.open = false;
      if (hadFocus) { sheet.querySelector("summary").focus(); }
    });
  }

  // Papers that were not ticked are those that lack; what an officer has marked already stays.
  function proposeLacking(sheet) {
    var papers = root.querySelectorAll("[data-mpp-paper]");
    if (!root.querySelector("[data-mpp-paper]:checked") || sheet.querySelector("[data-mpp-lack]:checked")) { return; }
    Array.prototype.forEach.call(papers, function (paper) {
      var lack = sheet.querySelector('[data-mpp-lack="' + paper.dataset.mppPaper + '"]');
      if (lack) { lack.checked = !paper.checked; }
    });
  }

  root.addEventListener("toggle", function (event) {
    var sheet = event.target;
    var first = sheet.open && (sheet.querySelector("[data-mpp-first]") || sheet.querySelector("form button"));
    if (sheet.open) { proposeLacking(sheet); }
    if (first) { first.focus(); }
    if (!event.target.open && isOutdated) { refresh(); }
  }, true);

  document.addEventListener("click", function (event) { closeSheets(event.target.closest("[data-mpp-sheet]")); });

  document.addEventListener("visibilitychange", function () { if (!document.hidden) { refresh(); } });
  window.addEventListener("pageshow", function (event) { if (event.persisted) { refresh(); } });
  setInterval(tick, 500);
  // Minutes grow even when nothing happens, and colleagues open and close their counters.
  setInterval(function () { if (isOutdated || secondsSince(shownAt) > REFRESH_SECONDS) { refresh(); } }, 5000);

  shownAt = freshAt = performance.now();
  settle();
})();
