/* The hall display: shows the server's state, announces each call once, and never goes blank.
   Plain script for the browser of a 2018 television: no arrow functions, no grid, no modules. */
(function () {
  "use strict";

  var HEARTBEAT_SECONDS = 5;
  var HIGHLIGHT_SECONDS = 12;
  // When several calls wait, each is shown at least this long.
  var TURN_SECONDS = 4;
  var TOO_OLD_SECONDS = 30;
  var POLL_IS_FRESH_SECONDS = 12;
  var BANNER_SECONDS = 60;
  var RENEW_SECONDS = 600;
  var REMEMBERED = 50;
  // What one row or one line has room for: the same figures as in queueing/views/display.py.
  var GROUP = 4;
  var GROUP_SECONDS = 8;
  var QUEUES_IN_A_ROW = 3;
  var LETTERS_IN_A_ROW = 36;
  var NOTE_ON_ONE_LINE = 70;
  var NOTE_ON_TWO_LINES = 150;

  var root = one("[data-mpp-display]");
  var memory = "mpp-display:" + root.getAttribute("data-mpp-display");
  var phone = window.matchMedia("(max-width: 700px)");
  var state = null;
  var onPlate = null;
  var pending = [];
  var calling = false;
  var shownAt = 0;
  var seen = remembered();
  var clockBase = null;
  var streamStatus = "live";
  var signAt = seconds();
  var polledAt = -1000;
  var renewAt = seconds() + RENEW_SECONDS;

  function seconds() { return performance.now() / 1000; }
  function one(selector) { return document.querySelector(selector); }
  function all(selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); }
  function setText(node, text) { if (node.textContent !== text) { node.textContent = text; } }

  // --- what was announced before a reload -------------------------------------------------------

  // A list and not the highest number: of two calls at once, the later one may be stored first.
  function remembered() {
    try { return JSON.parse(sessionStorage.getItem(memory)) || []; } catch (error) { return []; }
  }

  function remember(id) {
    seen.push(id);
    seen = seen.slice(-REMEMBERED);
    try { sessionStorage.setItem(memory, JSON.stringify(seen)); } catch (error) { return; }
  }

  // --- a state arrives --------------------------------------------------------------------------

  function apply(next) {
    state = next;
    clockBase = { at: seconds(), seconds: secondsOfDay(next.time) };
    next.calls.slice().reverse().forEach(function (call) {
      if (seen.indexOf(call.id) >= 0) { return; }
      remember(call.id);
      if (call.age_seconds > TOO_OLD_SECONDS) { return; }
      // A recall takes the place of its own first call.
      pending = pending.filter(function (other) { return other.label !== call.label; });
      pending.push(call);
    });
    showQueues();
    showNote(next.note);
    takeTurn();
    showRows();
  }

  function showNote(note) {
    var line = one("[data-mpp-note]");
    setText(line.querySelector("span"), note);
    line.classList.toggle("announce-two", note.length > NOTE_ON_ONE_LINE);
    line.classList.toggle("announce-small", note.length > NOTE_ON_TWO_LINES);
  }

  function takeTurn() {
    var held = seconds() - shownAt;
    if (pending.length && (!calling || held >= TURN_SECONDS)) {
      showCall(pending.shift(), true);
    } else if (calling && held >= HIGHLIGHT_SECONDS) {
      showCall(newest() || onPlate, false);
    } else if (!calling && newest() && (!onPlate || onPlate.id !== newest().id)) {
      showCall(newest(), false);
    }
  }

  function newest() { return state.calls[0] || null; }

  function showCall(call, isNew) {
    var plate = one("[data-mpp-call]");
    var number = one("[data-mpp-label]");
    onPlate = call;
    calling = isNew;
    shownAt = seconds();
    one("[data-mpp-quiet]").hidden = true;
    number.hidden = false;
    one("[data-mpp-to]").hidden = false;
    setText(number, call.label);
    number.classList.toggle("long", call.label.length > 5 || /^[MW]/.test(call.label));
    setText(one("[data-mpp-counter]"), call.counter);
    setText(one("[data-mpp-agency]"), call.agency);
    plate.classList.toggle("is-calling", isNew);
    if (isNew) { flash(number); }
    showRows();
  }

  function flash(node) {
    node.classList.remove("is-new");
    // Reading a measure lets the same animation start anew.
    void node.offsetWidth;
    node.classList.add("is-new");
  }

  function showRows() {
    var calls = state.calls.filter(function (call) { return !onPlate || call.id !== onPlate.id; });
    all("[data-mpp-row]").forEach(function (row, place) {
      var call = calls[place];
      var before = row.children[0].textContent;
      setText(row.children[0], call ? call.label : "");
      setText(row.children[1], call ? call.counter : "");
      row.classList.toggle("is-waiting", Boolean(call) && pending.indexOf(call) >= 0);
      if (call && before !== call.label && pending.indexOf(call) >= 0) { flash(row); }
    });
  }

  // --- people waiting ---------------------------------------------------------------------------

  function showQueues() {
    var box = one("[data-mpp-queues]");
    while (box.children.length > state.waiting.length) { box.removeChild(box.lastElementChild); }
    state.waiting.forEach(function (queue, place) {
      var node = box.children[place] || box.appendChild(newQueue());
      setText(node.children[0], String(queue.count));
      setText(node.children[1], queue.name);
    });
    box.classList.toggle("queues-many", areMany());
    showGroup();
  }

  function areMany() {
    var letters = state.waiting.reduce(function (sum, queue) { return sum + queue.name.length; }, 0);
    return state.waiting.length > QUEUES_IN_A_ROW || letters > LETTERS_IN_A_ROW;
  }

  function newQueue() {
    var node = document.createElement("p");
    var count = document.createElement("b");
    node.className = "queue";
    count.className = "num";
    node.appendChild(count);
    node.appendChild(document.createElement("span"));
    return node;
  }

  function showGroup() {
    var nodes = all("[data-mpp-queues] .queue");
    var groups = phone.matches ? 1 : Math.ceil(nodes.length / GROUP) || 1;
    var group = Math.floor(seconds() / GROUP_SECONDS) % groups;
    nodes.forEach(function (node, place) {
      node.hidden = groups > 1 && Math.floor(place / GROUP) !== group;
    });
  }

  // --- the clock and the connection ---------------------------------------------------------------

  function secondsOfDay(text) {
    var parts = text.split(".").map(Number);
    return parts[0] * 3600 + parts[1] * 60 + parts[2];
  }

  function clockText(at) {
    var total = Math.floor(clockBase.seconds + at - clockBase.at + 86400) % 86400;
    return two(Math.floor(total / 3600)) + "." + two(Math.floor(total / 60) % 60);
  }

  function two(number) { return (number < 10 ? "0" : "") + number; }

  function onConnection(status, ageSeconds) {
    streamStatus = status;
    signAt = seconds() - ageSeconds;
  }

  function showConnection(now) {
    var since = Math.max(signAt, polledAt);
    var stale = streamStatus === "stale" && now - polledAt > POLL_IS_FRESH_SECONDS;
    one("[data-mpp-stale]").hidden = !stale;
    one("[data-mpp-outage]").hidden = !(stale && now - since > BANNER_SECONDS);
    one("[data-mpp-note]").hidden = !one("[data-mpp-outage]").hidden;
    if (stale) {
      all("[data-mpp-since]").forEach(function (node) { setText(node, clockText(since)); });
    }
  }

  function poll() {
    return fetch(location.href, { cache: "no-store", credentials: "same-origin" }).then(function (response) {
      if (!response.ok) { throw new Error("server " + response.status); }
      return response.text();
    }).then(function (text) {
      var page = new DOMParser().parseFromString(text, "text/html");
      var source = page.querySelector("[data-mpp-display]");
      if (!source) { throw new Error("not a display"); }
      polledAt = seconds();
      apply(JSON.parse(source.getAttribute("data-mpp-state")));
      return page;
    });
  }

  function renew() {
    // The portal was updated when its script has another name: then start anew, between two calls.
    poll().then(function (page) {
      var ours = one("script[src*='display']").getAttribute("src");
      var theirs = page.querySelector("script[src*='display']");
      if (theirs && theirs.getAttribute("src") !== ours && !calling) { location.reload(); }
    }).catch(function () { return null; });
  }

  function tick() {
    var now = seconds();
    takeTurn();
    showGroup();
    setText(one("[data-mpp-clock]"), clockText(now));
    showConnection(now);
    if (now >= renewAt) {
      renewAt = now + RENEW_SECONDS;
      renew();
    }
  }

  function begin() {
    var first = JSON.parse(root.getAttribute("data-mpp-state"));
    state = first;
    onPlate = newest();
    // A screen that was switched on just now begins with what the server drew and announces nothing older;
    // after a reload it goes on with what it has not shown yet.
    if (!seen.length) { first.calls.forEach(function (call) { remember(call.id); }); }
    calling = one("[data-mpp-call]").classList.contains("is-calling") && seen.indexOf(onPlate.id) >= 0;
    if (calling) { shownAt = seconds() - onPlate.age_seconds; }
    apply(first);
    window.MppLive.open(root.getAttribute("data-mpp-stream"), {
      heartbeatSeconds: HEARTBEAT_SECONDS,
      onState: apply,
      onConnection: onConnection,
      poll: function () { poll().catch(function () { return null; }); }
    });
    setInterval(tick, 250);
  }

  begin();
})();
