// The command palette: one field, a list that follows it, arrows and Enter. Cases are asked for by name at the server.
import { find, openDialog, reach } from "./reach.js";

const PAUSE = 150; // milliseconds without a key before the server is asked

let timer = 0;
let asked = 0; // only the newest answer counts
let answered = ""; // the words that what was found belongs to
let selected = "";

const dialog = () => document.getElementById("palette");
const field = () => /** @type {HTMLInputElement} */ (document.getElementById("palette-input"));
const csrf = () => document.getElementById("palette-list")?.dataset.csrf ?? "";

/** @param {string} text without accents, in small letters */
const folded = (text) => text.toLowerCase().normalize("NFD").replace(/\p{Diacritic}/gu, "");

/** @returns {HTMLElement[]} */
const shown = () => Array.from(document.querySelectorAll("#palette-list [role=option]:not([hidden])"));

/** @param {string} id */
function select(id) {
  selected = id;
  for (const option of document.querySelectorAll("#palette-list [role=option]")) {
    option.setAttribute("aria-selected", String(option.id === id));
  }
  document.getElementById(id)?.scrollIntoView({ block: "nearest" });
  if (id) field().setAttribute("aria-activedescendant", id);
  else field().removeAttribute("aria-activedescendant");
}

function filter() {
  const words = folded(field().value).split(/\s+/).filter(Boolean);
  for (const option of document.querySelectorAll("#palette-list [role=option]")) {
    if (!(option instanceof HTMLElement) || option.id.startsWith("found-")) continue;
    const text = folded(`${option.textContent} ${option.parentElement?.getAttribute("aria-label")}`);
    const usable = !option.dataset.press || find(option.dataset.press) !== null;
    option.hidden = !usable || !words.every((word) => text.includes(word));
  }
  const options = shown();
  const none = document.getElementById("palette-none");
  if (none) none.textContent = options.length ? "" : (none.dataset.text ?? "");
  select(options.some((option) => option.id === selected) ? selected : (options[0]?.id ?? ""));
}

async function ask() {
  const place = document.getElementById("palette-found");
  if (!place) return;
  const number = ++asked;
  const words = field().value.trim();
  let answer = "";
  if (words.length > 1) {
    const body = new URLSearchParams({ words });
    const headers = { "X-CSRF-Token": csrf(), Accept: "text/html" };
    const response = await fetch("/inbox/find", { method: "POST", body, headers }).catch(() => null);
    answer = response?.ok ? await response.text() : "";
  }
  if (number !== asked) return;
  place.innerHTML = answer;
  answered = words;
  if (answer) selected = "";
  filter();
}

function typed() {
  if (!field().value.trim().startsWith(answered)) document.getElementById("palette-found")?.replaceChildren();
  filter();
  clearTimeout(timer);
  timer = window.setTimeout(ask, PAUSE);
}

/** @param {number} by */
function move(by) {
  const ids = shown().map((option) => option.id);
  const at = ids.indexOf(selected) + by;
  select(ids[(at + ids.length) % ids.length] ?? "");
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.isComposing || (!step && event.key !== "Enter")) return;
  event.preventDefault();
  if (step) move(step);
  else run(document.getElementById(selected));
}

/** @param {Element | null} option */
async function run(option) {
  if (!(option instanceof HTMLElement)) return;
  const { href, opens, press, post } = option.dataset;
  const window_ = dialog();
  if (window_ instanceof HTMLDialogElement) window_.close();
  if (href) location.assign(href);
  else if (opens) openDialog(opens);
  else if (press) reach(press);
  else if (post) await send(option.dataset);
}

/** @param {DOMStringMap} data */
async function send({ post, theme, language }) {
  const body = new URLSearchParams({ csrf: csrf() });
  if (theme) body.set("theme", theme);
  if (language) body.set("language", language);
  const answer = await fetch(post ?? "", { method: "POST", body, headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  if (theme) paint(theme);
  else location.reload(); // signed out, this leads to the door
}

/** As templates/base.html does it for the next page.
 * @param {string} theme */
function paint(theme) {
  const sheet = document.getElementById("dark");
  const meta = document.querySelector("meta[name=color-scheme]");
  const media = { light: "not all", dark: "all" }[theme] ?? "(prefers-color-scheme: dark)";
  if (sheet instanceof HTMLLinkElement) sheet.media = media;
  if (meta instanceof HTMLMetaElement) meta.content = theme === "system" ? "light dark" : theme;
}

export function startPalette() {
  const place = dialog();
  if (!place) return;
  place.addEventListener("opened", () => {
    field().value = "";
    selected = "";
    document.getElementById("palette-found")?.replaceChildren();
    filter();
  });
  field().addEventListener("input", typed);
  field().addEventListener("keydown", pressed);
  document.getElementById("palette-list")?.addEventListener("click", (event) => {
    if (event.target instanceof Element) run(event.target.closest("[role=option]"));
  });
}
