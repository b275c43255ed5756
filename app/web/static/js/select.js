// Many cases at once: ranges with Shift, a long press on a phone, the count in the bar, and the toast that fades.

const LONG = 500; // milliseconds of a long press
const MOVED = 10; // pixels that make a press a scroll

let last = ""; // the row that was ticked last, by id
let press = 0;
let pressed = false; // the click that ends a long press opens nothing
/** @type {{ x: number, y: number }} */
let start = { x: 0, y: 0 };

/** @returns {HTMLInputElement[]} */
const boxes = () => Array.from(document.querySelectorAll("#case-list .pick input"));

function count() {
  const place = document.getElementById("chosen-count");
  const chosen = boxes().filter((box) => box.checked).length;
  const words = place?.dataset.text?.replace("{n}", String(chosen)) ?? "";
  if (place && place.textContent !== words) place.textContent = words;
}

/** @param {boolean} on */
function all(on) {
  for (const box of boxes()) box.checked = on;
  const mode = document.getElementById("selecting");
  if (!on && mode instanceof HTMLInputElement) mode.checked = false;
  count();
}

/** @param {HTMLInputElement} box @param {boolean} range */
function ticked(box, range) {
  const shown = boxes();
  const row = box.closest(".card")?.id ?? "";
  const from = shown.findIndex((each) => each.closest(".card")?.id === last);
  const to = shown.indexOf(box);
  if (range && from >= 0) {
    for (const each of shown.slice(Math.min(from, to), Math.max(from, to) + 1)) each.checked = box.checked;
  }
  last = row;
  count();
}

/** @param {MouseEvent} event */
function clicked(event) {
  const place = event.target;
  if (!(place instanceof Element)) return;
  if (pressed && place.closest(".card-link")) {
    event.preventDefault();
    pressed = false;
    return;
  }
  if (place instanceof HTMLInputElement && place.closest(".pick")) ticked(place, event.shiftKey);
  if (place instanceof HTMLInputElement && place.id === "selecting" && !place.checked) all(false);
  const choose = place.closest("[data-choose]")?.getAttribute("data-choose");
  if (choose === "all") all(true);
  if (choose === "none") {
    all(false);
    document.getElementById("cards")?.focus();
  }
  if (place.closest("[data-dismiss]")) dismiss();
}

/** @param {PointerEvent} event */
function pressing(event) {
  pressed = false;
  if (event.pointerType === "mouse" || !(event.target instanceof Element)) return;
  const box = event.target.closest(".card-link")?.parentElement?.querySelector(".pick input");
  if (!(box instanceof HTMLInputElement)) return;
  start = { x: event.clientX, y: event.clientY };
  press = window.setTimeout(() => {
    pressed = true;
    box.checked = !box.checked;
    ticked(box, false);
  }, LONG);
}

/** @param {PointerEvent} event */
function moving(event) {
  if (Math.abs(event.clientX - start.x) > MOVED || Math.abs(event.clientY - start.y) > MOVED) clearTimeout(press);
}

/** @param {KeyboardEvent} event */
function escaped(event) {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open], details.menu[open]")) return;
  if (document.querySelector("#toast .toast-card")) dismiss();
  else if (boxes().some((box) => box.checked)) all(false);
}

function dismiss() {
  const toast = document.getElementById("toast");
  if (!toast) return;
  if (toast.contains(document.activeElement)) document.getElementById("cards")?.focus();
  toast.replaceChildren();
}

/** A toast that says only good things goes after ten seconds, but never under the pointer or from under the keyboard. */
function fade() {
  const toast = document.getElementById("toast");
  const card = toast?.querySelector("[data-fades]");
  if (!toast || !(card instanceof HTMLElement)) return;
  const held = () => card.matches(":hover") || card.contains(document.activeElement);
  const look = () => {
    if (!card.isConnected) return;
    if (held()) window.setTimeout(look, 2000);
    else dismiss();
  };
  window.setTimeout(look, Number(card.dataset.fades) * 1000);
}

/** @param {Event} event */
function swapped(event) {
  const source = /** @type {CustomEvent} */ (event).detail?.ctx?.sourceElement;
  const bulk = source instanceof Element && (source.id === "bulk" || source.closest("#toast"));
  if (!bulk) {
    count();
    return;
  }
  all(false);
  document.getElementById("toast")?.focus(); // its buttons are the next that Tab reaches
  fade();
}

export function startSelect() {
  if (!document.getElementById("case-list")) return;
  document.addEventListener("click", clicked);
  document.addEventListener("pointerdown", pressing);
  document.addEventListener("pointermove", moving, { passive: true });
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => clearTimeout(press));
  document.addEventListener("contextmenu", (event) => pressed && event.preventDefault());
  document.addEventListener("keydown", escaped);
  document.addEventListener("htmx:after:swap", swapped);
  count();
  fade();
}
