// Possible spans: what may be right where the suggestions are wrong. Those at the selected suggestion can be taken in its
// place; the others, less likely names, are listed and faintly underlined, and can be selected. Only keys and buttons that
// name one take it: no decision on many does.
import { createElement, whenIdle } from "./dom.js";

// This many names are listed at once, the likeliest first.
const LISTED = 8;
// At least so probable: to look at one costs a key, to find one that was missed about four.
const LIKELY = 0.25;

export class PossibleSpans {
  // `take(possible)` makes the decision; `key` takes the first one at the selected suggestion.
  constructor(panel, article, store, renderer, key, take) {
    Object.assign(this, { article, store, renderer, key });
    [this.all, this.dismissed, this.selected] = [[], new Set(), null];
    this.here = createElement("div", { className: "possible-here", role: "group", "aria-label": "Other choices" });
    this.list = createElement("ol", { className: "possible-names" });
    this.section = createElement(
      "section",
      { className: "possible", "aria-labelledby": "possible-title", hidden: true },
      createElement("h2", { id: "possible-title" }, "Possible names"),
      this.list,
    );
    panel.querySelector("#selected-span")?.after(this.section);
    for (const box of [this.here, this.list]) {
      box.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (button) take(this.shown.get(button));
      });
    }
    this.shown = new WeakMap();
  }

  // Select one of those that no span covers; null for none.
  select(possible) {
    this.selected = possible;
    if (!globalThis.CSS?.highlights) return;
    if (possible)
      CSS.highlights.set("possible-selected", new Highlight(this.renderer.range(possible.start, possible.end)));
    else CSS.highlights.delete("possible-selected");
  }

  // Do not show it again on this page.
  dismiss(possible) {
    this.dismissed.add(possible);
  }

  // Those that no span covers, in reading order.
  free() {
    const taken = this.#covered((span) => span.state !== "r");
    return this.all
      .filter((one) => this.#isFree(one, taken))
      .sort((one, other) => one.start - other.start || other.end - one.end);
  }

  // Those of them that an editor is led to.
  likely() {
    return this.free().filter(({ score }) => score >= LIKELY);
  }

  // The first free one that covers a range.
  covering({ start, end }) {
    return this.free().find((one) => one.start <= start && end <= one.end) ?? null;
  }

  // Fetch them, as what others decided and what was learned has changed them. Without the server there are none.
  async load() {
    try {
      const response = await fetch(`/api/v1/articles/${this.article}/possible/`, { cache: "no-store" });
      const { results } = response.ok ? await response.json() : { results: [] };
      this.all = results.map((one) => this.#read(one)).filter((one) => one.label);
    } catch {
      this.all = [];
    }
  }

  #read({ start, end, label, score }) {
    const { offsets, byName } = this.store;
    return { start: offsets.unit(start), end: offsets.unit(end), label: byName.get(label)?.id, score };
  }

  // The other choices for a suggestion, the likeliest first.
  at(span) {
    const here = span?.state === "s" ? this.all.filter((one) => overlap(span, one)) : [];
    if (!here.length) return [];
    const settled = this.#covered((other) => other.state === "c");
    return here.filter((one) => this.#isFree(one, settled));
  }

  show(span) {
    const choices = this.at(span);
    this.here.replaceChildren(...choices.map((one, number) => this.#button(one, span, number ? "" : this.key)));
    this.here.hidden = !choices.length;
  }

  // Update the list and the underlines, once the page has nothing else to do: no key waits for them.
  refresh() {
    if (this.waiting) return;
    this.waiting = true;
    whenIdle(() => {
      this.waiting = false;
      const free = this.free();
      const likeliest = [...free].sort((one, other) => other.score - one.score).slice(0, LISTED);
      this.section.hidden = !free.length;
      this.list.replaceChildren(...likeliest.map((one) => createElement("li", {}, this.#button(one, null))));
      const drawn = free.map((one) => this.renderer.range(one.start, one.end));
      globalThis.CSS?.highlights?.set("possible", new Highlight(...drawn));
    });
  }

  // For each unit of the text, 1 where such a span is.
  #covered(isSuch) {
    const marks = new Uint8Array(this.store.text.length);
    for (const span of this.store.spans.values()) if (isSuch(span)) marks.fill(1, span.start, span.end);
    return marks;
  }

  // Whether nothing of it is marked, and it was not rejected.
  #isFree(possible, marks) {
    const { start, end, label } = possible;
    return (
      !this.dismissed.has(possible) && !marks.subarray(start, end).includes(1) && !this.store.holder(start, end, label)
    );
  }

  #button(possible, span, key = "") {
    const label = this.store.labels.get(possible.label);
    const quote = this.store.quote(possible).replace(/\s+/g, " ");
    const same = span && span.start === possible.start && span.end === possible.end;
    const tag = createElement("span", { className: `tag ${label.colour}` }, label.name);
    const named = { type: "button", title: `Score ${possible.score.toFixed(2)}` };
    const words = createElement("span", { dir: "auto" }, quote.slice(0, 80));
    const hint = key ? [" ", createElement("kbd", {}, key)] : [];
    const button = createElement("button", named, ...(same ? [] : [words, " "]), tag, ...hint);
    this.shown.set(button, possible);
    return button;
  }
}

const overlap = (one, other) => one.start < other.end && other.start < one.end;
