// The thread: new messages never scroll the reader away; what was seen is handed to the composer.
import { tell } from "./presence.js";

const NEAR = 48; // pixels from the end that still count as the end

/** @returns {HTMLElement | null} */
const scroller = () => document.getElementById("scroller");

/** Counted from the end, because the scroller grows upwards.
 * @param {HTMLElement} element */
const atEnd = (element) => Math.abs(element.scrollTop) < NEAR;

/** @returns {string} the newest message of the person */
function newestInbound() {
  const all = document.querySelectorAll("#thread [data-message=in]");
  return all[all.length - 1]?.id ?? "";
}

/** Tell the composer which messages its writer has had before their eyes. */
export function markSeen() {
  const place = scroller();
  const thread = document.getElementById("thread");
  if (!place || !thread || document.hidden || !atEnd(place)) return;
  /** @type {Record<string, number>} */
  const seen = JSON.parse(thread.dataset.seen ?? "{}");
  for (const input of document.querySelectorAll("#reply input[name=to]")) {
    if (!(input instanceof HTMLInputElement)) continue;
    const conversation = input.value.split(":")[0];
    if (conversation in seen) input.value = `${conversation}:${seen[conversation]}`;
  }
}

/** How many messages of the person came while the reader was further up, until they reach the end. */
let missed = 0;

function scrolled() {
  const place = scroller();
  if (!place) return;
  if (atEnd(place)) {
    markSeen();
    if (missed > 0) tell(); // they are read now
    missed = 0;
  }
  showJump();
}

/** The way down: at once where something new waits there, else after half a screen. */
function showJump() {
  const jump = document.getElementById("jump");
  const place = scroller();
  const words = jump?.querySelector("span");
  if (!jump || !place || !words) return;
  const { none, one, many } = jump.dataset;
  words.textContent = (missed === 0 ? none : missed === 1 ? one : many)?.replace("{n}", String(missed)) ?? "";
  jump.classList.toggle("quiet", missed === 0);
  jump.hidden = atEnd(place) || (missed === 0 && Math.abs(place.scrollTop) < place.clientHeight / 2);
}

const inbound = () => document.querySelectorAll("#thread [data-message=in]").length;

function tellNews() {
  const pane = document.getElementById("main");
  const news = document.getElementById("news");
  if (news) news.textContent = `${pane?.dataset.news}: ${new Date().toLocaleTimeString(document.documentElement.lang)}`;
}

/** Opens at the message that a link leads to, else where the reader stopped, if that lies above the first screen; pictures
 * that load, or a row that is swapped in before the browser has found the link's message, must not push it away. */
function startWhereLed() {
  const go = () => {
    const place = scroller();
    const wanted = document.querySelector("#thread :target");
    const line = wanted ?? document.getElementById("new-since");
    if (!line || !place) return;
    const seen = place.getBoundingClientRect();
    const { top, bottom } = line.getBoundingClientRect();
    if (top < seen.top || (wanted && bottom > seen.bottom)) line.scrollIntoView({ block: wanted ? "center" : "start" });
  };
  go();
  const moved = new AbortController();
  document.addEventListener("load", go, { capture: true, signal: moved.signal });
  for (const hand of ["wheel", "touchstart", "pointerdown", "keydown"]) {
    document.addEventListener(hand, () => moved.abort(), { once: true, passive: true });
  }
}

/** The first message on screen: it stays where it is, whatever grows above or below it.
 * @param {HTMLElement} place */
function firstLine(place) {
  const edge = place.getBoundingClientRect().top;
  const lines = document.querySelectorAll("#thread > li[id]");
  const line = [...lines].find((each) => each.getBoundingClientRect().bottom > edge);
  return { line: line?.id ?? "", top: line?.getBoundingClientRect().top ?? 0 };
}

/** @param {HTMLElement} place
 * @param {{line: string, top: number}} before */
function holdLine(place, before) {
  const line = document.getElementById(before.line);
  if (line) place.scrollTop += line.getBoundingClientRect().top - before.top;
}

export function startThread() {
  if (!scroller()) return;
  document.querySelector("#case-list .card-link[aria-current=true]")?.scrollIntoView({ block: "nearest" });
  startWhereLed();
  const before = { line: "", top: 0, end: true, newest: newestInbound(), inbound: inbound() };
  document.addEventListener("htmx:before:swap", () => {
    const place = scroller();
    if (!place) return;
    Object.assign(before, { ...firstLine(place), end: atEnd(place) });
  });
  document.addEventListener("htmx:after:swap", () => {
    const place = scroller();
    if (!place) return;
    if (before.end) place.scrollTop = 0;
    else holdLine(place, before);
    const newest = newestInbound();
    if (newest !== before.newest) {
      before.newest = newest;
      tellNews();
      if (!before.end) missed += Math.max(1, inbound() - before.inbound);
    }
    before.inbound = inbound();
    markSeen();
    showJump();
  });
  document.addEventListener("scroll", scrolled, { capture: true, passive: true });
  document.addEventListener("visibilitychange", markSeen);
  document.body.addEventListener("sent", () => scroller()?.scrollTo({ top: 0 }));
  document.getElementById("jump")?.addEventListener("click", () => scroller()?.scrollTo({ top: 0 }));
}
