// The order in which keys walk the spans, and what a screen reader is told of each.
import { STATES } from "./span-store.js";

const before = (one, other) => one.start - other.start || other.end - one.end || one.id - other.id;

export function neighbour(spans, hand, way) {
  if (!hand) return way > 0 ? spans[0] : spans.at(-1);
  return way > 0 ? spans.find((span) => before(span, hand) > 0) : spans.findLast((span) => before(span, hand) < 0);
}

// The suggestion to decide next: after the one in hand, else the first.
export function nextWaiting(book, hand) {
  const waiting = book.waiting().filter((span) => span.id !== hand?.id);
  return (hand && waiting.find((span) => before(span, hand) > 0)) ?? waiting[0] ?? null;
}

export function described(book, span) {
  const spans = book.drawn();
  const words = book.quote(span).replace(/\s+/g, " ").trim();
  return `${words}, ${book.labels.get(span.label)?.name ?? ""}, ${STATES[span.state]}, ${spans.indexOf(span) + 1} of ${spans.length}`;
}

// Bring into view what is not, without moving what is.
export function look(element) {
  const narrow = window.innerWidth <= 800;
  const box = element.getBoundingClientRect();
  const [top, bottom] = narrow ? [96, window.innerHeight * 0.42] : [64, window.innerHeight - 96];
  if (box.top >= top && box.bottom <= bottom) return;
  const aim = narrow ? 140 : window.innerHeight * 0.38;
  window.scrollBy(0, box.top - aim);
}
