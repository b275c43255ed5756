// A flow that was chosen in the picker: what the person would get is fetched and shown above the composer.

/** htmx sends the form, to the conversation and with the last message that the reply would go out with.
 * @param {string} slug */
export function lookAtFlow(slug) {
  const form = document.getElementById("flow-look");
  const reply = document.getElementById("reply");
  if (!(form instanceof HTMLFormElement) || !(reply instanceof HTMLFormElement)) return;
  const given = { flow: slug, to: String(new FormData(reply).get("to") ?? "") };
  for (const [name, value] of Object.entries(given)) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = value;
  }
  form.requestSubmit();
}

let open = false;

/** The panel has come: its heading is read, and the keys go on from there. It has gone: back to the reply. */
function swapped() {
  const panel = document.querySelector("#flow-start .flow-start");
  if (panel && !open) panel.querySelector("h2")?.focus();
  if (!panel && open) document.getElementById("reply-text")?.focus();
  open = panel !== null;
}

/** @param {MouseEvent} event */
function click(event) {
  if (!(event.target instanceof Element) || !event.target.closest("#flow-off")) return;
  document.getElementById("flow-start")?.replaceChildren();
  swapped();
}

export function startFlows() {
  document.addEventListener("htmx:after:swap", swapped);
  document.addEventListener("click", click);
}
