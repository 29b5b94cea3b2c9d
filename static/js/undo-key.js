// Ctrl+Z presses the button that undoes the action which led to this page.
import { meanings } from "./keys.js";

document.addEventListener("keydown", (event) => {
  const button = document.querySelector("[data-undo-finish]");
  if (!button || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || !meanings(event).includes("z"))
    return;
  if (event.target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea")) return;
  event.preventDefault();
  button.click();
});
