// The simulator's phone: sends on Enter, hears of answers, says them to screen readers. Forms work without it.

const DOUBLE_TAP = 800; // ms: the second tap of a nervous thumb is not a second message
const FIRST_PAUSE = 2000;
const LONGEST_PAUSE = 30000;

/** A message id of our own: the hub stores what arrives twice under it once.
 * @returns {string} */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12)); // randomUUID needs https
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @returns {HTMLTextAreaElement | null} */
function field() {
  const found = document.getElementById("words");
  return found instanceof HTMLTextAreaElement ? found : null;
}

/** Forms outside the thread stay in place when an answer comes: their next message needs a new id. */
function renewIds() {
  for (const input of document.querySelectorAll(".chat-foot input[name=message], .samples input[name=message]")) {
    if (input instanceof HTMLInputElement) input.value = newId();
  }
}

/** WhatsApp's list of options: a row was chosen, or Escape pressed. */
function closeLists() {
  for (const list of document.querySelectorAll("details.options[open]")) {
    list.removeAttribute("open");
    if (list.contains(document.activeElement)) list.querySelector("summary")?.focus();
  }
}

function sent() {
  renewIds();
  closeLists();
  const words = field();
  if (words && pressed === "write") words.value = "";
  document.getElementById("chat")?.scrollTo({ top: 0 });
  document.getElementById("phone")?.scrollIntoView({ block: "nearest" });
}

let pressed = ""; // which form was sent last
let pressedAt = 0;

/** @param {SubmitEvent} event */
function guard(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.hasAttribute("hx-post")) return;
  const name = form.id || (event.submitter instanceof HTMLButtonElement ? event.submitter.id || event.submitter.value : "");
  if (name !== "write" && name === pressed && event.timeStamp - pressedAt < DOUBLE_TAP) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  pressed = name;
  pressedAt = event.timeStamp;
}

/** @param {KeyboardEvent} event */
function sendByEnter(event) {
  const words = event.target;
  if (!(words instanceof HTMLTextAreaElement) || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  words.form?.requestSubmit();
}

/** @returns {HTMLElement[]} what the hub said, oldest first */
const answers = () => Array.from(document.querySelectorAll("#bubbles > .theirs"));

let heard = new Set(answers().map((line) => line.id));

/** Newly arrived answers go into a polite live region, in their own language. */
function speak() {
  const fresh = answers().filter((line) => !heard.has(line.id));
  if (fresh.length === 0) return;
  heard = new Set(answers().map((line) => line.id));
  const said = fresh.map((line) => line.querySelector(".said"));
  const place = document.getElementById("spoken");
  if (!place) return;
  place.lang = said[said.length - 1]?.closest("[lang]")?.getAttribute("lang") ?? "";
  place.textContent = said.map((element) => element?.textContent ?? "").join("\n");
}

/** @param {string} words */
function tellConnection(words) {
  const place = document.getElementById("connection");
  if (place && place.textContent !== words) place.textContent = words;
}

let pause = FIRST_PAUSE;

/** The server tells that something changed; htmx fetches what. */
function listen() {
  const source = new EventSource(document.getElementById("phone")?.dataset.events ?? "/simulator/events");
  source.addEventListener("open", () => {
    pause = FIRST_PAUSE;
    tellConnection("");
  });
  source.addEventListener("changed", () => document.body.dispatchEvent(new CustomEvent("simulator-changed")));
  source.addEventListener("error", () => {
    if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    tellConnection(document.getElementById("connection")?.dataset.text ?? "");
    window.setTimeout(listen, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  });
  window.addEventListener("pagehide", () => source.close(), { once: true });
}

if (document.getElementById("phone")) {
  document.addEventListener("submit", guard, { capture: true });
  field()?.addEventListener("keydown", sendByEnter);
  document.addEventListener("keydown", (event) => event.key === "Escape" && closeLists());
  document.body.addEventListener("simulator-sent", sent);
  document.addEventListener("htmx:after:swap", speak);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  listen();
}
