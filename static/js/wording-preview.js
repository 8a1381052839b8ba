/* The words of a message in the admin: what will be read, while it is being written. */
(function () {
  "use strict";

  document.addEventListener("DOMContentLoaded", function () {
    var field = document.querySelector("[data-mpp-sample]");
    var shown = document.querySelector("[data-mpp-preview]");
    if (!field || !shown) { return; }
    var sample = JSON.parse(field.getAttribute("data-mpp-sample"));

    function show() {
      var text = field.value.trim() || field.getAttribute("data-mpp-default");
      shown.textContent = text.replace(/\{([a-z_]+)\}/g, function (blank, name) {
        return Object.prototype.hasOwnProperty.call(sample, name) ? sample[name] : blank;
      });
    }

    field.addEventListener("input", show);
    show();
  });
})();
