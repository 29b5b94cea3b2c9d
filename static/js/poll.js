// What carries data-poll="2000" follows its own page, so many milliseconds apart, until the page no longer says so.
// data-also="one two" names elements that are brought up to date with it, unless somebody is at work in them.

async function again(element) {
  let [page, fresh] = [null, null];
  try {
    page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    fresh = page.getElementById(element.id);
  } catch {
    watch(element);
    return;
  }
  if (!fresh && element.dataset.then) {
    const link = document.createElement("a");
    link.href = location.pathname + location.search;
    link.textContent = element.dataset.link;
    element.replaceChildren(`${element.dataset.then} `, link);
    return;
  }
  if (!fresh) return;
  for (const id of (element.dataset.also ?? "").split(" ").filter(Boolean)) renew(id, page);
  const form = element.contains(document.activeElement) && document.activeElement.closest("form");
  element.replaceWith(document.adoptNode(fresh));
  if (form)
    [...fresh.querySelectorAll("form")]
      .find(({ action }) => action === form.action)
      ?.querySelector("button")
      ?.focus();
  watch(fresh);
}

function renew(id, page) {
  const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
  if (!old || !fresh || old.contains(document.activeElement) || old.textContent === fresh.textContent) return;
  old.replaceWith(document.adoptNode(fresh));
}

function watch(element) {
  if (element.dataset.poll) setTimeout(() => again(element), Number(element.dataset.poll));
}

for (const element of document.querySelectorAll("[data-poll]")) watch(element);
