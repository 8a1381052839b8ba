/* What to bring: ticks stay on this device, the count stands beside the heading. And on every page that
   has the buttons: print, share, copy. */
(function () {
  "use strict";

  var list = document.querySelector("[data-mpp-checklist]");
  if (!list) { return; }
  var boxes = Array.prototype.slice.call(list.querySelectorAll("input[type=checkbox]"));
  var count = document.querySelector("[data-mpp-count]");
  var key = "mpp.bawa." + list.getAttribute("data-mpp-checklist");

  // Remembered by their words: a new version of the list must not tick the wrong paper.
  function nameOf(box) {
    return box.parentNode.querySelector(".text").textContent.trim();
  }

  function remembered() {
    try {
      return JSON.parse(localStorage.getItem(key)) || [];
    } catch (error) {
      return [];
    }
  }

  function show() {
    var ready = boxes.filter(function (box) { return box.checked; });
    count.textContent = list.getAttribute("data-count-text")
      .replace("{done}", ready.length).replace("{all}", boxes.length);
    count.hidden = !ready.length;
    return ready;
  }

  function remember() {
    var ready = show();
    try {
      localStorage.setItem(key, JSON.stringify(ready.map(nameOf)));
    } catch (error) {
      // A full or forbidden store only forgets.
    }
  }

  var names = remembered();
  boxes.forEach(function (box) {
    box.checked = names.indexOf(nameOf(box)) >= 0;
    box.addEventListener("change", remember);
  });
  show();

  document.querySelector("[data-mpp-kept]").hidden = false;
})();

(function () {
  "use strict";

  var print = document.querySelector("[data-mpp-print]");
  if (!print) { return; }
  print.hidden = false;
  print.addEventListener("click", function () { window.print(); });

  var share = document.querySelector("[data-mpp-share]");
  var said = document.querySelector("[data-mpp-shared]");
  var url = share.getAttribute("data-url");

  // A phone has its own sheet; elsewhere the link is copied, and where that is forbidden it is shown.
  function copy() {
    var done = navigator.clipboard ? navigator.clipboard.writeText(url) : Promise.reject();
    done.then(function () { said.textContent = share.getAttribute("data-done"); },
      function () { said.textContent = url; });
  }

  share.hidden = false;
  share.addEventListener("click", function () {
    if (!navigator.share) { return copy(); }
    // Closing the sheet without sharing rejects; that is nothing to report.
    navigator.share({ title: share.getAttribute("data-title"), url: url }).catch(function () {});
  });
})();
