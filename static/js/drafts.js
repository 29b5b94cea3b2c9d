// A comment that is being written is kept in this tab until it stands among the comments: it is there again after other
// pages, and after a desk that could not be reached.

const FIELD = "#comments textarea[name=text]";
const nameOf = () => `draft:${location.pathname}`;
// White space stands otherwise in a comment that is shown.
const letters = (words) => words.replace(/\s+/gu, "");

function restore() {
  const field = document.querySelector(FIELD);
  const kept = field && sessionStorage.getItem(nameOf());
  if (!kept) return;
  const sent = [...document.querySelectorAll("#comments .words-said")].some(
    (place) => letters(place.textContent) === letters(kept),
  );
  if (sent) sessionStorage.removeItem(nameOf());
  else if (!field.value) field.value = kept;
}

export function start() {
  restore();
  document.addEventListener("desk:placed", restore);
  document.addEventListener("input", ({ target }) => {
    if (target.matches?.(FIELD)) sessionStorage.setItem(nameOf(), target.value);
  });
}
