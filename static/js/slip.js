/* A slip in a window of its own: as long as its text, printed at once, and closed again. */
(function () {
  "use strict";

  var MM_PER_PX = 25.4 / 96;

  function fitPaper() {
    var slip = document.querySelector("[data-mpp-slip]");
    var millimetres = Math.ceil((slip.offsetTop + slip.offsetHeight) * MM_PER_PX) + 6;
    var sheet = document.styleSheets[document.styleSheets.length - 1];
    sheet.insertRule("@page { size: 80mm " + millimetres + "mm; margin: 0; }", sheet.cssRules.length);
  }

  // Only a window that was opened for the slip; a page opened by hand stays.
  window.addEventListener("afterprint", function () { if (history.length === 1) { window.close(); } });
  document.fonts.ready.then(function () {
    fitPaper();
    window.print();
  });
})();
