// Keys. On every page they press the buttons and links that carry them: <button data-key="/">. On the workbench they
// are its own, as the person chose them. In form fields they only write.

const typing = (target) => target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");

function press(event) {
  const chord = (event.ctrlKey || event.metaKey) && event.key === "Enter" ? "Ctrl+Enter" : null;
  if (event.defaultPrevented || event.isComposing || event.altKey || (!chord && (event.ctrlKey || event.metaKey))) return;
  if (typing(event.target) && !chord) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const element = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === (chord ?? event.key) && !one.disabled);
  if (!element) return;
  event.preventDefault();
  if (element.matches("input:not([type=checkbox])")) element.focus();
  else element.click();
}

export function start() {
  document.documentElement.classList.add("keys");
  document.addEventListener("keydown", press);
}

// The name of the command that a key means, and whether Alt asks for single characters.
function command(event, keys) {
  const named = Object.entries(keys).find(([, key]) => key === event.key);
  if (named) return [named[0], false];
  if (!event.altKey) return [null, false];
  const bracket = { BracketLeft: event.shiftKey ? "{" : "[", BracketRight: event.shiftKey ? "}" : "]" }[event.code];
  return [Object.entries(keys).find(([, key]) => key === bracket)?.[0] ?? null, true];
}

function labelOf(event, labels) {
  if (event.altKey || event.shiftKey) return null;
  return [...labels.values()].find(({ digit, letter }) => event.key === digit || (letter && event.key === letter)) ?? null;
}

const EDGE = /^(start|end)-(in|out)$/;

function onDesk(event, bench) {
  const { bulk, picking } = bench;
  const [name] = command(event, bench.keys);
  const label = name ? null : labelOf(event, bench.book.labels);
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
  if (name === "help") return list(bench);
  if (name === "guidelines") return list(bench, bench.desk.dataset.guidelines);
  if (name && EDGE.test(name)) return bench.edge(name, event.altKey) ?? true;
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
async function list(bench, address) {
  const open = document.getElementById("sheet-dialog");
  if (open) return open.remove();
  const dialog = document.createElement("dialog");
  dialog.id = "sheet-dialog";
  dialog.className = "keys-dialog";
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  const page = address ?? document.querySelector("a[data-keys-list]").href;
  const html = await fetch(page).then((response) => response.text()).catch(() => "");
  const found = new DOMParser().parseFromString(html, "text/html").querySelector("#guidelines, #keys-list");
  dialog.append(found ? document.adoptNode(found) : "The desk cannot be reached.");
  dialog.tabIndex = -1;
  document.body.append(dialog);
  dialog.showModal();
  return true;
}

export function listen(benchNow) {
  document.addEventListener("keydown", (event) => {
    const bench = benchNow();
    if (!bench || event.defaultPrevented || event.isComposing) return;
    const sheet = document.getElementById("sheet-dialog");
    const chord = event.ctrlKey || event.metaKey;
    if (typing(event.target) && !(chord && event.key === "Enter")) return;
    if (sheet) {
      const [name] = command(event, bench.keys);
      if (name === "help" || name === "guidelines") sheet.close();
      return;
    }
    const done = chord ? chorded(event, bench) : onDesk(event, bench);
    if (done) event.preventDefault();
  }, { capture: true });
}

function chorded(event, bench) {
  if (event.altKey || bench.bulk.shown) return false;
  if (event.key === "Enter") return bench.act("finish") ?? true;
  if (event.key.toLowerCase() === "z") return bench.act(event.shiftKey ? "redo" : "undo") ?? true;
  if (event.key.toLowerCase() === "y") return bench.act("redo") ?? true;
  return false;
}
