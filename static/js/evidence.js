// Why a span is suggested: what the server knows, in words.
import { createElement } from "./dom.js";

const ORIGINS = {
  model: "Weighed from the model, the article and the decisions of the corpus",
  rule: "Found by a rule for the form of news",
  service: "From an extra service",
};
const percent = (share) => `${Math.round(100 * share)} %`;
const articles = (number) => `${Number(number.toFixed(1))} article${number === 1 ? "" : "s"}`;

export async function fetchEvidence(article, start, end) {
  const response = await fetch(`/api/v1/articles/${article}/evidence/?start=${start}&end=${end}`, {
    cache: "no-store",
  });
  const found = await response.json();
  if (!response.ok) throw new Error(found.detail);
  return found;
}

// The evidence as elements. `address(article, span)` is the address of a span.
export function describeEvidence(found, address) {
  const shares = found.probabilities
    .slice(0, 4)
    .map(({ label, probability }) => `${label ?? "no name"} ${percent(probability)}`);
  const terms = [
    ["Likely", shares.join(" · ")],
    ["Decided", found.decided.map(decided).join(", ") || "never yet"],
    ...(found.decided_after_word?.decided.length
      ? [[`After “${found.decided_after_word.word}”`, found.decided_after_word.decided.map(decided).join(", ")]]
      : []),
    ...(found.origin === "model" ? [["Model alone", found.model_label ?? "nothing"]] : []),
    ...(found.credit ? [["Credit after", found.credit]] : []),
  ];
  return [
    createElement("p", {}, `${ORIGINS[found.origin]}.`),
    createElement(
      "dl",
      { className: "parts" },
      ...terms.flatMap(([term, words]) => [createElement("dt", {}, term), createElement("dd", {}, words)]),
    ),
    ...list(
      "What counts most",
      found.evidence.slice(0, 5).map((part) => effect(part, found)),
    ),
    ...list(
      "The newest decisions on these words",
      found.alike.map((one) => alike(one, address)),
    ),
  ];
}

const decided = ({ label, articles: number }) =>
  label ? `${label} in ${articles(number)}` : `rejected in ${articles(number)}`;

function effect({ about, effect: weight }, { label, against }) {
  const favours = weight >= 0 ? label : (against ?? "no name");
  return createElement("li", {}, `${about} `, createElement("span", { className: "quiet" }, `for ${favours}`));
}

function alike({ article, title, span, label, state }, address) {
  const link = createElement(
    "a",
    { href: address(article, span), dir: "auto" },
    title.slice(0, 60) || `Article ${article}`,
  );
  return createElement("li", {}, `${state} ${label} in `, link);
}

const list = (title, items) =>
  items.length ? [createElement("p", { className: "quiet" }, title), createElement("ul", {}, ...items)] : [];
