/* The list of my numbers: looked at again every half minute, and when the page comes back into view. */
(function () {
  "use strict";

  var EVERY_SECONDS = 30;
  var lastLook = Date.now();

  function look() {
    if (document.hidden || Date.now() - lastLook < EVERY_SECONDS * 1000) { return; }
    lastLook = Date.now();
    fetch(location.href, { cache: "no-store" })
      .then(function (response) { return response.ok ? response.text() : Promise.reject(response.status); })
      .then(function (html) {
        var fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-mpp-numbers]");
        var shown = document.querySelector("[data-mpp-numbers]");
        // Untouched when nothing changed, so that focus stays where it is.
        if (fresh && fresh.innerHTML !== shown.innerHTML) {
          shown.parentNode.replaceChild(document.importNode(fresh, true), shown);
        }
      })
      .catch(function () {});
  }

  setInterval(look, 5000);
  document.addEventListener("visibilitychange", look);
})();
