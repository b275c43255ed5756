// Gets somebody to a place of the page, for shortcuts and the palette: opens a menu, presses a button, enters a field.

const FIELDS = "input:not([type=hidden]):not([hidden]), select, textarea, button";
const SHEET = "#case-more";

/** @param {string} selector @returns {HTMLElement | null} the first that can be seen, or is in the sheet of a phone */
export function find(selector) {
  for (const each of document.querySelectorAll(selector)) {
    if (!(each instanceof HTMLElement)) continue;
    if (each.getClientRects().length > 0 || each.closest(SHEET)) return each;
  }
  return null;
}

/** @param {string} selector @returns {boolean} whether there is such a place */
export function reach(selector) {
  const place = find(selector);
  if (!place) return false;
  const sheet = place.closest(SHEET);
  if (sheet instanceof HTMLElement && place.getClientRects().length === 0) sheet.showPopover();
  if (place instanceof HTMLDetailsElement) {
    place.open = true;
    const field = place.querySelector(`:scope > :not(summary) :is(${FIELDS})`);
    if (field instanceof HTMLElement) field.focus();
  } else if (place instanceof HTMLTextAreaElement) {
    place.focus();
  } else {
    place.click();
  }
  return true;
}

/** @param {string} id of a dialog */
export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement) || dialog.open) return;
  for (const other of document.querySelectorAll("dialog[open]")) if (other instanceof HTMLDialogElement) other.close();
  dialog.showModal();
  dialog.dispatchEvent(new CustomEvent("opened"));
}
