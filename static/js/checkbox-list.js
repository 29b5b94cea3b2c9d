// Lists with checkboxes: all of a page at once, a range with Shift, and keys. Arrows move between the boxes, space checks
// one, and digits give the checked mentions a label. Each count of checked boxes is kept as text for screen readers.
import * as keys from "./keys.js";

keys.start();

function showCount(place) {
  place.textContent = String(place.closest("form").querySelectorAll("input[type=checkbox]:checked").length);
}

for (const place of document.querySelectorAll("form .checked-count")) {
  showCount(place);
  place.closest("form").addEventListener("change", () => showCount(place));
}

for (const form of document.querySelectorAll("form.checkbox-list")) {
  const boxes = () => [...form.querySelectorAll("input[type=checkbox]:not(:disabled)")];
  let last = null;

  form.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-check-all]");
    if (link) {
      event.preventDefault();
      const checked = link.dataset.checkAll === "1";
      for (const box of boxes()) box.checked = checked;
      link.dataset.checkAll = checked ? "0" : "1";
      link.textContent = checked ? "Clear selection" : `Select all ${boxes().length} on this page`;
      form.dispatchEvent(new Event("change"));
      return;
    }
    const box = event.target.closest("input[type=checkbox]");
    if (!box) return;
    if (event.shiftKey && last && last !== box) {
      const all = boxes();
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      for (const between of all.slice(from, to + 1)) between.checked = box.checked;
      form.dispatchEvent(new Event("change"));
    }
    last = box;
  });

  document.addEventListener("keydown", (event) => {
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    if (modified || event.target.closest("input:not([type=checkbox]), select, textarea")) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      const all = boxes();
      const at = all.indexOf(document.activeElement);
      const next = at < 0 ? all[0] : all[at + step];
      if (!next) return;
      event.preventDefault();
      next.focus();
      next.closest("li").scrollIntoView({ block: "nearest" });
    } else {
      const digit = keys.meanings(event).find((key) => /^[0-9]$/.test(key));
      const select = digit && form.querySelector("#bulk-label");
      const option = select?.options[digit === "0" ? 10 : Number(digit)];
      if (!option) return;
      event.preventDefault();
      select.value = option.value;
      form.querySelector("button[value=label]").click();
    }
  });
}
