/* A paired device: signs of life, where it belongs, and slips that the portal prints itself.
   ES2015 without modules: it also runs on the browser of an old television. Without this script
   a kiosk gives numbers all the same. */
(function () {
  "use strict";

  var BEAT_SECONDS = 30;
  var ANSWER_SECONDS = 8;
  // A number stays on the screen for its holder, but not longer: revoked means within a minute.
  var PATIENCE_SECONDS = 20;
  var PRINTED = "mpp-receipt";
  var TESTED = "mpp-test-print";
  var SLIPS = "mpp-slips";

  var self = document.currentScript;
  var beatUrl = self.getAttribute("data-mpp-beat");
  var version = self.getAttribute("data-mpp-version");
  var leaving = null;

  function one(selector) { return document.querySelector(selector); }

  function post(url, fields, done) {
    var request = new XMLHttpRequest();
    request.open("POST", url);
    request.timeout = ANSWER_SECONDS * 1000;
    request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    request.onloadend = function () {
      var answer = null;
      try { answer = JSON.parse(request.responseText); } catch (error) { answer = null; }
      done(request.status, answer);
    };
    request.send(fields);
  }

  // --- signs of life ----------------------------------------------------------------------------

  /* A printer behind the browser says nothing: its slips are counted, and told with the next sign. */
  function slips() { return Number(localStorage.getItem(SLIPS)) || 0; }

  function count(change) { localStorage.setItem(SLIPS, Math.max(0, slips() + change)); }

  function beat() {
    var told = slips();
    post(beatUrl, "versi=" + encodeURIComponent(version) + "&karcis=" + told, function (status, answer) {
      setTimeout(beat, BEAT_SECONDS * 1000);
      if (status === 200) { count(-told); }
      // Whatever else went wrong, the page goes on with what it shows.
      if (!answer || !answer.go) { return; }
      if (answer.state === "revoked") { leave(answer.go, PATIENCE_SECONDS); }
      else if (!isAt(answer.go)) { leave(answer.go, Infinity); }
      else if (answer.version !== version) { leave(location.href, Infinity); }
      else if (answer.test && localStorage.getItem(TESTED) !== answer.test) { printTest(answer.test); }
    });
  }

  function printTest(url) {
    // Once for each wish, also when this browser is started anew while the wish is still told.
    localStorage.setItem(TESTED, url);
    leave(url, Infinity);
  }

  function isAt(home) { return location.pathname.indexOf(home) === 0; }

  function isFree(isUrgent) {
    var kiosk = one("[data-mpp-kiosk]");
    if (!kiosk) { return true; }
    return isUrgent ? !kiosk.hasAttribute("data-mpp-return") : kiosk.hasAttribute("data-mpp-untouched");
  }

  function leave(url, patience) {
    var left = patience;
    clearInterval(leaving);
    leaving = setInterval(go, 1000);
    go();

    function go() {
      left -= 1;
      if (left > 0 && !isFree(patience !== Infinity)) { return; }
      clearInterval(leaving);
      whenAnswered(url);
    }
  }

  /* Somebody may have stood here for minutes: a page is not left for a server that is gone by then.
     The next sign of life tries again. */
  function whenAnswered(url) {
    post(beatUrl, "versi=" + encodeURIComponent(version), function (status) {
      if (status && status < 500) { location.replace(url); }
    });
  }

  // --- slips --------------------------------------------------------------------------------------

  function say(slot, first, second) {
    slot.querySelector("[data-mpp-first]").textContent = first;
    slot.querySelector("[data-mpp-second]").textContent = second || "";
  }

  function print(slot) {
    var form = slot.querySelector("form");
    if (slot.hasAttribute("aria-busy")) { return; }
    slot.setAttribute("aria-busy", "true");
    say(slot, slot.getAttribute("data-mpp-wait"));
    post(form.action, "csrfmiddlewaretoken=" + encodeURIComponent(form.elements[0].value), function (status, answer) {
      slot.removeAttribute("aria-busy");
      var isOut = status === 200 && Boolean(answer && answer.printed);
      document.dispatchEvent(new CustomEvent("mpp:receipt", { detail: isOut }));
      if (isOut) { say(slot, slot.getAttribute("data-mpp-done")); }
      else { say(slot, slot.getAttribute("data-mpp-photo"), (answer && answer.message) || slot.getAttribute("data-mpp-failed")); }
    });
  }

  function printOnce() {
    var slot = one("[data-mpp-receipt]");
    if (!slot || slot.hasAttribute("data-mpp-seen")) { return; }
    slot.setAttribute("data-mpp-seen", "");
    var button = one("[data-mpp-reprint]");
    if (button) { button.querySelector("span").textContent = button.getAttribute("data-mpp-reprint"); }
    var number = slot.getAttribute("data-mpp-receipt");
    // A page that is loaded again does not print again by itself.
    if (sessionStorage.getItem(PRINTED) === number) { return; }
    sessionStorage.setItem(PRINTED, number);
    print(slot);
  }

  function clicked(event) {
    var target = event.target.closest ? event.target : event.target.parentElement;
    var slot = one("[data-mpp-receipt]");
    if (!slot || !target.closest("[data-mpp-reprint]")) { return; }
    event.preventDefault();
    event.stopPropagation();
    print(slot);
  }

  // --- pairing by keyboard ------------------------------------------------------------------------

  function pressed(event) {
    var form = one("[data-mpp-pairing]");
    var button = form && form.querySelector("button");
    // Whatever was touched last, Enter after the eighth character pairs.
    if (!button || button.disabled || event.key !== "Enter") { return; }
    event.preventDefault();
    button.click();
  }

  document.addEventListener("keydown", pressed);
  if (beatUrl) {
    // The kiosk changes its screen in place: each new screen may be a number to print.
    new MutationObserver(printOnce).observe(document.body, { childList: true });
    document.addEventListener("click", clicked, true);
    document.addEventListener("mpp:slip", function () { count(1); });
    printOnce();
    beat();
  }
})();
