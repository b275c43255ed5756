// The flow editor's picture: zoom, moving it by dragging, arrow keys from step to step; and small help in the panel's form.
// Without it the picture scrolls, its boxes are links, and every deed is a button of a form.

const STEP = 1.25;
const SMALLEST = 0.12;
const LARGEST = 2;

const root = () => /** @type {HTMLElement | null} */ (document.querySelector("[data-flow]"));
const canvas = () => /** @type {HTMLElement | null} */ (document.querySelector(".flow-canvas"));
const picture = () => /** @type {SVGSVGElement | null} */ (document.querySelector(".flow-canvas svg"));
const place = () => `flow:${root()?.dataset.flow}`;

/** @param {string} name @returns {SVGAElement | null} */
const box = (name) => document.querySelector(`.box[data-node="${CSS.escape(name)}"]`);

let scale = 1;

/** @param {number} wanted @param {number} [x] what stays where it is, in the window of the picture @param {number} [y] */
function zoom(wanted, x, y) {
  const around = canvas();
  const svg = picture();
  if (!around || !svg) return;
  const next = Math.min(LARGEST, Math.max(SMALLEST, wanted));
  const [left, top] = [x ?? around.clientWidth / 2, y ?? around.clientHeight / 2];
  const [over, under] = [(around.scrollLeft + left) / scale, (around.scrollTop + top) / scale];
  scale = next;
  svg.setAttribute("width", String(svg.viewBox.baseVal.width * scale));
  svg.setAttribute("height", String(svg.viewBox.baseVal.height * scale));
  around.scrollTo(over * scale - left, under * scale - top);
  remember();
}

function fit() {
  const around = canvas();
  const size = picture()?.viewBox.baseVal;
  if (around && size) zoom(Math.min(around.clientWidth / size.width, around.clientHeight / size.height, 1), 0, 0);
}

function remember() {
  const around = canvas();
  if (!around) return;
  const middle = around.scrollLeft + around.clientWidth / 2; // an open panel makes the window narrower
  sessionStorage.setItem(place(), JSON.stringify([scale, middle, around.scrollTop]));
}

/** As it was before the page was loaded anew; the step that is open stands in view. */
function restore() {
  const around = canvas();
  const kept = JSON.parse(sessionStorage.getItem(place()) ?? "null");
  if (around && Array.isArray(kept)) {
    zoom(kept[0]);
    around.scrollTo(kept[1] - around.clientWidth / 2, kept[2]);
  } else {
    const width = picture()?.viewBox.baseVal.width ?? 0;
    zoom(Math.max(0.8, Math.min(1, (around?.clientWidth ?? 0) / width)), 0, 0);
    around?.scrollTo((around.scrollWidth - around.clientWidth) / 2, 0);
  }
  show(document.querySelector(".box.selected") ?? (kept ? null : document.querySelector(".box")));
}

/** @param {Element | null} found */
function show(found) {
  const around = canvas();
  if (!around || !found) return;
  const [outer, inner] = [around.getBoundingClientRect(), found.getBoundingClientRect()];
  if (inner.left >= outer.left && inner.right <= outer.right && inner.top >= outer.top && inner.bottom <= outer.bottom) return;
  const x = around.scrollLeft + inner.left - outer.left - (outer.width - inner.width) / 2;
  const y = around.scrollTop + inner.top - outer.top - (outer.height - inner.height) / 2;
  around.scrollTo(x, y);
}

/** @param {Element} found */
function focus(found) {
  if (!(found instanceof SVGElement)) return;
  found.focus({ preventScroll: true });
  show(found);
}

/** Down: along the first arrow; up: back; left and right: what stands beside it; the page keys: the row above or below, so
 * that no step is out of reach.
 * @param {SVGElement} from @param {string} key @returns {Element | null} */
function neighbour(from, key) {
  const names = (key === "ArrowDown" ? from.dataset.follows : from.dataset.before) ?? "";
  if (key === "ArrowDown" || key === "ArrowUp") return box(names.split(" ")[0] ?? "");
  const all = [...document.querySelectorAll(".box")].sort((a, b) => top(a) - top(b) || left(a) - left(b));
  const row = all.filter((each) => top(each) === top(from));
  if (key === "PageDown") return all[all.indexOf(row[row.length - 1]) + 1] ?? null;
  if (key === "PageUp") return all[all.indexOf(row[0]) - 1] ?? null;
  return row[row.indexOf(from) + (key === "ArrowRight" ? 1 : -1)] ?? null;
}

/** The Tab key comes to one box, the one that had the keys last, and not to all of them on its way to what follows.
 * @param {Element | null} reached */
function only(reached) {
  document.querySelectorAll(".box").forEach((each) => each.setAttribute("tabindex", each === reached ? "0" : "-1"));
}

/** @param {Element} found */
const top = (found) => Number(found.querySelector(".frame")?.getAttribute("y"));
/** @param {Element} found */
const left = (found) => Number(found.querySelector(".frame")?.getAttribute("x"));

/** @param {SVGElement} found */
function askDelete(found) {
  const dialog = document.querySelector("dialog.flow-ask");
  const field = dialog?.querySelector("[name=node]");
  const words = dialog?.querySelector(".flow-ask-words");
  if (!(dialog instanceof HTMLDialogElement) || !(field instanceof HTMLInputElement) || !words) return;
  field.value = found.dataset.node ?? "";
  words.textContent = found.getAttribute("aria-label");
  dialog.showModal();
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = event.target instanceof Element ? event.target : null;
  if (!target || target.closest("input, textarea, select, dialog")) return;
  const letter = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && (letter === "z" || letter === "y")) {
    const button = document.querySelector(`[data-key=${letter === "y" || event.shiftKey ? "redo" : "undo"}]`);
    event.preventDefault();
    if (button instanceof HTMLButtonElement && !button.disabled) button.click();
    return;
  }
  const found = target.closest(".box");
  if (!(found instanceof SVGElement) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Delete") return askDelete(found);
  if (!/^(Arrow|Page)/.test(event.key)) return;
  event.preventDefault();
  const next = neighbour(found, event.key);
  if (next) focus(next);
}

/** Moving the picture with the mouse. A click on a box stays a click.
 * @param {HTMLElement} around */
function pan(around) {
  /** @type {{x: number, y: number, left: number, top: number} | null} */
  let from = null;
  around.classList.add("can-pan");
  around.addEventListener("pointerdown", (event) => {
    const onBox = event.target instanceof Element && event.target.closest(".box");
    if (event.button === 0 && event.pointerType === "mouse" && !onBox) {
      from = { x: event.clientX, y: event.clientY, left: around.scrollLeft, top: around.scrollTop };
    }
  });
  addEventListener("pointermove", (event) => {
    if (!from) return;
    around.classList.add("is-panning");
    around.scrollTo(from.left + from.x - event.clientX, from.top + from.y - event.clientY);
  });
  addEventListener("pointerup", () => {
    from = null;
    around.classList.remove("is-panning");
  });
  around.addEventListener("scroll", remember, { passive: true });
  around.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      const at = around.getBoundingClientRect();
      zoom(scale * (event.deltaY < 0 ? STEP : 1 / STEP), event.clientX - at.left, event.clientY - at.top);
    },
    { passive: false },
  );
}

/** How many letters a text has left, once it comes near its end.
 * @param {HTMLInputElement | HTMLTextAreaElement} field */
function measure(field) {
  const most = Number(field.dataset.limit);
  const letters = [...field.value].length;
  const near = letters > most * 0.8;
  let words = field.nextElementSibling;
  if (!words && near) {
    words = document.createElement("span");
    words.className = "left-over";
    field.after(words);
  }
  field.classList.toggle("too-long", letters > most);
  if (words) words.textContent = near ? `${letters} / ${most}` : "";
}

/** @param {HTMLElement} around */
function start(around) {
  const buttons = document.querySelector(".flow-zoom");
  if (buttons instanceof HTMLElement) buttons.hidden = false;
  buttons?.addEventListener("click", (event) => {
    const wanted = event.target instanceof Element ? event.target.closest("[data-zoom]") : null;
    if (!(wanted instanceof HTMLElement)) return;
    if (wanted.dataset.zoom === "fit") fit();
    else zoom(scale * (wanted.dataset.zoom === "in" ? STEP : 1 / STEP));
  });
  if (around.clientWidth) restore();
  pan(around);
  only(document.querySelector(".box.selected") ?? document.querySelector(".box"));
  around.addEventListener("focusin", (event) => {
    if (event.target instanceof Element && event.target.matches(".box")) only(event.target);
  });
}

document.addEventListener("keydown", onKey);
document.addEventListener("click", (event) => {
  const closing = event.target instanceof Element ? event.target.closest("dialog [data-close]") : null;
  closing?.closest("dialog")?.close();
});
// What is tried out stands below the picture: who asked for it is taken there.
document.addEventListener("htmx:after:swap", () => {
  const tried = document.getElementById("try-here");
  if (!tried?.firstElementChild || tried.dataset.shown) return;
  tried.dataset.shown = "yes";
  tried.tabIndex = -1;
  tried.focus();
  tried.scrollIntoView({ block: "start" });
});
for (const field of document.querySelectorAll("[data-limit]")) {
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) continue;
  measure(field);
  field.addEventListener("input", () => measure(field));
}
const around = canvas();
if (around) start(around);
