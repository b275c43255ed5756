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
    this.wasOpen = false;
    /** @type {EventSource | undefined} */
    this.source = undefined;
    this.retry = 0;
    this.refresh = 0;
  }

  open() {
    const source = new EventSource(this.address);
    this.source = source;
    source.addEventListener("ready", () => this.ready());
    source.addEventListener("changed", (event) => this.changed(event.data));
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

  ready() {
    this.pause = FIRST_PAUSE;
    this.tell("");
    if (this.wasOpen) {
      announce("live-again");
      announce("cases");
    }
    this.wasOpen = true;
  }

  /** @param {string} name such as `case-12` */
  changed(name) {
    announce(name);
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
