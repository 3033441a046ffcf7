// Keeps the page for when there is no network: it then says so, and records a report to be sent later.
// Whatever the network has is newer, and used first; calls and tickets are never kept.
const CACHE = "suara-warga-1";
const PARTS = ["element", "later", "line", "sound", "style", "view", "words", "worklet", "page"];
const FILES = ["/", "/widget.js", "/widget/page.css", "/widget/icon.svg", ...PARTS.map((name) => `/widget/${name}.js`)];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin || !FILES.includes(url.pathname)) return;
  event.respondWith(answer(event.request, url.pathname));
});

async function answer(request, path) {
  const cache = await caches.open(CACHE);
  try {
    const fresh = await fetch(request);
    if (fresh.ok) await cache.put(path, fresh.clone());
    return fresh;
  } catch (error) {
    return (await cache.match(path)) || Response.error();
  }
}
