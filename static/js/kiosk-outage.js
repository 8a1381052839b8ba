/* The kiosk without its server: asks again until the start screen answers, then goes there untouched. */
(function () {
  "use strict";

  var RETRY_SECONDS = 3;
  var ANSWER_SECONDS = 10;
  var start = document.querySelector("[data-mpp-outage]").getAttribute("data-mpp-outage");

  function ask() {
    var stop = new AbortController();
    var timer = setTimeout(function () { stop.abort(); }, ANSWER_SECONDS * 1000);
    fetch(start, { cache: "no-store", signal: stop.signal }).then(function (response) {
      if (response.status >= 500) { throw new Error("server " + response.status); }
      location.replace(start);
    }).catch(function () {
      clearTimeout(timer);
      setTimeout(ask, RETRY_SECONDS * 1000);
    });
  }

  document.addEventListener("contextmenu", function (event) { event.preventDefault(); });
  setTimeout(ask, RETRY_SECONDS * 1000);
})();
