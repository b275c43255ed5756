// The person: a panel beside the thread on a wide screen, else a drawer over it; services go from there into the answer.

const WIDE = window.matchMedia("(min-width: 1200px)");

const side = () => document.getElementById("person-side");

/** Ask htmx for the panel; only its first placeholder listens. */
const load = () => document.body.dispatchEvent(new CustomEvent("person"));

/** @param {MouseEvent} event */
function open(event) {
  const place = side();
  if (!place || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  load();
  if (!WIDE.matches) place.showPopover();
  place.focus();
}

function close() {
  const place = side();
  if (place?.matches(":popover-open")) place.hidePopover();
}

/** Below what stands in the answer already.
 * @param {string} words */
function insert(words) {
  const field = document.getElementById("reply-text");
  if (!(field instanceof HTMLTextAreaElement)) return;
  field.value = [field.value.trimEnd(), words].filter(Boolean).join("\n\n");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  close();
  field.focus();
}

/** News that were asked for before an address was shown must not take it away: it is shown once.
 * @param {Event} event */
function keepShown(event) {
  const context = /** @type {CustomEvent} */ (event).detail.ctx;
  if (context.sourceElement?.id === "person-live" && document.querySelector("#person .revealed")) event.preventDefault();
}

export function startPerson() {
  if (!side()) return;
  document.addEventListener("htmx:before:swap", keepShown);
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    if (event.target.closest("[data-person]")) open(event);
    if (event.target.closest("[data-close-person]")) close();
    const words = event.target.closest("[data-insert]")?.getAttribute("data-insert");
    if (words) insert(words);
  });
  WIDE.addEventListener("change", () => {
    close();
    if (WIDE.matches) load();
  });
  // htmx, whose script ran before this one, looks at the page in a timer of its own: this one comes next.
  setTimeout(() => WIDE.matches && load());
}
