// The preview of a decision on several spans, each in its context with a checkbox: mentions like one, in this article or
// in the corpus, or any suggestions of this article.
import { token } from "./csrf.js";
import { createElement } from "./dom.js";

const VERBS = { confirm: "Confirm", reject: "Reject", relabel: "Relabel", add: "Add" };
// Units of text around a suggestion.
const CONTEXT = 40;
const onOneLine = (words) => words.replace(/\s+/g, " ");

export class BulkDialog {
  // `apply(choice, span, matches)` decides mentions like a span, `applyMany(choice, ids)` suggestions of this article.
  constructor(article, store, { apply, applyMany, failed }) {
    Object.assign(this, { article, store, apply, applyMany, failed });
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

  // A suggestion is decided with its matches; for a confirmed span, further mentions are added. With nothing like it in
  // the article, those of the corpus are shown at once.
  async open(choice, span, scope = "article") {
    Object.assign(this, { choice, span, scope, spans: null });
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
    if (scope === "article" && !found.count) return this.open(choice, span, "corpus");
    this.#fill(found);
    this.#showModal();
    return undefined;
  }

  #showModal() {
    if (!this.dialog.open) this.dialog.showModal();
    this.applyButton.focus();
  }

  // Any suggestions of this article.
  openMany(choice, spans) {
    Object.assign(this, { choice, spans, scope: "many", request: null });
    this.matches = spans.map((span) => ({ article: this.article, ...this.#context(span) }));
    const label = choice.label === undefined ? [] : [" as ", this.#tag(choice.label)];
    const number = `${spans.length} suggestion${spans.length === 1 ? "" : "s"}`;
    const title = createElement("h2", { id: "bulk-title" }, `${VERBS[choice.verb]} ${number}`, ...label);
    const hint = "Press the key to confirm, to reject or of a label to change what will be done.";
    this.#replace([title, createElement("p", { className: "quiet" }, hint), this.#limits()]);
    this.#showModal();
  }

  #context(span) {
    const { text } = this.store;
    return {
      id: span.id,
      label: span.label,
      score: span.score,
      left: onOneLine(text.slice(Math.max(0, span.start - CONTEXT), span.start)).replace(/^\S*\s(?=\S)/, "… "),
      text: onOneLine(this.store.quote(span)),
      right: onOneLine(text.slice(span.end, span.end + CONTEXT)),
    };
  }

  #tag(label) {
    const { colour, name } = this.store.labels.get(label);
    return createElement("span", { className: `tag ${colour}` }, name);
  }

  // Only scores of a range.
  #limits() {
    const values = { type: "number", min: "0", max: "1", step: "0.05" };
    const [least, most] = ["0", "1"].map((value) => createElement("input", { ...values, value }));
    const limits = createElement(
      "p",
      { className: "limits" },
      createElement("label", {}, "Scores from ", least),
      createElement("label", {}, " to ", most),
    );
    limits.addEventListener("input", () => {
      for (const box of this.dialog.querySelectorAll(".lines input")) {
        const score = this.matches[Number(box.value)].score ?? 0;
        box.checked = score >= Number(least.value) && score <= Number(most.value || 1);
      }
      this.#count();
    });
    return limits;
  }

  #query(choice, span) {
    const { offsets, labels } = this.store;
    const label = choice.label === undefined ? {} : { label: labels.get(choice.label).name };
    const seen = { start: offsets.point(span.start), end: offsets.point(span.end), label: labels.get(span.label).name };
    return choice.verb === "add"
      ? { verb: "add", ...seen }
      : { verb: choice.verb, span: span.id, revision: span.revision, seen, ...label };
  }

  // Another verb or label for what is shown.
  change(verb, value) {
    const { choice, span, spans, scope } = this;
    if (verb === "alike") return this.widen();
    if (choice.verb === "add" || !["confirm", "reject", "label"].includes(verb)) return undefined;
    if (spans) return this.openMany(verb === "label" ? { verb: "relabel", label: value } : { verb }, spans);
    if (verb === "reject") return this.open({ verb, span: span.id }, span, scope);
    const { entity } = span.link ?? {};
    return verb === "confirm" || value === span.label
      ? this.open({ verb: "confirm", span: span.id, entity }, span, scope)
      : this.open({ verb: "relabel", span: span.id, label: value }, span, scope);
  }

  widen() {
    return this.scope === "article" ? this.open(this.choice, this.span, "corpus") : undefined;
  }

  #fill({ surface, count, truncated, matches }) {
    this.matches = matches;
    const where = this.scope === "corpus" ? "in the corpus" : "in this article";
    const title = createElement(
      "h2",
      { id: "bulk-title" },
      `${VERBS[this.choice.verb]} all like `,
      createElement("q", { dir: "auto" }, surface),
      " ",
      this.#tag(this.choice.label ?? this.span.label),
    );
    const found = count
      ? `${count}${truncated ? ` or more, ${matches.length} of them shown` : ""} like it ${where}.`
      : `Nothing else like it ${where}.`;
    const entity = this.store.entities.get(this.choice.entity);
    const linked = entity
      ? [
          createElement(
            "p",
            { className: "quiet" },
            "Linked to ",
            createElement("b", { dir: "auto" }, entity.name),
            ", too.",
          ),
        ]
      : [];
    this.#replace([title, createElement("p", { className: "quiet" }, found), ...linked]);
  }

  // Show the matches below `head`, with the buttons.
  #replace(head) {
    const list = createElement("ol", { className: "lines" });
    for (const [number, match] of this.matches.entries()) list.append(this.#row(match, number));
    this.applyButton = createElement("button", { type: "button", className: "primary" }, "");
    const buttons = createElement("p", { className: "row-of-buttons" }, this.applyButton);
    if (this.scope === "article") {
      const wider = createElement("button", { type: "button" }, "Search the corpus");
      wider.addEventListener("click", () => this.widen());
      buttons.append(wider);
    }
    const cancel = createElement("button", { type: "button" }, "Cancel");
    cancel.addEventListener("click", () => this.dialog.close());
    buttons.append(cancel);
    this.applyButton.addEventListener("click", () => this.#apply());
    list.addEventListener("change", () => this.#count());
    this.dialog.replaceChildren(...head, list, buttons);
    this.#count();
  }

  #count() {
    const number = this.#checked().length;
    this.applyButton.textContent = `Apply to ${number}`;
    this.applyButton.disabled = !number;
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
    const title = this.spans
      ? [this.#tag(match.label), createElement("span", { className: "score" }, match.score?.toFixed(2) ?? "")]
      : match.article === this.article
        ? []
        : [createElement("span", { className: "quiet from", dir: "auto" }, match.title)];
    title.push(...this.#otherEntity(match));
    return createElement("li", {}, createElement("label", { className: "line" }, box, words, ...title));
  }

  // What a mention is linked to now, where it will be linked to another entity.
  #otherEntity({ entity: linked }) {
    const entity = this.choice.entity && linked?.id !== this.choice.entity ? linked : null;
    return entity ? [createElement("span", { className: "quiet now-linked", dir: "auto" }, `now ${entity.name}`)] : [];
  }

  #checked() {
    return [...this.dialog.querySelectorAll(".lines input:checked")].map((box) => this.matches[Number(box.value)]);
  }

  #apply() {
    const checked = this.#checked();
    this.request = null;
    this.dialog.close();
    if (this.spans)
      this.applyMany(
        this.choice,
        checked.map(({ id }) => id),
      );
    else this.apply(this.choice, this.span, checked);
  }
}
