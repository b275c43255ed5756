// The list: news never move a row under the pointer, the thumb or the keyboard; a button says how much waits.

const AFTER_TOUCH = 4000; // a thumb that just scrolled is about to tap
const AFTER_LEAVING = 300;
const LOOK_AGAIN = 30000; // who was here may have left without a word

let over = false;
let touchedAt = 0;
let asked = false; // the reader wants the news now
let timer = 0;

const list = () => document.getElementById("case-list");
const news = () => document.getElementById("list-news");

/** @returns {boolean} */
function held() {
  const place = list();
  if (!place || asked) return false;
  const focused = place.contains(document.activeElement) && document.activeElement !== news();
  const chosen = place.querySelector(".pick input:checked") !== null;
  return over || focused || chosen || Date.now() - touchedAt < AFTER_TOUCH;
}

/** What a reader would see change, per row.
 * @param {ParentNode} place @returns {Map<string, string>} */
function rows(place) {
  return new Map(Array.from(place.querySelectorAll(".card"), (row, at) => [row.id, `${at} ${row.getAttribute("data-state")}`]));
}

/** @param {string} html @returns {number} rows that are new, gone, moved by others, or changed */
function changes(html) {
  const fresh = rows(new DOMParser().parseFromString(html, "text/html"));
  const old = rows(list() ?? document);
  const ids = new Set([...fresh.keys(), ...old.keys()]);
  const state = (/** @type {string | undefined} */ row) => row?.slice(row.indexOf(" "));
  const changed = Array.from(ids).filter((id) => state(fresh.get(id)) !== state(old.get(id))).length;
  const moved = [...fresh.keys()].join() !== [...old.keys()].join();
  return changed || (moved ? 1 : 0);
}

/** @param {number} count */
function say(count) {
  const button = news();
  if (!button) return;
  button.hidden = count === 0;
  button.textContent = (count === 1 ? button.dataset.one : button.dataset.many)?.replace("{n}", String(count)) ?? "";
}

function apply() {
  asked = true;
  document.body.dispatchEvent(new CustomEvent("cases"));
}

function later(wait = AFTER_LEAVING) {
  clearTimeout(timer);
  timer = window.setTimeout(() => {
    if (held() || news()?.hidden !== false) return;
    apply();
  }, wait);
}

/** @param {Event} event */
function beforeSwap(event) {
  const context = /** @type {CustomEvent} */ (event).detail.ctx;
  const target = context.target;
  if (!(target instanceof Element) || target.id !== "case-list") return;
  if (context.sourceElement?.id === "case-list" && held()) {
    event.preventDefault();
    say(changes(context.text));
    return;
  }
  asked = false;
}

export function startLists() {
  if (!list()) return;
  document.addEventListener("htmx:before:swap", beforeSwap);
  document.addEventListener("pointerover", (event) => {
    const inside = event.target instanceof Element && list()?.contains(event.target) === true;
    const left = over && !inside;
    over = inside && event.pointerType === "mouse";
    if (left) later();
  });
  document.documentElement.addEventListener("pointerleave", () => {
    over = false;
    later();
  });
  document.addEventListener("touchstart", touched, { passive: true });
  document.addEventListener("touchmove", touched, { passive: true });
  document.addEventListener("focusout", () => later());
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("#list-news")) apply();
  });
  window.setInterval(() => {
    if (list()?.querySelector(".chip-here")) document.body.dispatchEvent(new CustomEvent("cases"));
  }, LOOK_AGAIN);
}

/** @param {Event} event */
function touched(event) {
  if (!(event.target instanceof Element) || !list()?.contains(event.target)) return;
  touchedAt = Date.now();
  later(AFTER_TOUCH + 100);
}
