// Tick all rows of a list, or all between two (Shift), without loading the page again.

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
      link.textContent = ticked ? "Untick all" : `Tick all ${boxes().length} here`;
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
}
