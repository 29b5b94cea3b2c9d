// Where an article stands in the list that one came from: each list of articles is remembered in its tab.
import { createElement } from "./dom.js";

const NAME = "list";
const ARTICLE = /\/articles\/(\d+)\/$/;

function idsOf(list) {
  const ids = [...list.querySelectorAll("a[href]")].map(({ pathname }) => Number(ARTICLE.exec(pathname)?.[1]));
  return [...new Set(ids.filter(Boolean))];
}

// Remember the list of this page.
function remember() {
  const list = document.querySelector(".entries, .article-table");
  if (!list) return;
  const more = Boolean(document.querySelector("a[rel=next]"));
  const { pathname, search } = location;
  sessionStorage.setItem(NAME, JSON.stringify({ address: pathname + search, ids: idsOf(list), more }));
}

// {position, count, more, list, previous, next} of an article, where it is in the list: the last three are addresses.
function placeOf(article, here) {
  const { address, ids = [], more = false } = JSON.parse(sessionStorage.getItem(NAME) ?? "{}");
  const at = ids.indexOf(article);
  if (at < 0 || !address.startsWith(here.slice(0, here.indexOf("/articles/")))) return null;
  const query = new URLSearchParams(address.split("?")[1]);
  for (const name of ["cursor", "view"]) query.delete(name);
  const kept = query.size ? `?${query}` : "";
  const path = (id) => id && here.replace(/\d+\/$/, `${id}/${kept}`);
  return {
    position: at + 1,
    count: ids.length,
    more,
    list: address,
    previous: path(ids[at - 1]),
    next: path(ids[at + 1]),
  };
}

// Show the place, with links to the articles before and after. Without a list, only the one to the next article.
export function showPlace(box, article, here, keys) {
  const found = placeOf(article, here);
  if (!found) return;
  const { position, count, more, list, previous, next } = found;
  const step = (words, sign, href, key) =>
    href
      ? createElement("a", { href, title: `${words}${key ? ` (${key})` : ""}`, "aria-label": words }, sign)
      : createElement("span", { "aria-hidden": "true" }, sign);
  const before = step("Previous article of the list", "‹", previous, keys["previous-article"]);
  const after = step("Next article of the list", "›", next ?? box.dataset.next, keys["next-article"]);
  before.dataset.step = "previous-article";
  after.dataset.step = "next-article";
  const middle = createElement(
    "a",
    { href: list, title: "Back to the list" },
    `${position} of ${count}${more ? "+" : ""}`,
  );
  box.replaceChildren(before, " ", middle, " ", after);
}

remember();
