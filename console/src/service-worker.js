/**
 * Keeps the shell of the page, so that it opens at once and without a connection, and shows notifications. It keeps files with a hash in
 * their name and the page that names them; of the API nothing ever. `vite.config.ts` puts in what the build consists of.
 */

/* global __FILES__, __VERSION__ */

const SHELL = `shell-${__VERSION__}`;
/** Of one page the older shell is kept, too: a tab that shows it may read further parts of it. */
const KEPT = 2;
const ROOT = new URL('./', self.registration.scope);
const HASHED = new RegExp(`^${ROOT.pathname.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}assets/`);

/** What is kept is the one form that there is, whatever a request would take. */
const AS_IT_IS = { ignoreVary: true };

self.addEventListener('install', (event) => {
  event.waitUntil(keepShell());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(forgetOldShells().then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== ROOT.origin) {
    return;
  }
  if (HASHED.test(url.pathname)) {
    event.respondWith(kept(request));
  } else if (request.mode === 'navigate' && isOfThePage(url)) {
    event.respondWith(fetch(request).catch(() => keptPage()));
  }
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(showPage(event.notification.data?.path));
});

async function keepShell() {
  const cache = await caches.open(SHELL);
  await cache.addAll(__FILES__.map((file) => new URL(file, ROOT)));
  await cache.add(new Request(ROOT, { headers: { Accept: 'text/html' } }));
  await self.skipWaiting();
}

async function forgetOldShells() {
  const names = await caches.keys();
  await Promise.all(names.slice(0, -KEPT).map((name) => caches.delete(name)));
}

/** What has a hash in its name is the same for ever. */
async function kept(request) {
  return (await caches.match(request.url, AS_IT_IS)) ?? fetch(request);
}

/** The page finds everything from its base, which depends on where it is shown. */
async function keptPage() {
  const cache = await caches.open(SHELL);
  const page = await cache.match(ROOT, AS_IT_IS);
  if (page === undefined) {
    return Response.error();
  }
  const html = (await page.text()).replace(/<base href="[^"]*"/, `<base href="${ROOT.pathname}"`);
  return new Response(html, { headers: page.headers });
}

/** Documents and calendars are pages of their own. */
function isOfThePage({ pathname }) {
  return !/^(api|health|socket\.io|calendar|admin)(\/|$)/.test(pathname.slice(ROOT.pathname.length));
}

/** A page that is open goes there by itself: nothing that was written in it is lost. */
async function showPage(path = '') {
  const [open] = await self.clients.matchAll({ type: 'window' });
  if (open === undefined) {
    await self.clients.openWindow(new URL(path, ROOT));
    return;
  }
  open.postMessage({ open: path });
  // A browser may want a click on the page first.
  await open.focus().catch(() => undefined);
}
