// Writing German: what the person gets is shown below the box a moment after the last key, and may be changed there.
// Nothing here holds up typing or sending: what isn't there yet is made by the server when the reply is sent.

const PAUSE = 600; // milliseconds without a key

let timer = 0;
let checking = 0;
/** German that could not be translated: asked for again when somebody types, not whenever a part of the page is new.
 * @type {string | null} */
let refused = null;
/** @type {AbortController | undefined} */
let asking;

/** @param {string} id */
const input = (id) => /** @type {HTMLInputElement | null} */ (document.getElementById(id));
const place = () => document.getElementById("translating");
const german = () => /** @type {HTMLTextAreaElement | null} */ (document.getElementById("reply-text"));
const field = () => /** @type {HTMLTextAreaElement | null} */ (document.getElementById("translation"));

/** As the server compares: forms send line breaks their own way.
 * @param {string} text */
const plain = (text) => text.replaceAll("\r\n", "\n").trim();

export const writesGerman = () => input("translate")?.checked === true;

const edited = () => plain(field()?.value ?? "") !== "" && plain(field()?.value ?? "") !== plain(input("translation-machine")?.value ?? "");

/** @param {string} id @param {boolean} shown */
function show(id, shown) {
  const part = document.getElementById(id);
  if (part) part.hidden = !shown;
}

/** @param {string} path @param {Record<string, string>} values @param {AbortSignal} [signal] */
async function post(path, values, signal) {
  const form = document.getElementById("reply");
  const url = place()?.dataset.url;
  if (!(form instanceof HTMLFormElement) || !url) return null;
  const given = new FormData(form);
  const body = new URLSearchParams(values);
  for (const name of ["csrf", "to"]) body.set(name, String(given.get(name) ?? ""));
  const answer = await fetch(url + path, { method: "POST", body, headers: { "HX-Request": "true" }, signal }).catch(() => null);
  return answer?.ok ? answer.text() : null;
}

async function translate() {
  const text = german()?.value ?? "";
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  show("preview-wait", true);
  const found = await post("", { text }, mine.signal);
  if (mine.signal.aborted) return;
  show("preview-wait", false);
  // Somebody may have gone on meanwhile: another preview is on its way then, or they took it into their own hands.
  if (found === null || german()?.value !== text || edited() || !writesGerman()) return;
  put(text, found);
}

/** The field stays, with whoever is in it. @param {string} text @param {string} html */
function put(text, html) {
  const made = new DOMParser().parseFromString(html, "text/html").getElementById("translated");
  const [box, notes, failed] = [field(), document.getElementById("preview-notes"), document.getElementById("preview-failed")];
  if (!made || !box || !notes || !failed) return;
  const words = made.querySelector(".translated-text")?.textContent;
  const known = made.querySelector(".translated-notes");
  failed.replaceChildren(...(known ? [] : made.children));
  refused = known ? null : text;
  stand(words ?? "", known ? text : "");
  notes.replaceChildren(...(known?.children ?? []));
  const [untouched, language, name] = [input("translation-untouched"), input("translation-language"), document.getElementById("translate-name")];
  if (untouched) untouched.value = made.dataset.untouched ?? "0";
  if (language) language.value = made.dataset.language ?? "";
  if (name) name.textContent = made.dataset.name ?? "";
  box.lang = made.dataset.language ?? "";
  show("preview", words !== undefined);
  box.dispatchEvent(new Event("change", { bubbles: true })); // its length and price
}

/** The machine's words for this German stand in the field. @param {string} words @param {string} text */
function stand(words, text) {
  const [box, machine, from] = [field(), input("translation-machine"), input("translation-made-from")];
  if (!box || !machine || !from) return;
  box.value = words;
  box.dataset.machine = words;
  box.dataset.madeFrom = text;
  machine.value = words;
  from.value = text;
  document.getElementById("said-back")?.replaceChildren();
  show("preview-stale", false);
}

/** What the two fields ask for now. */
function look() {
  const [text, box] = [german()?.value ?? "", field()];
  clearTimeout(timer);
  if (!box) return;
  if (!writesGerman()) {
    asking?.abort();
    for (const id of ["preview", "preview-wait"]) show(id, false);
    document.getElementById("preview-failed")?.replaceChildren();
    return;
  }
  if (edited()) {
    show("preview", true);
    show("preview-stale", plain(input("translation-made-from")?.value ?? "") !== plain(text));
    return;
  }
  if (plain(text) === "") {
    asking?.abort();
    stand("", "");
    for (const id of ["preview", "preview-wait"]) show(id, false);
    return;
  }
  if (text === refused) return;
  if (plain(input("translation-made-from")?.value ?? "") !== plain(text)) timer = window.setTimeout(translate, PAUSE);
  else show("preview", plain(box.value) !== "");
}

function changedByHand() {
  if (!edited()) {
    look();
    return;
  }
  asking?.abort();
  show("preview-wait", false);
  document.getElementById("said-back")?.replaceChildren();
  checkSoon();
}

function checkSoon() {
  clearTimeout(checking);
  checking = window.setTimeout(check, PAUSE);
}

async function check() {
  if (!edited()) return; // translated anew meanwhile
  const translation = field()?.value ?? "";
  const found = await post("/check", { text: german()?.value ?? "", translation });
  const notes = document.getElementById("preview-notes");
  if (found === null || !notes || field()?.value !== translation || !edited()) return;
  notes.replaceChildren(...new DOMParser().parseFromString(found, "text/html").body.children);
  field()?.dispatchEvent(new Event("change", { bubbles: true }));
}

async function sayBack() {
  const translation = field()?.value ?? "";
  const found = await post("/back", { translation });
  const back = document.getElementById("said-back");
  if (found === null || !back || field()?.value !== translation) return;
  back.replaceChildren(...new DOMParser().parseFromString(found, "text/html").body.children);
}

/** @param {MouseEvent} event */
function click(event) {
  if (!(event.target instanceof Element)) return;
  if (event.target.closest("#translation-back")) sayBack();
  else if (event.target.closest("#translate-anew")) {
    event.preventDefault();
    stand("", "");
    translate();
  }
}

/** @param {Event} event */
function changed(event) {
  if (!(event.target instanceof HTMLInputElement)) return;
  if (event.target.id === "translate") {
    post("/choice", writesGerman() ? { translate: "1" } : {});
    look();
    event.target.form?.dispatchEvent(new Event("change", { bubbles: true }));
  } else if (event.target.name === "to" && !edited()) {
    stand("", "");
    look();
  }
}

export function startTranslating() {
  document.addEventListener("input", (event) => {
    if (event.target === german()) {
      refused = null;
      look();
      if (edited()) checkSoon();
    } else if (event.target === field()) changedByHand();
  });
  document.addEventListener("change", changed);
  document.addEventListener("click", click);
  document.addEventListener("htmx:after:swap", () => look());
  look();
}
