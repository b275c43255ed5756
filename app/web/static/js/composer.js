// The composer: Ctrl+Enter sends, or Enter for who chose so (Shift+Enter is then a new line); chosen files are named,
// what is opened is shown.

/** @param {KeyboardEvent} event */
function sendByKey(event) {
  const field = event.target;
  if (event.key !== "Enter" || event.isComposing || !(field instanceof HTMLTextAreaElement)) return;
  const alone = "enterSends" in document.body.dataset && field.id === "reply-text" && !event.shiftKey;
  if (!(event.ctrlKey || event.metaKey || alone)) return;
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

/** What opens below the words is shown whole: the composer may be longer than its room.
 * @param {Event} event */
function showOpened(event) {
  const opened = event.target;
  if (opened instanceof HTMLDetailsElement && opened.open && opened.closest("#composer")) {
    opened.scrollIntoView({ block: "nearest" });
  }
}

export function startComposer() {
  document.addEventListener("keydown", sendByKey);
  document.addEventListener("change", nameFiles);
  document.addEventListener("toggle", showOpened, { capture: true });
}
