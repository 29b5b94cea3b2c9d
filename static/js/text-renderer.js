// Redraws ranges of the text with the same elements as annotations/review/text_renderer.py. The text itself never
// changes: it is indexed once as units, its text nodes and top-level elements.
import { STATES } from "./span-store.js";

const DEPTH = 6;
const LANES = 5;
const PARAGRAPH = 60;
// As in annotations/review/text_renderer.py: a suggestion without a score is unsure, and spans of editors are sure.
function strength({ score, state }) {
  if (score === null) return state === "s" ? "middling" : "strong";
  return score >= 0.8 ? "strong" : score >= 0.5 ? "middling" : "weak";
}

export class TextRenderer {
  constructor(box, store) {
    this.box = box;
    this.store = store;
    this.selected = 0;
    this.units = [];
    this.of = new Map();
    this.at = 0;
    for (const line of box.querySelectorAll(".ln")) this.#index(line);
  }

  #index(container) {
    for (const node of container.childNodes) {
      if (node.nodeName === "BUTTON") continue;
      if (node.nodeType === Node.ELEMENT_NODE && node.classList.contains("zone")) this.#index(node);
      else {
        const unit = { start: this.at, end: this.at + node.textContent.length, node };
        this.at = unit.end;
        this.units.push(unit);
        this.of.set(node, unit);
      }
    }
  }

  // The position of the unit at `at`.
  #find(at) {
    let [low, high] = [0, this.units.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.units[middle].end > at) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  // Redraw the ranges of the changed spans.
  draw(changes) {
    const spans = changes.flatMap(({ before, after }) => [before, after]).filter(Boolean);
    spans.sort((one, other) => one.start - other.start);
    const ranges = [];
    for (const { start, end } of spans) {
      const last = ranges.at(-1);
      if (last && start <= last[1]) last[1] = Math.max(last[1], end);
      else ranges.push([start, end]);
    }
    const focusedSpan = document.activeElement?.closest?.("#text [data-s]")?.dataset.s;
    const selection = this.#domSelection();
    for (const [start, end] of ranges) this.#redraw(start, end);
    if (selection) this.#restoreSelection(selection);
    if (focusedSpan) queueMicrotask(() => this.#restoreFocus(Number(focusedSpan)));
  }

  // The focus is lost where its element was replaced. Mostly the next span is selected right after: then it has the focus,
  // and a layout is saved.
  #restoreFocus(id) {
    if (document.activeElement === document.body) this.link(id)?.focus({ preventScroll: true });
  }

  // The browser's selection, to be restored when its elements are replaced.
  #domSelection() {
    const { anchorNode, anchorOffset, focusNode, focusOffset } = document.getSelection();
    if (!this.box.contains(anchorNode) || !this.box.contains(focusNode)) return null;
    return {
      nodes: [anchorNode, focusNode],
      places: [this.offset(anchorNode, anchorOffset), this.offset(focusNode, focusOffset)],
    };
  }

  #restoreSelection({ nodes, places: [anchor, focus] }) {
    if (nodes.every((node) => node.isConnected)) return;
    const range = this.range(Math.min(anchor, focus), Math.max(anchor, focus));
    const ends = [
      [range.startContainer, range.startOffset],
      [range.endContainer, range.endOffset],
    ];
    if (anchor > focus) ends.reverse();
    document.getSelection().setBaseAndExtent(...ends[0], ...ends[1]);
  }

  #redraw(from, to) {
    let [start, end] = [from, to];
    let spans = [];
    for (let grown = true; grown; ) {
      spans = this.store.drawn().filter((span) => span.start < end && start < span.end);
      const wider = [
        Math.min(start, ...spans.map((span) => span.start)),
        Math.max(end, ...spans.map((span) => span.end)),
      ];
      grown = wider[0] < start || wider[1] > end;
      [start, end] = wider;
    }
    const [first, last] = [this.#find(start), this.#find(Math.max(start, end - 1))];
    const old = this.units.slice(first, last + 1);
    const lanes = lanesOf(spans);
    const fresh = [];
    for (let at = 0; at < old.length; ) {
      const container = old[at].node.parentNode;
      let until = at;
      while (until < old.length && old[until].node.parentNode === container) until += 1;
      const pieces = this.#pieces(old[at].start, old[until - 1].end, spans, lanes);
      const before = old[at].node;
      for (const piece of pieces) container.insertBefore(piece.node, before);
      fresh.push(...pieces);
      at = until;
    }
    for (const unit of old) {
      unit.node.remove();
      this.of.delete(unit.node);
    }
    for (const unit of fresh) this.of.set(unit.node, unit);
    this.units.splice(first, old.length, ...fresh);
  }

  #pieces(from, to, spans, lanes) {
    const edges = new Set([from, to]);
    for (const { start, end } of spans) for (const edge of [start, end]) if (edge > from && edge < to) edges.add(edge);
    const cuts = [...edges].sort((one, other) => one - other);
    return cuts.slice(1).flatMap((end, position) => {
      const start = cuts[position];
      const covering = coveringOf(spans, start, end);
      return covering.length
        ? [{ start, end, node: this.#nested(start, end, covering, lanes) }]
        : this.#plain(start, end);
    });
  }

  #nested(start, end, covering, lanes) {
    let [outermost, holding] = [null, null];
    covering.forEach((span, position) => {
      const element = this.#element(span, position === covering.length - 1, start, end, lanes);
      if (holding) holding.append(element);
      else outermost = element;
      holding = element;
    });
    holding.append(this.store.text.slice(start, end));
    return outermost;
  }

  #element(span, innermost, start, end, lanes) {
    const element = document.createElement(innermost ? "a" : "span");
    const selected = span.id === this.selected ? " selected" : "";
    const label = this.store.labels.get(span.label);
    const link = span.link ? ` link-${STATES[span.link.state]}` : "";
    element.className = `sp ${STATES[span.state]} ${label?.colour ?? ""} n${Math.min(lanes.get(span.id) ?? 0, LANES - 1)} ${strength(span)}${link}${selected}`;
    element.dataset.s = span.id;
    if (start === span.start) element.id = `s${span.id}`;
    if (end === span.end) element.dataset.tag = label?.short ?? "";
    if (innermost) {
      element.href = `?span=${span.id}${this.store.showRejected ? "&rejected=1" : ""}#s${span.id}`;
      element.draggable = false;
      element.setAttribute("aria-label", this.store.describe(span));
      element.title = `${label?.name ?? ""}, ${STATES[span.state]}${span.score === null ? "" : `, score ${span.score.toFixed(2)}`}`;
    }
    return element;
  }

  #plain(from, to) {
    const { text } = this.store;
    const found = [];
    for (const run of text.slice(from, to).matchAll(/\n+|[^\n]+/g)) {
      const [start, words] = [from + run.index, run[0]];
      let node = document.createTextNode(words);
      const alone = words.length === 1 && !["\n", ""].includes(text.slice(start + 1, start + 2));
      const broken = words[0] === "\n";
      if (!broken || (alone && start - text.lastIndexOf("\n", start - 1) - 1 > PARAGRAPH)) {
        const element = document.createElement(broken ? "i" : "span");
        element.append(node);
        node = element;
      }
      found.push({ start, end: start + words.length, node });
    }
    return found;
  }

  // The elements of a span.
  elements(id) {
    const span = this.store.spans.get(id);
    if (!span) return [];
    const found = [];
    for (let at = this.#find(span.start); at < this.units.length && this.units[at].start < span.end; at += 1) {
      const { node } = this.units[at];
      if (node.nodeType !== Node.ELEMENT_NODE) continue;
      if (node.dataset.s === String(id)) found.push(node);
      found.push(...node.querySelectorAll(`[data-s="${id}"]`));
    }
    return found;
  }

  // The element of a span that can have the focus: its link, or else its first element.
  link(id) {
    const elements = this.elements(id);
    return elements.find((element) => element.matches("a")) ?? elements[0] ?? null;
  }

  select(id) {
    if (this.selected) for (const element of this.elements(this.selected)) element.classList.remove("selected");
    this.selected = id;
    for (const element of this.elements(id)) element.classList.add("selected");
  }

  // The offset of a DOM position in the text, in UTF-16 units.
  offset(node, offset) {
    let top = node;
    while (top && top !== this.box && !this.of.has(top)) top = top.parentNode;
    const range = document.createRange();
    const unit = this.of.get(top);
    if (unit) range.setStart(unit.node, 0);
    else range.setStart(this.box, 0);
    range.setEnd(node, offset);
    return (unit?.start ?? 0) + range.toString().length;
  }

  range(start, end) {
    const range = document.createRange();
    range.setStart(...this.#point(start, this.#find(start)));
    range.setEnd(...this.#point(end, this.#find(Math.max(start, end - 1))));
    return range;
  }

  #point(at, position) {
    const unit = this.units[position];
    let left = at - unit.start;
    const walker = document.createTreeWalker(unit.node, NodeFilter.SHOW_TEXT);
    let node = unit.node.nodeType === Node.TEXT_NODE ? unit.node : walker.nextNode();
    while (node && left > node.length) {
      left -= node.length;
      node = walker.nextNode();
    }
    return [node, left];
  }
}

// By id, the lowest lane that no shorter span has taken where both are drawn, as in annotations/spans/span.py.
function lanesOf(spans) {
  const edges = [...new Set(spans.flatMap(({ start, end }) => [start, end]))].sort((one, other) => one - other);
  const segments = edges.slice(1).map((end, at) => coveringOf(spans, edges[at], end));
  const taken = segments.map(() => new Set());
  const lanes = new Map();
  const sorted = [...spans].sort(
    (one, other) => one.end - one.start - (other.end - other.start) || one.start - other.start,
  );
  for (const span of sorted) {
    const own = taken.filter((_, at) => segments[at].includes(span));
    let lane = 0;
    while (own.some((used) => used.has(lane))) lane += 1;
    if (own.length) lanes.set(span.id, lane);
    for (const used of own) used.add(lane);
  }
  return lanes;
}

// The spans that are drawn over a piece of the text, the outermost first.
const coveringOf = (spans, start, end) => spans.filter((span) => span.start <= start && span.end >= end).slice(-DEPTH);
