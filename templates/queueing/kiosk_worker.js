/* The kiosk's service worker: when no page comes, it shows the one that sends people to staff. */
{% load mpp static %}"use strict";

const SHELF = "mpp-anjungan-1";
const OUTAGE = "{% url 'kiosk-outage' %}";
// The kiosk's own scripts too: a server that dies behind the page and before them leaves a screen that would
// stand still for ever.
const KEPT = [
  OUTAGE,
  "{% url 'theme' %}",
  "{% static 'css/tokens.css' %}",
  "{% static 'css/base.css' %}",
  "{% static 'css/kiosk.css' %}",
  "{% static 'css/print.css' %}",
  "{% static 'js/aloud.js' %}",
  "{% static 'js/device.js' %}",
  "{% static 'js/keypad.js' %}",
  "{% static 'js/kiosk.js' %}",
  "{% static 'js/kiosk-outage.js' %}",
  "{% static 'img/icons.svg' %}",
  "{% mall_icon %}",
  "{% static 'fonts/inter-latin-wght-normal.woff2' %}"
];
const ANSWER_SECONDS = 4.5;

function keep() {
  return caches.open(SHELF).then((shelf) => shelf.addAll(KEPT.map((url) => new Request(url, { cache: "reload" }))));
}

function fromServer(request) {
  const late = new Promise((_resolve, reject) => setTimeout(() => reject(new Error("late")), ANSWER_SECONDS * 1000));
  return Promise.race([fetch(request), late]).then((response) => {
    if (response.status >= 500) { throw new Error("server " + response.status); }
    return response;
  });
}

self.addEventListener("install", (event) => event.waitUntil(keep().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const request = event.request;
  if (request.method !== "GET") { return; }
  if (request.mode === "navigate") {
    event.respondWith(fromServer(request).catch(() => caches.match(OUTAGE, { ignoreVary: true })));
  } else if (KEPT.includes(new URL(request.url).pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(request, { ignoreSearch: true, ignoreVary: true })));
  }
});
