// Tells the hub every twenty seconds that its reader has this case open, whether they write, and how far they read.

const EVERY = 20000;
const WRITING = 8000; // this long after the last key somebody still writes

let pressedAt = 0;
let toldWriting = false;

/** @returns {string} the address of the open case, or nothing */
function address() {
  const link = document.getElementById("presence")?.getAttribute("hx-get") ?? "";
  return link.replace(/\/presence$/, "");
}

function form() {
  const body = new FormData();
  const token = document.querySelector("input[name=csrf]");
  if (token instanceof HTMLInputElement) body.set("csrf", token.value);
  return body;
}

const writes = () => Date.now() - pressedAt < WRITING;

export async function tell() {
  const place = address();
  if (!place || document.hidden) return;
  const body = form();
  toldWriting = writes();
  body.set("writes", toldWriting ? "true" : "false");
  const scroller = document.getElementById("scroller");
  const newest = document.getElementById("thread")?.dataset.newest;
  if (newest && scroller && Math.abs(scroller.scrollTop) < 48) body.set("seen", newest);
  try {
    const answer = await fetch(`${place}/here`, { method: "POST", body });
    if (answer.status === 200) document.body.dispatchEvent(new CustomEvent("cases"));
  } catch {
    // Offline: the line at the bottom of the page says so.
  }
}

/** @param {Event} event */
function typed(event) {
  const field = event.target;
  if (!(field instanceof HTMLTextAreaElement) || !field.closest("#composer")) return;
  pressedAt = Date.now();
  if (!toldWriting) tell();
  clearTimeout(pause);
  pause = window.setTimeout(tell, WRITING + 100);
}

let pause = 0;

export function startPresence() {
  if (!address()) return;
  tell();
  window.setInterval(tell, EVERY);
  document.addEventListener("input", typed);
  document.addEventListener("visibilitychange", tell);
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.target instanceof Element && event.target.id === "case-live") tell();
  });
  window.addEventListener("pagehide", () => navigator.sendBeacon(`${address()}/gone`, form()));
}
