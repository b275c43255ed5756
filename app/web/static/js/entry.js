// The editor's long forms: counts characters while one writes, and asks before leaving what is not saved.

/** @param {Element} meter */
function count(meter) {
  if (!(meter instanceof HTMLElement)) return;
  const field = document.getElementById(meter.dataset.counts ?? "");
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return;
  const length = [...field.value.trim()].length;
  const number = meter.firstElementChild;
  if (number) number.textContent = String(length);
  meter.classList.toggle("bad", length > Number(meter.dataset.most));
}

/** Choices of what to look at are no change of the text. @param {EventTarget | null} target */
function writes(target) {
  const name = target instanceof Element ? target.getAttribute("name") : null;
  return Boolean(name) && !/^(show|one|p_.*|go_place)$/.test(name ?? "");
}

const form = document.querySelector("form.entry-form");
let unsaved = form instanceof HTMLElement && "unsaved" in form.dataset;

function tell() {
  const says = document.getElementById("unsaved");
  if (says) says.hidden = !unsaved;
}

form?.addEventListener("input", (event) => {
  const field = event.target;
  if (!(field instanceof HTMLElement)) return;
  document.querySelectorAll(`[data-counts="${CSS.escape(field.id)}"]`).forEach(count);
  unsaved ||= writes(field);
  tell();
});
form?.addEventListener("submit", () => {
  unsaved = false;
});
window.addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
tell();
