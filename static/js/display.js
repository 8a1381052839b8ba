/* The hall display: shows the server's state, announces each call once, and never goes blank.
   Plain script for the browser of a 2018 television: no arrow functions, no grid, no modules. */
(function () {
  "use strict";

  var HEARTBEAT_SECONDS = 5;
  // A new call is lit at least this long, on the plate or in its row.
  var LIT_SECONDS = 12;
  // When several calls wait, each has the plate at least this long, and as long as it is spoken.
  var TURN_SECONDS = 4;
  var LONGEST_TURN_SECONDS = 25;
  var TOO_OLD_SECONDS = 30;
  var POLL_SECONDS = 5;
  var POLL_IS_FRESH_SECONDS = 12;
  var BANNER_SECONDS = 60;
  var RENEW_SECONDS = 600;
  var KEEP_SECONDS = 30;
  var SHIFT_SECONDS = 60;
  var SHIFTS = 8;
  var REMEMBERED = 300;

  var rows = window.MppRows;
  var root = one("[data-mpp-display]");
  var code = root.getAttribute("data-mpp-display");
  var media = new window.MppShowings(one("[data-mpp-media]"), JSON.parse(root.getAttribute("data-mpp-showings")));
  var parts = all("[data-mpp-part]").map(newPart);
  var drawn = JSON.parse(root.getAttribute("data-mpp-state"));
  // What this screen has begun to announce, also before a power cut; and all that it has taken in hand.
  var announced = recall("seen") || [];
  var seen = announced.slice();
  var spoken = {};
  var lit = {};
  var state = null;
  var stateAt = 0;
  var voice = null;
  var clockBase = null;
  var storedSince = "";
  var streamStatus = "live";
  var signAt = seconds();
  var polledAt = -1000;
  var renewAt = seconds() + RENEW_SECONDS;
  var keptAt = -1000;

  function seconds() { return performance.now() / 1000; }
  function one(selector, node) { return (node || document).querySelector(selector); }
  function all(selector, node) { return Array.prototype.slice.call((node || document).querySelectorAll(selector)); }
  function setText(node, text) { if (node.textContent !== text) { node.textContent = text; } }

  function newPart(node, place) {
    return {
      place: place,
      plate: one("[data-mpp-call]", node),
      rows: all("[data-mpp-row]", node),
      pending: [],
      onPlate: null,
      isCalling: false,
      shownAt: 0
    };
  }

  // --- what outlives a reload and a power cut -----------------------------------------------------

  function recall(name) {
    try { return JSON.parse(localStorage.getItem("mpp-display:" + code + ":" + name)); } catch (error) { return null; }
  }

  function keep(name, value) {
    try { localStorage.setItem("mpp-display:" + code + ":" + name, JSON.stringify(value)); } catch (error) { return; }
  }

  /* Not before its turn has come: what still waits when the power goes is announced afterwards.
     A list and not the highest number: of two calls at once, the later one may be stored first. */
  function remember(call) {
    if (announced.indexOf(call.id) >= 0) { return; }
    announced = announced.concat(call.id).slice(-REMEMBERED);
    keep("seen", announced);
  }

  // --- a state arrives ----------------------------------------------------------------------------

  function apply(next) {
    state = next;
    stateAt = seconds();
    storedSince = "";
    setClock(secondsOfDay(next.time));
    if (voice) { voice.setVolume(next.volume); }
    next.announcements.forEach(hear);
    show();
    if (stateAt - keptAt > KEEP_SECONDS) {
      keptAt = stateAt;
      keep("last", { state: next, at: Date.now() });
    }
    if (next.look !== drawn.look) { renewAt = Math.min(renewAt, stateAt + TURN_SECONDS); }
  }

  function hear(call) {
    if (seen.indexOf(call.id) >= 0) { return; }
    seen = seen.concat(call.id).slice(-REMEMBERED);
    if (call.age_seconds > TOO_OLD_SECONDS || !parts[call.part]) { return; }
    parts[call.part].pending.push(call);
    if (voice && voice.announce(call)) { spoken[call.id] = true; }
  }

  function show() {
    var now = seconds();
    rows.showQueues(state.waiting, now);
    rows.showNote(state.note);
    parts.forEach(function (part) { takeTurn(part, now); });
    showRows(now);
  }

  // --- the plates ---------------------------------------------------------------------------------

  function takeTurn(part, now) {
    var held = now - part.shownAt;
    var isSpoken = Boolean(part.onPlate) && Boolean(spoken[part.onPlate.id]) && held < LONGEST_TURN_SECONDS;
    var newest = callsOf(part)[0] || null;
    if (part.pending.length && (!part.isCalling || (held >= TURN_SECONDS && !isSpoken))) {
      showCall(part, part.pending.shift(), true);
    } else if (part.isCalling && held >= LIT_SECONDS && !isSpoken) {
      showCall(part, newest, false);
    } else if (!part.isCalling && (part.onPlate && part.onPlate.id) !== (newest && newest.id)) {
      showCall(part, newest, false);
    }
  }

  function callsOf(part) {
    return state.calls.filter(function (call) { return call.part === part.place; });
  }

  function showCall(part, call, isNew) {
    var number = one("[data-mpp-label]", part.plate);
    part.onPlate = call;
    part.isCalling = isNew;
    part.shownAt = seconds();
    one("[data-mpp-quiet]", part.plate).hidden = Boolean(call);
    number.hidden = !call;
    one("[data-mpp-to]", part.plate).hidden = !call;
    part.plate.classList.toggle("is-calling", isNew);
    if (!call) { return; }
    setText(number, call.label);
    number.classList.toggle("long", call.label.length > 5 || /^[MW]/.test(call.label));
    setText(one("[data-mpp-counter]", part.plate), call.counter);
    setText(one("[data-mpp-agency]", part.plate), call.agency);
    if (isNew) {
      if (!spoken[call.id]) { remember(call); }
      lit[call.id] = part.shownAt + LIT_SECONDS;
      rows.flash(number);
    }
  }

  function showRows(now) {
    var isIdle = parts.every(function (part) { return !part.isCalling && !part.pending.length; });
    var isCovered = media.update(isIdle, now);
    Object.keys(lit).forEach(function (id) { if (lit[id] < now) { delete lit[id]; } });
    parts.forEach(function (part) {
      var pending = part.pending.map(function (call) { return call.id; });
      var calls = callsOf(part).filter(function (call) {
        return isCovered || !part.onPlate || call.id !== part.onPlate.id;
      });
      rows.showCalls(part.rows, calls, {
        now: now,
        stale: now - stateAt,
        isPending: function (call) { return pending.indexOf(call.id) >= 0; },
        isLit: function (call) { return Boolean(lit[call.id]) || pending.indexOf(call.id) >= 0; }
      });
    });
  }

  // --- the clock and the connection -----------------------------------------------------------------

  /* Counted from the moment of the state itself: a later one would make that moment a minute too early. */
  function setClock(secondsNow) { clockBase = { at: stateAt, seconds: secondsNow }; }

  function secondsOfDay(text) {
    var digits = text.split(".").map(Number);
    return digits[0] * 3600 + digits[1] * 60 + digits[2];
  }

  function clockText(at) {
    var total = Math.floor(clockBase.seconds + at - clockBase.at + 2 * 86400) % 86400;
    return two(Math.floor(total / 3600)) + "." + two(Math.floor(total / 60) % 60);
  }

  function two(number) { return (number < 10 ? "0" : "") + number; }

  function onConnection(status, ageSeconds) {
    streamStatus = status;
    signAt = seconds() - ageSeconds;
  }

  function showConnection(now) {
    var since = Math.max(signAt, polledAt, stateAt);
    var isStale = Boolean(storedSince) || streamStatus === "stale" && now - polledAt > POLL_IS_FRESH_SECONDS;
    var isLong = isStale && (Boolean(storedSince) || now - since > BANNER_SECONDS);
    one("[data-mpp-stale]").hidden = !isStale;
    one("[data-mpp-outage]").hidden = !isLong;
    one("[data-mpp-note]").hidden = isLong;
    if (isStale) {
      all("[data-mpp-since]").forEach(function (node) { setText(node, storedSince || clockText(since)); });
    }
  }

  function poll() {
    return window.MppLive.ask(location.href).then(function (text) {
      var page = new DOMParser().parseFromString(text, "text/html");
      var source = page.querySelector("[data-mpp-display]");
      if (!source) { throw new Error("not a display"); }
      polledAt = seconds();
      apply(JSON.parse(source.getAttribute("data-mpp-state")));
      return page;
    });
  }

  /* Ask for the page again. When its scripts or its look have changed, start anew, but between two
     calls, and only now that the server has just answered. */
  function renew() {
    poll().then(function (page) {
      var isOurs = all("script[src]").every(function (script) {
        return page.querySelector("script[src='" + script.getAttribute("src") + "']");
      });
      var isQuiet = parts.every(function (part) { return !part.isCalling && !part.pending.length; });
      if (isOurs && state.look === drawn.look) { return; }
      if (isQuiet) { location.reload(); } else { renewAt = seconds() + TURN_SECONDS; }
    }).catch(function () { return null; });
  }

  function shift(now) {
    // Letters that stand in one place for months burn in: everything moves a few pixels round a square.
    var step = "shift-" + Math.floor(now / SHIFT_SECONDS) % SHIFTS;
    if (!document.body.classList.contains(step)) {
      document.body.className = document.body.className.replace(/ ?\bshift-\d/, "") + " " + step;
    }
  }

  function tick() {
    var now = seconds();
    parts.forEach(function (part) { takeTurn(part, now); });
    showRows(now);
    rows.showGroup(now);
    shift(now);
    setText(one("[data-mpp-clock]"), clockText(now));
    showConnection(now);
    if (now >= renewAt) {
      renewAt = now + RENEW_SECONDS;
      renew();
    }
  }

  // --- the beginning --------------------------------------------------------------------------------

  function openVoice() {
    if (!window.MppVoice || !parts.length) { return; }
    voice = new window.MppVoice({
      manifest: root.getAttribute("data-mpp-voice"),
      volume: 0,
      button: one("[data-mpp-sound]"),
      onStart: remember,
      onEnd: function (call) {
        remember(call);
        delete spoken[call.id];
      }
    });
  }

  /* The page came from this screen's own store: the server does not answer. What it says is old. */
  function applyStored() {
    var last = recall("last");
    var here = new Date();
    var today = here.getFullYear() + "-" + two(here.getMonth() + 1) + "-" + two(here.getDate());
    state = last && last.state.look === drawn.look ? last.state : drawn;
    state.announcements = [];
    if (state.date !== today) { state.calls = []; }
    stateAt = seconds();
    setClock(secondsOfDay(state.time) + (last ? (Date.now() - last.at) / 1000 : 0));
    storedSince = state.time.slice(0, 5);
    // However fresh a call was when the page was kept, nobody is being called now.
    parts.forEach(function (part) { showCall(part, callsOf(part)[0] || null, false); });
    show();
  }

  function begin() {
    state = drawn;
    openVoice();
    parts.forEach(function (part) {
      part.onPlate = callsOf(part)[0] || null;
      // After a reload in the middle of a call it goes on; what was not announced yet begins anew.
      part.isCalling = part.plate.classList.contains("is-calling") && seen.indexOf(part.onPlate.id) >= 0;
      part.shownAt = part.isCalling ? seconds() - part.onPlate.age_seconds : 0;
    });
    if (root.hasAttribute("data-mpp-stored")) { applyStored(); } else { apply(drawn); }
    window.MppLive.open(root.getAttribute("data-mpp-stream"), {
      heartbeatSeconds: HEARTBEAT_SECONDS,
      pollSeconds: POLL_SECONDS,
      onState: apply,
      onConnection: onConnection,
      poll: function () { poll().catch(function () { return null; }); }
    });
    setInterval(tick, 250);
    tick();
  }

  /* Let the screen start without the server next time (templates, styles and letters are kept). */
  function storeSelf() {
    var worker = navigator.serviceWorker;
    if (!worker) { return; }
    worker.register(root.getAttribute("data-mpp-worker")).then(function () { return worker.ready; }).then(function (ready) {
      var used = performance.getEntriesByType("resource").map(function (entry) { return entry.name; });
      ready.active.postMessage({ page: location.href, used: used });
    }).catch(function () { return null; });
  }

  begin();
  storeSelf();
})();
