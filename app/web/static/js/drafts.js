// Half-written replies and notes are kept on the server, a moment after the last key.

const PAUSE = 700; // milliseconds without a key

/** Words that the server has, by address and kind.
 * @type {Map<string, string>} */
const saved = new Map();
/** One after the other, so that an older text never overtakes a newer one.
 * @type {Promise<void>} */
let queue = Promise.resolve();
let timer = 0;
let failed = false;
let sending = false;

/** @returns {HTMLTextAreaElement[]} */
const fields = () => Array.from(document.querySelectorAll("textarea[data-draft]"));

/** @param {HTMLTextAreaElement} field */
const key = (field) => `${field.dataset.draft} ${field.dataset.kind}`;

/** What a machine has put into a field is no draft: it can say that again.
 * @param {HTMLTextAreaElement} field @param {string} text */
const byHand = (field, text) => (text === field.dataset.machine ? "" : text);

/** What the page came with: kept words, or none.
 * @param {HTMLTextAreaElement} field */
const known = (field) => saved.get(key(field)) ?? byHand(field, field.defaultValue);

const unsaved = () => fields().filter((field) => byHand(field, field.value) !== known(field));

/** @param {HTMLTextAreaElement} field */
async function save(field) {
  const text = byHand(field, field.value);
  const csrf = field.form?.elements.namedItem("csrf");
  if (!(csrf instanceof HTMLInputElement) || !field.dataset.draft) return;
  const body = new URLSearchParams({ csrf: csrf.value, kind: field.dataset.kind ?? "", text });
  if (field.dataset.madeFrom) body.set("made_from", field.dataset.madeFrom);
  const answer = await fetch(field.dataset.draft, { method: "POST", body, keepalive: true }).catch(() => null);
  failed = !answer?.ok;
  if (!failed) saved.set(key(field), text);
}

function saveAll() {
  clearTimeout(timer);
  for (const field of unsaved()) queue = queue.then(() => save(field));
}

function saveSoon() {
  clearTimeout(timer);
  timer = window.setTimeout(saveAll, PAUSE);
}

/** What is on its way while a reply is sent might be stored after it: say once more what stands there now. */
function afterSwap() {
  for (const field of fields()) if (!saved.has(key(field))) saved.set(key(field), byHand(field, field.defaultValue));
  saveSoon();
}

/** What can't be kept would be lost.
 * @param {BeforeUnloadEvent} event */
function leave(event) {
  if (unsaved().length === 0 || sending) return;
  saveAll();
  if (failed) event.preventDefault();
}

export function startDrafts() {
  document.addEventListener("input", (event) => {
    if (event.target instanceof HTMLTextAreaElement && event.target.dataset.draft) saveSoon();
  });
  document.addEventListener("submit", (event) => {
    // A form that the browser itself sends carries its words itself.
    sending = event.target instanceof HTMLFormElement && !event.target.hasAttribute("hx-post");
    clearTimeout(timer);
  });
  document.addEventListener("htmx:after:swap", afterSwap);
  document.addEventListener("visibilitychange", () => document.hidden && saveAll());
  window.addEventListener("beforeunload", leave);
}
