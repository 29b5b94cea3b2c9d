// Polls the state of the article, and reports that this person has it open.

// Milliseconds: between polls, between reports of presence, and before the first poll, so that the page is drawn first.
const POLL = 5000;
const REPORT = 20_000;
const FIRST = 400;

export class Heartbeat {
  constructor(here, token, onState) {
    this.address = `${here}pulse/`;
    this.token = token;
    this.onState = onState;
    this.etag = null;
    this.last = null;
    this.reported = 0;
    addEventListener("pagehide", () => this.leave());
    document.addEventListener("visibilitychange", () => this.beat());
    this.first = setTimeout(() => this.beat(), FIRST);
    this.timer = setInterval(() => this.beat(), POLL);
  }

  stop() {
    clearTimeout(this.first);
    clearInterval(this.timer);
    this.stopped = true;
  }

  async ask() {
    const headers = this.etag ? { "If-None-Match": this.etag } : {};
    const response = await fetch(this.address, { headers, redirect: "error", cache: "no-store" });
    if (response.status === 304) return { ...this.last, status: 200 };
    const found = await response.json();
    if (response.ok) [this.etag, this.last] = [response.headers.get("ETag"), found];
    return { ...found, status: response.status };
  }

  async beat() {
    if (document.hidden || this.stopped) return;
    try {
      const [now, token] = [Date.now(), this.token()];
      if (now - this.reported > REPORT && token) {
        this.reported = now;
        await fetch(this.address, { method: "POST", headers: { "X-CSRFToken": token }, redirect: "error" });
      }
      const found = await this.ask();
      if (!this.stopped) this.onState(found);
    } catch {
      // The server cannot be reached: the next poll tries again.
    }
  }

  leave() {
    this.reported = 0;
    const body = new URLSearchParams({ left: "1", csrfmiddlewaretoken: this.token() });
    navigator.sendBeacon(this.address, body);
  }
}
