/* Names the search fields that select2 puts in place of a list: it gives them none for screen readers. */

const nameAll = () => {
  for (const shown of document.querySelectorAll(".select2-selection__rendered")) {
    const list = shown.closest(".select2-container")?.previousElementSibling;
    const name = list?.getAttribute("aria-label") ?? list?.labels?.[0]?.textContent.replace(":", "").trim();
    if (name) shown.setAttribute("aria-label", name);
  }
};

// After what Django does when the page is ready.
window.django?.jQuery?.(nameAll);
document.addEventListener("formset:added", () => setTimeout(nameAll));
