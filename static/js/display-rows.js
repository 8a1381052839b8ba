/* The lists of a display: the last calls, the people waiting, the running text.
   Plain script for the browser of a 2018 television: no arrow functions, no grid, no modules. */
(function () {
  "use strict";

  // Each call stays in sight for a minute, however many come (trust.md TV-04): then the list has pages.
  var STAYS_SECONDS = 75;
  var PAGE_SECONDS = 6;
  // What one row or one line has room for: the same figures as in queueing/views/display.py.
  var GROUP = 4;
  var GROUP_SECONDS = 8;
  var QUEUES_IN_A_ROW = 3;
  var LETTERS_IN_A_ROW = 36;
  // The running text moves at walking pace: about four words a second.
  var RUN_PIXELS_A_SECOND = 140;

  var phone = window.matchMedia("(max-width: 700px)");
  var still = window.matchMedia("(prefers-reduced-motion: reduce)");

  function one(selector) { return document.querySelector(selector); }
  function all(selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); }
  function setText(node, text) { if (node.textContent !== text) { node.textContent = text; } }

  function flash(node) {
    node.classList.remove("is-new");
    // Reading a measure lets the same animation start anew.
    void node.offsetWidth;
    node.classList.add("is-new");
  }

  // --- the last calls -----------------------------------------------------------------------------

  /* Fill the rows with `calls`, newest first. `stale` is how many seconds ago their ages were true;
     `isLit(call)` tells which of them are new, `isPending(call)` which wait for their turn. */
  function showCalls(rows, calls, look) {
    var kept = calls.filter(function (call, place) {
      return place < rows.length || call.age_seconds + look.stale < STAYS_SECONDS;
    });
    var pages = Math.ceil(kept.length / rows.length) || 1;
    var first = Math.floor(look.now / PAGE_SECONDS) % pages * rows.length;
    rows.forEach(function (row, place) {
      var call = kept[first + place];
      var isNew = Boolean(call) && row.children[0].textContent !== call.label && look.isPending(call);
      setText(row.children[0], call ? call.label : "");
      setText(row.children[1], call ? call.agency : "");
      setText(row.children[3], call ? call.counter : "");
      row.classList.toggle("is-empty", !call);
      row.classList.toggle("is-fresh", Boolean(call) && look.isLit(call));
      if (isNew) { flash(row); }
    });
  }

  // --- people waiting -----------------------------------------------------------------------------

  function showQueues(waiting, now) {
    var box = one("[data-mpp-queues]");
    var then = box.getAttribute("data-mpp-then");
    while (box.children.length > waiting.length) { box.removeChild(box.lastElementChild); }
    waiting.forEach(function (queue, place) {
      var node = box.children[place] || box.appendChild(newQueue(then));
      var next = node.children[1];
      setText(node.children[0], String(queue.count));
      setText(next.children[1], queue.next);
      next.hidden = !queue.next;
      setText(node.children[2], queue.name);
    });
    box.classList.toggle("queues-many", areMany(waiting));
    showGroup(now);
  }

  function areMany(waiting) {
    var letters = waiting.reduce(function (sum, queue) { return sum + queue.name.length; }, 0);
    return waiting.length > QUEUES_IN_A_ROW || letters > LETTERS_IN_A_ROW;
  }

  function newQueue(then) {
    var node = element("p", "queue");
    var next = element("span", "next");
    node.appendChild(element("b", "num"));
    next.appendChild(element("i")).textContent = then;
    next.appendChild(document.createTextNode(" "));
    next.appendChild(element("span"));
    node.appendChild(next);
    node.appendChild(element("span", "name"));
    return node;
  }

  function element(name, kind) {
    var node = document.createElement(name);
    node.className = kind || "";
    return node;
  }

  /* More agencies than there is room for take turns, four at a time. */
  function showGroup(now) {
    var nodes = all("[data-mpp-queues] .queue");
    var groups = phone.matches ? 1 : Math.ceil(nodes.length / GROUP) || 1;
    var group = Math.floor(now / GROUP_SECONDS) % groups;
    nodes.forEach(function (node, place) {
      node.hidden = groups > 1 && Math.floor(place / GROUP) !== group;
    });
  }

  // --- the running text -----------------------------------------------------------------------------

  var measured = "";

  /* One line that stands still, smaller when it must be; it runs only when it still does not fit. */
  function showNote(note) {
    var line = one("[data-mpp-note]");
    var text = line.firstElementChild;
    if (measured === note + line.clientWidth && text.textContent === note) { return; }
    measured = note + line.clientWidth;
    setText(text, note);
    line.classList.remove("runs", "announce-two", "announce-small");
    if (phone.matches || fits(text)) { return; }
    line.classList.add("announce-small");
    if (fits(text)) { return; }
    line.classList.remove("announce-small");
    if (still.matches) {
      line.classList.add("announce-two");
      return;
    }
    text.style.animationDuration = (text.scrollWidth + line.clientWidth) / RUN_PIXELS_A_SECOND + "s";
    line.classList.add("runs");
  }

  function fits(text) { return text.scrollWidth <= text.clientWidth + 1; }

  // With the right letters a text may fit that did not fit before.
  if (document.fonts && document.fonts.ready) {
    document.fonts.ready.then(function () {
      measured = "";
      showNote(one("[data-mpp-note]").firstElementChild.textContent);
    });
  }

  window.MppRows = { showCalls: showCalls, showQueues: showQueues, showGroup: showGroup, showNote: showNote, flash: flash };
})();
