/* Pictures and videos between two calls: one after the other, silent, paused while a number is called.
   Plain script for the browser of a 2018 television. One <img> and one <video> serve the whole list. */
(function () {
  "use strict";

  // When no file can be shown, the plate with the last number stays, and we try again later.
  var REST_SECONDS = 60;

  function MppShowings(box, showings) {
    this.box = box;
    this.showings = box ? showings : [];
    this.place = -1;
    this.failures = 0;
    this.endsAt = 0;
    this.restUntil = 0;
    this.isOn = false;
    this.node = null;
    if (this.showings.length) { this.build(); }
  }

  MppShowings.prototype.build = function () {
    var media = this;
    this.picture = document.createElement("img");
    this.picture.alt = "";
    this.video = document.createElement("video");
    this.video.muted = true;
    this.video.setAttribute("muted", "");
    this.video.setAttribute("playsinline", "");
    [this.picture, this.video].forEach(function (node) {
      node.hidden = true;
      media.box.appendChild(node);
    });
    this.picture.onload = function () { media.ready(media.picture); };
    this.picture.onerror = function () { media.failed(media.picture); };
    this.video.onloadeddata = function () { media.ready(media.video); };
    this.video.onerror = function () { media.failed(media.video); };
    this.video.onended = function () { media.endsAt = 0; };
  };

  /* Called a few times a second: may the list be on screen now? Returns whether it is. */
  MppShowings.prototype.update = function (isAllowed, now) {
    if (!this.showings.length) { return false; }
    if (!isAllowed || now < this.restUntil) {
      this.pause();
      return false;
    }
    if (!this.isOn) { this.resume(); }
    if (now >= this.endsAt) { this.next(now); }
    this.box.hidden = !this.node || this.node.hidden;
    return !this.box.hidden;
  };

  MppShowings.prototype.next = function (now) {
    var only = this.showings.length === 1 && this.node && !this.node.hidden;
    if (this.failures >= this.showings.length) {
      this.failures = 0;
      this.restUntil = now + REST_SECONDS;
      this.pause();
      return;
    }
    this.place = (this.place + 1) % this.showings.length;
    var showing = this.showings[this.place];
    this.endsAt = showing.kind === "VIDEO" ? Infinity : now + showing.seconds;
    if (only) {
      if (showing.kind === "VIDEO") { this.play(); }
      return;
    }
    this.node = showing.kind === "VIDEO" ? this.video : this.picture;
    this.node.src = showing.url;
  };

  MppShowings.prototype.ready = function (node) {
    if (node !== this.node) { return; }
    this.failures = 0;
    (node === this.video ? this.picture : this.video).hidden = true;
    if (node !== this.video) { this.video.pause(); }
    node.hidden = false;
    if (this.isOn) { this.play(); }
  };

  MppShowings.prototype.failed = function (node) {
    if (node !== this.node) { return; }
    node.hidden = true;
    this.failures += 1;
    this.endsAt = 0;
  };

  MppShowings.prototype.play = function () {
    if (this.node !== this.video) { return; }
    var media = this;
    var started = this.video.play();
    // A call that comes while a video starts interrupts it: that is no failure.
    if (started) { started.catch(function () { if (media.isOn) { media.failed(media.video); } }); }
  };

  MppShowings.prototype.pause = function () {
    if (!this.isOn) { return; }
    this.isOn = false;
    this.box.hidden = true;
    this.video.pause();
  };

  MppShowings.prototype.resume = function () {
    this.isOn = true;
    if (this.node === this.video && !this.video.hidden) { this.play(); }
  };

  window.MppShowings = MppShowings;
})();
