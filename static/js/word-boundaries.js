// Boundaries of words and characters (Unicode UAX #29), in UTF-16 units of a text. Without Intl.Segmenter, letters, marks
// and digits together are a word.

const FALLBACK = /[\p{L}\p{M}\p{N}_\u200c\u200d]+(?:['’.][\p{L}\p{M}\p{N}]+)*/gu;
const CLOSING = /[\s.,;:!?…،؛؟。、»”’"')\]}–—-]/u;
const OPENING = /[\s«“„‘"'([{–—-]/u;
const PAIRS = { ")": "(", "]": "[", "}": "{", "»": "«", "”": "“" };
// Between the parts of one word: hyphens, soft hyphens, and invisible joiners.
const JOINED = /^(?:[-\u2010\u2011\u00ad\u200c\u2060]|\u200d)+$/;
const AROUND = 300;
const segmenters = new Map();

// The segmenter for "word" or "grapheme"; null if the browser has none. Creating one is the slowest step of the page.
function segmenter(granularity) {
  if (!segmenters.has(granularity))
    segmenters.set(granularity, globalThis.Intl?.Segmenter ? new Intl.Segmenter(undefined, { granularity }) : null);
  return segmenters.get(granularity);
}

// Create the segmenters, so that no key has to wait for them.
export function createSegmenters() {
  ["word", "grapheme"].forEach(segmenter);
}

// A range of the text around `at` that starts and ends at white space, if there is some within 200 characters.
function around(text, at, reach) {
  let [start, end] = [Math.max(0, at - reach), Math.min(text.length, at + reach)];
  for (let n = 0; n < 200 && start > 0 && !/\s/.test(text[start - 1]); n += 1) start -= 1;
  for (let n = 0; n < 200 && end < text.length && !/\s/.test(text[end]); n += 1) end += 1;
  return [start, end];
}

// The words near `at`, as [start, end).
export function wordsNear(text, at, reach = AROUND) {
  const [from, to] = around(text, at, reach);
  const piece = text.slice(from, to);
  const words = segmenter("word");
  const found = words
    ? Array.from(words.segment(piece)).filter(
        (part) => part.isWordLike || /\p{Extended_Pictographic}/u.test(part.segment),
      )
    : Array.from(piece.matchAll(FALLBACK), (match) => ({ index: match.index, segment: match[0] }));
  return found.map(({ index, segment }) => [from + index, from + index + segment.length]);
}

// The same for keys, which take a word with hyphens as one: “al-Bokmal”, “two-day”.
export function joinedWordsNear(text, at, reach = AROUND) {
  const found = [];
  for (const [start, end] of wordsNear(text, at, reach)) {
    const last = found.at(-1);
    if (last && JOINED.test(text.slice(last[1], start))) last[1] = end;
    else found.push([start, end]);
  }
  return found;
}

// Remove white space and punctuation around words: “(Damascus),” becomes Damascus, “U.S.” keeps its dot.
function trimPunctuation(text, start, end) {
  while (start < end && OPENING.test(text[start]) && !opensPair(text, start, end)) start += 1;
  while (start < end && CLOSING.test(text[end - 1]) && !closesPair(text, start, end)) end -= 1;
  return [start, end];
}

function opensPair(text, start, end) {
  const closing = Object.keys(PAIRS).find((sign) => PAIRS[sign] === text[start]);
  const at = closing ? text.indexOf(closing, start) : -1;
  return at > start && at < end - 1;
}

function closesPair(text, start, end) {
  const sign = text[end - 1];
  if (sign === ".") return /\p{L}\.\p{L}\.$/u.test(text.slice(Math.max(start, end - 6), end));
  const at = PAIRS[sign] ? text.lastIndexOf(PAIRS[sign], end - 2) : -1;
  return at > start;
}

// Extend a range to whole words, and trim it. A range without words only loses its white space.
export function snapToWords(text, start, end) {
  const first = wordsNear(text, start, 60).find(([from, to]) => from < start && start < to);
  const last = wordsNear(text, end, 60).find(([from, to]) => from < end && end < to);
  const [from, to] = trimPunctuation(text, first ? first[0] : start, last ? last[1] : end);
  if (from < to) return [from, to];
  const words = text.slice(start, end);
  return [start + words.length - words.trimStart().length, start + words.trimEnd().length];
}

// The next position of a boundary, or null: `side` is "start" or "end", `direction` -1 (left) or 1 (right).
export function moveBoundary(text, at, side, direction, character) {
  if (character) return characterStep(text, at, direction);
  const position = side === "start" ? 0 : 1;
  for (const reach of [AROUND, 3000]) {
    const places = joinedWordsNear(text, at, reach).map((word) => word[position]);
    const found = direction > 0 ? places.find((place) => place > at) : places.findLast((place) => place < at);
    if (found !== undefined) return found;
  }
  return null;
}

function characterStep(text, at, direction) {
  const from = Math.max(0, at - 60);
  const graphemes = segmenter("grapheme");
  const places = graphemes
    ? Array.from(graphemes.segment(text.slice(from, at + 60)), (part) => from + part.index)
    : Array.from(text.slice(from, at + 60).matchAll(/./gsu), (match) => from + match.index);
  if (at + 60 >= text.length) places.push(text.length);
  return (direction > 0 ? places.find((place) => place > at) : places.findLast((place) => place < at)) ?? null;
}
