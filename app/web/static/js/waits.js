// The number of those who wait in the title, on every page; and, for who wants it, a short sound when a person writes.
// What one writes oneself never sounds: the server counts people's words only. Nor does it while the roster says off duty.

const AGAIN = 300; // several events at once are one question
const LOUDNESS = 0.12;
const LASTS = 0.35; // seconds
const SOUNDED = "sounded"; // what all windows of this browser have sounded for

const title = document.title;
/** @type {AudioContext | undefined} */
let audio;
let heard = -1; // when a person last wrote, as far as this page knows
let timer = 0;

/** Browsers play nothing before their reader has touched the page. */
function wake() {
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume().catch(() => {});
}

function sound() {
  if (audio?.state !== "running") return;
  const now = audio.currentTime;
  const tone = audio.createOscillator();
  const loudness = audio.createGain();
  tone.frequency.setValueAtTime(660, now);
  tone.frequency.setValueAtTime(880, now + LASTS / 3);
  loudness.gain.setValueAtTime(LOUDNESS, now);
  loudness.gain.exponentialRampToValueAtTime(0.0001, now + LASTS);
  tone.connect(loudness).connect(audio.destination);
  tone.start(now);
  tone.stop(now + LASTS);
}

/** @param {number} at @returns {boolean} whether no other window of this browser was first */
function first(at) {
  if (Number(localStorage.getItem(SOUNDED) ?? 0) >= at) return false;
  localStorage.setItem(SOUNDED, String(at));
  return true;
}

/** @param {string} address */
async function look(address) {
  try {
    const answer = await fetch(address, { headers: { accept: "application/json" } });
    if (!answer.ok) return;
    const found = await answer.json();
    document.title = found.count ? `(${found.count}) ${title}` : title;
    const news = heard >= 0 && found.heard > heard;
    heard = Math.max(heard, found.heard);
    if (news && !found.quiet && "sound" in document.body.dataset && first(found.heard)) sound();
  } catch {
    // Offline: the line at the bottom of the page says so.
  }
}

export function startWaits() {
  const address = document.body.dataset.waits;
  if (!address) return;
  look(address);
  document.body.addEventListener("cases", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => look(address), AGAIN);
  });
  const wanted = "sound" in document.body.dataset;
  const button = document.getElementById("try-sound");
  if (wanted || button) for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, wake);
  button?.addEventListener("click", async () => {
    wake();
    await audio?.resume();
    sound();
  });
}
