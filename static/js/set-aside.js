// The form that sets the article aside, as a key opens it.

export function openSetAside(desk) {
  const fold = desk.querySelector("#set-aside");
  if (!fold) return;
  fold.open = true;
  const radios = fold.querySelector("fieldset");
  (radios.querySelector(":checked") ?? radios.querySelector("input")).focus();
}
