// What is selected, next to the text: a span or a possible span, with a button and its key for every verb; with nothing
// selected, what is left. The buttons are built once, after the first paint or for the first span, and then updated.
import { createElement } from "./dom.js";
import { STATES } from "./span-store.js";

const key = (word) => createElement("kbd", {}, word);
// At most so many labels have a button at once: those that the article has, then the first of the set. All others are
// folded, and found by typing.
const BUTTONS = 8;
// So many are folded; of a larger set, the others are only found by typing.
const FOLDED = 24;
const isTouch = () => matchMedia("(pointer: coarse)").matches;

// A button for each label that the article has, the frequent ones first; the others folded; one to find any by typing.
export function labelButtons(store, findKey) {
  const counts = new Map();
  for (const { label } of store.drawn()) counts.set(label, (counts.get(label) ?? 0) + 1);
  const labels = [...store.offered.values()];
  const used = labels
    .filter(({ id }) => counts.has(id))
    .sort((one, other) => counts.get(other.id) - counts.get(one.id));
  const first = [...used, ...labels.filter(({ id }) => !counts.has(id))].slice(0, Math.max(BUTTONS, used.length));
  const rest = labels.filter((label) => !first.includes(label)).slice(0, FOLDED);
  const all = first.length + rest.length < labels.length ? `All ${labels.length} labels` : "Find a label";
  const find = verbButton(all, "find-label", findKey, { className: "label find-label" });
  if (!rest.length) return [...first.map(labelButton), find];
  const fold = createElement(
    "details",
    { className: "more-labels" },
    createElement("summary", {}, `${rest.length} more`),
    createElement("div", { className: "choices" }, ...rest.map(labelButton)),
  );
  return [...first.map(labelButton), find, fold];
}

function labelButton({ id, name, colour, definition, digit, letter }) {
  const values = { type: "button", className: `label ${colour}`, title: definition, value: name, "data-label": id };
  return createElement(
    "button",
    values,
    ...(digit ? [key(digit)] : []),
    name,
    ...(letter ? [" ", createElement("kbd", { className: "letter" }, letter)] : []),
  );
}

function verbButton(text, verb, keyName, values = {}) {
  const named = { type: "button", "data-verb": verb, ...values };
  return createElement("button", named, text, " ", ...(keyName ? [key(keyName)] : []));
}

export class SelectedSpan {
  // `act(verb, value)` carries out a button. Without `editable` there are only the history and comments.
  constructor(panel, store, keys, act) {
    panel.querySelector("#selected-span, .start-review")?.remove();
    Object.assign(this, { panel, store, keys });
    this.title = createElement("h2", { id: "selected-title" });
    this.facts = createElement("p", { className: "facts-line" });
    this.definition = createElement("p", { className: "definition quiet" });
    this.entity = createElement("p", { className: "entity-line", hidden: true }, "\u00a0");
    this.body = createElement("div", { className: "verbs" });
    this.evidence = createElement("div", { className: "evidence", id: "evidence", hidden: true });
    this.section = createElement(
      "section",
      { className: "selected-span", id: "selected-span", "aria-labelledby": "selected-title" },
      createElement("header", {}, this.title, this.facts, this.definition, ...(store.corpus ? [this.entity] : [])),
      this.body,
      this.evidence,
    );
    (panel.querySelector("#outcome") ?? panel.firstElementChild).after(this.section);
    this.section.addEventListener("click", (event) => {
      const pressed = event.target.closest("button");
      if (pressed?.dataset.label) act("label", Number(pressed.dataset.label));
      else if (pressed) act(pressed.dataset.verb);
    });
    this.show(null);
  }

  // `others` is the element of other choices, if there may be some.
  build(others) {
    if (others && !others.isConnected) this.others = others;
    if (this.history) return;
    const { keys, panel } = this;
    if (this.store.editable) this.#buildVerbs(keys);
    this.history = createElement("a", {}, "History");
    this.why = verbButton("Why?", "why", keys.why, { className: "link" });
    const comment = panel.querySelector("#comments form")
      ? [verbButton("Comment", "comment", keys.comment, { className: "link" }), " "]
      : [];
    this.body.append(createElement("p", { className: "links" }, this.why, " ", ...comment, this.history));
  }

  #buildVerbs(keys) {
    this.confirm = verbButton("Confirm", "confirm", keys.confirm, { className: "primary" });
    this.reject = verbButton("Reject", "reject", keys.reject);
    this.alike = verbButton("Others like this", "alike", keys.alike);
    this.choices = createElement(
      "div",
      { className: "choices", role: "group", "aria-label": "Label" },
      ...labelButtons(this.store, keys["find-label"]),
    );
    const edges = [
      ["start-out", "← start"],
      ["start-in", "start →"],
      ["end-in", "← end"],
      ["end-out", "end →"],
    ];
    this.edges = createElement(
      "div",
      { className: "edges", role: "group", "aria-label": "Boundaries" },
      ...edges.map(([verb, text]) => verbButton(text, verb, keys[verb])),
    );
    this.body.append(
      createElement("div", { className: "big" }, this.confirm, this.reject, this.alike),
      ...(this.others ? [this.others] : []),
      this.choices,
      this.edges,
    );
  }

  // Show a span, or a possible span that has no id; or what is left.
  show(span, here) {
    const { store } = this;
    this.section.classList.toggle("nothing", !span);
    this.definition.textContent = (span && store.labels.get(span.label)?.definition) || "\u00a0";
    if (this.explained !== place(span)) this.explain(null);
    if (store.corpus) this.#showEntity(span);
    if (!span) return this.#showNothing();
    this.build();
    this.body.hidden = false;
    const label = store.labels.get(span.label);
    this.title.textContent = store.quote(span).replace(/\s+/g, " ").slice(0, 120);
    this.title.dir = "auto";
    const score =
      span.score === null ? [] : [" ", createElement("span", { className: "score" }, span.score.toFixed(2))];
    const doubt = store.isDoubtful(span) ? [" ", createElement("span", { className: "doubtful" }, "doubtful")] : [];
    this.facts.replaceChildren(
      createElement("span", { className: `tag ${label?.colour ?? ""}` }, label?.name ?? ""),
      " ",
      createElement("span", { className: "state" }, STATES[span.state] ?? "possible"),
      ...score,
      ...doubt,
    );
    this.history.hidden = !(span.id > 0);
    if (span.id) this.history.href = `${here}spans/${span.id}/history/`;
    if (this.confirm) this.#showVerbs(span);
    return undefined;
  }

  // The entity of a span, or that it has none.
  #showEntity(span) {
    const { store, keys } = this;
    const linked = span?.id && span.state !== "r" && store.isLinked(span.label);
    this.entity.hidden = !span;
    this.entity.classList.toggle("absent", !linked);
    if (!linked) return;
    const entity = store.entity(span);
    const words = entity ? "Change" : "Link";
    const change = store.editable ? [" ", verbButton(words, "entity", keys.entity, { className: "link" })] : [];
    this.entity.replaceChildren(
      ...(entity ? describeLink(store.corpus, span.link, entity) : unlinked(store.reasons.get(span.id))),
      ...change,
    );
  }

  #showVerbs(span) {
    const linksOnly = span.state === "c" && span.link?.state === "s";
    this.confirm.disabled = span.state === "c" && !linksOnly;
    this.confirm.firstChild.textContent = linksOnly ? "Confirm link" : "Confirm";
    this.reject.disabled = span.state === "r";
    this.alike.hidden = this.edges.hidden = !span.id;
    const number = span.id ? this.store.alike(span).length : 0;
    this.alike.firstChild.textContent = number ? `All ${number + 1} like this` : "Others like this";
    for (const button of this.choices.querySelectorAll("[data-label]")) {
      if (Number(button.dataset.label) === span.label) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }

  // What is left, and how to begin.
  #showNothing() {
    const waiting = this.store.waiting();
    const doubtful = waiting.filter((span) => this.store.isDoubtful(span)).length;
    this.body.hidden = true;
    this.title.removeAttribute("dir");
    const suggestions = `${waiting.length} suggestion${waiting.length === 1 ? "" : "s"}`;
    if (!this.store.editable || !waiting.length) {
      this.title.textContent = waiting.length ? suggestions : "Nothing to decide";
      this.facts.replaceChildren(isTouch() ? "Tap a span to see it." : "Select a span: Tab, an arrow key, or a click.");
      return;
    }
    this.title.textContent = `${suggestions}${doubtful ? `, ${doubtful} doubtful` : ""}`;
    this.facts.replaceChildren(
      verbButton("Begin", "begin", "Enter", { className: "primary" }),
      ` ${isTouch() ? "or tap one" : "or select one"}`,
    );
  }

  // Show why the span is suggested: elements, or null to hide it.
  explain(elements, span = null) {
    this.explained = elements ? place(span) : null;
    this.evidence.replaceChildren(...(elements ?? []));
    this.evidence.hidden = !elements;
    this.why?.setAttribute("aria-expanded", String(Boolean(elements)));
  }
}

const place = (span) => (span ? `${span.start}-${span.end}` : null);

function describeLink(corpus, { state, score }, { id, name, mentions, description }) {
  const link =
    id > 0
      ? createElement("a", { href: `/corpora/${corpus}/entities/${id}/`, dir: "auto" }, name)
      : createElement("b", { dir: "auto" }, name);
  return [
    createElement("span", { className: `link-sign link-${STATES[state]}`, "aria-hidden": "true" }),
    link,
    " ",
    createElement("span", { className: "times", title: "Mentions in the corpus" }, `×${mentions}`),
    " ",
    createElement("span", { className: "state" }, `link ${STATES[state]}`),
    ...(score === null ? [] : [" ", createElement("span", { className: "score" }, score.toFixed(2))]),
    ...(description ? [" ", createElement("span", { className: "quiet", dir: "auto" }, description)] : []),
  ];
}

const unlinked = (reason) => [
  createElement("span", { className: "quiet" }, reason ? `Not linked: ${reason}` : "Not linked"),
];
