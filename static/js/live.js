/* Live states: opens a stream, notices when it falls silent, opens it again.
   ES2015 without modules: it also runs on the browser of an old television. */
(function () {
  "use strict";

  var RETRY_SECONDS = 2;
  var POLL_SECONDS = 10;
  var ANSWER_SECONDS = 10;

  function open(url, options) {
    var beat = (options.heartbeatSeconds || 15) * 1000;
    var pollSeconds = options.pollSeconds || POLL_SECONDS;
    var source = null;
    var lastSign = Date.now();
    var status = "live";
    var retryAt = 0;
    var lastPoll = 0;
    var closed = false;

    function tell(next) {
      status = next;
      if (options.onConnection) {
        options.onConnection(status, Math.round((Date.now() - lastSign) / 1000));
      }
    }

    function sign() {
      lastSign = Date.now();
      tell("live");
    }

    function connect() {
      // Without server-sent events the watchdog asks by itself, as on a lost stream.
      if (closed || !window.EventSource) { return; }
      if (source) { source.close(); }
      source = new EventSource(url);
      source.onmessage = function (event) {
        sign();
        options.onState(JSON.parse(event.data));
      };
      source.addEventListener("beat", sign);
      source.onerror = function () {
        // The browser tries again by itself unless the server refused; then we do.
        if (source.readyState === 2) { retryAt = Date.now() + RETRY_SECONDS * 1000 * (1 + Math.random()); }
      };
    }

    // The watchdog: a missed heartbeat, and the page says how old it is and asks by itself.
    var watchdog = setInterval(function () {
      var now = Date.now();
      if (retryAt && now >= retryAt) { retryAt = 0; connect(); }
      if (now - lastSign > beat * 1.8 || (status === "stale" && now - lastSign > beat)) {
        if (status === "live") { retryAt = now; }
        tell("stale");
        if (options.poll && now - lastPoll > pollSeconds * 1000) { lastPoll = now; options.poll(); }
        if (!retryAt) { retryAt = now + RETRY_SECONDS * 2000; }
      }
    }, 1000);

    document.addEventListener("visibilitychange", function () {
      if (!document.hidden && status === "stale") { retryAt = Date.now(); }
    });

    connect();
    return {
      close: function () {
        closed = true;
        clearInterval(watchdog);
        if (source) { source.close(); }
      }
    };
  }

  /* Fetch one of our pages as text. A connection may have died without a word: it is given up after ten
     seconds, since nobody else asks meanwhile, and a browser opens no stream beside six that hang. */
  function ask(url, headers) {
    return new Promise(function (resolve, reject) {
      var request = new XMLHttpRequest();
      function fail() { reject(new Error("server " + request.status)); }
      request.open("GET", url);
      Object.keys(headers || {}).forEach(function (name) { request.setRequestHeader(name, headers[name]); });
      request.timeout = ANSWER_SECONDS * 1000;
      request.onload = function () {
        if (request.status === 200) { resolve(request.responseText); } else { fail(); }
      };
      request.onerror = request.ontimeout = fail;
      request.send();
    });
  }

  window.MppLive = { open: open, ask: ask };
})();
