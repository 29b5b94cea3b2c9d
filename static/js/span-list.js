// The lists of spans next to the text. Rows keep their place while an editor decides: only their content changes.

import { createElement } from "./dom.js";
import { STATES } from "./span-store.js";

const SIGNS = { s: "?", c: "✓", r: "✕" };

export class SpanList {
  constructor(desk, store) {
    this.store = store;
    this.desk = desk;
    this.rows = new Map();
    for (const row of desk.querySelectorAll(".spans li[id]")) this.#index(row);
    this.current = null;
    // The places of the later rows, by id those of them that are not up to date, and what notices that they are scrolled to.
    this.places = [...desk.querySelectorAll(".spans + noscript")];
    this.outdated = new Set();
    const panel = desk.querySelector(".panel");
    const seen = (entries) => entries.some(({ isIntersecting }) => isIntersecting) && this.complete();
    this.watcher = new IntersectionObserver(seen, { root: panel, rootMargin: "400px" });
    for (const place of this.places) this.watcher.observe(place.previousElementSibling.lastElementChild);
  }

  #index(row) {
    this.rows.set(Number(row.id.slice(4)), row);
  }

  // Rows below the first screen are sent in <noscript>: they are added to the lists when they are scrolled to, or needed.
  complete() {
    for (const place of this.places.splice(0)) {
      const list = place.previousElementSibling;
      const inert = document.createElement("template");
      if (!place.firstElementChild) inert.innerHTML = place.textContent;
      const rows = [...(place.firstElementChild ? place : inert.content).querySelectorAll("li")];
      list.append(...rows);
      for (const row of rows) this.#index(row);
      place.remove();
    }
    this.watcher.disconnect();
    for (const id of this.outdated) this.#show(id);
    this.outdated.clear();
  }

  #isLater(id) {
    return this.places.some((place) => place.textContent.includes(`id="row-${id}"`));
  }

  select(id) {
    if (id && !this.rows.has(id)) this.complete();
    this.current?.removeAttribute("aria-current");
    this.current = this.rows.get(id)?.querySelector("a") ?? null;
    this.current?.setAttribute("aria-current", "true");
  }

  draw(changes) {
    for (const { id, was } of changes) {
      if (was && this.#isLater(was)) this.complete();
      if (was && this.rows.has(was)) this.#rename(was, id);
      if (this.#isLater(id)) this.outdated.add(id);
      else this.#show(id);
    }
    this.#count();
  }

  #show(id) {
    const span = this.store.spans.get(id);
    const row = this.rows.get(id);
    if (span) this.#fill(row ?? this.#create(span), span);
    else if (row) row.hidden = true;
  }

  #rename(was, id) {
    const row = this.rows.get(was);
    this.rows.delete(was);
    this.rows.set(id, row);
    row.id = `row-${id}`;
  }

  // A row for a new span, at its place in reading order.
  #create(span) {
    this.complete();
    const row = createElement(
      "li",
      { id: `row-${span.id}` },
      createElement("span", { className: "sign" }),
      createElement("a", { dir: "auto" }),
      createElement("span"),
    );
    const list = this.desk.querySelector(span.state === "s" ? ".spans:not(.decided)" : ".spans.decided");
    const after = [...(list?.children ?? [])].find((other) => this.#comesAfter(other, span));
    this.rows.set(span.id, row);
    list?.insertBefore(row, after ?? null);
    return row;
  }

  #comesAfter(row, span) {
    const other = this.store.spans.get(Number(row.id.slice(4)));
    return other && (other.start - span.start || span.end - other.end) > 0;
  }

  #fill(row, span) {
    row.hidden = false;
    row.className = STATES[span.state];
    const [sign, link, tag] = row.children;
    [sign.textContent, sign.title] = [SIGNS[span.state], STATES[span.state]];
    link.href = `?span=${span.id}#s${span.id}`;
    link.textContent = this.store.quote(span).replace(/\s+/g, " ").slice(0, 60);
    const label = this.store.labels.get(span.label);
    [tag.className, tag.textContent] = [`tag ${label?.colour ?? ""}`, label?.name ?? ""];
    for (const button of row.querySelectorAll("button")) button.inert = span.state !== "s";
  }

  #count() {
    const [waiting, drawn] = [this.store.waiting().length, this.store.drawn().length];
    const say = (selector, words) => {
      const place = this.desk.querySelector(selector);
      if (place) place.textContent = words;
    };
    say(".review-state .left", waiting ? `${waiting} of ${drawn} left` : `all ${drawn} decided`);
    for (const list of this.desk.querySelectorAll(".panel .spans")) {
      const section = list.closest("section");
      if (list.children.length && section) section.hidden = false;
    }
    if (drawn) this.desk.querySelector(".panel .empty")?.remove();
    say("#waiting-title .count", String(waiting));
    say("#decided-title .count", String(drawn - waiting));
    say("#finish-count", waiting ? `Confirm ${waiting}, finish, next` : "Finish, next");
  }
}
