// Forms and links of the article page without leaving it: the same requests, and the answer replaces the page. In unusual
// cases the browser navigates as usual.

import { say } from "./messages.js";

// Requests are sent in order, one at a time. The same request twice, as by a double click, is sent once.
let queue = Promise.resolve();
const waiting = new Set();

// Replace the article by that of `html`. False if there is none.
function replace(html, url) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const [fresh, old] = [page.getElementById("desk"), document.getElementById("desk")];
  if (!fresh || !old) return false;
  const scrolled = old.querySelector(".panel")?.scrollTop ?? 0;
  const open = [...old.querySelectorAll("details[id][open], .text details[open]")];
  const folds = [...old.querySelectorAll(".text details")];
  for (const fold of open) {
    const counterpart = fold.id
      ? fresh.querySelector(`#${fold.id}`)
      : fresh.querySelectorAll(".text details")[folds.indexOf(fold)];
    if (counterpart) counterpart.open = true;
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
  if (panel) panel.scrollTop = fresh.querySelector("[role=alert], .outcome + .stage-actions") ? 0 : scrolled;
  revealSelected(fresh, url);
  document.dispatchEvent(new Event("desk:placed"));
  return true;
}

// Screen readers also hear the selected span.
function announce(desk) {
  const words = [...desk.querySelectorAll(".messages li")].map((item) => item.textContent).join(" ");
  say(`${words} ${desk.querySelector("#selected-title")?.textContent ?? ""}`, words);
}

// Scroll the selected span into view.
function revealSelected(desk, url) {
  desk.querySelector(".refusal[tabindex]")?.focus({ preventScroll: true });
  const span =
    desk.querySelector(".text .selected") ?? desk.querySelector(`#${CSS.escape(new URL(url).hash.slice(1)) || "none"}`);
  if (!span) return;
  const box = span.getBoundingClientRect();
  const below = window.innerWidth <= 800 ? window.innerHeight * 0.45 : window.innerHeight - 40;
  if (box.top < (window.innerWidth <= 800 ? 120 : 40) || box.bottom > below)
    span.scrollIntoView({ block: window.innerWidth <= 800 ? "start" : "center" });
}

function go(url, options, fallback) {
  const request = `${options.method} ${url} ${options.body ?? ""}`;
  if (waiting.has(request)) return;
  waiting.add(request);
  queue = queue.then(() => send(url, options, fallback)).finally(() => waiting.delete(request));
}

async function send(url, options, fallback) {
  document.documentElement.classList.add("busy");
  try {
    const response = await fetch(url, { ...options, headers: { Accept: "text/html" } });
    const address = new URL(response.url);
    address.hash = address.hash || new URL(url, location.href).hash;
    // Scripts cannot see the fragment of a redirect: the query names the selected span.
    const span = address.searchParams.get("span");
    if (span) address.hash = `s${span}`;
    const shown = options.method === "POST" && !response.redirected ? location.href : address.href;
    const html = await response.text();
    if (replace(html, shown)) return;
    if (options.method === "POST" && !response.redirected) showRefusal(reason(html));
    else location.assign(address);
  } catch {
    fallback();
  } finally {
    document.documentElement.classList.remove("busy");
  }
}

function showRefusal(text) {
  const sentence = document.createElement("p");
  sentence.className = "refusal";
  sentence.setAttribute("role", "alert");
  sentence.textContent = text;
  document.getElementById("outcome")?.replaceChildren(sentence);
}

// The reason on a page that is not the article's: an expired session, an error of the server.
function reason(html) {
  const detail = new DOMParser().parseFromString(html, "text/html").querySelector(".problem .detail")?.textContent;
  return `Not saved. ${detail ?? ""} Reload the page before you continue.`;
}

const unsaved = () =>
  showRefusal("Cannot reach the server, so this is not saved yet. Check the connection and try again.");

function submit(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || !form.closest("#desk")) return;
  // Similar mentions have a page of their own.
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
