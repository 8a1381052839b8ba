/* Keeps the last page of each display, so that a screen whose power or network was cut starts without the
   server and says that it is cut off. ES2015: it also runs on the browser of an old television. */
(function () {
  "use strict";

  var STORE = "mpp-display-1";
  var PATIENCE_MS = 6000;
  var MOST_KEPT = 200;
  var ASSETS = /^\/(static\/(css|fonts|img|js)\/|tema\.css$)/;
  var HEADERS = ["content-type", "content-security-policy", "x-content-type-options", "referrer-policy"];

  self.addEventListener("install", function () { self.skipWaiting(); });
  self.addEventListener("activate", function (event) { event.waitUntil(self.clients.claim()); });

  self.addEventListener("message", function (event) {
    var used = event.data.used.filter(function (url) { return ASSETS.test(new URL(url).pathname); });
    event.waitUntil(keepAll(used.concat(event.data.page)));
  });

  self.addEventListener("fetch", function (event) {
    var url = new URL(event.request.url);
    if (event.request.method !== "GET" || url.origin !== self.location.origin) { return; }
    if (event.request.mode === "navigate") {
      event.respondWith(fresh(event.request).catch(function () { return storedPage(event.request.url); }));
    } else if (ASSETS.test(url.pathname)) {
      event.respondWith(fresh(event.request).catch(function () { return kept(event.request.url); }));
    }
  });

  function keepAll(urls) {
    return caches.open(STORE).then(function (store) {
      return Promise.all(urls.map(function (url) {
        return store.add(new Request(url, { credentials: "same-origin" })).catch(function () { return null; });
      })).then(function () { return tidy(store); });
    });
  }

  /* Old versions of scripts pile up with each update: the oldest go first. */
  function tidy(store) {
    return store.keys().then(function (keys) {
      return Promise.all(keys.slice(0, Math.max(0, keys.length - MOST_KEPT)).map(function (key) {
        return store.delete(key);
      }));
    });
  }

  /* The server's answer; a failure of the server or of the way to it is an error, and so is a long wait. */
  function fresh(request) {
    var late = new Promise(function (resolve, reject) {
      setTimeout(function () { reject(new Error("too slow")); }, PATIENCE_MS);
    });
    return Promise.race([fetch(request), late]).then(function (response) {
      if (response.status >= 500) { throw new Error("server " + response.status); }
      if (response.status === 200 && !response.redirected) {
        var copy = response.clone();
        caches.open(STORE).then(function (store) { return store.put(request.url, copy); }).catch(function () { return null; });
      }
      return response;
    });
  }

  // Whoever asks, and in whatever language: there is one copy.
  function kept(url) { return caches.match(url, { ignoreVary: true }); }

  /* The page as it was kept, with a mark that makes display.js say how old it is. */
  function storedPage(url) {
    return kept(url).then(function (page) {
      if (!page) { return Response.error(); }
      return page.text().then(function (text) {
        var headers = new Headers();
        HEADERS.forEach(function (name) {
          if (page.headers.get(name)) { headers.set(name, page.headers.get(name)); }
        });
        return new Response(text.replace("data-mpp-display=", "data-mpp-stored data-mpp-display="), { headers: headers });
      });
    });
  }
})();
