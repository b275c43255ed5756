// Shortcuts. Which key does what stands in the sheet that the server wrote (templates/_shortcuts.html).
import { find, openDialog, reach } from "./reach.js";

/** What is more than one place of the page.
 * @type {Record<string, () => void>} */
const DOES = {
  palette: () => openDialog("palette"),
  sheet: () => openDialog("shortcuts"),
  next: () => step(".card-link", 1),
  previous: () => step(".card-link", -1),
  tab: () => step(".tabs .tab", 1, true),
  search: () => {
    const field = find("input[type=search]");
    if (field) field.focus();
    else openDialog("palette");
  },
  panel: () => {
    const panel = find("details.facts");
    if (panel instanceof HTMLDetailsElement) panel.open = !panel.open;
  },
};

/** @param {string} selector @param {1 | -1} by @param {boolean} [round] from the last to the first */
function step(selector, by, round = false) {
  const links = Array.from(document.querySelectorAll(selector));
  const here = links.findIndex((link) => link.hasAttribute("aria-current"));
  const there = here < 0 ? (by > 0 ? 0 : links.length - 1) : here + by;
  const link = links[round ? there % links.length : there];
  if (link instanceof HTMLElement) link.click();
}

/** @param {EventTarget | null} place */
function typing(place) {
  if (!(place instanceof HTMLElement)) return false;
  if (place instanceof HTMLInputElement) return !["checkbox", "radio", "button", "submit", "file"].includes(place.type);
  return place instanceof HTMLTextAreaElement || place instanceof HTMLSelectElement || place.isContentEditable;
}

/** Letters by what is written on the key; where that is no Latin letter (Cyrillic, Option on a Mac), by its place.
 * @param {KeyboardEvent} event */
function keyOf(event) {
  const key = event.key.toUpperCase();
  if (/^[A-Z]$/.test(key) || event.key === "/" || event.key === "?") return key;
  return event.code.startsWith("Key") ? event.code.slice(3) : key;
}

/** @param {string} keys such as `Ctrl+Alt+A` @param {KeyboardEvent} event */
function fits(keys, event) {
  const parts = keys.split("+");
  const letter = parts[parts.length - 1];
  if (keyOf(event) !== letter) return false;
  if (/^[A-Z]$/.test(letter) && event.shiftKey) return false;
  return (event.ctrlKey || event.metaKey) === parts.includes("Ctrl") && event.altKey === parts.includes("Alt");
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  // AltGr is Ctrl and Alt to Windows, and writes letters: ă, €, @. So does Option on a Mac, while somebody writes.
  if (event.defaultPrevented || event.isComposing || event.getModifierState("AltGraph")) return;
  if (document.querySelector("dialog[open]")) return;
  const mac = navigator.platform.startsWith("Mac");
  const plain = !event.ctrlKey && !event.metaKey && (!event.altKey || mac);
  if (plain && typing(event.target)) return;
  for (const row of document.querySelectorAll("#shortcuts .key-row[data-keys]")) {
    if (!(row instanceof HTMLElement)) continue;
    if (!row.dataset.keys?.split(" ").some((keys) => fits(keys, event))) continue;
    if (row.dataset.does) DOES[row.dataset.does]();
    else if (!row.dataset.press || !reach(row.dataset.press)) return;
    event.preventDefault();
    return;
  }
}

/** @param {MouseEvent} event */
function clicked(event) {
  if (!(event.target instanceof Element)) return;
  const opens = event.target.closest("button[data-opens]")?.getAttribute("data-opens");
  if (opens) openDialog(opens);
  const dialog = event.target.closest("dialog");
  const outside = event.target === dialog; // the backdrop
  if (dialog instanceof HTMLDialogElement && (outside || event.target.closest("[data-closes]"))) dialog.close();
}

export function startShortcuts() {
  document.addEventListener("click", clicked);
  if (document.querySelector("#shortcuts[data-works]")) document.addEventListener("keydown", pressed);
}
