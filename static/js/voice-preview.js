/* The clips in the admin: plays one of them, or a whole sentence, as the hall would hear it. */
(function () {
  "use strict";

  var page = document.querySelector("[data-mpp-voice]");
  var voice = null;
  var serial = 0;

  page.addEventListener("click", function (event) {
    var link = event.target.closest("[data-mpp-say]");
    if (!link) { return; }
    event.preventDefault();
    // Only now: a browser lets a page sound that is made to by a touch.
    voice = voice || new window.MppVoice({ manifest: JSON.parse(page.getAttribute("data-mpp-voice")), preload: false });
    serial += 1;
    voice.announce({
      id: serial, times: 1, clips: JSON.parse(link.getAttribute("data-mpp-say")), short_clips: []
    });
  });
})();
