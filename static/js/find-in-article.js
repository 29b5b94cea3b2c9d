// Find in the article: each typed piece is the beginning of a word, and several find words that follow each other. A piece
// with a capital finds only words with that capital. What has no word boundaries, or is found at none, is found anywhere.
import { createElement } from "./dom.js";

const WORD = /[\p{L}\p{M}\p{N}]+/gu;
// Letters that Unicode does not take apart, as they are typed without them.
const LETTERS = { ø: "o", Ø: "O", ł: "l", Ł: "L", đ: "d", Đ: "D", ı: "i", ß: "ss", æ: "ae", Æ: "AE", œ: "oe", Œ: "OE" };
const withoutMarks = (words) =>
  words
    .normalize("NFD")
    .replace(/\p{M}+/gu, "")
    .replace(/[øØłŁđĐıßæÆœŒ]/g, (letter) => LETTERS[letter]);

// The words of a text with their ranges, without marks: as written, and in lower case.
function wordsOf(text) {
  return Array.from(text.matchAll(WORD), ({ index, 0: found }) => {
    const word = withoutMarks(found);
    return { start: index, end: index + found.length, word, lower: word.toLowerCase() };
  });
}

// The ranges {start, end} that `typed` finds, in order.
export function findWords(text, words, typed) {
  const pieces = Array.from(typed.matchAll(WORD), ([piece]) => withoutMarks(piece));
  if (!pieces.length) return [];
  const starts = ({ word, lower }, piece) => (piece === piece.toLowerCase() ? lower : word).startsWith(piece);
  const found = words
    .map((_, at) => words.slice(at, at + pieces.length))
    .filter((some) => some.length === pieces.length && some.every((word, at) => starts(word, pieces[at])))
    .map((some) => ({ start: some[0].start, end: some.at(-1).end }));
  return found.length ? found : anywhere(text, typed.trim());
}

function anywhere(text, typed) {
  const [where, what] = [text.toLowerCase(), typed.toLowerCase()];
  // Lower case of other length: offsets would be wrong.
  if (where.length !== text.length) return [];
  const found = [];
  for (let at = where.indexOf(what); at >= 0; at = where.indexOf(what, at + what.length))
    found.push({ start: at, end: at + what.length });
  return found;
}

export class FindInArticle {
  // `from()` is the place to search from. `show(range)` shows a place while somebody types, null for none;
  // `land(range, exactly)` goes to it, and `label(digit)` labels it.
  constructor(bar, text, { from, show, land, label }) {
    Object.assign(this, { text, from, show, land, label });
    this.count = createElement("span", { role: "status" });
    this.field = createElement("input", { type: "search", id: "find-field", autocomplete: "off", spellcheck: false });
    this.form = createElement(
      "form",
      { className: "find", role: "search", hidden: true },
      createElement("label", { htmlFor: "find-field" }, "Find"),
      this.field,
      this.count,
    );
    bar.prepend(this.form);
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.field.addEventListener("input", () => this.#find());
    this.field.addEventListener("keydown", (event) => this.#pressed(event));
    this.field.addEventListener("blur", () => this.#close());
  }

  open() {
    this.words ??= wordsOf(this.text);
    this.place = this.from();
    this.field.value = "";
    this.form.hidden = false;
    this.field.focus();
    this.#find();
  }

  // The first place after the present one, or else the first.
  #find() {
    this.found = findWords(this.text, this.words, this.field.value);
    const after = this.found.findIndex(({ start }) => start >= this.place);
    this.at = 0;
    this.#step(Math.max(0, after));
  }

  #step(by) {
    const number = this.found.length;
    this.at = number ? (this.at + by + number) % number : 0;
    const typed = this.field.value.trim();
    this.count.textContent = number ? `${this.at + 1} of ${number}` : typed ? "Nothing found" : "Begin to type a word";
    this.show(this.found[this.at] ?? null);
  }

  // A digit that continues no word is the key of a label, for what was found.
  #labels(key) {
    return /^\d$/.test(key) && this.found.length && !findWords(this.text, this.words, this.field.value + key).length;
  }

  #pressed(event) {
    if (event.isComposing) return;
    if (this.#labels(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      this.#accept(false);
      this.label(event.key);
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#step(step);
    else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) this.#accept(event.shiftKey);
    else if (event.key === "Escape") this.#close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #accept(exactly) {
    const range = this.found[this.at];
    this.#close();
    if (range) this.land(range, exactly);
  }

  #close() {
    if (this.form.hidden) return;
    this.form.hidden = true;
    this.show(null);
    this.field.blur();
  }
}
