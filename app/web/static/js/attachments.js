// Files that come with an inserted text: each a chip that can be taken away, and a hidden field of the form.

const list = () => document.getElementById("ready-files");

/** @param {string[]} names */
export function attachReady(names) {
  const [place, made] = [list(), document.getElementById("ready-file")];
  if (!place || !(made instanceof HTMLTemplateElement)) return;
  const there = new Set(Array.from(place.querySelectorAll("input"), (each) => each.value));
  for (const name of names.filter((each) => !there.has(each))) {
    const chip = /** @type {DocumentFragment} */ (made.content.cloneNode(true));
    const [field, link] = [chip.querySelector("input"), chip.querySelector("a")];
    if (!field || !link) return;
    field.value = link.textContent = name;
    link.href = `/content-file/${encodeURIComponent(name)}`;
    place.append(chip);
  }
}

/** @param {MouseEvent} event */
function takeAway(event) {
  const button = event.target instanceof Element ? event.target.closest("[data-take-away]") : null;
  if (!button) return;
  button.closest("li")?.remove();
  document.getElementById("reply-text")?.focus();
}

export function startAttachments() {
  document.addEventListener("click", takeAway);
}
