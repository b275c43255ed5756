// The thread: new messages never scroll the reader away; what was seen is handed to the composer.

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

function reachedEnd() {
  const jump = document.getElementById("jump");
  const place = scroller();
  if (!jump || !place || !atEnd(place)) return;
  jump.hidden = true;
  markSeen();
}

function tellNews() {
  const pane = document.getElementById("main");
  const news = document.getElementById("news");
  if (news) news.textContent = `${pane?.dataset.news}: ${new Date().toLocaleTimeString(document.documentElement.lang)}`;
}

export function startThread() {
  if (!scroller()) return;
  document.querySelector("#case-list .card-link[aria-current=true]")?.scrollIntoView({ block: "nearest" });
  const before = { height: 0, top: 0, end: true, newest: newestInbound() };
  document.addEventListener("htmx:before:swap", () => {
    const place = scroller();
    if (!place) return;
    Object.assign(before, { height: place.scrollHeight, top: place.scrollTop, end: atEnd(place) });
  });
  document.addEventListener("htmx:after:swap", () => {
    const place = scroller();
    if (!place) return;
    const grown = place.scrollHeight - before.height;
    if (grown) place.scrollTop = before.end ? 0 : before.top - grown;
    const newest = newestInbound();
    if (newest !== before.newest) {
      before.newest = newest;
      tellNews();
      const jump = document.getElementById("jump");
      if (jump && !before.end) jump.hidden = false;
    }
    markSeen();
  });
  document.addEventListener("scroll", reachedEnd, { capture: true, passive: true });
  document.addEventListener("visibilitychange", markSeen);
  document.body.addEventListener("sent", () => scroller()?.scrollTo({ top: 0 }));
  document.getElementById("jump")?.addEventListener("click", () => scroller()?.scrollTo({ top: 0 }));
}
