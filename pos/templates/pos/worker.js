// The counter's service worker: it keeps the shell and the files of one version, and shows them where there is no network.
// No answer is kept: what is asked about a coupon goes to the shop, or nowhere.
const KEPT = "counter-{{ version }}";
const SHELL = {{ shell | tojson }};
const OWN = {{ own | tojson }};
const LOOKS = {{ looks | tojson }};
const PATIENCE = 5000; // milliseconds in which the shop's page must begin to come

const paths = new Set([...OWN, ...LOOKS]);

// A shell that is the log-in page (who was signed out meanwhile) is none: then this version is not installed yet.
async function install() {
  const cache = await caches.open(KEPT);
  const got = await Promise.all([SHELL, ...OWN, ...LOOKS].map(async (path) => {
    const answer = await fetch(path, { cache: OWN.includes(path) ? "default" : "no-cache", credentials: "same-origin" });
    if (!answer.ok || answer.redirected) throw new Error(`${path}: ${answer.status}`);
    return [path, answer];
  }));
  await Promise.all(got.map(([path, answer]) => cache.put(path, answer)));
}

async function activate() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("counter-") && name !== KEPT).map((name) => caches.delete(name)));
  await self.clients.claim();
}

const kept = async (path) => (await caches.open(KEPT)).match(path, { ignoreVary: true });

// The page itself comes from the shop as long as there is one; who waits for it in vain sees the shell.
async function page(request) {
  const path = new URL(request.url).pathname;
  try {
    const late = new Promise((_, refuse) => setTimeout(() => refuse(new Error("late")), PATIENCE));
    const answer = await Promise.race([fetch(request), late]);
    if (![502, 503, 504].includes(answer.status) || path !== "/pos/") return answer;
  } catch (error) {
    if (path !== "/pos/") return Response.redirect("/pos/");
  }
  return (await kept(SHELL)) ?? fetch(request);
}

// This version's own files are the same for ever; what others use, too, may be newer at the shop.
async function file(request, path) {
  if (OWN.includes(path)) return (await kept(path)) ?? fetch(request);
  try {
    return await fetch(request);
  } catch (error) {
    const found = await kept(path);
    if (found) return found;
    throw error;
  }
}

self.addEventListener("install", (event) => {
  // What is posted is never kept: where the browser can, it goes straight to the shop and waits for no worker to be woken.
  event.addRoutes?.({ condition: { requestMethod: "POST" }, source: "network" }).catch(() => {});
  event.waitUntil(install());
});
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", (event) => { if (event.data === "take over") self.skipWaiting(); });
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (paths.has(url.pathname)) event.respondWith(file(request, url.pathname));
});
