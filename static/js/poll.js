// An element with data-poll="2000" is replaced by its new version from the server every 2000 milliseconds, for as long as
// that has the attribute too. data-also="one two" names elements to update with it, unless they have the focus.

async function refresh(element) {
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
  for (const id of (element.dataset.also ?? "").split(" ").filter(Boolean)) update(id, page);
  const form = element.contains(document.activeElement) && document.activeElement.closest("form");
  element.replaceWith(document.adoptNode(fresh));
  if (form)
    [...fresh.querySelectorAll("form")]
      .find(({ action }) => action === form.action)
      ?.querySelector("button")
      ?.focus();
  watch(fresh);
}

function update(id, page) {
  const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
  if (!old || !fresh || old.contains(document.activeElement) || old.textContent === fresh.textContent) return;
  old.replaceWith(document.adoptNode(fresh));
}

function watch(element) {
  if (element.dataset.poll) setTimeout(() => refresh(element), Number(element.dataset.poll));
}

for (const element of document.querySelectorAll("[data-poll]")) watch(element);
