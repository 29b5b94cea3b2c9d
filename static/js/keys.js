// Keys. On every page they press the buttons and links that carry them: <button data-key="/">. On the workbench they
// are its own, as the person chose them. In form fields they only write.
import { isField } from "./fields.js";

const SIGNS = {
  BracketLeft: "[{",
  BracketRight: "]}",
  Slash: "/?",
  Comma: ",<",
  Period: ".>",
  Semicolon: ";:",
  Quote: "'\"",
  Minus: "-_",
  Equal: "=+",
  Backslash: "\\|",
  Backquote: "`~",
};
const typing = (target) =>
  target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");

// Whether Alt only helped to write a sign: as Alt Gr, which Windows reports as Ctrl and Alt, or as Option on a Mac.
function writesWithAlt(event) {
  if (event.getModifierState("AltGraph")) return true;
  const { key, code, ctrlKey, altKey } = event;
  return altKey && key.length === 1 && !/[\p{L}\p{N}]/u.test(key) && (ctrlKey || /^(Digit|Key)/.test(code));
}

const isChord = (event) => (event.ctrlKey || event.metaKey) && !writesWithAlt(event);
const asksForCharacter = (event) => event.altKey && !writesWithAlt(event);

// The sign at this place of a US keyboard.
function onLatinKeyboard({ code, shiftKey }) {
  const letter = /^Key(.)$/.exec(code)?.[1];
  if (letter) return shiftKey ? letter : letter.toLowerCase();
  const digit = /^Digit(.)$/.exec(code)?.[1];
  if (digit) return shiftKey ? null : digit;
  return SIGNS[code]?.[shiftKey ? 1 : 0] ?? null;
}

// What a key may mean, the likeliest first: what it writes, Caps Lock aside; then what a Latin keyboard has there, where
// it writes no Latin letter. Digits and brackets count by their place on every keyboard: AZERTY and QWERTZ have others there.
export function meanings(event) {
  const { key, code, shiftKey } = event;
  const written = [...key].length > 1 ? key : shiftKey ? key.toUpperCase() : key.toLowerCase();
  const foreign = !/^[\p{Script=Latin}\p{ASCII}]/u.test(key) || key === "Process" || key === "Unidentified";
  const placed = foreign || /^(Digit|Bracket)/.test(code) ? onLatinKeyboard(event) : null;
  return placed && !writesWithAlt(event) ? [written, placed] : [written];
}

function press(event) {
  if (event.defaultPrevented || event.isComposing) return;
  if (typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const chord = isChord(event);
  if (asksForCharacter(event) || (chord && event.key !== "Enter")) return;
  const carriers = [...document.querySelectorAll("[data-key]")].filter((one) => !one.disabled);
  const wanted = chord ? ["Ctrl+Enter"] : meanings(event);
  const element = wanted.map((key) => carriers.find((one) => one.dataset.key === key)).find(Boolean);
  if (!element) return;
  event.preventDefault();
  if (element.matches("input:not([type=checkbox])")) element.focus();
  else element.click();
}

export function start() {
  document.documentElement.classList.add("keys");
  document.addEventListener("keydown", press);
}

// {name} of the command that a key means, or {label}: whatever it writes comes before its place on the keyboard.
function meant(event, { keys, book }) {
  for (const key of meanings(event)) {
    const name = Object.keys(keys).find((one) => keys[one] === key);
    if (name) return { name };
    const label = asksForCharacter(event)
      ? null
      : [...book.labels.values()].find(({ digit, letter }) => key === digit || key === letter);
    if (label) return { label };
  }
  return {};
}

const EDGE = /^(start|end)-(in|out)$/;

function onDesk(event, bench) {
  const { bulk, picking } = bench;
  const { name, label } = meant(event, bench);
  if (bulk.shown) return (name || label) && bench.inBulk(label ? "label" : name, label?.id);
  if (event.key === "Escape") return leave(bench);
  if (picking?.key(event)) return true;
  if (event.key === "Tab") return tab(event, bench);
  if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
    const along = event.key === "ArrowRight" ? 1 : -1;
    return !event.altKey && !event.shiftKey && bench.walk(bench.paper.box.dir === "rtl" ? -along : along);
  }
  if (label) return bench.act("label", label.id) ?? true;
  if (name === "search") return focus(".search input");
  if (name === "help") return list();
  if (name === "guidelines") return list(bench.desk.dataset.guidelines);
  if (name && EDGE.test(name)) return bench.edge(name, asksForCharacter(event)) ?? true;
  if (name) return bench.act(name) ?? true;
  return false;
}

function leave(bench) {
  if (bench.picking?.picked()) bench.picking.clear();
  else bench.take(0);
  document.activeElement?.blur();
  return true;
}

// Tab walks the spans from the text; at their end it goes on as in every page.
function tab(event, bench) {
  const at = document.activeElement;
  const inText = !at || at === document.body || at.closest("#text") || at.id === "main";
  return Boolean(inText && !event.altKey && bench.walk(event.shiftKey ? -1 : 1));
}

function focus(selector) {
  document.querySelector(selector)?.focus();
  return true;
}

// The list of keys, or the guidelines, over the page; the same key or Esc closes it.
async function list(address) {
  const open = document.getElementById("sheet-dialog");
  if (open) return open.remove();
  const dialog = document.createElement("dialog");
  dialog.id = "sheet-dialog";
  dialog.className = "keys-dialog";
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  const page = address ?? document.querySelector("a[data-keys-list]").href;
  const html = await fetch(page)
    .then((response) => response.text())
    .catch(() => "");
  const found = new DOMParser().parseFromString(html, "text/html").querySelector("#guidelines, #keys-list");
  dialog.append(found ? document.adoptNode(found) : "Cannot reach the server.");
  dialog.tabIndex = -1;
  document.body.append(dialog);
  dialog.showModal();
  return true;
}

export function listen(benchNow) {
  document.addEventListener(
    "keydown",
    (event) => {
      const bench = benchNow();
      if (!bench || event.defaultPrevented || event.isComposing || typing(event.target)) return;
      const chord = isChord(event);
      if (chord && isField(event.target)) return;
      const sheet = document.querySelector("dialog[open]:not(.bulk)");
      if (sheet) {
        // Removed at once: the event that says it is closed comes after the next key.
        if (sheet.id === "sheet-dialog" && ["help", "guidelines"].includes(meant(event, bench).name)) sheet.remove();
        return;
      }
      const done = chord ? chorded(event, bench) : onDesk(event, bench);
      if (done) event.preventDefault();
    },
    { capture: true },
  );
}

function chorded(event, bench) {
  if (event.altKey || bench.bulk.shown) return false;
  // Held down, it is what sent a field's form or finished the article before.
  if (event.key === "Enter") return event.repeat || (bench.act("finish") ?? true);
  const keys = meanings(event).map((key) => key.toLowerCase());
  if (keys.includes("z")) return bench.act(event.shiftKey ? "redo" : "undo") ?? true;
  if (keys.includes("y")) return bench.act("redo") ?? true;
  return false;
}
