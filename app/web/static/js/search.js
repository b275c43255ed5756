// Searches are POST, so that words stand in no address; and pages are never cached. What was searched for is kept in the
// browser's history entry, so that "back" from a case finds its results again.

const PATHS = ["/inbox/search", "/editor/search"];
const PAUSE = 250; // milliseconds without a key before a form that answers as one types is sent
const SHORTEST = 2; // letters

let timer = 0;

/** @param {HTMLFormElement} form @returns {Record<string, string>} */
function fields(form) {
  const data = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form)));
  delete data.csrf;
  return data;
}

/** @param {SubmitEvent} event */
function submitted(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  const path = form.getAttribute("action") ?? "";
  if (!PATHS.includes(path) || form.hasAttribute("data-more")) return;
  clearTimeout(timer);
  if (form.id === "search") {
    const before = form.elements.namedItem("before");
    if (event.submitter && before instanceof HTMLInputElement) before.value = "";
    history.replaceState({ ...history.state, search: fields(form) }, "");
    return;
  }
  event.preventDefault();
  const search = fields(form);
  history.pushState({ search }, "", search.case ? `${path}?case=${search.case}` : path);
  location.reload();
}

/** A form with `data-typed` answers as one types. @param {Event} event */
function typed(event) {
  const field = event.target;
  if (!(field instanceof HTMLInputElement) || !field.form?.hasAttribute("data-typed")) return;
  clearTimeout(timer);
  const { form } = field;
  if (field.value.trim().length >= SHORTEST) timer = window.setTimeout(() => form.requestSubmit(), PAUSE);
}

function restore() {
  const form = document.getElementById("search");
  const search = history.state?.search;
  if (!(form instanceof HTMLFormElement) || !search) return;
  for (const [name, value] of Object.entries(search)) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement && field.type === "checkbox") field.checked = true;
    else if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = value;
  }
  form.requestSubmit();
}

/** The place in the thread that a hit led to. */
function jump() {
  document.querySelector(".message:target, .note:target")?.scrollIntoView({ block: "center" });
}

export function startSearch() {
  document.addEventListener("submit", submitted, { capture: true });
  document.addEventListener("input", typed);
  window.addEventListener("load", () => window.setTimeout(jump));
  window.setTimeout(restore); // htmx has taken the form over by then
}
