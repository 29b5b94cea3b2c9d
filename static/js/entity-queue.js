// The queues of entities without leaving the page: the same forms and links, and the answer replaces the queue. In unusual
// cases the browser navigates as usual.
import * as keys from "./keys.js";
import "./undo-key.js";

keys.start();

let busy = false;

// Replace the queue and the messages by those of `html`. False if there is no queue.
function replace(html, url) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const [fresh, old] = [page.getElementById("queue"), document.getElementById("queue")];
  if (!fresh || !old) return false;
  const said = page.querySelector(".said");
  const shown = document.querySelector(".said");
  shown?.remove();
  old.replaceWith(document.adoptNode(fresh));
  if (said) fresh.before(document.adoptNode(said));
  document.title = page.title;
  history.pushState({}, "", url);
  scrollTo(0, 0);
  fresh.querySelector("h1").focus({ preventScroll: true });
  return true;
}

async function go(url, options, fallback) {
  if (busy) return;
  busy = true;
  document.documentElement.classList.add("busy");
  try {
    const response = await fetch(url, { ...options, headers: { Accept: "text/html" } });
    const html = await response.text();
    const shown = options.method === "POST" && !response.redirected ? location.href : response.url;
    if (!replace(html, shown)) location.assign(response.url);
  } catch {
    fallback();
  } finally {
    busy = false;
    document.documentElement.classList.remove("busy");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.closest("#queue, .said")) return;
  event.preventDefault();
  const url = new URL(form.getAttribute("action"), location.href);
  const data = new URLSearchParams(new FormData(form, event.submitter));
  const again = () => form.submit();
  if (form.method === "post") go(url.href, { method: "POST", body: data }, again);
  else {
    url.search = data;
    go(url.href, { method: "GET" }, again);
  }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#queue a[href^='?']");
  const modified = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (!link || event.defaultPrevented || event.button || modified || link.search.includes("download=")) return;
  event.preventDefault();
  go(link.href, { method: "GET" }, () => location.assign(link.href));
});

addEventListener("popstate", () => location.reload());
