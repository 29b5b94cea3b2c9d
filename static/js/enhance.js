// What every page of articles has: keys on buttons, forms without leaving the page, elements that refresh themselves,
// and drafts of comments.
import { whenIdle } from "./dom.js";
import * as keys from "./keys.js";
import * as swap from "./swap.js";
import "./poll.js";

const COMMENT = "#comments textarea[name=text]";
const draftName = () => `draft:${location.pathname}`;
// The page may show white space differently from how it was typed.
const withoutSpaces = (text) => text.replace(/\s+/gu, "");

// A comment is kept in this tab while it is written, until the page shows it as saved: it survives other pages, and a
// server that cannot be reached.
function restoreDraft() {
  const field = document.querySelector(COMMENT);
  const draft = field && sessionStorage.getItem(draftName());
  if (!draft) return;
  const comments = [...document.querySelectorAll("#comments .comment-text")];
  const saved = comments.some((comment) => withoutSpaces(comment.textContent) === withoutSpaces(draft));
  if (saved) sessionStorage.removeItem(draftName());
  else if (!field.value) field.value = draft;
}

keys.start();
swap.start();
whenIdle(restoreDraft);
document.addEventListener("desk:placed", restoreDraft);
document.addEventListener("input", ({ target }) => {
  if (target.matches?.(COMMENT)) sessionStorage.setItem(draftName(), target.value);
});
// A page that the browser restores from its cache may be outdated.
addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
