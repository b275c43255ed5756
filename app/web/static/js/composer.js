// The composer: Ctrl+Enter sends, chosen files are named.

/** @param {KeyboardEvent} event */
function sendByKey(event) {
  const field = event.target;
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !(field instanceof HTMLTextAreaElement)) return;
  event.preventDefault();
  field.form?.requestSubmit();
}

/** @param {Event} event */
function nameFiles(event) {
  const input = event.target;
  const place = document.getElementById("attached");
  if (!(input instanceof HTMLInputElement) || input.id !== "files" || !place) return;
  place.textContent = Array.from(input.files ?? [], (file) => file.name).join(", ");
}

export function startComposer() {
  document.addEventListener("keydown", sendByKey);
  document.addEventListener("change", nameFiles);
}
