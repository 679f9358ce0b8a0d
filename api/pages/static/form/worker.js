// Keeps the shell of the web form, by hash, so that it opens without a network. No answer
// ever passes through here: only GETs of the listed files are answered from the cache.

const CACHE = `atalaya-form-${"3157c3ed9c5eebba"}`;
const KEPT = ["/static/form/index.html?v=b0efbda67663c11b","/static/form/form.js?v=d267f7b8084626d8","/static/form/form.css?v=8dd1a176690cf736","/static/fonts/Inter-Regular.ttf","/static/fonts/Inter-SemiBold.ttf","/static/fonts/InterDisplay-Bold.ttf"];
const SHELL = KEPT[0];

self.addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(KEPT.map((address) => new Request(address, { cache: "reload", credentials: "omit" })));
  };
  event.waitUntil(keep());
});

// A new worker waits until the page says that no draft is open.
self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("atalaya-form-") && name !== CACHE) await caches.delete(name);
    }
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const address = new URL(request.url);
  if (address.origin !== self.location.origin) return;
  if (request.mode === "navigate" && address.pathname === "/field") {
    event.respondWith(fromCache(SHELL, request));
    return;
  }
  const named = address.pathname + address.search;
  if (KEPT.includes(named)) event.respondWith(fromCache(named, request));
});

async function fromCache(address, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(address)) ?? fetch(request);
}
