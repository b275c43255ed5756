// Internal notes: "@" offers the colleagues who may see the case; the name stays readable text.

const BEGUN = /(?:^|[^\p{L}\p{N}_])@([\p{L}'-]{0,30}(?: [\p{L}'-]{0,30})?)$/u;

const field = () => /** @type {HTMLTextAreaElement | null} */ (document.getElementById("note-text"));
const list = () => document.getElementById("mention-list");

/** @returns {HTMLElement[]} */
const offered = () => Array.from(document.querySelectorAll("#mention-list [role=option]:not([hidden])"));

/** @param {HTMLTextAreaElement} note */
const begun = (note) => BEGUN.exec(note.value.slice(0, note.selectionStart))?.[1];

/** @param {boolean} shown */
function show(shown) {
  const place = list();
  if (!place) return;
  place.hidden = !shown;
  if (!shown) field()?.removeAttribute("aria-activedescendant");
}

/** @param {number} number */
function choose(number) {
  const all = offered();
  const at = (number + all.length) % all.length;
  all.forEach((each, index) => each.setAttribute("aria-selected", String(index === at)));
  all[at]?.scrollIntoView({ block: "nearest" });
  field()?.setAttribute("aria-activedescendant", all[at]?.id ?? "");
}

function offer() {
  const note = field();
  const wanted = note ? begun(note)?.toLowerCase() : undefined;
  if (wanted === undefined) return show(false);
  for (const each of document.querySelectorAll("#mention-list [role=option]")) {
    if (!(each instanceof HTMLElement)) continue;
    const name = (each.dataset.name ?? "").toLowerCase();
    each.hidden = !name.startsWith(wanted) && !name.includes(` ${wanted}`);
  }
  show(offered().length > 0);
  if (offered().length) choose(0);
}

/** @param {HTMLElement | undefined} option */
function insert(option) {
  const note = field();
  if (!note || !option) return;
  const start = note.selectionStart - (begun(note) ?? "").length;
  note.setRangeText(`${option.dataset.name} `, start, note.selectionStart, "end");
  show(false);
  note.focus();
  note.dispatchEvent(new Event("input", { bubbles: true }));
  show(false);
}

/** @param {KeyboardEvent} event */
function keys(event) {
  if (event.target !== field() || list()?.hidden !== false || event.isComposing) return;
  const at = offered().findIndex((each) => each.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown") choose(at + 1);
  else if (event.key === "ArrowUp") choose(at - 1);
  else if ((event.key === "Enter" && !event.ctrlKey) || event.key === "Tab") insert(offered()[at]);
  else if (event.key === "Escape") show(false);
  else return;
  event.preventDefault();
}

export function startMentions() {
  document.addEventListener("keydown", keys);
  document.addEventListener("input", (event) => {
    if (event.target === field()) offer();
  });
  document.addEventListener("click", (event) => {
    const option = event.target instanceof Element ? event.target.closest("#mention-list [role=option]") : null;
    if (option instanceof HTMLElement) insert(option);
    else show(false);
  });
}
