// The panel of a step: the keys go on in it when it opens, Escape closes it, and what is written there isn't left unsaved.

const panel = document.getElementById("panel");
const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-node-form]"));
let unsaved = Boolean(form?.hasAttribute("data-unsaved")); // an error brings back what was written

form?.addEventListener("input", () => {
  unsaved = true;
});
form?.addEventListener("submit", () => {
  unsaved = false;
});
window.addEventListener("beforeunload", (event) => {
  if (unsaved && form) event.preventDefault();
});
panel?.addEventListener("keydown", (event) => {
  const close = panel.querySelector("[data-close-panel]");
  if (event.key === "Escape" && close instanceof HTMLElement) close.click();
});
if (!location.hash) document.getElementById("panel-title")?.focus();
