// The menus of the header close on Escape, and on a click elsewhere.
const opened = () => document.querySelectorAll(".top details[open]");

document.addEventListener("click", (event) => {
  for (const menu of opened()) if (menu.matches(".menu") && !menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  for (const menu of opened()) {
    menu.open = false;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
  }
});

// Focus a field, if there is one. On narrow screens the search is in the menu, which is opened for it.
export function focusField(field) {
  const menu = document.querySelector(".site-menu");
  if (menu && field && !field.checkVisibility()) menu.open = true;
  field?.focus();
}
