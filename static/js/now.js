/* The public copy: figures are patched in place; without a stream the page is asked for again. */
(function () {
  "use strict";

  var line = document.querySelector("[data-mpp-live]");
  var known = line.querySelector("[data-mpp-time]").textContent;
  var heardAt = Date.now();

  function within(node, name) { return node.querySelector("[data-mpp-" + name + "]"); }

  function put(node, text) {
    // Setting the same text again would make a screen reader say it again.
    if (node.textContent !== text) { node.textContent = text; }
    node.hidden = !text;
  }

  function show(state) {
    hear(state.time);
    state.rows.forEach(function (row) {
      var node = document.querySelector("[data-mpp-agency='" + row.agency + "']");
      // An agency that is new today: the server draws its row.
      if (!node) { return look(); }
      showCalls(node, row);
      put(within(node, "figure"), row.state.figure);
      within(node, "unit").hidden = !row.state.figure;
      put(within(node, "badge"), row.state.word);
      within(node, "badge").className = "state state-" + row.state.badge;
      put(within(node, "rest"), row.state.note);
    });
  }

  function showCalls(node, row) {
    var latest = row.latest || { label: "", counter: "", is_called: false };
    put(within(node, "label"), latest.label);
    put(within(node, "counter"), latest.counter);
    within(node, "latest").hidden = !row.latest;
    within(node, "latest").classList.toggle("is-calling", latest.is_called);
    within(node, "none").hidden = Boolean(row.latest);
    within(node, "others").hidden = !row.others.length;
    showOthers(within(node, "others-text"), row.others);
  }

  function showOthers(box, others) {
    var words = others.map(function (one, place) {
      return one.label + " (" + one.counter + ")" + (place < others.length - 1 ? ", " : "");
    });
    if (box.textContent === words.join("")) { return; }
    box.textContent = "";
    words.forEach(function (word) {
      box.appendChild(document.createElement("span")).textContent = word;
    });
  }

  function hear(time) {
    known = time;
    heardAt = Date.now();
    put(within(line, "time"), time);
  }

  function onConnection(status, age) {
    var isLost = status === "stale" && Date.now() - heardAt > 20000;
    within(line, "fresh").hidden = isLost;
    within(line, "lost").hidden = !isLost;
    put(within(line, "lost-time"), known);
    if (status === "live" && age === 0) { heardAt = Date.now(); }
  }

  function look() {
    window.MppLive.ask(location.href)
      .then(function (html) {
        var page = new DOMParser().parseFromString(html, "text/html");
        var fresh = page.querySelector("[data-mpp-rows]");
        var shown = document.querySelector("[data-mpp-rows]");
        if (fresh && fresh.innerHTML !== shown.innerHTML) {
          shown.parentNode.replaceChild(document.importNode(fresh, true), shown);
        }
        hear(page.querySelector("[data-mpp-time]").textContent);
      })
      .catch(function () { return null; });
  }

  window.MppLive.open(line.getAttribute("data-mpp-live"), { onState: show, onConnection: onConnection, poll: look });
})();
