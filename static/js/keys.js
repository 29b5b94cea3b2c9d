// Keys. On every page they press the buttons and links that name them: <button data-key="/">. The workbench has its own
// keys, as the person set them. In form fields, keys only type.
import { createElement } from "./dom.js";
import { isField } from "./fields.js";
import { focusField } from "./menus.js";

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
const isTyping = (target) =>
  target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");

// Whether Alt was only needed to type a character: as Alt Gr, which Windows reports as Ctrl and Alt, or Option on a Mac.
function typesWithAlt(event) {
  if (event.getModifierState("AltGraph")) return true;
  const { key, code, ctrlKey, altKey } = event;
  return altKey && key.length === 1 && !/[\p{L}\p{N}]/u.test(key) && (ctrlKey || /^(Digit|Key)/.test(code));
}

const isChord = (event) => (event.ctrlKey || event.metaKey) && !typesWithAlt(event);
const byCharacter = (event) => event.altKey && !typesWithAlt(event);

// The character of this key on a US keyboard.
function onLatinKeyboard({ code, shiftKey }) {
  const letter = /^Key(.)$/.exec(code)?.[1];
  if (letter) return shiftKey ? letter : letter.toLowerCase();
  const digit = /^Digit(.)$/.exec(code)?.[1];
  if (digit) return shiftKey ? null : digit;
  return SIGNS[code]?.[shiftKey ? 1 : 0] ?? null;
}

// What a key may mean, most likely first: the character that it types, without Caps Lock; then the one of a US keyboard,
// if it types no Latin letter. Digits and brackets count by position on every keyboard, because AZERTY and QWERTZ have
// other characters there.
export function meanings(event) {
  const { key, code, shiftKey } = event;
  const typed = [...key].length > 1 ? key : shiftKey ? key.toUpperCase() : key.toLowerCase();
  const foreign = !/^[\p{Script=Latin}\p{ASCII}]/u.test(key) || key === "Process" || key === "Unidentified";
  const latin = foreign || /^(Digit|Bracket)/.test(code) ? onLatinKeyboard(event) : null;
  return latin && !typesWithAlt(event) ? [typed, latin] : [typed];
}

function press(event) {
  if (event.defaultPrevented || event.isComposing) return;
  if (isTyping(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const chord = isChord(event);
  if (byCharacter(event) || (chord && event.key !== "Enter")) return;
  const elements = [...document.querySelectorAll("[data-key]")].filter((one) => !one.disabled);
  const keys = chord ? ["Ctrl+Enter"] : meanings(event);
  const element = keys.map((key) => elements.find((one) => one.dataset.key === key)).find(Boolean);
  if (!element) return;
  event.preventDefault();
  if (element.matches("input:not([type=checkbox])")) focusField(element);
  else element.click();
}

export function start() {
  document.documentElement.classList.add("keys");
  document.addEventListener("keydown", press);
}

// {name} of the command of a key, or {label}.
function commandOf(event, { keys, store }) {
  for (const key of meanings(event)) {
    const name = Object.keys(keys).find((one) => keys[one] === key);
    if (name) return { name };
    const label = byCharacter(event)
      ? null
      : [...store.labels.values()].find(({ digit, letter }) => key === digit || key === letter);
    if (label) return { label };
  }
  return {};
}

const BOUNDARY = /^(start|end)-(in|out)$/;

// Returns whether the workbench used the key.
function run(event, workbench) {
  const { bulk, selection } = workbench;
  const { name, label } = commandOf(event, workbench);
  if (bulk.shown) return (name || label) && (bulk.change(label ? "label" : name, label?.id) ?? true);
  if (event.key === "Escape") return deselect(workbench);
  if (selection?.key(event)) return true;
  if (event.key === "Tab") return tab(event, workbench);
  if (event.target.matches?.("[type=radio]") && event.key.startsWith("Arrow")) return false;
  if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
    const step = event.key === "ArrowRight" ? 1 : -1;
    const rightToLeft = workbench.renderer.box.dir === "rtl";
    return !event.altKey && !event.shiftKey && workbench.selectNeighbour(rightToLeft ? -step : step);
  }
  if (event.key === "Enter") return !workbench.place && isFree() && (workbench.act("begin") ?? true);
  if (label) return workbench.act("label", label.id) ?? true;
  if (name === "search") return focus(".search input");
  if (name === "help") return openOverlay(document.querySelector("a[data-keys-list]").href);
  if (name === "guidelines") return openOverlay(workbench.desk.dataset.guidelines, true);
  if (name && BOUNDARY.test(name)) return workbench.moveBoundary(name, byCharacter(event)) ?? true;
  if (name) return workbench.act(name) ?? true;
  return false;
}

function deselect(workbench) {
  if (workbench.chooser?.shown) {
    workbench.chooser.close();
    return true;
  }
  const beside = document.querySelector("dialog.beside");
  if (beside) {
    beside.remove();
    return true;
  }
  if (workbench.selection?.range()) workbench.selection.clear();
  else workbench.select(0);
  document.activeElement?.blur();
  return true;
}

// Tab moves through the spans, if the text has the focus; after the last one it continues as on every page.
function tab(event, workbench) {
  const at = document.activeElement;
  const inText = !at || at === document.body || at.closest("#text") || at.id === "main";
  return Boolean(inText && !event.altKey && workbench.selectNeighbour(event.shiftKey ? -1 : 1));
}

// Whether no button or link has the focus, which a key would press.
const isFree = () => !document.activeElement || document.activeElement.matches("body, #main");

function focus(selector) {
  focusField(document.querySelector(selector));
  return true;
}

// Show the list of keys over the page, or the guidelines `beside` the text where there is room: then the keys go on. The
// same key or Esc closes it.
async function openOverlay(address, beside = false) {
  const open = document.getElementById("overlay");
  if (open) return open.remove();
  const dialog = document.createElement("dialog");
  dialog.id = "overlay";
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  const html = await fetch(address)
    .then((response) => response.text())
    .catch(() => "");
  const found = new DOMParser().parseFromString(html, "text/html").querySelector("#guidelines, #keys-list");
  dialog.append(found ? document.adoptNode(found) : "Cannot reach the server.");
  dialog.tabIndex = -1;
  document.body.append(dialog);
  dialog.classList.toggle("beside", beside && window.innerWidth > 800);
  if (!dialog.matches(".beside")) dialog.showModal();
  else {
    const close = createElement("button", { type: "button", className: "link" }, "Close");
    close.addEventListener("click", () => dialog.remove());
    dialog.prepend(close);
    dialog.show();
    document.activeElement?.blur();
  }
  return true;
}

export function listen(currentWorkbench) {
  document.addEventListener(
    "keydown",
    (event) => {
      const workbench = currentWorkbench();
      if (!workbench || event.defaultPrevented || event.isComposing || isTyping(event.target)) return;
      const chord = isChord(event);
      if (chord && isField(event.target)) return;
      const dialog = document.querySelector("dialog[open]:not(.bulk, .beside)");
      if (dialog) {
        const closes = ["help", "guidelines"].includes(commandOf(event, workbench).name);
        // Removed at once: the event that says it is closed comes after the next key.
        if (dialog.id === "overlay" && closes) dialog.remove();
        return;
      }
      const used = chord ? runChord(event, workbench) : run(event, workbench);
      if (used) event.preventDefault();
    },
    { capture: true },
  );
}

function runChord(event, workbench) {
  if (event.altKey || workbench.bulk.shown) return false;
  // A repeat comes from a key that is still held down after it submitted a form or finished the article before.
  if (event.key === "Enter") return event.repeat || (workbench.act("finish") ?? true);
  const keys = meanings(event).map((key) => key.toLowerCase());
  if (keys.includes("z")) return workbench.act(event.shiftKey ? "redo" : "undo") ?? true;
  if (keys.includes("y")) return workbench.act("redo") ?? true;
  return false;
}
