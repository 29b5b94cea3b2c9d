// Selected words of the text -> offsets in code points, in a bar with the labels beside them.
import * as codePoints from "./code-points.js";

// What is selected within `box`, without white space at its edges; null where nothing is.
export function selected(box) {
  const selection = document.getSelection();
  if (!box || !selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const picked = selection.getRangeAt(0);
  if (!box.contains(picked.startContainer) || !box.contains(picked.endContainer)) return null;
  const before = document.createRange();
  before.selectNodeContents(box);
  before.setEnd(picked.startContainer, picked.startOffset);
  const words = picked.toString();
  const start = before.toString().length + (words.length - words.trimStart().length);
  const end = start + words.trim().length;
  if (start >= end) return null;
  return { ...codePoints.range(box.textContent, start, end), box: picked.getBoundingClientRect() };
}

function show(bar, found) {
  for (const name of ["start", "end", "quote"]) bar.elements[name].value = found[name];
  bar.querySelector(".picked").textContent = found.quote;
  bar.hidden = false;
  const left = Math.min(found.box.left, document.documentElement.clientWidth - bar.offsetWidth - 8);
  bar.style.left = `${Math.max(8, left) + window.scrollX}px`;
  bar.style.top = `${found.box.bottom + 8 + window.scrollY}px`;
}

function fill(name, values) {
  const form = document.querySelector(name);
  if (!form) return;
  for (const [field, value] of Object.entries(values)) if (form.elements[field]) form.elements[field].value = value;
}

function follow() {
  const bar = document.getElementById("mark");
  if (!bar || bar.contains(document.activeElement)) return;
  const found = selected(document.getElementById("text"));
  if (!found) {
    bar.hidden = true;
    return;
  }
  show(bar, found);
  fill("#add form", { quote: found.quote, start: found.start, end: found.end });
  fill("#zones > form", { quote: found.quote, start: found.start, end: found.end });
}

// Beside the boundaries of the span in hand stands what they would take in.
function preview(event) {
  const form = event.target.closest?.(".boundaries");
  if (!form) return;
  const [start, end] = [form.elements.start.value, form.elements.end.value];
  const words = form.querySelector(".moved");
  words.hidden = !/^[0-9]+$/.test(start) || !/^[0-9]+$/.test(end);
  words.textContent = words.hidden ? "" : codePoints.slice(document.getElementById("text").textContent, +start, +end);
}

export function start() {
  // A press on the bar must not take the selection away.
  document.addEventListener("mousedown", (event) => event.target.closest?.("#mark") && event.preventDefault());
  document.addEventListener("selectionchange", () => requestAnimationFrame(follow));
  document.addEventListener("input", preview);
}
