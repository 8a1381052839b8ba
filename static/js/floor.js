/* The floor view: fetches itself anew whenever something has changed, ticks, and keeps what is being typed.
   The server renders every state; without this script the page and its forms work too. */
(function () {
  "use strict";

  var REFRESH_SECONDS = 30;
  // A full mall changes several times a second; nobody reads that fast.
  var LEAST_GAP_SECONDS = 2;

  var root = document.getElementById("floor");
  var words = root.dataset;
  var live = null;
  var newest = "";
  var isConnected = null;
  var shownAt = 0;
  var freshAt = 0;
  var isPressing = false;
  var isOutdated = false;
  var soon = 0;
  var kept = {};

  function part() { return root.querySelector("[data-mpp-floor]"); }
  function each(selector, act) { Array.prototype.forEach.call(root.querySelectorAll(selector), act); }
  function two(number) { return (number < 10 ? "0" : "") + number; }
  function secondsSince(moment) { return (performance.now() - moment) / 1000; }
  function seconds(text) {
    var parts = text.split(/[.:]/);
    return Number(parts[0]) * 3600 + Number(parts[1]) * 60 + Number(parts[2]);
  }

  // Time. The server gives seconds, this adds what has passed since: this computer's clock plays no part.

  function tick() {
    var passed = secondsSince(shownAt);
    var clock = root.querySelector("[data-mpp-clock]");
    var now = seconds(clock.dataset.mppClock) + passed;
    var minutes = Math.floor(now / 60);
    // As the reader's language writes it.
    clock.textContent = two(Math.floor(minutes / 60) % 24) + clock.dataset.mppClock.charAt(2) + two(minutes % 60);
    each("[data-mpp-seconds]", function (element) {
      var spent = Math.floor(Number(element.dataset.mppSeconds) + passed);
      element.textContent = two(Math.floor(spent / 60)) + "." + two(spent % 60);
    });
    each("[data-mpp-since]", function (element) {
      element.textContent = age(Math.max(0, Math.floor(now - seconds(element.dataset.mppSince))));
    });
    if (isConnected === false) { showConnection(); }
  }

  function age(passed) {
    return passed < 120
      ? words.mppTextSeconds.replace("{count}", passed)
      : words.mppTextMinutes.replace("{count}", Math.floor(passed / 60));
  }

  // Connection

  function showConnection() {
    var badge = root.querySelector("[data-mpp-connection]");
    if (isConnected === null) { return; }
    badge.hidden = false;
    badge.className = isConnected ? "state state-open" : "state state-trouble";
    badge.textContent = isConnected
      ? words.mppTextLive
      : words.mppTextStale.replace("{age}", age(Math.round(secondsSince(freshAt))));
  }

  function connect() {
    if (live) { return; }
    live = window.MppLive.open(part().dataset.mppLive, {
      onState: function (state) {
        newest = state.mark;
        if (newest !== part().dataset.mppMark) { refreshSoon(); }
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

  // Keeping true. A refresh never disturbs a press on its way or an open form; it follows after.

  function isBusy() { return isPressing || root.querySelector("[data-mpp-sheet][open]"); }

  function refreshSoon() {
    isOutdated = true;
    if (soon) { return; }
    var wait = Math.max(0, LEAST_GAP_SECONDS - secondsSince(shownAt));
    soon = setTimeout(function () { soon = 0; refresh(); }, wait * 1000);
  }

  function refresh() {
    isOutdated = true;
    if (isBusy()) { return; }
    // A failure needs no word here: it is tried again every few seconds, and the connection tells its age.
    htmx.ajax("GET", words.mppAddress, { source: root, target: root, swap: "innerHTML" }).catch(function () {});
  }

  function isPress(event) { return event.detail.requestConfig.verb !== "get"; }

  document.addEventListener("htmx:beforeRequest", function (event) {
    if (isPress(event)) { isPressing = true; }
    kept.focus = root.contains(document.activeElement) ? document.activeElement.id : "";
  });

  document.addEventListener("htmx:afterRequest", function (event) {
    if (isPress(event)) { isPressing = false; }
  });

  document.addEventListener("htmx:beforeSwap", function (event) {
    var xhr = event.detail.xhr;
    event.detail.shouldSwap = xhr.getResponseHeader("X-MPP-Part") === "floor";
    if (!event.detail.shouldSwap) {
      if (isPress(event)) { complain(words.mppTextFailed); isOutdated = true; } else if (xhr.status < 500) { location.reload(); }
      return;
    }
    // A form was opened while fresh figures were on their way: they must not close it.
    if (!isPress(event) && isBusy()) {
      event.detail.shouldSwap = false;
      isOutdated = true;
      return;
    }
    kept.open = [];
    each("[data-mpp-keep][open]", function (details) { kept.open.push(details.id); });
    // A message stays until the next press; fresh figures must not take it away unread.
    kept.notices = isPress(event) ? null : root.querySelector("[data-mpp-notices]");
  });

  document.addEventListener("htmx:afterSwap", function () {
    shownAt = freshAt = performance.now();
    isOutdated = newest !== "" && newest !== part().dataset.mppMark;
    kept.open.forEach(function (id) {
      var details = document.getElementById(id);
      if (details) { details.open = true; }
    });
    var notices = root.querySelector("[data-mpp-notices]");
    if (kept.notices && kept.notices.children.length && !notices.children.length) {
      notices.parentNode.replaceChild(kept.notices, notices);
    }
    var element = kept.focus && document.getElementById(kept.focus);
    if (element) { element.focus({ preventScroll: true }); }
    settle();
  });

  ["htmx:sendError", "htmx:timeout"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      if (isPress(event)) {
        complain(words.mppTextUnsent);
        isOutdated = true;
      }
    });
  });

  function complain(text) {
    var notice = document.getElementById("floor-trouble").content.firstElementChild.cloneNode(true);
    var place = root.querySelector("[data-mpp-notices]");
    notice.querySelector("[data-mpp-words]").textContent = text;
    place.textContent = "";
    place.appendChild(notice);
  }

  // Forms that open from a button: one at a time, closed by Escape or a press beside them.

  function closeSheets(except) {
    each("[data-mpp-sheet][open]", function (sheet) {
      if (sheet === except || sheet.contains(except)) { return; }
      var hadFocus = sheet.contains(document.activeElement);
      sheet.open = false;
      if (hadFocus) { sheet.querySelector("summary").focus(); }
    });
  }

  root.addEventListener("toggle", function (event) {
    var first = event.target.open && event.target.querySelector("[data-mpp-first]");
    var panel = event.target.open && event.target.querySelector(".sheet-panel");
    if (panel) { panel.scrollIntoView({ block: "nearest" }); }
    if (first) {
      first.focus();
      first.select();
    }
    if (!event.target.open && isOutdated) { refreshSoon(); }
  }, true);

  document.addEventListener("click", function (event) { closeSheets(event.target.closest("[data-mpp-sheet]")); });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") { closeSheets(null); } });
  document.addEventListener("visibilitychange", function () { if (!document.hidden) { refresh(); } });
  window.addEventListener("pageshow", function (event) { if (event.persisted) { refresh(); } });

  function settle() {
    connect();
    showConnection();
    tick();
  }

  setInterval(tick, 500);
  // Minutes grow even when nothing happens.
  setInterval(function () { if (isOutdated || secondsSince(shownAt) > REFRESH_SECONDS) { refreshSoon(); } }, 5000);

  shownAt = freshAt = performance.now();
  settle();
})();
