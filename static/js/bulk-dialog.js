// The dialog of similar mentions: each in its context with a checkbox, first in this article, then in the corpus.
import { token } from "./csrf.js";
import { createElement } from "./dom.js";

export class BulkDialog {
  constructor(article, store, apply, failed) {
    Object.assign(this, { article, store, apply, failed });
    this.dialog = createElement("dialog", { className: "bulk", id: "bulk", "aria-labelledby": "bulk-title" });
    document.getElementById("desk").append(this.dialog);
    this.dialog.addEventListener("close", () => {
      this.request = null;
      this.dialog.replaceChildren();
    });
  }

  get shown() {
    return this.dialog.open;
  }

  // A suggestion is decided with its matches; for a confirmed span, further mentions are added.
  async open(choice, span, scope = "article") {
    Object.assign(this, { choice, span, scope });
    const request = Symbol("request");
    this.request = request;
    const query = this.#query(choice, span);
    let found;
    try {
      const headers = { "Content-Type": "application/json", "X-CSRFToken": token() };
      const body = JSON.stringify({ choice: query, scope });
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
    // The editor did something else before the answer came.
    if (this.request !== request) return undefined;
    this.#fill(found);
    if (!this.dialog.open) this.dialog.showModal();
    this.applyButton.focus();
    return undefined;
  }

  #query(choice, span) {
    const { offsets, labels } = this.store;
    const label = choice.label === undefined ? {} : { label: labels.get(choice.label).name };
    const seen = { start: offsets.point(span.start), end: offsets.point(span.end), label: labels.get(span.label).name };
    return choice.verb === "add"
      ? { verb: "add", ...seen }
      : { verb: choice.verb, span: span.id, revision: span.revision, seen, ...label };
  }

  widen() {
    return this.scope === "article" ? this.open(this.choice, this.span, "corpus") : undefined;
  }

  #fill({ surface, count, truncated, matches }) {
    this.matches = matches;
    const where = this.scope === "corpus" ? "in the corpus" : "in this article";
    const verbs = { confirm: "Confirm", reject: "Reject", relabel: "Relabel", add: "Add" };
    const label = this.store.labels.get(this.choice.label ?? this.span.label);
    const title = createElement(
      "h2",
      { id: "bulk-title" },
      `${verbs[this.choice.verb]} all like `,
      createElement("q", { dir: "auto" }, surface),
      " ",
      createElement("span", { className: `tag ${label.colour}` }, label.name),
    );
    const found = count
      ? `${count}${truncated ? ` or more, ${matches.length} of them shown` : ""} like it ${where}.`
      : `Nothing else like it ${where}.`;
    const list = createElement("ol", { className: "lines" });
    for (const [number, match] of matches.entries()) list.append(this.#row(match, number));
    this.applyButton = createElement("button", { type: "button", className: "primary" }, `Apply to ${matches.length}`);
    const buttons = createElement("p", { className: "row-of-buttons" }, this.applyButton);
    if (this.scope === "article") {
      const wider = createElement("button", { type: "button" }, "Search the corpus");
      wider.addEventListener("click", () => this.widen());
      buttons.append(wider);
    }
    const cancel = createElement("button", { type: "button" }, "Cancel");
    cancel.addEventListener("click", () => this.dialog.close());
    buttons.append(cancel);
    this.applyButton.disabled = !matches.length;
    this.applyButton.addEventListener("click", () => this.#apply());
    list.addEventListener("change", () => {
      this.applyButton.firstChild.textContent = `Apply to ${this.#checked().length}`;
      this.applyButton.disabled = !this.#checked().length;
    });
    this.dialog.replaceChildren(title, createElement("p", { className: "quiet" }, found), list, buttons);
  }

  #row(match, number) {
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

  #checked() {
    return [...this.dialog.querySelectorAll("input:checked")].map((box) => this.matches[Number(box.value)]);
  }

  #apply() {
    const checked = this.#checked();
    this.request = null;
    this.dialog.close();
    this.apply(this.choice, this.span, checked);
  }
}
