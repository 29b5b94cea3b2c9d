// Keys press the buttons and links that carry them: <button data-key="a">. What is written on a button is what works.

const typing = (target) => target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");

function pressed(event) {
  if (event.altKey || event.isComposing) return null;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") return "Ctrl+Enter";
  return event.ctrlKey || event.metaKey ? null : event.key;
}

function target(key) {
  const bar = document.getElementById("mark");
  const digit = /^[0-9]$/.test(key);
  if (digit && bar && !bar.hidden) return [...bar.querySelectorAll("button")].slice(0, 10)[(Number(key) + 9) % 10];
  return [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === key && !element.disabled);
}

function press(event) {
  const key = pressed(event);
  if (!key || (typing(event.target) && key !== "Ctrl+Enter" && key !== "Escape")) return;
  if (key === "Escape") {
    document.getSelection()?.removeAllRanges();
    document.activeElement?.blur();
    return;
  }
  const element = target(key);
  if (!element) return;
  event.preventDefault();
  if (element.matches("input:not([type=checkbox])")) element.focus();
  else element.click();
}

export function start() {
  document.documentElement.classList.add("keys");
  document.addEventListener("keydown", press);
}
