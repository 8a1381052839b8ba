/* All numbers of a visit: looked at again every ten seconds, and when the page comes back into view. */
(function () {
  "use strict";

  var EVERY_SECONDS = 10;
  var lastLook = Date.now();
  var fetching = false;

  function shown() { return document.querySelector("[data-mpp-visit]"); }

  function timeless(part) {
    var time = part.querySelector("[data-mpp-time]");
    return part.innerHTML.replace(time.outerHTML, "");
  }

  function put(fresh) {
    var part = shown();
    if (timeless(fresh) === timeless(part)) {
      // Untouched when nothing changed, so that focus stays where it is.
      part.querySelector("[data-mpp-time]").textContent = fresh.querySelector("[data-mpp-time]").textContent;
      return;
    }
    var wasCalled = part.querySelector(".mine-called");
    part.parentNode.replaceChild(document.importNode(fresh, true), part);
    if (!wasCalled && shown().querySelector(".mine-called") && navigator.vibrate) {
      navigator.vibrate([400, 150, 400, 150, 400]);
    }
  }

  function look() {
    if (fetching || document.hidden) { return; }
    fetching = true;
    lastLook = Date.now();
    fetch(location.href, { headers: { "X-MPP-Part": "1" }, cache: "no-store" })
      .then(function (response) { return response.ok ? response.text() : Promise.reject(response.status); })
      .then(function (html) {
        var fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-mpp-visit]");
        if (fresh) { put(fresh); }
      })
      .catch(function () {})
      .then(function () { fetching = false; });
  }

  setInterval(function () {
    if (Date.now() - lastLook >= EVERY_SECONDS * 1000) { look(); }
  }, 1000);
  document.addEventListener("visibilitychange", look);
  document.addEventListener("click", function (event) {
    var link = event.target.closest ? event.target.closest("[data-mpp-refresh]") : null;
    if (!link || !window.fetch) { return; }
    event.preventDefault();
    look();
  });
})();
