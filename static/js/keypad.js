/* The kiosk's keypad for a booking code: keys fill the places at once, a scanner types by itself.
   Without this script every key is a link that brings the page with one character more. */
(function () {
  "use strict";

  // A scanner types faster than anybody: what comes within this time belongs together.
  var SCAN_SECONDS = 0.6;
  var scanned = "";
  var lastKey = 0;

  function one(selector) { return document.querySelector(selector); }
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

  function send(text) {
    one("[data-mpp-code]").value = text;
    one("[data-mpp-code]").form.querySelector("button").disabled = false;
    one("[data-mpp-code]").form.querySelector("button").click();
  }

  function clicked(event) {
    var link = event.target.closest ? event.target.closest("[data-mpp-key], [data-mpp-erase], [data-mpp-clear]") : null;
    if (!link || !keypad()) { return; }
    event.preventDefault();
    event.stopPropagation();
    if (link.hasAttribute("data-mpp-key")) { add(link.getAttribute("data-mpp-key")); }
    else { show(link.hasAttribute("data-mpp-erase") ? code().slice(0, -1) : ""); }
  }

  function pressed(event) {
    var now = performance.now() / 1000;
    if (!keypad() || event.ctrlKey || event.altKey || event.metaKey) { return; }
    if (now - lastKey > SCAN_SECONDS) { scanned = ""; }
    lastKey = now;
    if (event.key === "Enter") {
      if (scanned.indexOf("/") >= 0) { event.preventDefault(); send(scanned); }
      scanned = "";
      return;
    }
    if (event.key === "Backspace") { show(code().slice(0, -1)); return; }
    if (event.key.length !== 1) { return; }
    scanned += event.key;
    // The characters of a scanned link are no code.
    if (scanned.length === 1 || scanned.indexOf(":") < 0) { add(event.key.toUpperCase()); }
  }

  document.addEventListener("click", clicked, true);
  document.addEventListener("keydown", pressed, true);
})();
