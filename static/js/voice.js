/* The voice of the hall: joins recorded clips into announcements, one after the other.
   Plain script for the browser of a 2018 television: no arrow functions, no modules.

   var voice = new MppVoice({ manifest: url or {name: {url, seconds}}, volume: 80, button: node,
                              onStart: function (call, seconds) {}, onEnd: function (call, outcome) {} });
   voice.announce({ id: 7, age_seconds: 0, clips: [[...], [...]], short_clips: [[...]] });

   `clips` holds one list of clip names for each language; a call is said twice, or `times` times. Every
   call that is taken ends exactly once, also without sound; the outcome is "spoken" or "silent". */
(function () {
  "use strict";

  var TOO_OLD_SECONDS = 30;
  // With more calls than this waiting, each is spoken once and without introduction.
  var MANY_WAITING = 3;
  // Beyond this the oldest are dropped: a call that comes minutes late sends people the wrong way.
  var MOST_WAITING = 30;
  var REMEMBERED = 300;
  var TIMES = 2;
  var GAP_SECONDS = 0.05;
  var BETWEEN_LANGUAGES_SECONDS = 0.5;
  var BETWEEN_TIMES_SECONDS = 0.7;
  // A row stays lit this long when there is nothing to hear.
  var SILENT_SECONDS = 4;
  var LOAD_SECONDS = 10;
  var RENEW_SECONDS = 600;
  var UNLOCK_SECONDS = 1;
  var WAKING_SECONDS = 0.3;
  var CHIME = /\/chime$/;
  // What is this far below a clip's own peak is silence: encoders add some, and so do people.
  var SILENCE = Math.pow(10, -40 / 20);
  var MARGIN_SECONDS = 0.015;
  // Recordings of several people are brought to one loudness: the mean of the sounding part.
  var MEAN = Math.pow(10, -17 / 20);
  var PEAK = Math.pow(10, -1 / 20);
  var MOST_GAIN = 6;

  var Context = window.AudioContext || window.webkitAudioContext;

  function MppVoice(options) {
    this.options = options;
    this.manifest = {};
    this.clips = {};
    this.waiting = [];
    this.seen = [];
    this.isBusy = false;
    this.sounding = [];
    this.volume = 1;
    this.context = Context ? new Context() : null;
    this.player = Context ? null : new Audio();
    this.button = options.button || null;
    if (this.context) {
      this.output = this.context.createGain();
      this.output.connect(this.context.destination);
    }
    this.setVolume(options.volume === undefined ? 100 : options.volume);
    this.watchPermission();
    this.ready = this.renew();
    if (typeof options.manifest === "string") { setInterval(this.renew.bind(this), RENEW_SECONDS * 1000); }
  }

  // --- the queue --------------------------------------------------------------------------------

  /* Put a call into the queue. False: it has been spoken before, or it is too old. */
  MppVoice.prototype.announce = function (call) {
    if (this.seen.indexOf(call.id) >= 0) { return false; }
    this.seen.push(call.id);
    if (this.seen.length > REMEMBERED) { this.seen.shift(); }
    if ((call.age_seconds || 0) > TOO_OLD_SECONDS) { return false; }
    this.waiting.push(call);
    if (this.waiting.length > MOST_WAITING) { this.ended(this.waiting.shift(), "silent"); }
    this.next();
    return true;
  };

  /* Put a sentence into the queue that has no age and no short form. */
  MppVoice.prototype.say = function (id, clipLists) {
    return this.announce({ id: id, age_seconds: 0, clips: clipLists, short_clips: clipLists });
  };

  MppVoice.prototype.setVolume = function (percent) {
    this.volume = Math.max(0, Math.min(100, Number(percent))) / 100;
    if (this.output) { this.output.gain.value = this.volume; }
  };

  MppVoice.prototype.next = function () {
    if (this.isBusy || !this.waiting.length) { return; }
    this.isBusy = true;
    var voice = this;
    var isShort = this.waiting.length > MANY_WAITING;
    var call = this.waiting.shift();
    var lists = (isShort ? call.short_clips : call.clips) || [];
    this.prepare(lists, isShort ? 1 : call.times || TIMES).then(function (steps) {
      return voice.perform(call, steps);
    }).then(function (outcome) {
      voice.isBusy = false;
      voice.ended(call, outcome);
      voice.next();
    });
  };

  MppVoice.prototype.perform = function (call, steps) {
    var seconds = steps.length ? lengthOf(steps) : SILENT_SECONDS;
    if (this.options.onStart) { this.options.onStart(call, seconds); }
    if (!steps.length) { return after(seconds, "silent"); }
    if (this.player) { return this.playOneByOne(steps); }
    var voice = this;
    return this.isAwake().then(function (isAwake) {
      voice.hush();
      if (isAwake) {
        voice.sounding = place(voice.context, voice.output, steps, voice.context.currentTime + GAP_SECONDS);
      }
      // The timer decides, not the sound: a screen without a sound card must go on too.
      return after(GAP_SECONDS + seconds, isAwake ? "spoken" : "silent");
    }).then(function (outcome) {
      voice.hush();
      return outcome;
    });
  };

  MppVoice.prototype.ended = function (call, outcome) {
    if (this.options.onEnd) { this.options.onEnd(call, outcome); }
  };

  /* What a sleeping sound card kept back must not sound over the next announcement. */
  MppVoice.prototype.hush = function () {
    this.sounding.forEach(function (node) {
      if (node.stop) { node.stop(); }
      node.disconnect();
    });
    this.sounding = [];
  };

  // --- from names to steps ----------------------------------------------------------------------

  /* Return the steps of an announcement: [{clip, seconds}], a step without a clip is silence.
     With a clip that cannot be had only the chime sounds: half a number is a wrong number. */
  MppVoice.prototype.prepare = function (lists, times) {
    var voice = this;
    var names = [].concat.apply([], lists);
    return this.ready.then(function () { return voice.load(names); }).catch(function () {
      // Somebody may have replaced a recording just now.
      return voice.renew().then(function () { return voice.load(names); });
    }).then(function () { return voice.steps(lists, times); }).catch(function () {
      var chimes = names.filter(function (name) { return CHIME.test(name); });
      return voice.load(chimes).then(function () { return voice.steps([chimes], 1); });
    }).catch(function () { return []; });
  };

  MppVoice.prototype.steps = function (lists, times) {
    var voice = this;
    var steps = [];
    for (var time = 0; time < times; time += 1) {
      lists.forEach(function (names, language) {
        if (steps.length) { steps.push(silence(language ? BETWEEN_LANGUAGES_SECONDS : BETWEEN_TIMES_SECONDS)); }
        names.forEach(function (name) {
          if (time && CHIME.test(name)) { return; }
          var entry = voice.manifest[name];
          if (!entry.url) { steps.push(silence(entry.seconds)); return; }
          var clip = voice.clips[entry.url];
          steps.push({ clip: clip, seconds: clip.seconds });
          steps.push(silence(GAP_SECONDS));
        });
      });
    }
    return steps;
  };

  function silence(seconds) { return { clip: null, seconds: seconds }; }

  function lengthOf(steps) {
    return steps.reduce(function (sum, step) { return sum + step.seconds; }, 0);
  }

  /* Lay the steps end to end on the time line of `context`, from `at` on; return what will sound. */
  function place(context, output, steps, at) {
    var nodes = [];
    steps.forEach(function (step) {
      if (step.clip) {
        var source = context.createBufferSource();
        var gain = context.createGain();
        source.buffer = step.clip.buffer;
        gain.gain.value = step.clip.gain;
        source.connect(gain);
        gain.connect(output);
        source.start(at, step.clip.from, step.clip.seconds);
        nodes.push(source, gain);
      }
      at += step.seconds;
    });
    return nodes;
  }

  // --- recordings -------------------------------------------------------------------------------

  /* Read the manifest again, forget what is no longer in it, and fetch the rest while it is quiet. */
  MppVoice.prototype.renew = function () {
    var voice = this;
    var source = this.options.manifest;
    var read = typeof source !== "string" ? Promise.resolve(source) :
      fetch(source, { cache: "no-cache", credentials: "same-origin" }).then(function (response) {
        if (!response.ok) { throw new Error("manifest " + response.status); }
        return response.json();
      });
    return read.then(function (manifest) {
      var used = Object.keys(manifest).map(function (name) { return manifest[name].url; });
      Object.keys(voice.clips).forEach(function (url) {
        if (used.indexOf(url) < 0) { delete voice.clips[url]; }
      });
      voice.manifest = manifest;
      if (voice.options.preload !== false) { voice.loadQuietly(Object.keys(manifest)); }
    }).catch(function () {
      // Without the server the old recordings still do.
      return null;
    });
  };

  MppVoice.prototype.loadQuietly = function (names) {
    var voice = this;
    names.reduce(function (before, name) {
      return before.then(function () { return voice.loadOne(name); }).catch(function () { return null; });
    }, Promise.resolve());
  };

  MppVoice.prototype.load = function (names) {
    return Promise.all(names.map(this.loadOne, this));
  };

  MppVoice.prototype.loadOne = function (name) {
    var clips = this.clips;
    var context = this.context;
    var entry = this.manifest[name];
    if (!entry) { return Promise.reject(new Error("no clip " + name)); }
    if (!entry.url || clips[entry.url]) { return Promise.resolve(); }
    if (!context) {
      clips[entry.url] = { url: entry.url, seconds: entry.seconds };
      return Promise.resolve();
    }
    return inTime(fetch(entry.url, { credentials: "same-origin" }).then(function (response) {
      if (!response.ok) { throw new Error("clip " + response.status); }
      return response.arrayBuffer();
    }).then(function (bytes) { return decode(context, bytes); })).then(function (buffer) {
      clips[entry.url] = measured(buffer);
    });
  };

  function decode(context, bytes) {
    // With two functions, as browsers before 2017 want it.
    return new Promise(function (resolve, reject) { context.decodeAudioData(bytes, resolve, reject); });
  }

  /* Find where the sound begins and ends in a recording, and how much louder it must be. */
  function measured(buffer) {
    var samples = buffer.getChannelData(0);
    var peak = 0;
    var first = 0;
    var last = samples.length - 1;
    var square = 0;
    var sounding = 0;
    var index;
    for (index = 0; index < samples.length; index += 1) { peak = Math.max(peak, Math.abs(samples[index])); }
    if (!peak) { throw new Error("a silent clip"); }
    while (first < last && Math.abs(samples[first]) < peak * SILENCE) { first += 1; }
    while (last > first && Math.abs(samples[last]) < peak * SILENCE) { last -= 1; }
    for (index = first; index <= last; index += 1) {
      if (Math.abs(samples[index]) >= peak * SILENCE) {
        square += samples[index] * samples[index];
        sounding += 1;
      }
    }
    var margin = Math.round(MARGIN_SECONDS * buffer.sampleRate);
    first = Math.max(0, first - margin);
    last = Math.min(samples.length, last + margin);
    return {
      buffer: buffer,
      from: first / buffer.sampleRate,
      seconds: (last - first) / buffer.sampleRate,
      gain: Math.min(MOST_GAIN, PEAK / peak, MEAN / Math.sqrt(square / sounding))
    };
  }

  function after(seconds, value) {
    return new Promise(function (resolve) {
      setTimeout(function () { resolve(value); }, seconds * 1000);
    });
  }

  function inTime(promise) {
    return Promise.race([promise, after(LOAD_SECONDS).then(function () { throw new Error("too slow"); })]);
  }

  // --- browsers without Web Audio -----------------------------------------------------------------

  MppVoice.prototype.playOneByOne = function (steps) {
    var voice = this;
    return steps.reduce(function (before, step) {
      return before.then(function (outcome) {
        if (!step.clip) { return after(step.seconds, outcome); }
        return voice.playOne(step).then(function (heard) { return heard ? outcome : "silent"; });
      });
    }, Promise.resolve("spoken"));
  };

  MppVoice.prototype.playOne = function (step) {
    var voice = this;
    var player = this.player;
    player.src = step.clip.url;
    player.volume = this.volume;
    return new Promise(function (resolve) {
      var limit = setTimeout(function () { finish(false); }, (step.seconds + LOAD_SECONDS) * 1000);
      var isOver = false;
      function finish(heard) {
        if (isOver) { return; }
        isOver = true;
        clearTimeout(limit);
        player.onended = player.onerror = null;
        player.pause();
        resolve(heard);
      }
      player.onended = function () { finish(true); };
      player.onerror = function () { finish(false); };
      var started = player.play();
      if (started) {
        started.catch(function (error) {
          if (error.name === "NotAllowedError") { voice.askPermission(); }
          after(step.seconds).then(function () { finish(false); });
        });
      }
    });
  };

  // --- permission to make a sound -----------------------------------------------------------------

  /* A browser may want a touch before it lets a page sound: then one button appears. */
  MppVoice.prototype.watchPermission = function () {
    var voice = this;
    if (this.button) {
      this.button.addEventListener("click", function () {
        if (voice.context) { voice.context.resume(); }
        voice.button.hidden = true;
      });
    }
    if (!this.context) { return; }
    this.context.onstatechange = function () {
      if (voice.button && voice.context.state === "running") { voice.button.hidden = true; }
    };
    setTimeout(function () {
      if (voice.context.state === "suspended") { voice.askPermission(); }
    }, UNLOCK_SECONDS * 1000);
  };

  MppVoice.prototype.askPermission = function () {
    if (this.button) { this.button.hidden = false; }
  };

  /* Tell whether the browser lets us sound; one that only just woke up gets a moment to say so. */
  MppVoice.prototype.isAwake = function () {
    var voice = this;
    var context = this.context;
    if (context.state !== "suspended") { return Promise.resolve(true); }
    return Promise.race([context.resume(), after(WAKING_SECONDS)]).then(function () {
      if (context.state === "suspended") { voice.askPermission(); }
      return context.state !== "suspended";
    });
  };

  MppVoice.place = place;
  MppVoice.lengthOf = lengthOf;
  window.MppVoice = MppVoice;
})();
