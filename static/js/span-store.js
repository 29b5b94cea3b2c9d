// The spans of an article as this page shows them, and how decisions change them. Offsets are in UTF-16 units. Possible
// spans, which have no id, are ordered with them.
import { Offsets } from "./code-points.js";

export const STATES = { s: "suggested", c: "confirmed", r: "rejected" };
const LETTERS = { suggested: "s", confirmed: "c", rejected: "r" };
// As in annotations/review/text_renderer.py.
const LINKED = { s: ", link suggested", c: ", linked" };
export const inReadingOrder = (one, other) =>
  one.start - other.start || other.end - one.end || (one.id ?? 0) - (other.id ?? 0);

export class SpanStore {
  constructor(desk) {
    const box = desk.querySelector("#text");
    this.text = box.textContent;
    this.offsets = new Offsets(this.text);
    this.labels = new Map();
    for (const place of desk.querySelectorAll("#labels [data-id]")) {
      const id = Number(place.dataset.id);
      this.labels.set(id, { ...place.dataset, id, definition: place.querySelector("dd").textContent });
    }
    // Hidden labels are not offered: they are listed for the spans that have them.
    this.offered = new Map([...this.labels].filter(([, label]) => !("hidden" in label)));
    this.byName = new Map([...this.labels.values()].map((label) => [label.name, label]));
    this.spans = new Map();
    this.#unpack(box.dataset.spans.split(" ").filter(Boolean));
    // The corpus whose entities spans are linked to; empty if it links none.
    this.corpus = box.dataset.entities ?? "";
    // By id, the entities that this page knows: {id, name, mentions, description}.
    this.entities = new Map();
    // By span id, why it is linked to none.
    this.reasons = new Map();
    if (this.corpus) this.#unpackLinks(JSON.parse(box.dataset.links));
    this.showRejected = "rejected" in desk.dataset;
    this.article = Number(desk.dataset.article);
    this.done = desk.dataset.stage === "done";
    this.editable = "editable" in desk.dataset;
    this.doubt = Number(desk.dataset.doubt) / 100;
    // Suggestions that came after the page was opened.
    this.late = new Set();
    // Walks, decisions on many and the list are limited to this label; 0 for none.
    this.only = 0;
    this.added = 0;
  }

  // The format of `packed` in annotations/review/text_renderer.py: each span as its difference from the one before.
  #unpack(pieces) {
    let [id, start, label, state, score] = [0, 0, 0, "", null];
    for (const piece of pieces) {
      const [step, revision, from, length, ...kind] = piece.split(":");
      id += Number(step || 1);
      start += Number(from);
      if (kind.length) [label, state, score] = [Number(kind[0]), kind[1], kind[2] === "" ? null : Number(kind[2])];
      const [first, last] = [this.offsets.unit(start), this.offsets.unit(start + Number(length))];
      const link = null;
      this.spans.set(id, { id, revision: Number(revision || 1), start: first, end: last, label, state, score, link });
    }
  }

  // The format of `pack_links` there. A link is {entity, state, score, revision}.
  #unpackLinks({ entities, links, unlinked }) {
    for (const [id, name, mentions, description = ""] of entities)
      this.entities.set(id, { id, name, mentions, description });
    const spans = [...this.spans.values()];
    let [at, state, score, revision] = [0, "", null, 1];
    for (const piece of links.split(" ").filter(Boolean)) {
      const [step, number, ...kind] = piece.split(":");
      at += Number(step);
      if (kind.length) [state, score, revision] = [kind[0], kind[1] === "" ? null : Number(kind[1]), Number(kind[2])];
      spans[at].link = { entity: entities[Number(number)][0], state, score, revision };
    }
    for (const [reason, positions] of Object.entries(unlinked))
      for (const position of positions) this.reasons.set(spans[position].id, reason);
  }

  // Whether spans with this label are linked to entities.
  isLinked(label) {
    return "linked" in (this.labels.get(label) ?? {});
  }

  // Take over what is known of an entity.
  know({ id, name, mentions, description }) {
    const known = this.entities.get(id) ?? { id, mentions: 0, description: "" };
    this.entities.set(id, {
      ...known,
      name,
      ...(mentions === undefined ? {} : { mentions }),
      ...(description === undefined ? {} : { description }),
    });
  }

  entity(span) {
    return span?.link ? this.entities.get(span.link.entity) : undefined;
  }

  // The spans whose links are only suggested.
  suggestedLinks() {
    return this.corpus
      ? [...this.spans.values()].filter(({ link, state }) => link?.state === "s" && state !== "r")
      : [];
  }

  #readLink(json) {
    if (json.entity === undefined) return this.spans.get(json.id)?.link ?? null;
    if (!json.entity) return null;
    this.know(json.entity);
    const { id: entity, state, score, revision } = json.entity;
    return { entity, state: LETTERS[state], score, revision };
  }

  // A span from its JSON in the REST API.
  read(json) {
    const { id, revision, score } = json;
    const [start, end] = [this.offsets.unit(json.start), this.offsets.unit(json.end)];
    const label = this.byName.get(json.label)?.id ?? 0;
    return { id, revision, start, end, label, state: LETTERS[json.state], score, link: this.#readLink(json) };
  }

  keep(span) {
    this.#count(this.spans.get(span.id), span);
    this.spans.set(span.id, span);
    this.sorted = null;
  }

  drop(id) {
    this.#count(this.spans.get(id), null);
    this.spans.delete(id);
    this.sorted = null;
  }

  // Mentions of entities follow what is decided here.
  #count(before, after) {
    const [was, now] = [before, after].map((span) => (span && span.state !== "r" ? span.link?.entity : undefined));
    if (was === now) return;
    for (const [id, step] of [
      [was, -1],
      [now, 1],
    ]) {
      const entity = this.entities.get(id);
      if (entity) this.know({ ...entity, mentions: Math.max(0, entity.mentions + step) });
    }
  }

  // The visible spans, in reading order.
  drawn() {
    this.sorted ??= [...this.spans.values()]
      .filter((span) => span.state !== "r" || this.showRejected)
      .sort(inReadingOrder);
    return this.sorted;
  }

  // The suggestions among them.
  waiting() {
    return this.drawn().filter((span) => span.state === "s");
  }

  // The suggestions of the chosen label, or all.
  listed() {
    return this.only ? this.waiting().filter(({ label }) => label === this.only) : this.waiting();
  }

  // Whether somebody should look at a suggestion: it is unsure, has no score, or is new on this page.
  isDoubtful({ id, state, score }) {
    return state === "s" && (score === null || score < this.doubt || this.late.has(id));
  }

  quote(span) {
    return this.text.slice(span.start, span.end);
  }

  holder(start, end, label) {
    for (const span of this.spans.values())
      if (span.start === start && span.end === end && span.label === label) return span;
    return null;
  }

  // The other suggestions with the same text and label.
  alike(span) {
    const quote = this.quote(span);
    return this.waiting().filter(
      (other) => other.id !== span.id && other.label === span.label && this.quote(other) === quote,
    );
  }

  // The others like it that a person has not linked.
  alikeToLink(span) {
    const quote = this.quote(span);
    return this.drawn().filter(
      (other) =>
        other.id !== span.id &&
        other.label === span.label &&
        other.state !== "r" &&
        other.link?.state !== "c" &&
        this.quote(other) === quote,
    );
  }

  // Apply a choice {verb, span, start, end, label, entity} as the server will. Returns the changes [{id, before, after}].
  apply({ verb, span: id, start, end, label, entity }) {
    const span = this.spans.get(id);
    if (verb === "add") return this.#aim(null, start, end, label, entity);
    if (!span) return [];
    if (verb === "link") return [this.#change(span, { link: linked(span, entity), state: "c" })];
    if (verb === "unlink") return [this.#change(span, { link: null })];
    if (verb === "reject") return [this.#change(span, { state: "r" })];
    if (verb === "confirm")
      return [
        this.#change(span, {
          state: "c",
          ...(entity && span.link?.state !== "c" ? { link: linked(span, entity) } : {}),
        }),
      ];
    return this.#aim(span, start ?? span.start, end ?? span.end, label ?? span.label);
  }

  #aim(span, start, end, label, entity = 0) {
    const holder = this.holder(start, end, label);
    if (holder && holder !== span)
      return [this.#change(holder, { state: "c" }), ...(span ? [this.#change(span, { state: "r" })] : [])];
    if (span) return [this.#change(span, { start, end, label, state: "c", score: null })];
    this.added -= 1;
    const link = entity ? linked(null, entity) : null;
    const made = { id: this.added, revision: 0, start, end, label, state: "c", score: null, link };
    this.keep(made);
    return [{ id: made.id, before: null, after: made }];
  }

  #change(span, values) {
    const after = { ...span, ...values };
    this.keep(after);
    return { id: span.id, before: span, after };
  }

  // Restore the spans as they were "before" or "after" the changes. Revisions do not change.
  restore(changes, side) {
    const restored = [];
    for (const change of [...changes].reverse()) {
      const now = this.spans.get(change.id);
      const then = change[side];
      const link = then?.link && { ...then.link, revision: now?.link?.revision ?? then.link.revision };
      if (then) this.keep({ ...then, link, revision: now?.revision ?? then.revision });
      else this.drop(change.id);
      restored.push({ id: change.id, before: now ?? null, after: then && this.spans.get(change.id) });
    }
    return restored;
  }

  rename(from, to) {
    const span = this.spans.get(from);
    if (!span) return;
    this.drop(from);
    this.keep({ ...span, id: to });
  }

  // Replace the id of a new entity by the server's.
  renameEntity(from, to) {
    const entity = this.entities.get(from);
    if (!entity) return;
    this.entities.delete(from);
    this.know({ ...entity, id: to });
    for (const span of this.spans.values()) {
      if (span.link?.entity === from) this.spans.set(span.id, { ...span, link: { ...span.link, entity: to } });
    }
    this.sorted = null;
  }

  // The server's mark of this state of the spans, as in annotations/review/queries/open_pages.py.
  mark() {
    let [count, ids, revisions] = [0, 0, 0];
    const links = [0, 0, 0];
    for (const span of this.spans.values()) {
      if (span.state === "r") continue;
      count += 1;
      ids += span.id;
      revisions += span.revision;
      if (!span.link) continue;
      for (const [at, number] of [1, span.link.entity, span.link.revision].entries()) links[at] += number;
    }
    return [count, ids, revisions, ...(this.corpus ? links : []), this.done ? "done" : "open"].join("-");
  }

  // The one of `spans` after `place` in reading order (`step` 1) or before it (-1); without a place, the first or last.
  neighbour(place, step, spans = this.drawn()) {
    if (!place) return (step > 0 ? spans[0] : spans.at(-1)) ?? null;
    const at = { id: 0, ...place };
    const isAfter = (other) => inReadingOrder(other, at) > 0;
    return (step > 0 ? spans.find(isAfter) : spans.findLast((other) => inReadingOrder(other, at) < 0)) ?? null;
  }

  // As `neighbour`, other than `place` itself, and from the other end after the last one.
  around(place, step, spans) {
    const others = spans.filter((other) => other !== place && (!place?.id || other.id !== place.id));
    return this.neighbour(place, step, others) ?? this.neighbour(null, step, others);
  }

  // For screen readers, as in annotations/review/text_renderer.py.
  describe(span) {
    const quote = this.quote(span).replace(/\s+/g, " ").trim();
    return `${quote}, ${this.labels.get(span.label)?.name ?? ""}, ${STATES[span.state]}${LINKED[span.link?.state] ?? ""}`;
  }

  // Where a span stands among all.
  position(span) {
    const spans = this.drawn();
    return `${spans.indexOf(span) + 1} of ${spans.length}`;
  }
}

// The link of a span that a person links to an entity.
const linked = (span, entity) => ({
  entity,
  state: "c",
  score: null,
  revision: span?.link?.entity === entity ? span.link.revision + 1 : 1,
});

export const sameLink = (one, other) =>
  one?.entity === other?.entity && one?.state === other?.state && one?.revision === other?.revision;
