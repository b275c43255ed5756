// What can be inserted into a reply: opened by its button or by "/" at the beginning of a line, searched on the server.

import { attachReady } from "./attachments.js";
import { lookAtFlow } from "./flows.js";
import { writesGerman } from "./translating.js";

const PAUSE = 180; // milliseconds without a key
const OPEN_PLACE = /\{[^\s{}\d_][^{}\n]{0,30}\}/u;

/** Fields with a cursor that somebody has set.
 * @type {WeakSet<EventTarget>} */
const touched = new WeakSet();
let timer = 0;
/** @type {AbortController | undefined} */
let asking;

const picker = () => document.getElementById("picker");
const list = () => document.getElementById("picker-list");
const search = () => /** @type {HTMLInputElement | null} */ (document.getElementById("picker-search"));
const field = () => /** @type {HTMLTextAreaElement | null} */ (document.getElementById("reply-text"));
const options = () => Array.from(document.querySelectorAll("#picker-list [role=option]"));

function open() {
  const panel = picker();
  const box = search();
  if (!panel || !box || !field()) return;
  panel.hidden = false;
  box.value = "";
  document.getElementById("picker-open")?.setAttribute("aria-expanded", "true");
  ask();
  box.focus();
}

/** @param {boolean} back whether the reply gets the focus again */
function close(back) {
  const panel = picker();
  if (!panel || panel.hidden) return;
  panel.hidden = true;
  clearTimeout(timer);
  asking?.abort();
  document.getElementById("picker-open")?.setAttribute("aria-expanded", "false");
  if (back) field()?.focus();
}

async function ask() {
  const form = document.getElementById("reply");
  const [panel, box, place] = [picker(), search(), list()];
  const language = document.getElementById("picker-language");
  if (!(form instanceof HTMLFormElement) || !panel?.dataset.url || !box || !place) return;
  const given = new FormData(form);
  const body = new URLSearchParams({ q: box.value });
  for (const name of ["csrf", "to"]) body.set(name, String(given.get(name) ?? ""));
  if (language instanceof HTMLSelectElement) body.set("language", language.value);
  asking?.abort();
  asking = new AbortController();
  const headers = { "HX-Request": "true" };
  const answer = await fetch(panel.dataset.url, { method: "POST", body, headers, signal: asking.signal }).catch(() => null);
  const found = answer?.ok ? await answer.text().catch(() => null) : null; // a later question ends this one at any moment
  if (found === null) return;
  place.innerHTML = found; // our own server's fragment, escaped there
  place.scrollTop = 0;
  choose(0);
}

function askSoon() {
  clearTimeout(timer);
  timer = window.setTimeout(ask, PAUSE);
}

const chosen = () => options().findIndex((each) => each.getAttribute("aria-selected") === "true");

/** @param {number} number */
function choose(number) {
  const all = options();
  const at = Math.max(0, Math.min(number, all.length - 1));
  all.forEach((each, index) => each.setAttribute("aria-selected", String(index === at)));
  all[at]?.scrollIntoView({ block: "nearest" });
  search()?.setAttribute("aria-activedescendant", all[at]?.id ?? "");
}

/** @param {Element | undefined} option */
function insert(option) {
  const reply = field();
  if (!(option instanceof HTMLElement) || !reply) return;
  if (option.dataset.flow) {
    close(false);
    lookAtFlow(option.dataset.flow);
    return;
  }
  // Where German is written, the German words: what they are in the person's language is known, and no machine is asked.
  put(reply, (writesGerman() && option.dataset.german) || (option.dataset.text ?? ""));
  attachReady((option.dataset.files ?? "").split(" ").filter(Boolean));
  close(true);
}

/** At the cursor, on a line of its own; what is still to be filled in is selected.
 * @param {HTMLTextAreaElement} reply @param {string} words */
function put(reply, words) {
  if (!touched.has(reply)) reply.setSelectionRange(reply.value.length, reply.value.length); // a draft that nobody went into
  const start = reply.selectionStart;
  const [before, after] = [reply.value.slice(0, start), reply.value.slice(reply.selectionEnd)];
  const text = (before && !before.endsWith("\n") ? "\n" : "") + words + (after && !after.startsWith("\n") ? "\n" : "");
  reply.setRangeText(text, start, reply.selectionEnd, "end");
  reply.dispatchEvent(new Event("input", { bubbles: true }));
  const empty = OPEN_PLACE.exec(text);
  if (empty) reply.setSelectionRange(start + empty.index, start + empty.index + empty[0].length);
}

/** @param {InputEvent} event */
function slash(event) {
  const reply = event.target;
  if (!(reply instanceof HTMLTextAreaElement) || reply.id !== "reply-text" || event.data !== "/" || !picker()) return;
  const before = reply.value.slice(0, reply.selectionStart);
  if (before && !before.endsWith("\n")) return;
  event.preventDefault();
  open();
}

/** @param {KeyboardEvent} event */
function keys(event) {
  const box = search();
  if (event.key === "Escape" && picker()?.contains(/** @type {Node} */ (event.target))) {
    event.stopPropagation();
    close(true);
    return;
  }
  if (event.target !== box || !box || event.isComposing) return;
  if (event.key === "ArrowDown") choose(chosen() + 1);
  else if (event.key === "ArrowUp") choose(chosen() - 1);
  else if (event.key === "Enter") insert(options()[chosen()]);
  else if (event.key === "/" && box.value === "") {
    const reply = field(); // whoever wants the sign itself types it twice
    close(true);
    reply?.setRangeText("/", reply.selectionStart, reply.selectionEnd, "end");
    reply?.dispatchEvent(new Event("input", { bubbles: true }));
  } else return;
  event.preventDefault();
}

/** @param {MouseEvent} event */
function click(event) {
  if (!(event.target instanceof Element)) return;
  const option = event.target.closest("#picker-list [role=option]");
  if (option) insert(option);
  else if (event.target.closest("#picker-open")) picker()?.hidden ? open() : close(true);
  else if (event.target.closest("#picker-close")) close(true);
}

export function startPicker() {
  document.addEventListener("focusin", (event) => {
    if (event.target === field() && event.target) touched.add(event.target);
  });
  document.addEventListener("beforeinput", slash);
  document.addEventListener("keydown", keys);
  document.addEventListener("click", click);
  document.addEventListener("input", (event) => {
    if (event.target === search()) askSoon();
  });
  document.addEventListener("change", (event) => {
    if (event.target instanceof Element && event.target.id === "picker-language") ask();
  });
}
