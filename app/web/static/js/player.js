// Recordings: one speed for all of them, and only one plays at a time.

const SPEEDS = [1, 1.5, 2];
let speed = 1;

function show() {
  for (const button of document.querySelectorAll("[data-speed]")) button.textContent = `${speed}×`;
  for (const audio of document.querySelectorAll("audio")) audio.playbackRate = speed;
}

/** @param {Event} event */
function change(event) {
  if (!(event.target instanceof Element) || !event.target.closest("[data-speed]")) return;
  speed = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length];
  show();
}

/** @param {Event} event */
function alone(event) {
  if (!(event.target instanceof HTMLAudioElement)) return;
  event.target.playbackRate = speed;
  for (const audio of document.querySelectorAll("audio")) if (audio !== event.target) audio.pause();
}

export function startPlayers() {
  document.addEventListener("click", change);
  document.addEventListener("play", alone, { capture: true });
  document.addEventListener("htmx:after:swap", show);
}
