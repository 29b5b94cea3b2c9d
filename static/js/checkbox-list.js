// Lists whose rows are ticked: all at once, or all between two (Shift), without loading the page again; and by keys.
// Arrows walk the boxes, the space bar ticks, digits give what is ticked the label in this place.
import * as keys from "./keys.js";

keys.start();

for (const form of document.querySelectorAll("form.ticking")) {
  const boxes = () => [...form.querySelectorAll("input[type=checkbox]:not(:disabled)")];
  let last = null;

  form.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-tick]");
    if (link) {
      event.preventDefault();
      const ticked = link.dataset.tick === "1";
      for (const box of boxes()) box.checked = ticked;
      link.dataset.tick = ticked ? "0" : "1";
      link.textContent = ticked ? "Clear selection" : `Select all ${boxes().length} on this page`;
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
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!plain || event.target.closest("input:not([type=checkbox]), select, textarea")) return;
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
      const give = digit && form.querySelector("#give");
      const option = give?.options[digit === "0" ? 10 : Number(digit)];
      if (!option) return;
      event.preventDefault();
      give.value = option.value;
      form.querySelector("button[value=label]").click();
    }
  });
}
