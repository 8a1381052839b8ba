/* The citizens' service worker: it shows what the portal tells this browser. */
"use strict";

const PAGES = /^\/(t|pesanan|kunjungan)\//;
const FALLBACK = "Ada kabar tentang nomor Anda. Buka halaman Anda.";

function read(event) {
  try { return event.data.json(); } catch (_error) { return {}; }
}

/* The first sentence is the headline: "Nomor A-047 dipanggil", then where to go. */
function show(told) {
  const text = told.text || FALLBACK;
  const end = text.indexOf(". ");
  return self.registration.showNotification(end < 0 ? text : text.slice(0, end), {
    body: end < 0 ? "" : text.slice(end + 2),
    lang: told.lang || "id",
    // The same message again takes the place of the first.
    tag: told.tag || "mpp",
    vibrate: [300, 120, 300]
  });
}

function open() {
  return self.clients.matchAll({ type: "window", includeUncontrolled: true }).then((pages) => {
    const mine = pages.find((page) => PAGES.test(new URL(page.url).pathname));
    return mine ? mine.focus() : self.clients.openWindow("/nomor-saya/");
  });
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("push", (event) => event.waitUntil(show(read(event))));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open());
});
