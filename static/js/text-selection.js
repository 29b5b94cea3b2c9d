// Text that is selected to become a span: by mouse, by touch, or by keys that step from word to word.
import { reveal } from "./dom.js";
import { joinedWordsNear, moveBoundary, snapToWords, wordsNear } from "./word-boundaries.js";

// A long press selects a word: milliseconds, and the pixels that the finger may move.
const LONG_PRESS = 400;
const TOLERANCE = 10;
// Pixels around the bar.
const GAP = 8;

// The DOM position at a point of the window; null where there is no text.
export function caretAt(x, y) {
  const found = document.caretPositionFromPoint?.(x, y);
  if (found) return [found.offsetNode, found.offset];
  const range = document.caretRangeFromPoint?.(x, y);
  return range ? [range.startContainer, range.startOffset] : null;
}

export class TextSelection {
  // `choices()` makes the buttons of the bar, which is filled when it is first shown.
  constructor(renderer, store, bar, choices) {
    Object.assign(this, { renderer, store, bar, choices });
    this.exact = false;
    this.stop = new AbortController();
    const { signal } = this.stop;
    // A press on the bar must not clear the selection.
    const keepSelection = (event) => event.target.closest("button, .selected-text") && event.preventDefault();
    bar.addEventListener("mousedown", keepSelection, { signal });
    document.addEventListener("pointerdown", (event) => this.#start(event), { signal });
    document.addEventListener("pointerup", (event) => this.#finish(event), { signal });
    document.addEventListener("pointercancel", () => bar.removeAttribute("inert"), { signal });
    // Some browsers keep the selection after a tap.
    renderer.box.addEventListener("click", ({ pointerType }) => pointerType === "touch" && this.clear(), { signal });
    document.addEventListener("selectionchange", () => requestAnimationFrame(() => this.#showBar()), { signal });
    const touched = { signal, passive: false };
    renderer.box.addEventListener("touchstart", (event) => this.#touchStart(event.touches), { signal, passive: true });
    renderer.box.addEventListener("touchmove", (event) => this.#touchMove(event), touched);
    for (const name of ["touchend", "touchcancel"])
      renderer.box.addEventListener(name, (event) => this.#touchEnd(event), touched);
  }

  // The selected range {start, end} in UTF-16 units: whole words, unless Alt was held. Null without a selection. A
  // selection that reaches outside the text is clipped, as after a triple click in the last line.
  range() {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
    const range = selection.getRangeAt(0);
    const { box } = this.renderer;
    const [startsInside, endsInside] = [box.contains(range.startContainer), box.contains(range.endContainer)];
    if (!startsInside && !endsInside) return null;
    const start = startsInside ? this.renderer.offset(range.startContainer, range.startOffset) : 0;
    const end = endsInside ? this.renderer.offset(range.endContainer, range.endOffset) : this.store.text.length;
    if (start >= end) return null;
    const [from, to] = this.exact || this.byKeys ? [start, end] : snapToWords(this.store.text, start, end);
    return from < to ? { start: from, end: to } : null;
  }

  #start(event) {
    if (this.bar.contains(event.target)) return;
    this.exact = event.altKey;
    // Dragging continues below the bar.
    this.bar.inert = this.renderer.box.contains(event.target);
    // Otherwise the browser would drag and drop the selected text.
    if (event.pointerType === "mouse" && !event.button && !event.shiftKey && this.range()) this.clear();
  }

  // A long press selects the word below the finger, and the words that it then moves over.
  #touchStart(fingers) {
    clearTimeout(this.pressing);
    this.held = null;
    if (fingers.length > 1) return;
    const [{ clientX, clientY }] = fingers;
    this.from = [clientX, clientY];
    this.pressing = setTimeout(() => {
      this.held = this.#wordAt(clientX, clientY);
      if (this.held) this.set(...this.held);
    }, LONG_PRESS);
  }

  #touchMove(event) {
    const [{ clientX, clientY }] = event.touches;
    if (Math.hypot(clientX - this.from[0], clientY - this.from[1]) > TOLERANCE) clearTimeout(this.pressing);
    if (!this.held) return;
    event.preventDefault();
    const word = this.#wordAt(clientX, clientY);
    if (word) this.set(Math.min(this.held[0], word[0]), Math.max(this.held[1], word[1]));
  }

  // Prevent the click that would clear the selection.
  #touchEnd(event) {
    clearTimeout(this.pressing);
    if (this.held && event.cancelable) event.preventDefault();
    this.held = null;
  }

  #wordAt(x, y) {
    const caret = caretAt(x, y);
    if (!caret || !this.renderer.box.contains(caret[0])) return null;
    const at = this.renderer.offset(...caret);
    return wordsNear(this.store.text, at).find(([start, end]) => start <= at && at <= end) ?? null;
  }

  // Show the selection as it will be used.
  #finish(event) {
    this.bar.inert = false;
    if (this.bar.contains(event.target)) return;
    this.exact = event.altKey;
    requestAnimationFrame(() => {
      const found = this.byKeys ? null : this.range();
      if (found) this.set(found.start, found.end);
    });
  }

  set(start, end) {
    const range = this.renderer.range(start, end);
    document
      .getSelection()
      .setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
  }

  clear() {
    this.byKeys = false;
    document.getSelection()?.removeAllRanges();
  }

  // Select by keys, starting at the word after `at`.
  begin(at) {
    const found = this.#word(at, 1) ?? this.#word(at, -1);
    if (found) this.show(...found);
  }

  #word(at, direction) {
    for (const reach of [300, 5000]) {
      const words = joinedWordsNear(this.store.text, at, reach);
      const found = direction > 0 ? words.find(([start]) => start >= at) : words.findLast(([, end]) => end <= at);
      if (found) return found;
    }
    return null;
  }

  // Handle arrow keys while selecting by keys: they step from word to word; with Shift they move the end. Returns whether
  // the key was one of these.
  key(event) {
    const now = this.byKeys && this.range();
    if (!now || event.ctrlKey || event.metaKey) return false;
    const along = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const across = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (along) this.#move(now, this.isRightToLeft() ? -along : along, event.shiftKey);
    else if (across) this.#line(now, across);
    else return false;
    return true;
  }

  isRightToLeft() {
    return this.renderer.box.dir === "rtl";
  }

  #move({ start, end }, direction, extend) {
    if (extend) {
      const to = moveBoundary(this.store.text, end, "end", direction, false);
      if (to !== null && to > start) this.show(start, to);
      return;
    }
    const found = this.#word(direction > 0 ? end : start, direction);
    if (found) this.show(...found);
  }

  #line({ start }, direction) {
    const { text } = this.store;
    const from =
      direction > 0 ? text.indexOf("\n", start) + 1 : text.lastIndexOf("\n", text.lastIndexOf("\n", start - 1) - 1) + 1;
    if (direction > 0 && from === 0) return;
    const found = this.#word(from, 1);
    if (found) this.show(...found);
  }

  // Select a range by keys, and bring it to the screen.
  show(start, end) {
    this.byKeys = true;
    this.set(start, end);
    reveal(this.renderer.range(start, end));
  }

  // Move a boundary of the selection, as for a span. False without a selection.
  moveBoundary(side, direction, character) {
    const now = this.range();
    if (!now) return false;
    const to = moveBoundary(this.store.text, now[side], side, direction, character);
    const [start, end] = side === "start" ? [to, now.end] : [now.start, to];
    this.byKeys = true;
    if (to !== null && start < end) this.set(start, end);
    return true;
  }

  #showBar() {
    const { bar } = this;
    if (bar.contains(document.activeElement)) return;
    const found = this.range();
    if (!found) {
      bar.hidden = true;
      this.byKeys = false;
      return;
    }
    const quote = this.store.text.slice(found.start, found.end);
    bar.querySelector(".selected-text").textContent = quote;
    const buttons = bar.querySelector(".choices");
    if (!buttons.firstChild) buttons.append(...this.choices());
    const values = {
      start: this.store.offsets.point(found.start),
      end: this.store.offsets.point(found.end),
      quote,
    };
    const forms = document.querySelectorAll("#zone-form, #add form, #zones > form");
    for (const form of forms) {
      for (const [name, value] of Object.entries(values)) if (form.elements[name]) form.elements[name].value = value;
    }
    bar.hidden = false;
    this.#place(this.renderer.range(found.start, found.end).getBoundingClientRect());
  }

  // Below the selection, or above if there is more room, and always within the window.
  #place(selected) {
    const { bar } = this;
    const lowest = window.innerHeight - GAP - document.getElementById("status-bar").offsetHeight - bar.offsetHeight;
    const below = selected.bottom + GAP;
    const above = selected.top - GAP - bar.offsetHeight;
    const top = Math.min(below <= lowest || above < GAP ? below : above, lowest);
    const left = Math.min(selected.left, document.documentElement.clientWidth - bar.offsetWidth - GAP);
    bar.style.left = `${Math.max(GAP, left) + window.scrollX}px`;
    bar.style.top = `${Math.max(GAP, top) + window.scrollY}px`;
  }
}
