// A message's menu: answer under it, or copy its words.

const strip = () => document.getElementById("quoting");
const wish = () => /** @type {HTMLInputElement | null} */ (document.getElementById("quote"));

/** @param {string} id @param {string} words */
function quote(id, words) {
  const [place, input] = [strip(), wish()];
  if (!place || !input) return;
  input.value = id;
  place.hidden = !id;
  const line = place.querySelector("p");
  if (line) line.textContent = words;
  document.getElementById("reply-text")?.focus();
}

/** The reply goes where the quoted message came from.
 * @param {string} conversation */
function turnTo(conversation) {
  for (const way of document.querySelectorAll("#reply input[type=radio][name=to]")) {
    if (way instanceof HTMLInputElement && way.value.split(":")[0] === conversation) way.click();
  }
}

/** @param {HTMLElement} button */
async function copy(button) {
  const words = button.closest(".bubble")?.querySelector(".words")?.textContent ?? "";
  await navigator.clipboard.writeText(words).catch(() => undefined);
  const news = document.getElementById("news");
  if (news) news.textContent = button.dataset.done ?? "";
}

export function startQuotes() {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const button = event.target.closest("[data-quote], [data-copy], #quote-off");
    if (!(button instanceof HTMLElement)) return;
    const menu = button.closest("details");
    if (menu) menu.open = false;
    if (button.id === "quote-off") quote("", "");
    else if ("copy" in button.dataset) copy(button);
    else {
      turnTo(button.dataset.conversation ?? "");
      quote(button.dataset.quote ?? "", button.closest(".bubble")?.querySelector(".words")?.textContent ?? "");
    }
  });
}
