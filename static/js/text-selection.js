// Words that are picked to be marked: by mouse, by touch, or by keys that step from word to word.
import { near, snap, step, whole } from "./word-boundaries.js";

// A finger that rests so many milliseconds picks a word, unless it moves so many pixels.
const REST = 400;
const STRAY = 10;
// Between the bar and what is beside it.
const GAP = 8;

// The DOM position at a point of the window; null where there is no text.
function caretAt(x, y) {
  const found = document.caretPositionFromPoint?.(x, y);
  if (found) return [found.offsetNode, found.offset];
  const range = document.caretRangeFromPoint?.(x, y);
  return range ? [range.startContainer, range.startOffset] : null;
}

export class TextSelection {
  constructor(paper, book, bar) {
    Object.assign(this, { paper, book, bar });
    this.exact = false;
    this.stop = new AbortController();
    const { signal } = this.stop;
    // A press on the bar must not take the selection away.
    bar.addEventListener("mousedown", (event) => event.target.closest("button, .picked") && event.preventDefault(), {
      signal,
    });
    // While something is dragged over, too, Alt shows exactly what it will take.
    document.addEventListener("pointerdown", (event) => this.#begun(event), { signal });
    document.addEventListener("pointerup", (event) => this.#settle(event), { signal });
    document.addEventListener("pointercancel", () => bar.removeAttribute("inert"), { signal });
    // Not every browser lets go of the words by itself.
    paper.box.addEventListener("click", ({ pointerType }) => pointerType === "touch" && this.clear(), { signal });
    document.addEventListener("selectionchange", () => requestAnimationFrame(() => this.#follow()), { signal });
    const touched = { signal, passive: false };
    paper.box.addEventListener("touchstart", (event) => this.#touched(event.touches), { signal, passive: true });
    paper.box.addEventListener("touchmove", (event) => this.#dragged(event), touched);
    for (const name of ["touchend", "touchcancel"])
      paper.box.addEventListener(name, (event) => this.#lifted(event), touched);
  }

  // What is selected, as whole words unless Alt was held; null where nothing is. What begins or ends in the text is
  // taken as far as the text goes: a third click in its last line selects up to what stands behind it.
  picked() {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
    const range = selection.getRangeAt(0);
    const { box } = this.paper;
    const [begins, ends] = [box.contains(range.startContainer), box.contains(range.endContainer)];
    if (!begins && !ends) return null;
    const start = begins ? this.paper.place(range.startContainer, range.startOffset) : 0;
    const end = ends ? this.paper.place(range.endContainer, range.endOffset) : this.book.text.length;
    if (start >= end) return null;
    const [from, to] = this.exact || this.walking ? [start, end] : snap(this.book.text, start, end);
    return from < to ? { start: from, end: to } : null;
  }

  #begun(event) {
    if (this.bar.contains(event.target)) return;
    this.exact = event.altKey;
    // What is dragged goes on beneath the bar.
    this.bar.inert = this.paper.box.contains(event.target);
    // Else the browser would drag the selected words away.
    if (event.pointerType === "mouse" && !event.button && !event.shiftKey && this.picked()) this.clear();
  }

  // A finger that rests picks the word beneath it, and those that it then moves over.
  #touched(fingers) {
    clearTimeout(this.resting);
    this.held = null;
    if (fingers.length > 1) return;
    const [{ clientX, clientY }] = fingers;
    this.from = [clientX, clientY];
    this.resting = setTimeout(() => {
      this.held = this.#wordAt(clientX, clientY);
      if (this.held) this.set(...this.held);
    }, REST);
  }

  #dragged(event) {
    const [{ clientX, clientY }] = event.touches;
    if (Math.hypot(clientX - this.from[0], clientY - this.from[1]) > STRAY) clearTimeout(this.resting);
    if (!this.held) return;
    event.preventDefault();
    const word = this.#wordAt(clientX, clientY);
    if (word) this.set(Math.min(this.held[0], word[0]), Math.max(this.held[1], word[1]));
  }

  // No click follows: it would let go of the words.
  #lifted(event) {
    clearTimeout(this.resting);
    if (this.held && event.cancelable) event.preventDefault();
    this.held = null;
  }

  #wordAt(x, y) {
    const caret = caretAt(x, y);
    if (!caret || !this.paper.box.contains(caret[0])) return null;
    const at = this.paper.place(...caret);
    return near(this.book.text, at).find(([start, end]) => start <= at && at <= end) ?? null;
  }

  // What was dragged over is shown as it will be marked.
  #settle(event) {
    this.bar.inert = false;
    if (this.bar.contains(event.target)) return;
    this.exact = event.altKey;
    requestAnimationFrame(() => {
      const found = this.walking ? null : this.picked();
      if (found) this.set(found.start, found.end);
    });
  }

  set(start, end) {
    const range = this.paper.range(start, end);
    document
      .getSelection()
      .setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
  }

  clear() {
    this.walking = false;
    document.getSelection()?.removeAllRanges();
  }

  // Begin to pick by keys, at the word after `at`.
  begin(at) {
    const found = this.#word(at, 1) ?? this.#word(at, -1);
    if (!found) return;
    this.walking = true;
    this.set(...found);
  }

  #word(at, way) {
    for (const reach of [300, 5000]) {
      const words = whole(this.book.text, at, reach);
      const found = way > 0 ? words.find(([start]) => start >= at) : words.findLast(([, end]) => end <= at);
      if (found) return found;
    }
    return null;
  }

  // Arrow keys while picking: they step; with Shift they move the far end. True where the key was one of these.
  key(event) {
    const now = this.walking && this.picked();
    if (!now || event.ctrlKey || event.metaKey) return false;
    const along = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const across = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (along) this.#move(now, this.box_is_rtl() ? -along : along, event.shiftKey);
    else if (across) this.#line(now, across);
    else return false;
    return true;
  }

  box_is_rtl() {
    return this.paper.box.dir === "rtl";
  }

  #move({ start, end }, way, extend) {
    if (extend) {
      const to = step(this.book.text, end, "end", way, false);
      if (to !== null && to > start) this.#show(start, to);
      return;
    }
    const found = this.#word(way > 0 ? end : start, way);
    if (found) this.#show(...found);
  }

  #line({ start }, way) {
    const { text } = this.book;
    const from =
      way > 0 ? text.indexOf("\n", start) + 1 : text.lastIndexOf("\n", text.lastIndexOf("\n", start - 1) - 1) + 1;
    if (way > 0 && from === 0) return;
    const found = this.#word(from, 1);
    if (found) this.#show(...found);
  }

  #show(start, end) {
    this.set(start, end);
    const box = this.paper.range(start, end).getBoundingClientRect();
    if (box.top < 72 || box.bottom > window.innerHeight - 160) window.scrollBy(0, box.top - window.innerHeight * 0.38);
  }

  // The edges of what is picked, by the keys that move a span's.
  edge(side, way, character) {
    const now = this.picked();
    if (!now) return false;
    const to = step(this.book.text, now[side], side, way, character);
    const [start, end] = side === "start" ? [to, now.end] : [now.start, to];
    this.walking = true;
    if (to !== null && start < end) this.set(start, end);
    return true;
  }

  #follow() {
    const { bar } = this;
    if (bar.contains(document.activeElement)) return;
    const found = this.picked();
    if (!found) {
      bar.hidden = true;
      this.walking = false;
      return;
    }
    const words = this.book.text.slice(found.start, found.end);
    bar.querySelector(".picked").textContent = words;
    const values = {
      start: this.book.offsets.point(found.start),
      end: this.book.offsets.point(found.end),
      quote: words,
    };
    for (const form of [
      bar,
      document.getElementById("zone-form"),
      document.querySelector("#add form"),
      document.querySelector("#zones > form"),
    ]) {
      for (const [name, value] of Object.entries(values)) if (form?.elements[name]) form.elements[name].value = value;
    }
    bar.hidden = false;
    this.#place(this.paper.range(found.start, found.end).getBoundingClientRect());
  }

  // Below the words, above them where there is more room, and always within the window.
  #place(words) {
    const { bar } = this;
    const lowest = window.innerHeight - GAP - document.getElementById("foot").offsetHeight - bar.offsetHeight;
    const below = words.bottom + GAP;
    const above = words.top - GAP - bar.offsetHeight;
    const top = Math.min(below <= lowest || above < GAP ? below : above, lowest);
    const left = Math.min(words.left, document.documentElement.clientWidth - bar.offsetWidth - GAP);
    bar.style.left = `${Math.max(GAP, left) + window.scrollX}px`;
    bar.style.top = `${Math.max(GAP, top) + window.scrollY}px`;
  }
}
