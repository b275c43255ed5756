// A voice message in the composer: record, listen, discard; it is sent with the answer, and made again into the kind of
// voice note that messengers know. What was recorded outlives a refused answer.

const LONGEST = 10 * 60; // seconds

/** @type {MediaRecorder | undefined} */
let recorder;
/** @type {Blob[]} */
let pieces = [];
/** @type {File | undefined} */
let kept;
let address = ""; // of the preview
let asking = 0; // counts the wishes to record: an answer to one that was withdrawn is not heeded
let began = 0;
let clock = 0;

/** @param {string} id
 * @returns {HTMLElement | null} */
const part = (id) => document.getElementById(id ? `recorder-${id}` : "recorder");

/** @param {"asking" | "recording" | "ready" | "refused" | "missing" | "silent" | "failed" | ""} state */
function show(state) {
  const panel = part("");
  if (!panel) return;
  panel.hidden = !state;
  const says = part("says");
  if (says) says.textContent = panel.dataset[state || "none"] ?? "";
  const recording = state === "recording";
  document.getElementById("record")?.setAttribute("aria-pressed", String(recording));
  for (const [id, shown] of Object.entries({ time: recording, stop: recording, audio: state === "ready" })) {
    const element = part(id);
    if (element) element.hidden = !shown;
  }
  for (const [id, shown] of Object.entries({ drop: recording || state === "ready", close: !["recording", "ready"].includes(state) })) {
    const element = part(id);
    if (element) element.hidden = !shown;
  }
}

function tick() {
  const seconds = Math.floor((Date.now() - began) / 1000);
  const time = part("time");
  if (time) time.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  if (seconds >= LONGEST) stop();
}

/** Whether the way that is chosen carries sound. */
function carriesSound() {
  const way = document.querySelector("#reply input[name=to]:checked, #reply input[name=to][type=hidden]");
  return !(way instanceof HTMLElement && "silent" in way.dataset);
}

async function record() {
  if (recorder) return stop();
  if (!carriesSound()) return show("silent");
  if (!navigator.mediaDevices || !window.MediaRecorder) return show("missing");
  discard();
  began = Date.now();
  tick(); // the time of an earlier recording is gone
  show("asking");
  const wish = ++asking;
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    if (wish !== asking || !part("")) return release(stream);
    return begin(stream);
  } catch (error) {
    const missing = error instanceof DOMException && error.name === "NotFoundError";
    return wish === asking ? show(missing ? "missing" : "refused") : undefined;
  }
}

/** @param {MediaStream} stream */
function release(stream) {
  for (const track of stream.getTracks()) track.stop();
}

/** @param {MediaStream} stream */
function begin(stream) {
  const made = new MediaRecorder(stream, { audioBitsPerSecond: 32000 });
  recorder = made;
  pieces = [];
  made.addEventListener("dataavailable", (event) => recorder === made && pieces.push(event.data));
  made.addEventListener("stop", () => {
    release(stream);
    if (recorder === made) keep(made.mimeType);
  });
  made.addEventListener("error", () => {
    release(stream);
    end();
    show("failed");
  });
  made.start(1000);
  began = Date.now();
  tick();
  clock = window.setInterval(tick, 250);
  show("recording");
  part("stop")?.focus();
}

function stop() {
  if (recorder?.state === "recording") recorder.stop();
}

function end() {
  clearInterval(clock);
  recorder = undefined;
}

/** @param {string} mime */
function keep(mime) {
  end();
  kept = new File(pieces, "voice", { type: mime.split(";")[0] });
  pieces = [];
  if (kept.size === 0) return discard(); // stopped before anything was heard
  attach();
  part("audio")?.focus();
  const form = document.getElementById("reply");
  if (pressed && form instanceof HTMLFormElement) form.requestSubmit();
  pressed = false;
}

/** Put what was recorded into the form that is there now. */
function attach() {
  const input = document.getElementById("recorder-file");
  if (!kept || !(input instanceof HTMLInputElement)) return;
  const files = new DataTransfer();
  files.items.add(kept);
  input.files = files.files;
  const audio = part("audio");
  URL.revokeObjectURL(address);
  address = URL.createObjectURL(kept);
  if (audio instanceof HTMLAudioElement) audio.src = address;
  show("ready");
}

function discard() {
  asking += 1;
  const running = recorder;
  end();
  running?.stop();
  kept = undefined;
  URL.revokeObjectURL(address);
  part("audio")?.removeAttribute("src");
  const input = document.getElementById("recorder-file");
  if (input instanceof HTMLInputElement) input.value = "";
  show("");
}

/** The composer came anew from the server: an answer was sent, or refused. */
function renewed() {
  const input = document.getElementById("recorder-file");
  if (kept && input instanceof HTMLInputElement && !input.files?.length) attach();
  if (recorder) show("recording");
}

/** Send was pressed after Stop, before the browser had handed the recording over. */
let pressed = false;

/** Nobody sends half a recording; who has stopped it already presses once only.
 * @param {Event} event */
function beforeSending(event) {
  if (!recorder || !(event.target instanceof HTMLFormElement) || event.target.id !== "reply") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  pressed = recorder.state === "inactive";
  stop();
}

/** @type {Record<string, () => unknown>} */
const BUTTONS = { record, "recorder-stop": stop, "recorder-drop": discard, "recorder-close": discard };

export function startRecorder() {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button[id]") : null;
    if (!button || !(button.id in BUTTONS)) return;
    BUTTONS[button.id]();
    if (button.id === "recorder-drop" || button.id === "recorder-close") document.getElementById("record")?.focus();
  });
  document.addEventListener("submit", beforeSending, { capture: true });
  document.addEventListener("htmx:after:swap", renewed);
  document.body.addEventListener("sent", discard);
  window.addEventListener("pagehide", discard);
  window.addEventListener("beforeunload", (event) => {
    if (kept || recorder) event.preventDefault();
  });
}
