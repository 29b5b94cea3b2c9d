// The form that sets the article aside, as a key opens it.

export function openSetAside(desk) {
  const fold = desk.querySelector("#set-aside");
  if (!fold) return;
  fold.open = true;
  fold.querySelector("input:checked, [type=radio]")?.focus();
}
