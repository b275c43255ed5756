// Live events: the server tells which case changed, htmx fetches what is shown of it.

const FIRST_PAUSE = 2000;
const LONGEST_PAUSE = 30000;
const TOGETHER = 250; // changes within this time refresh the list once

/** @param {string} name */
function announce(name) {
  document.body.dispatchEvent(new CustomEvent(name));
}

export function startLive() {
  const address = document.body.dataset.live;
  if (!address) return;
  const stream = new Stream(address);
  stream.open();
  window.addEventListener("online", () => stream.openNow());
  window.addEventListener("pagehide", () => stream.close());
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) stream.openNow();
  });
}

class Stream {
  /** @param {string} address */
  constructor(address) {
    this.address = address;
    this.pause = FIRST_PAUSE;
    this.last = ""; // how far the server has told us
    /** @type {EventSource | undefined} */
    this.source = undefined;
    this.retry = 0;
    this.refresh = 0;
  }

  open() {
    // The browser names the last event when it connects again by itself; a stream of our own must do so in its address.
    const source = new EventSource(this.last ? `${this.address}?after=${this.last}` : this.address);
    this.source = source;
    source.addEventListener("ready", (event) => this.ready(event));
    source.addEventListener("changed", (event) => this.changed(event));
    source.addEventListener("signed-out", () => location.reload());
    source.addEventListener("error", () => this.lost());
  }

  openNow() {
    this.close();
    this.open();
  }

  close() {
    clearTimeout(this.retry);
    this.source?.close();
  }

  /** What changed meanwhile is told next, as ever; only where the server no longer knows, everything is fetched.
   * @param {MessageEvent} event */
  ready(event) {
    this.pause = FIRST_PAUSE;
    this.tell("");
    this.last = event.lastEventId;
    if (event.data !== "all") return;
    announce("live-again");
    announce("cases");
  }

  /** @param {MessageEvent} event whose data is a name such as `case-12` */
  changed(event) {
    this.last = event.lastEventId || this.last;
    announce(event.data);
    clearTimeout(this.refresh);
    this.refresh = window.setTimeout(() => announce("cases"), TOGETHER);
  }

  /** The browser tries again by itself unless the server refused; then we do, more and more patiently. */
  lost() {
    const place = document.getElementById("connection");
    this.tell(place?.dataset.text ?? "");
    if (this.source?.readyState !== EventSource.CLOSED) return;
    clearTimeout(this.retry);
    this.retry = window.setTimeout(() => this.openNow(), this.pause);
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
  }

  /** @param {string} words */
  tell(words) {
    const place = document.getElementById("connection");
    if (place && place.textContent !== words) place.textContent = words;
  }
}
