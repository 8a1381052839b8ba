/* The citizens' service worker: it shows what the portal tells this browser, and keeps the last state of
   their numbers for the time without a signal. */
"use strict";

const FALLBACK = "Ada kabar tentang nomor Anda. Buka halaman Anda.";

// --- without a signal ----------------------------------------------------------------------------

const KEPT = "nomor-saya";
const FILES = "berkas";
const MINE = /^\/((t|pesanan|kunjungan|kabar-nomor)\/[^/]+|nomor-saya)\/$/;
// Kiosks, displays and staff have pages that must never be old.
const OTHERS = /^\/(admin|akun|anjungan|api|langsung|lantai|layar|live|loket)\//;
const DAY_MS = 24 * 60 * 60 * 1000;
// On a weak signal the last state comes first; the page then renews itself.
const PATIENCE_MS = 5000;
const MOST_FILES = 40;
const AT = "x-mpp-at";
const NO_SIGNAL = "<!doctype html><html lang=\"id\"><meta charset=\"utf-8\">" +
  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Tanpa sambungan</title>" +
  "<h1>Tanpa sambungan</h1><p>Halaman ini belum dapat dibuka. Nomor Anda tetap berlaku.</p>" +
  "<p><a href=\"\">Coba lagi</a></p><p><a href=\"/nomor-saya/\">Nomor saya</a></p></html>";

function page(text, headers) {
  return new Response(text, { headers: Object.assign({ "Content-Type": "text/html; charset=utf-8" }, headers) });
}

/* Keep a page under its path; whatever is older than a day goes. */
async function keep(path, text) {
  const cache = await caches.open(KEPT);
  await cache.put(path, page(text, { [AT]: String(Date.now()) }));
  for (const request of await cache.keys()) {
    const kept = await cache.match(request);
    if (Date.now() - Number(kept.headers.get(AT)) > DAY_MS) { await cache.delete(request); }
  }
}

/* The page as it was kept, marked with when that was. */
async function kept(path) {
  const found = await (await caches.open(KEPT)).match(path);
  if (!found || Date.now() - Number(found.headers.get(AT)) > DAY_MS) { return null; }
  const text = await found.text();
  return page(text.replace("<html", "<html data-mpp-kept=\"" + found.headers.get(AT) + "\""), {});
}

function later(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function mine(request, path) {
  const fresh = fetch(request).then(async (answer) => {
    if (answer.ok) { await keep(path, await answer.clone().text()); }
    if (answer.status === 404) { await (await caches.open(KEPT)).delete(path); }
    return answer;
  });
  const known = await kept(path);
  if (!known) { return fresh.catch(() => page(NO_SIGNAL, {})); }
  return Promise.race([fresh.catch(() => known), later(PATIENCE_MS).then(() => known)]);
}

/* Files of a page: from the network as long as there is one. */
async function file(request) {
  const cache = await caches.open(FILES);
  try {
    const answer = await fetch(request);
    if (answer.ok) {
      await cache.put(request, answer.clone());
      const names = await cache.keys();
      if (names.length > MOST_FILES) { await cache.delete(names[0]); }
    }
    return answer;
  } catch (error) {
    const known = await cache.match(request);
    if (known) { return known; }
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin || OTHERS.test(url.pathname)) { return; }
  if (event.request.mode === "navigate") {
    const path = url.pathname;
    event.respondWith(
      MINE.test(path) ? mine(event.request, path) : fetch(event.request).catch(() => page(NO_SIGNAL, {}))
    );
  } else if (/^\/(static|gaya|gambar|tanda)\//.test(url.pathname)) {
    event.respondWith(file(event.request));
  }
});

/* A page that has renewed itself hands over what it shows now. */
self.addEventListener("message", (event) => {
  const path = String(event.data && event.data.path);
  if (MINE.test(path) && typeof event.data.html === "string") { event.waitUntil(keep(path, event.data.html)); }
});

// --- what the portal tells -------------------------------------------------------------------------

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
    data: told.about || "",
    vibrate: [300, 120, 300]
  });
}

/* The page of this number or booking, as far as this browser has kept it; else the list of all. */
async function pageOf(about) {
  const cache = await caches.open(KEPT);
  for (const request of (about ? await cache.keys() : []).reverse()) {
    const text = await (await cache.match(request)).text();
    if (text.includes("data-about=\"" + about + "\"")) { return new URL(request.url).pathname; }
  }
  return "/nomor-saya/";
}

async function open(about) {
  const path = await pageOf(about);
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = pages.find((page) => new URL(page.url).pathname === path);
  return there ? there.focus() : self.clients.openWindow(path);
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("push", (event) => event.waitUntil(show(read(event))));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data));
});
