// The lists of spans next to the text: what is to decide, one row for each surface with the same label, and what is
// decided. Rows keep their place while an editor decides: only their content changes.

import { createElement, whenIdle } from "./dom.js";
import { STATES } from "./span-store.js";

// As in annotations/review/panel.py: how the spans of a row are linked. Without a sign, one of them is not.
function linkSign(spans, store) {
  if (!spans.length || spans.some(({ link }) => !link)) return [];
  const state = STATES[spans.some(({ link }) => link.state === "s") ? "s" : "c"];
  const names = new Set(spans.map((span) => store.entity(span)?.name));
  const words = `link ${state}: ${names.size > 1 ? `${names.size} entities` : [...names][0]}`;
  return [
    createElement("span", { className: `link-sign link-${state}`, role: "img", title: words, "aria-label": words }),
  ];
}

const SIGNS = { s: "?", c: "✓", r: "✕" };
const WORDS = 60;

const shorten = (quote) => quote.replace(/\s+/g, " ").slice(0, WORDS);
const lowest = (spans) => Math.min(...spans.map(({ score }) => score ?? 0));

export class SpanList {
  // `select(id)` selects a span, `act(verb)` decides it; `many(verb, spans)` decides several after a preview;
  // `filtered()` is called when the list is limited to a label.
  constructor(desk, store, keys, { select, act, many, filtered }) {
    Object.assign(this, { desk, store, keys, select, act, many, filtered });
    this.waiting = desk.querySelector("#waiting-title").closest("section");
    this.decided = desk.querySelector("#decided-title").closest("details");
    this.byDoubt = false;
    this.groups = new Map();
    // The labels that have a chip.
    this.listed = new Set();
    this.selected = 0;
    this.decided.addEventListener("toggle", () => this.#fillDecided());
  }

  // Replace the rows of the page by groups. Until then its rows are as the server sent them.
  build() {
    for (const element of this.waiting.querySelectorAll("form, .spans, noscript, .quiet")) element.remove();
    this.chips = createElement("div", { className: "chips", role: "group", "aria-label": "Only the label" });
    this.order = createElement("button", { type: "button", className: "link" }, "");
    this.all = createElement("button", { type: "button", className: "link" }, "Decide many …");
    if (this.keys.many) this.all.append(" ", createElement("kbd", {}, this.keys.many));
    this.rows = createElement("ol", { className: "spans grouped" });
    this.order.addEventListener("click", () => {
      this.byDoubt = !this.byDoubt;
      this.#group();
    });
    this.all.addEventListener("click", () => this.many("confirm", this.store.listed()));
    this.chips.addEventListener("click", ({ target }) => this.#choose(target.closest("button")));
    this.rows.addEventListener("click", (event) => this.#click(event));
    this.waiting.append(
      this.chips,
      createElement("p", { className: "list-tools" }, this.order, " ", this.all),
      this.rows,
    );
    this.built = true;
    this.#group();
    this.#show();
  }

  // Group anew: what is decided leaves the list.
  #group() {
    this.groups.clear();
    for (const span of this.store.listed()) this.#groupOf(span).spans.push(span.id);
    const groups = [...this.groups.values()];
    if (this.byDoubt) {
      const doubt = new Map(groups.map((group) => [group, lowest(this.#spans(group))]));
      groups.sort((one, other) => doubt.get(one) - doubt.get(other));
    }
    this.rows.replaceChildren(...groups.map(({ row }) => row));
    for (const group of groups) this.#fill(group);
    this.order.textContent = this.byDoubt ? "Sorted by doubt" : "Sorted by position";
    this.order.title = this.byDoubt ? "Sort by position" : "Sort by doubt, the most doubtful first";
    this.#fillChips();
    this.#mark();
  }

  #key(span) {
    return `${span.label} ${this.store.quote(span)}`;
  }

  #groupOf(span) {
    const key = this.#key(span);
    if (!this.groups.has(key)) this.groups.set(key, { key, spans: [], row: createElement("li", {}) });
    return this.groups.get(key);
  }

  #spans(group) {
    return group.spans.map((id) => this.store.spans.get(id)).filter(Boolean);
  }

  // A row says what of its group is left; once nothing is, what became of it.
  #fill(group) {
    const spans = this.#spans(group);
    const left = spans.filter(({ state }) => state === "s");
    const [first] = left.length ? left : spans;
    group.row.hidden = !first;
    if (!first) return;
    const doubtful = left.filter((span) => this.store.isDoubtful(span)).length;
    const label = this.store.labels.get(first.label);
    const words = shorten(this.store.quote(first));
    const number = left.length || spans.length;
    const score = lowest(left);
    const facts = [
      ...linkSign(left.length ? left : spans, this.store),
      ...(number > 1 ? [createElement("span", { className: "times" }, `×${number}`)] : []),
      createElement("span", { className: `tag ${label?.colour ?? ""}` }, label?.name ?? ""),
      ...(doubtful
        ? [createElement("span", { className: "doubtful" }, number > 1 ? `${doubtful} doubtful` : "doubtful")]
        : []),
      ...(left.length && Number.isFinite(score)
        ? [createElement("span", { className: "score" }, score.toFixed(2))]
        : []),
    ];
    const buttons = left.length && this.store.editable ? ["confirm", "reject"].map((verb) => button(verb, words)) : [];
    group.row.id = `row-${first.id}`;
    group.row.className = STATES[first.state];
    group.row.replaceChildren(
      createElement("span", { className: "sign", title: STATES[first.state] }, SIGNS[first.state]),
      createElement("a", { dir: "auto", href: `?span=${first.id}#s${first.id}` }, words || "(white space)"),
      ...facts,
      ...buttons,
    );
  }

  #fillChips() {
    const counts = new Map();
    for (const { label } of this.store.waiting()) counts.set(label, (counts.get(label) ?? 0) + 1);
    const chip = (id, name, colour, count) =>
      createElement(
        "button",
        {
          type: "button",
          className: `chip ${colour}`,
          "data-only": id,
          "aria-pressed": String(this.store.only === id),
        },
        `${name} ${count}`,
      );
    // Those of which nothing is left stay, so that nothing moves.
    for (const id of counts.keys()) this.listed.add(id);
    const labels = [...this.store.labels.values()].filter(({ id }) => this.listed.has(id));
    this.chips.hidden = labels.length < 2 && !this.store.only;
    this.chips.replaceChildren(
      chip(0, "All", "", this.store.waiting().length),
      ...labels.map(({ id, name, colour }) => chip(id, name, colour, counts.get(id) ?? 0)),
    );
  }

  #choose(pressed) {
    if (!pressed) return;
    const id = Number(pressed.dataset.only);
    this.limit(this.store.only === id ? 0 : id);
    this.chips.querySelector(`[data-only="${id}"]`)?.focus();
  }

  // Show only the suggestions of a label, or all.
  limit(label) {
    this.store.only = label;
    this.#group();
    this.#show();
    this.filtered();
  }

  #click(event) {
    const row = event.target.closest("li");
    const group = [...this.groups.values()].find((one) => one.row === row);
    const pressed = event.target.closest("button, a");
    if (!group || !pressed) return;
    event.preventDefault();
    event.stopPropagation();
    const spans = this.#spans(group);
    const left = spans.filter(({ state }) => state === "s");
    if (pressed.name) return left.length > 1 ? this.many(pressed.name, left) : this.#decide(left[0], pressed.name);
    // Clicked again, the next one of the group.
    const at = spans.findIndex(({ id }) => id === this.selected);
    this.select(spans[(at + 1) % spans.length].id, { focus: false });
  }

  #decide(span, verb) {
    this.select(span.id, { focus: false });
    this.act(verb);
  }

  // The list follows the selected span.
  mark(id) {
    this.selected = id;
    if (!this.built || this.marking) return;
    this.marking = true;
    whenIdle(() => {
      this.marking = false;
      this.#mark();
    });
  }

  #mark() {
    this.current?.removeAttribute("aria-current");
    const span = this.store.spans.get(this.selected);
    const group = span && [...this.groups.values()].find((one) => one.spans.includes(span.id));
    this.current = group?.row.querySelector("a") ?? null;
    this.current?.setAttribute("aria-current", "true");
    if (this.current) scrollWithin(this.desk.querySelector(".panel"), group.row);
  }

  draw(changes) {
    this.#show();
    if (!this.built || this.drawing) {
      this.changed?.push(...changes);
      return;
    }
    // No key waits for the rows.
    [this.drawing, this.changed] = [true, [...changes]];
    whenIdle(() => {
      this.drawing = false;
      this.#redraw(this.changed.splice(0));
    });
  }

  #redraw(changes) {
    const touched = new Set();
    const renamed = new Map(changes.filter(({ was }) => was).map(({ was, id }) => [was, id]));
    for (const group of this.groups.values()) {
      group.spans = group.spans.map((id) => renamed.get(id) ?? id);
      if (changes.some(({ id, was }) => group.spans.includes(id) || group.spans.includes(was))) touched.add(group);
    }
    let grown = false;
    for (const span of this.store.listed()) {
      const known = this.groups.get(this.#key(span));
      if (known?.spans.includes(span.id)) continue;
      const group = this.#groupOf(span);
      group.spans.push(span.id);
      touched.add(group);
      grown ||= !known;
      if (!known) this.rows.append(group.row);
    }
    for (const group of touched) this.#fill(group);
    if (grown && !this.byDoubt) this.#sort();
    this.#fillChips();
    if (this.decided.open) this.#fillDecided();
    this.#mark();
  }

  #sort() {
    const start = (group) => Math.min(...this.#spans(group).map((span) => span.start));
    const groups = [...this.groups.values()].sort((one, other) => start(one) - start(other));
    this.rows.append(...groups.map(({ row }) => row));
  }

  #fillDecided() {
    if (!this.decided.open || !this.built) return;
    const spans = this.store.drawn().filter(({ state }) => state !== "s");
    const rows = spans.map((span) => {
      const label = this.store.labels.get(span.label);
      return createElement(
        "li",
        { id: `row-${span.id}`, className: STATES[span.state] },
        createElement("span", { className: "sign", title: STATES[span.state] }, SIGNS[span.state]),
        createElement("a", { dir: "auto", href: `?span=${span.id}#s${span.id}` }, shorten(this.store.quote(span))),
        ...linkSign([span], this.store),
        createElement("span", { className: `tag ${label?.colour ?? ""}` }, label?.name ?? ""),
      );
    });
    this.decided
      .querySelector(".decided-rows")
      .replaceChildren(createElement("ol", { className: "spans decided" }, ...rows));
  }

  // The counts, at once: they are what an editor looks at.
  #show() {
    const [waiting, drawn] = [this.store.waiting(), this.store.drawn()];
    const doubtful = waiting.filter((span) => this.store.isDoubtful(span)).length;
    const say = (selector, words) => {
      const place = this.desk.querySelector(selector);
      if (place && place.textContent !== words) place.textContent = words;
    };
    const left = `${waiting.length} left${doubtful ? `, ${doubtful} doubtful` : ""}`;
    say(".review-state .left", waiting.length ? left : `all ${drawn.length} decided`);
    this.waiting.hidden = !waiting.length && !this.rows?.children.length;
    this.decided.hidden = drawn.length === waiting.length;
    if (drawn.length) this.desk.querySelector(".panel .empty")?.remove();
    say("#waiting-title .count", String(waiting.length));
    say("#decided-title .count", String(drawn.length - waiting.length));
    this.#sayFinish(waiting.length, this.store.suggestedLinks().length);
  }

  // What finishing confirms. A narrow window has no room for all of it.
  #sayFinish(spans, links) {
    const place = this.desk.querySelector("#finish-count");
    if (!place) return;
    const counted = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
    const noun = spans === 1 ? "span" : "spans";
    if (!spans) place.textContent = links ? `Confirm ${counted(links, "link")} and finish` : "Finish";
    else if (!links) place.textContent = `Confirm ${spans} and finish`;
    else {
      const wide = createElement("span", { className: "wide" }, ` ${noun}, ${counted(links, "link")}`);
      place.replaceChildren(`Confirm ${spans}`, wide, " and finish");
    }
  }
}

function button(name, words) {
  const says = name === "confirm" ? "Confirm" : "Reject";
  const values = { type: "button", name, title: says, "aria-label": `${says} ${words}` };
  return createElement("button", values, name === "confirm" ? "✓" : "✕");
}

// Scroll only the box, and only as far as needed.
function scrollWithin(box, row) {
  if (!box || box.scrollHeight <= box.clientHeight) return;
  const pinned = box.querySelector("#selected-span");
  if (!pinned || getComputedStyle(pinned).position !== "sticky") return;
  const [outer, inner] = [box.getBoundingClientRect(), row.getBoundingClientRect()];
  const top = Math.max(outer.top, pinned.getBoundingClientRect().bottom);
  if (inner.top < top) box.scrollTop -= top - inner.top + 8;
  else if (inner.bottom > outer.bottom - 48) box.scrollTop += inner.bottom - outer.bottom + 56;
}
