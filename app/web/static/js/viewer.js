// Pictures of the thread in full: zoom by button, wheel, pinch, double tap and key; turned for all colleagues; one after
// the other. Without it the links open the files.

const STEP = 1.4;
const LARGEST = 8;
const DOUBLE = 300; // milliseconds between the taps of a double tap
const SWIPE = 60; // pixels
const NUDGE = 80;

/** @type {HTMLAnchorElement[]} */
let pictures = [];
let at = 0;
let scale = 1;
let turn = 0; // quarter turns, on the way also below 0 or above 3, so that it turns the short way
let x = 0;
let y = 0;
/** Pointers that are down.
 * @type {Map<number, { x: number, y: number }>} */
const down = new Map();
let moved = 0;
let pinched = false;
let lastTap = 0;
/** One after the other, so that the last turn is the one that stays.
 * @type {Promise<void>} */
let queue = Promise.resolve();

/** @returns {HTMLDialogElement | null} */
const dialog = () => document.querySelector("dialog#viewer");
/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(`viewer-${id}`));
const picture = () => /** @type {HTMLImageElement} */ (part("picture"));
const isOpen = () => Boolean(dialog()?.open);

function gather() {
  pictures = Array.from(document.querySelectorAll("#thread a[data-picture]"));
}

/** Size and place of the picture on its stage. */
function draw() {
  const image = picture();
  const stage = part("stage").getBoundingClientRect();
  const lies = turn % 2 !== 0;
  const [wide, high] = lies ? [image.naturalHeight, image.naturalWidth] : [image.naturalWidth, image.naturalHeight];
  if (!wide || !high) return;
  const fits = Math.min(stage.width / wide, stage.height / high, 4);
  const spareX = Math.max(0, (wide * fits * scale - stage.width) / 2);
  const spareY = Math.max(0, (high * fits * scale - stage.height) / 2);
  x = Math.min(spareX, Math.max(-spareX, x));
  y = Math.min(spareY, Math.max(-spareY, y));
  image.style.width = `${image.naturalWidth * fits}px`;
  image.style.height = `${image.naturalHeight * fits}px`;
  image.style.transform = `translate(${x}px, ${y}px) rotate(${turn * 90}deg) scale(${scale})`;
  part("stage").classList.toggle("zoomed", scale > 1);
}

/** @param {string} words */
const tell = (words) => (part("news").textContent = words);

function tellState() {
  const degrees = (((turn % 4) + 4) % 4) * 90;
  const words = dialog()?.dataset.state ?? "";
  tell(words.replace("{percent}", String(Math.round(scale * 100))).replace("{degrees}", String(degrees)));
}

/** @param {number} number */
function show(number) {
  at = Math.max(0, Math.min(pictures.length - 1, number));
  const link = pictures[at];
  const image = picture();
  [scale, x, y, turn] = [1, 0, 0, Number(link.dataset.turn)];
  image.removeAttribute("style");
  image.src = link.href;
  const file = part("file");
  if (file instanceof HTMLAnchorElement) file.href = link.href;
  const where = dialog()?.dataset.where ?? "";
  part("where").textContent = where.replace("{n}", String(at + 1)).replace("{all}", String(pictures.length));
  tell(part("where").textContent ?? "");
  for (const [name, ends] of Object.entries({ previous: at === 0, next: at === pictures.length - 1 })) {
    dialog()?.querySelector(`[data-do=${name}]`)?.setAttribute("aria-disabled", String(ends));
  }
}

/** Around a point of the stage, counted from its middle.
 * @param {number} wanted
 * @param {number} [aroundX]
 * @param {number} [aroundY] */
function zoom(wanted, aroundX = 0, aroundY = 0) {
  const next = Math.min(LARGEST, Math.max(1, wanted));
  x = aroundX - ((aroundX - x) * next) / scale;
  y = aroundY - ((aroundY - y) * next) / scale;
  scale = next;
  draw();
}

/** @param {number} by */
function rotate(by) {
  turn += by;
  [x, y] = [0, 0];
  draw();
  const link = pictures[at];
  const kept = String(((turn % 4) + 4) % 4);
  link.dataset.turn = kept;
  queue = queue.then(() => keep(link.dataset.picture ?? "", kept));
}

/** @param {string} id
 * @param {string} kept */
async function keep(id, kept) {
  const headers = { "X-CSRF-Token": dialog()?.dataset.csrf ?? "", "HX-Request": "true" };
  const body = new URLSearchParams({ turn: kept });
  const answer = await fetch(`/media-file/${id}/turn`, { method: "POST", headers, body }).catch(() => null);
  if (!answer?.ok) tell(dialog()?.dataset.failed ?? "");
}

/** @type {Record<string, () => void>} */
const TOOLS = {
  close: () => dialog()?.close(),
  previous: () => show(at - 1),
  next: () => show(at + 1),
  in: () => zoom(scale * STEP),
  out: () => zoom(scale / STEP),
  fit: () => zoom(1),
  left: () => rotate(-1),
  right: () => rotate(1),
};

/** @param {string} name */
function use(name) {
  TOOLS[name]();
  if (["in", "out", "fit", "left", "right"].includes(name)) tellState();
}

/** Arrows move a zoomed picture, else they lead to the next one.
 * @param {string} key */
function arrow(key) {
  if (scale === 1) return key === "ArrowLeft" ? use("previous") : key === "ArrowRight" ? use("next") : undefined;
  if (key === "ArrowLeft" || key === "ArrowRight") x += key === "ArrowLeft" ? NUDGE : -NUDGE;
  else y += key === "ArrowUp" ? NUDGE : -NUDGE;
  return draw();
}

/** @type {Record<string, string>} */
const KEYS = { "+": "in", "=": "in", "-": "out", 0: "fit", r: "right", l: "left", PageUp: "previous", PageDown: "next" };

/** The keys are the viewer's while it is open.
 * @param {KeyboardEvent} event */
function press(event) {
  event.stopPropagation();
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key.startsWith("Arrow")) arrow(event.key);
  else if (event.key in KEYS) use(KEYS[event.key]);
  else return;
  event.preventDefault();
}

/** From the middle of the stage.
 * @param {{ x: number, y: number }} point
 * @returns {[number, number]} */
function fromMiddle(point) {
  const stage = part("stage").getBoundingClientRect();
  return [point.x - stage.left - stage.width / 2, point.y - stage.top - stage.height / 2];
}

/** @param {PointerEvent} event */
function touch(event) {
  part("stage").setPointerCapture(event.pointerId);
  if (down.size === 0) [moved, pinched] = [0, false];
  down.set(event.pointerId, { x: event.clientX, y: event.clientY });
}

/** @param {PointerEvent} event */
function drag(event) {
  const before = down.get(event.pointerId);
  if (!before) return;
  const now = { x: event.clientX, y: event.clientY };
  const other = Array.from(down).find(([id]) => id !== event.pointerId)?.[1];
  if (other) {
    pinched = true;
    const apart = Math.hypot(before.x - other.x, before.y - other.y) || 1;
    const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
    zoom((scale * Math.hypot(now.x - other.x, now.y - other.y)) / apart, ...fromMiddle(middle));
  } else {
    moved += now.x - before.x;
    if (scale > 1) {
      x += now.x - before.x;
      y += now.y - before.y;
      draw();
    }
  }
  down.set(event.pointerId, now);
}

/** @param {PointerEvent} event */
function lift(event) {
  if (!down.delete(event.pointerId) || down.size || pinched) return;
  if (scale === 1 && Math.abs(moved) > SWIPE) return use(moved > 0 ? "previous" : "next");
  if (Math.abs(moved) > 8) return undefined;
  const double = event.timeStamp - lastTap < DOUBLE;
  lastTap = double ? 0 : event.timeStamp;
  return double ? zoom(scale > 1 ? 1 : 2.5, ...fromMiddle({ x: event.clientX, y: event.clientY })) : undefined;
}

/** @param {MouseEvent} event */
function open(event) {
  const link = event.target instanceof Element ? event.target.closest("a[data-picture]") : null;
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  gather();
  dialog()?.showModal();
  show(pictures.findIndex((each) => each === link));
}

/** The thread went on: pictures may have come, and a colleague may have turned this one. */
function refresh() {
  if (!isOpen()) return;
  const shown = pictures[at]?.dataset.picture;
  gather();
  const found = pictures.findIndex((each) => each.dataset.picture === shown);
  if (found < 0) return dialog()?.close();
  at = found;
  if ((((turn % 4) + 4) % 4) === Number(pictures[at].dataset.turn)) return undefined;
  turn = Number(pictures[at].dataset.turn);
  return draw();
}

export function startViewer() {
  const box = dialog();
  if (!box) return;
  const stage = part("stage");
  document.addEventListener("click", open);
  document.addEventListener("htmx:after:swap", refresh);
  window.addEventListener("resize", () => isOpen() && draw());
  picture().addEventListener("load", draw);
  box.addEventListener("keydown", press);
  box.addEventListener("click", (event) => {
    const tool = event.target instanceof Element ? event.target.closest("[data-do]") : null;
    if (tool instanceof HTMLElement) use(tool.dataset.do ?? "");
  });
  box.addEventListener("close", () => picture().removeAttribute("src"));
  stage.addEventListener("pointerdown", touch);
  stage.addEventListener("pointermove", drag);
  stage.addEventListener("pointerup", lift);
  stage.addEventListener("pointercancel", (event) => down.delete(event.pointerId));
  stage.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      zoom(scale * Math.exp(-event.deltaY / 400), ...fromMiddle({ x: event.clientX, y: event.clientY }));
    },
    { passive: false },
  );
}
