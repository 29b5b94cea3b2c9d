// Forms and links of the article page without leaving it: the same requests, and the answer takes the page's place.
// Where anything is unusual the browser goes its ordinary way.

import { say as announceWords } from "./messages.js";

// One request after the other, in the order in which they were made; the same one twice, as by a double click, is one.
let queue = Promise.resolve();
const waiting = new Set();

function place(html, url) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const [fresh, old] = [page.getElementById("desk"), document.getElementById("desk")];
  if (!fresh || !old) return false;
  const scrolled = old.querySelector(".panel")?.scrollTop ?? 0;
  const open = [...old.querySelectorAll("details[id][open], .text details[open]")];
  const folds = [...old.querySelectorAll(".text details")];
  for (const fold of open) {
    const again = fold.id
      ? fresh.querySelector(`#${fold.id}`)
      : fresh.querySelectorAll(".text details")[folds.indexOf(fold)];
    if (again) again.open = true;
  }
  const key = old.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  old.replaceWith(document.adoptNode(fresh));
  if (key)
    [...fresh.querySelectorAll("[data-key]")]
      .find((element) => element.dataset.key === key)
      ?.focus({ preventScroll: true });
  announce(fresh);
  document.title = page.title;
  if (url !== location.href) history.pushState({ desk: true }, "", url);
  const panel = fresh.querySelector(".panel");
  if (panel) panel.scrollTop = fresh.querySelector("[role=alert], .outcome + .ending") ? 0 : scrolled;
  look(fresh, url);
  document.dispatchEvent(new Event("desk:placed"));
  return true;
}

// A screen reader hears the span in hand too, which is seen.
function announce(desk) {
  const words = [...desk.querySelectorAll(".messages li")].map((item) => item.textContent).join(" ");
  announceWords(`${words} ${desk.querySelector("#hand-title")?.textContent ?? ""}`, words);
}

// Bring the span in hand into view, only where it is not.
function look(desk, url) {
  desk.querySelector(".refusal[tabindex]")?.focus({ preventScroll: true });
  const span =
    desk.querySelector(".text .hand") ?? desk.querySelector(`#${CSS.escape(new URL(url).hash.slice(1)) || "none"}`);
  if (!span) return;
  const box = span.getBoundingClientRect();
  const below = window.innerWidth <= 800 ? window.innerHeight * 0.45 : window.innerHeight - 40;
  if (box.top < (window.innerWidth <= 800 ? 120 : 40) || box.bottom > below)
    span.scrollIntoView({ block: window.innerWidth <= 800 ? "start" : "center" });
}

function go(url, options, otherwise) {
  const request = `${options.method} ${url} ${options.body ?? ""}`;
  if (waiting.has(request)) return;
  waiting.add(request);
  queue = queue.then(() => send(url, options, otherwise)).finally(() => waiting.delete(request));
}

async function send(url, options, otherwise) {
  document.documentElement.classList.add("busy");
  try {
    const response = await fetch(url, { ...options, headers: { Accept: "text/html" } });
    const address = new URL(response.url);
    address.hash = address.hash || new URL(url, location.href).hash;
    // A redirect's fragment is hidden from scripts: the span in hand stands in the query.
    const span = address.searchParams.get("span");
    if (span) address.hash = `s${span}`;
    const shown = options.method === "POST" && !response.redirected ? location.href : address.href;
    const html = await response.text();
    if (place(html, shown)) return;
    if (options.method === "POST" && !response.redirected) say(reason(html));
    else location.assign(address);
  } catch {
    otherwise();
  } finally {
    document.documentElement.classList.remove("busy");
  }
}

function say(words) {
  const sentence = document.createElement("p");
  sentence.className = "refusal";
  sentence.setAttribute("role", "alert");
  sentence.textContent = words;
  document.getElementById("outcome")?.replaceChildren(sentence);
}

// What a page says that is not the article's: a session that ended, a fault of the desk.
function reason(html) {
  const detail = new DOMParser().parseFromString(html, "text/html").querySelector(".problem .detail")?.textContent;
  return `Not saved. ${detail ?? ""} Reload the page before you continue.`;
}

const unsaved = () => say("Cannot reach the server, so this is not saved yet. Check the connection and try again.");

function submit(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || !form.closest("#desk")) return;
  // All that is like it stands on a page of its own.
  if (form.elements.alike?.checked) return;
  event.preventDefault();
  const url = event.submitter?.getAttribute("formaction") ?? form.getAttribute("action");
  const body = new URLSearchParams(new FormData(form, event.submitter));
  go(new URL(url, location.href).href, { method: "POST", body }, unsaved);
}

function follow(event) {
  const link = event.target.closest?.("#desk a[href^='?']");
  if (
    !link ||
    link.closest("#text, .spans") ||
    event.defaultPrevented ||
    event.button ||
    event.ctrlKey ||
    event.metaKey ||
    event.shiftKey ||
    event.altKey
  )
    return;
  event.preventDefault();
  go(link.href, { method: "GET" }, () => location.assign(link.href));
}

export function start() {
  document.addEventListener("submit", submit);
  document.addEventListener("click", follow);
  window.addEventListener("popstate", () => location.reload());
}
