// A comment that is being written is kept in this tab until it is sent: it is there again after other pages.

const FIELDS = "#comments textarea[name=text]";
const nameOf = () => `draft:${location.pathname}`;

function restore() {
  const field = document.querySelector(FIELDS);
  const kept = sessionStorage.getItem(nameOf());
  if (field && kept && !field.value) field.value = kept;
}

export function start() {
  restore();
  document.addEventListener("desk:placed", restore);
  document.addEventListener("input", ({ target }) => {
    if (target.matches?.(FIELDS)) sessionStorage.setItem(nameOf(), target.value);
  });
  document.addEventListener("submit", ({ target }) => {
    if (target.querySelector?.(FIELDS)) sessionStorage.removeItem(nameOf());
  });
}
