// The service worker of the tablet page. The server puts `self.FIELD` before it: {version, home, files, past}.
// It keeps page, script, style and pictures; answers of the server it never keeps (those lie in IndexedDB).
const { version, home, files } = self.FIELD;
const CACHE = `eldercare-field-${version}`;

self.addEventListener("install", (event) => event.waitUntil(fill()));

async function fill() {
  const cache = await caches.open(CACHE);
  const page = await fetch(home, { cache: "no-store", credentials: "same-origin" });
  // signed out, it would be the sign-in page: better no new version than that one
  if (!page.ok || page.redirected || new URL(page.url).pathname !== home) throw new Error("the page is not to be had");
  await cache.addAll(files.map((file) => new Request(file, { cache: "reload" })));
  await cache.put(home, page);
}

self.addEventListener("activate", (event) => event.waitUntil(tidy()));

async function tidy() {
  for (const name of await caches.keys()) if (name.startsWith("eldercare-field-") && name !== CACHE) await caches.delete(name);
  await self.clients.claim();
}

// A newer version waits until somebody says so: never in the middle of a visit by itself.
self.addEventListener("message", ({ data, ports }) => {
  if (data === "take-over") self.skipWaiting();
  if (data === "here?") ports[0].postMessage(version);
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const { pathname, origin } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.mode === "navigate" && pathname === home) event.respondWith(kept(home, request));
  else if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => kept(home, request))); // no network: the page itself
  else if (files.includes(pathname)) event.respondWith(kept(pathname, request));
});

async function kept(key, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(key)) ?? fetch(request);
}
