// Ctrl Z presses the button of a page that takes back what led there.
document.addEventListener("keydown", (event) => {
  const button = document.querySelector("[data-undo-finish]");
  const chord = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && (event.code === "KeyZ" || event.key === "z");
  if (!button || !chord || event.target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea")) return;
  event.preventDefault();
  button.click();
});
