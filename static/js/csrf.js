// The token that requests send to show that they come from a page of this site.

const NAME = "csrftoken";

// The current token, or an empty string if cookies are off.
export const token = () =>
  document.cookie
    .split("; ")
    .find((pair) => pair.startsWith(`${NAME}=`))
    ?.slice(NAME.length + 1) ?? "";

// Signing in changes the token: a form of a page that was open before has the one of the former session.
export function renew(form) {
  const field = form.elements.csrfmiddlewaretoken;
  if (field && token()) field.value = token();
}

document.addEventListener("submit", ({ target }) => renew(target), { capture: true });
