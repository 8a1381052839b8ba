/* Reading the kiosk aloud, with a voice of the machine's own. Without a voice for the language of the
   screen there is no button for it, and nothing is read. */
(function () {
  "use strict";

  var READ = ["h1", ".say", ".plate .label", ".plate .number", ".plate .what", ".figures > div", "main h2", ".kiosk-say p",
    ".tile", ".choice", ".priority", ".follow > span", ".kiosk-foot a", ".actions > *", ".wrong button", ".slot"].join(", ");

  function language() { return document.documentElement.lang; }

  function voice() {
    if (!window.speechSynthesis) { return null; }
    return window.speechSynthesis.getVoices().filter(function (one) {
      return one.lang.replace("_", "-").toLowerCase().split("-")[0] === language();
    })[0] || null;
  }

  function offer() {
    var button = document.querySelector("[data-mpp-voice]");
    if (button) { button.hidden = !voice(); }
  }

  function isWanted() { return document.body.classList.contains("aloud"); }

  function words(node) {
    var to = document.querySelector("[data-mpp-to]");
    var text = node.matches(".number") ? node.textContent.replace(/[-\s]/g, "").split("").join(" ") : node.innerText;
    return text.replace(/–/g, to ? " " + to.getAttribute("data-mpp-to") + " " : " ").replace(/\s*[\n·]\s*/g, ", ").trim();
  }

  function say(texts) {
    var speaker = voice();
    if (!speaker) { return; }
    window.speechSynthesis.cancel();
    texts.filter(Boolean).forEach(function (text) {
      var sentence = new SpeechSynthesisUtterance(text);
      sentence.voice = speaker;
      sentence.lang = speaker.lang;
      sentence.rate = 0.95;
      window.speechSynthesis.speak(sentence);
    });
  }

  function isShown(node) { return node.getClientRects().length > 0; }

  function screen() {
    offer();
    if (!isWanted()) {
      if (window.speechSynthesis) { window.speechSynthesis.cancel(); }
      return;
    }
    say(Array.prototype.filter.call(document.querySelectorAll(READ), isShown).map(words));
  }

  function focused(event) {
    // Whoever moves from button to button by keys hears where they are.
    if (isWanted() && event.target.matches("a, button")) { say([words(event.target)]); }
  }

  document.addEventListener("mpp:screen", screen);
  document.addEventListener("focusin", focused);
  if (window.speechSynthesis) { window.speechSynthesis.addEventListener("voiceschanged", offer); }
  screen();
})();
