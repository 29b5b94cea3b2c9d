// The form of a new corpus: suggests an address from the name, and chooses own labels when some are typed.
const form = document.querySelector("#new-corpus");
const { name, slug, labels } = form.elements;
let own = slug.value !== "";

// As `clean_slug` of the form does.
const slugOf = (text) =>
  text
    .normalize("NFKD")
    .replaceAll("_", " ")
    .replace(/[^A-Za-z0-9\s-]/g, "")
    .trim()
    .toLowerCase()
    .replace(/[-\s]+/g, "-")
    .slice(0, 64)
    .replace(/^-+|-+$/g, "");

name.addEventListener("input", () => {
  if (!own) slug.value = slugOf(name.value);
});
slug.addEventListener("input", () => {
  own = slug.value !== "";
});
labels.addEventListener("input", () => {
  if (labels.value.trim()) form.querySelector("[name=label_set][value=own]").checked = true;
});
