/* What to bring: ticks stay on this device, the count stands beside the heading; print and share. */
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

  var tools = document.querySelector("[data-mpp-tools]");
  var share = tools.querySelector("[data-mpp-share]");
  tools.hidden = false;
  tools.querySelector("[data-mpp-print]").addEventListener("click", function () { window.print(); });
  if (navigator.share) {
    share.hidden = false;
    share.addEventListener("click", function () {
      // Closing the sheet without sharing rejects; that is nothing to report.
      navigator.share({ title: document.title, url: location.href }).catch(function () {});
    });
  }
})();
