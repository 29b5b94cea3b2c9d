// All that is like the span in hand, each in its context with a box, first in this article, then in the corpus.
import { createElement } from "./dom.js";
import { cookie } from "./outbox.js";

export class Bulk {
  constructor(article, book, apply, failed) {
    Object.assign(this, { article, book, apply, failed });
    this.dialog = createElement("dialog", { className: "bulk", id: "bulk", "aria-labelledby": "bulk-title" });
    document.getElementById("desk").append(this.dialog);
    this.dialog.addEventListener("close", () => {
      this.asked = null;
      this.dialog.replaceChildren();
    });
  }

  get shown() {
    return this.dialog.open;
  }

  // What is to be done with a span and its likes: a suggestion is confirmed, of a confirmed one further places are added.
  async open(choice, span, scope = "article") {
    Object.assign(this, { choice, span, scope });
    const asked = Symbol("asked");
    this.asked = asked;
    this.sought = this.#query(choice, span);
    let found;
    try {
      const headers = { "Content-Type": "application/json", "X-CSRFToken": cookie("csrftoken") };
      const body = JSON.stringify({ choice: this.sought, scope });
      const response = await fetch(`/api/v1/articles/${this.article}/alike/preview/`, {
        method: "POST",
        headers,
        body,
      });
      found = await response.json();
      if (!response.ok) return this.failed(found.detail ?? "Similar mentions could not be found");
    } catch {
      return this.failed("Cannot reach the server, so similar mentions cannot be shown");
    }
    // Answered after the editor went on: it comes too late.
    if (this.asked !== asked) return undefined;
    this.#fill(found);
    if (!this.dialog.open) this.dialog.showModal();
    this.go.focus();
    return undefined;
  }

  #query(choice, span) {
    const { offsets, labels } = this.book;
    const label = choice.label === undefined ? {} : { label: labels.get(choice.label).name };
    const seen = { start: offsets.point(span.start), end: offsets.point(span.end), label: labels.get(span.label).name };
    return choice.verb === "add"
      ? { verb: "add", ...seen }
      : { verb: choice.verb, span: span.id, revision: span.revision, seen, ...label };
  }

  // Pressed again, the whole corpus is searched.
  wider() {
    return this.scope === "article" ? this.open(this.choice, this.span, "corpus") : undefined;
  }

  #fill({ surface, count, truncated, matches }) {
    this.matches = matches;
    const where = this.scope === "corpus" ? "in the corpus" : "in this article";
    const verbs = { confirm: "Confirm", reject: "Reject", relabel: "Relabel", add: "Add" };
    const label = this.choice.label ?? this.span.label;
    const title = createElement(
      "h2",
      { id: "bulk-title" },
      `${verbs[this.choice.verb]} all like `,
      createElement("q", { dir: "auto" }, surface),
      " ",
      createElement("span", { className: `tag l-${label}` }, this.book.labels.get(label).name),
    );
    const found = count
      ? `${count}${truncated ? ` or more, ${matches.length} of them shown` : ""} like it ${where}.`
      : `Nothing else like it ${where}.`;
    const list = createElement("ol", { className: "lines" });
    for (const [number, match] of matches.entries()) list.append(this.#line(match, number));
    this.go = createElement("button", { type: "button", className: "primary" }, `Apply to ${matches.length}`);
    const buttons = createElement("p", { className: "row-of-buttons" }, this.go);
    if (this.scope === "article") {
      const wider = createElement("button", { type: "button" }, "Search the corpus");
      wider.addEventListener("click", () => this.wider());
      buttons.append(wider);
    }
    const cancel = createElement("button", { type: "button" }, "Cancel");
    cancel.addEventListener("click", () => this.dialog.close());
    buttons.append(cancel);
    this.go.disabled = !matches.length;
    this.go.addEventListener("click", () => this.#apply());
    list.addEventListener("change", () => {
      this.go.firstChild.textContent = `Apply to ${this.#ticked().length}`;
      this.go.disabled = !this.#ticked().length;
    });
    this.dialog.replaceChildren(title, createElement("p", { className: "quiet" }, found), list, buttons);
  }

  #line(match, number) {
    const box = createElement("input", { type: "checkbox", checked: true, value: String(number) });
    const words = createElement(
      "span",
      { className: "words", dir: "auto" },
      createElement("span", { className: "before" }, match.left),
      createElement("mark", {}, match.text),
      createElement("span", { className: "after" }, match.right),
    );
    const title =
      match.article === this.article
        ? []
        : [createElement("span", { className: "quiet from", dir: "auto" }, match.title)];
    return createElement("li", {}, createElement("label", { className: "line" }, box, words, ...title));
  }

  #ticked() {
    return [...this.dialog.querySelectorAll("input:checked")].map((box) => this.matches[Number(box.value)]);
  }

  #apply() {
    const ticked = this.#ticked();
    this.asked = null;
    this.dialog.close();
    this.apply(this.choice, this.span, ticked);
  }
}
