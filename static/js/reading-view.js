// How a person sees articles: the size of the text, its width, and full screen. Changes are kept for the person.
import { token } from "./csrf.js";
import { say } from "./messages.js";

const [LEAST, MOST] = [-2, 4];

export class ReadingView {
  constructor(desk, box) {
    Object.assign(this, { desk, box });
    box.addEventListener("click", ({ target }) => this.#press(target.closest("button")));
    box.addEventListener("keydown", (event) => event.key === "Escape" && box.removeAttribute("open"));
    document.addEventListener("fullscreenchange", () => document.fullscreenElement || this.#set("full", "0"));
    this.#show();
  }

  #press(pressed) {
    if (!pressed) return;
    const { size, width, full } = pressed.dataset;
    if (size) this.#set("size", String(Math.min(MOST, Math.max(LEAST, Number(this.desk.dataset.size) + Number(size)))));
    else if (width) this.#set("width", width);
    else if (full) this.#fullScreen(this.desk.dataset.full !== "1");
  }

  #fullScreen(on) {
    this.#set("full", on ? "1" : "0");
    if (on) document.documentElement.requestFullscreen?.().catch(() => undefined);
    else if (document.fullscreenElement) document.exitFullscreen();
  }

  async #set(name, value) {
    if (this.desk.dataset[name] === value) return;
    this.desk.dataset[name] = value;
    this.#show();
    const headers = { Accept: "application/json", "X-CSRFToken": token() };
    const body = new URLSearchParams({ [name]: value });
    const kept = await fetch("/account/reading-view/", { method: "POST", headers, body, redirect: "error" }).catch(
      () => null,
    );
    if (!kept?.ok) say("The reading view is changed on this page only: the server did not keep it");
  }

  #show() {
    const { size, width, full } = this.desk.dataset;
    for (const button of this.box.querySelectorAll("button")) {
      const { size: by, width: to, full: whole } = button.dataset;
      if (by) button.disabled = Number(size) + Number(by) > MOST || Number(size) + Number(by) < LEAST;
      if (to) button.setAttribute("aria-pressed", String(to === width));
      if (whole) button.setAttribute("aria-pressed", String(full === "1"));
    }
  }
}
