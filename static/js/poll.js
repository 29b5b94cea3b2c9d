// What carries data-poll="2000" follows its own page, so many milliseconds apart, until the page no longer says so.

async function again(element) {
  let fresh = null;
  try {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
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
  element.replaceWith(document.adoptNode(fresh));
  watch(fresh);
}

function watch(element) {
  if (element.dataset.poll) setTimeout(() => again(element), Number(element.dataset.poll));
}

for (const element of document.querySelectorAll("[data-poll]")) watch(element);
