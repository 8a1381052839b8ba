/* All that types at the kiosk: the scanner, the keypad for a booking code, the keyboard of the search.
   Without this script every key is a link that brings the page with one character more. */
(function () {
  "use strict";

  // A scanner types faster than anybody: what comes within this time belongs together.
  var SCAN_SECONDS = 0.6;
  // Shorter is a key touched by chance; the server refuses what is longer.
  var SHORTEST_SCAN = 3;
  var LONGEST_SCAN = 400;
  var SEARCH_SECONDS = 0.25;
  var scanned = "";
  var lastKey = 0;
  var searching = null;
  var asked = 0;

  function one(selector) { return document.querySelector(selector); }

  // --- the keypad for a code ------------------------------------------------------------------

  function keypad() { return one("[data-mpp-keypad]"); }
  function length() { return Number(keypad().getAttribute("data-mpp-keypad")); }
  function code() { return one("[data-mpp-code]").value; }

  function show(text) {
    var places = document.querySelectorAll("[data-mpp-place]");
    var form = one("[data-mpp-code]").form;
    one("[data-mpp-code]").value = text;
    Array.prototype.forEach.call(places, function (place, index) { place.textContent = text.charAt(index); });
    form.querySelector("button").disabled = text.length < length();
  }

  function add(character) {
    if (code().length < length() && one("[data-mpp-key='" + character + "']")) { show(code() + character); }
  }

  // --- the keyboard of the search -------------------------------------------------------------

  function finder() { return one("[data-mpp-search]"); }

  function type(text) {
    text = text.replace(/^\s+/, "").slice(0, 60);
    one("[data-mpp-typed]").textContent = text;
    clearTimeout(searching);
    searching = setTimeout(function () { search(text); }, SEARCH_SECONDS * 1000);
  }

  function search(text) {
    var number = asked += 1;
    var url = new URL(finder().getAttribute("data-mpp-search"), location.href);
    if (text.trim()) { url.searchParams.set("cari", text); }
    fetch(url, { cache: "no-store", credentials: "same-origin" }).then(function (response) {
      return response.ok ? response.text() : "";
    }).then(function (html) {
      // An answer to fewer letters that comes late says nothing any more.
      if (number === asked && finder() && html) { refresh(new DOMParser().parseFromString(html, "text/html")); }
    }, function () {
      // The kiosk's own watch shows that the server is lost.
      return;
    });
  }

  function refresh(page) {
    var fresh = page.querySelectorAll("[data-mpp-fresh]");
    Array.prototype.forEach.call(document.querySelectorAll("[data-mpp-fresh]"), function (old, index) {
      if (fresh[index]) { old.parentNode.replaceChild(document.adoptNode(fresh[index]), old); }
    });
  }

  function newScreen() {
    // What was asked for the screen before must not change this one.
    clearTimeout(searching);
    asked += 1;
  }

  // --- touches --------------------------------------------------------------------------------

  function clicked(event) {
    var key = event.target.closest ? event.target.closest("[data-mpp-key], [data-mpp-erase], [data-mpp-clear]") : null;
    var letter = event.target.closest ? event.target.closest("[data-mpp-letter], [data-mpp-back], [data-mpp-empty]") : null;
    if (!(key && keypad()) && !(letter && finder())) { return; }
    event.preventDefault();
    event.stopPropagation();
    if (key) { touchedKey(key); } else { touchedLetter(letter, one("[data-mpp-typed]").textContent); }
  }

  function touchedKey(key) {
    if (key.hasAttribute("data-mpp-key")) { add(key.getAttribute("data-mpp-key")); }
    else { show(key.hasAttribute("data-mpp-erase") ? code().slice(0, -1) : ""); }
  }

  function touchedLetter(key, text) {
    if (key.hasAttribute("data-mpp-letter")) { type(text + key.getAttribute("data-mpp-letter")); }
    else { type(key.hasAttribute("data-mpp-back") ? text.slice(0, -1) : ""); }
  }

  // --- the scanner ----------------------------------------------------------------------------

  function send(text) {
    var form = one("[data-mpp-scan]");
    form.elements.kode.value = text;
    form.requestSubmit();
  }

  function ended(event) {
    var text = scanned;
    scanned = "";
    // Another page with this keypad, such as the pairing of a device, knows no scanner.
    if (!text || !one("[data-mpp-scan]")) { return; }
    // The key that ends a scan must touch nothing that happens to have the focus.
    event.preventDefault();
    event.stopPropagation();
    if (text.length >= SHORTEST_SCAN) { send(text); }
  }

  function pressed(event) {
    var now = performance.now() / 1000;
    if (event.ctrlKey || event.altKey || event.metaKey) { return; }
    if (now - lastKey > SCAN_SECONDS) { scanned = ""; }
    lastKey = now;
    if (event.key === "Enter" || (event.key === "Tab" && scanned)) { ended(event); return; }
    if (event.key === "Backspace" && keypad()) { show(code().slice(0, -1)); return; }
    if (event.key.length !== 1) { return; }
    if (scanned && one("[data-mpp-scan]")) { event.preventDefault(); }
    if (scanned.length < LONGEST_SCAN) { scanned += event.key; }
    // The characters of a scanned link are no code.
    if (keypad() && (scanned.length === 1 || scanned.indexOf(":") < 0)) { add(event.key.toUpperCase()); }
  }

  document.addEventListener("mpp:screen", newScreen);
  document.addEventListener("click", clicked, true);
  document.addEventListener("keydown", pressed, true);
})();
