// Forms that stay as they are filled in when the server refuses them: what is wrong is said, and nothing typed is lost.

/** @param {SubmitEvent} event */
async function send(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.matches("[data-stays]") || event.defaultPrevented) return;
  event.preventDefault();
  const button = event.submitter;
  if (button instanceof HTMLButtonElement) button.disabled = true;
  const headers = { Accept: "text/html", "HX-Request": "true" }; // an error comes as a notice then
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form, button), headers }).catch(() => null);
  if (answer?.redirected) {
    arrive(answer.url);
    return;
  }
  const signIn = answer?.headers.get("HX-Redirect");
  if (signIn) {
    location.assign(signIn);
    return;
  }
  if (button instanceof HTMLButtonElement) button.disabled = false;
  await say(answer);
}

/** @param {string} url */
function arrive(url) {
  if (url === location.href) location.reload();
  else location.assign(url);
}

/** @param {Response | null} answer */
async function say(answer) {
  const notice = document.getElementById("notice");
  if (!notice) return;
  if (answer) notice.innerHTML = await answer.text();
  else notice.replaceChildren(Object.assign(document.createElement("p"), { className: "notice", textContent: notice.dataset.lost }));
}

export function startStays() {
  document.addEventListener("submit", (event) => void send(event));
}
