// The service worker: shows that something waits, and opens the case when asked. It keeps nothing and serves no page.

const WORDS = {
  de: ["Streetwork Hub", "Im Hub wartet etwas."],
  en: ["Streetwork Hub", "Something waits in the hub."],
};

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  const said = event.data ? event.data.json() : {};
  const [title, body] = WORDS[said.language] ?? WORDS.en;
  const path = Number.isInteger(said.case) ? `/inbox/${said.case}` : "/inbox";
  event.waitUntil(self.registration.showNotification(title, { body, tag: path, renotify: true, data: path }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data ?? "/inbox"));
});

/** @param {string} path the open tab of this case comes forward; else a new one opens */
async function open(path) {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = pages.find((page) => new URL(page.url).pathname === path);
  return there ? there.focus() : self.clients.openWindow(path);
}
