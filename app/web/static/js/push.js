// Notifications on the account page: says what this browser can do, and asks it for them when the reader wants them.

const place = document.getElementById("push");
const worker = "/sw.js";

/** @param {string} state which of the page's paragraphs and buttons are shown */
function show(state) {
  for (const each of place?.querySelectorAll("[data-when]") ?? []) {
    if (each instanceof HTMLElement) each.hidden = !(each.dataset.when ?? "").split(" ").includes(state);
  }
}

function atHome() {
  return window.matchMedia("(display-mode: standalone)").matches;
}

/** iPhones and iPads know no push outside the home screen. */
function isApple() {
  return /iPhone|iPad/.test(navigator.userAgent) || (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
}

async function state() {
  const able = window.isSecureContext && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  if (!able) return isApple() && !atHome() ? "home" : "unsupported";
  if (Notification.permission === "denied") return "denied";
  const known = await subscription();
  return known && listed(known.endpoint) ? "on" : "off";
}

async function subscription() {
  const registration = await navigator.serviceWorker.getRegistration("/");
  return registration ? registration.pushManager.getSubscription() : null;
}

/** @param {string} endpoint */
function listed(endpoint) {
  return [...document.querySelectorAll("[data-endpoint]")].some((each) => each.getAttribute("data-endpoint") === endpoint);
}

/** @param {string} key base64url */
function bytes(key) {
  const plain = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/** @param {string} key the hub's; a browser that was bound to another one is bound anew */
async function ask(key) {
  await navigator.serviceWorker.register(worker, { scope: "/" });
  const { pushManager } = await navigator.serviceWorker.ready;
  const wish = { userVisibleOnly: true, applicationServerKey: bytes(key) };
  try {
    return await pushManager.subscribe(wish);
  } catch (error) {
    const old = await pushManager.getSubscription();
    if (!old) throw error;
    await old.unsubscribe();
    return pushManager.subscribe(wish);
  }
}

async function turnOn() {
  show("asking");
  if ((await Notification.requestPermission()) !== "granted") {
    show(await state());
    return;
  }
  try {
    const given = (await ask(place?.dataset.key ?? "")).toJSON();
    const form = document.getElementById("push-form");
    if (!(form instanceof HTMLFormElement)) return;
    for (const [name, value] of Object.entries({ endpoint: given.endpoint, ...given.keys })) {
      const field = form.elements.namedItem(name);
      if (field instanceof HTMLInputElement) field.value = value ?? "";
    }
    form.submit();
  } catch {
    show("failed");
  }
}

if (place) {
  place.querySelector("#push-on")?.addEventListener("click", turnOn);
  state().then(show, () => show("unsupported"));
}
