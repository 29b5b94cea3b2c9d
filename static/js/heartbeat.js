// Asks now and then whether the article is as it is shown, and says that it is open. What is new is only announced.

const EVERY = 5000;
const SAY = 20000;
// First the page itself is drawn.
const FIRST = 400;

export class Heartbeat {
  constructor(here, token, changed) {
    this.address = `${here}pulse/`;
    this.token = token;
    this.changed = changed;
    this.etag = null;
    this.last = null;
    this.said = 0;
    addEventListener("pagehide", () => this.leave());
    document.addEventListener("visibilitychange", () => this.beat());
    this.first = setTimeout(() => this.beat(), FIRST);
    this.timer = setInterval(() => this.beat(), EVERY);
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
      if (now - this.said > SAY && token) {
        this.said = now;
        await fetch(this.address, { method: "POST", headers: { "X-CSRFToken": token }, redirect: "error" });
      }
      const found = await this.ask();
      if (!this.stopped) this.changed(found);
    } catch {
      // The desk is away: decisions wait, and so does this.
    }
  }

  leave() {
    this.said = 0;
    const body = new URLSearchParams({ left: "1", csrfmiddlewaretoken: this.token() });
    navigator.sendBeacon(this.address, body);
  }
}
