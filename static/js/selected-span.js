// The selected span, next to the text: what it is, and a button with its key for every verb. The buttons are built once,
// after the first paint or for the first span, and then updated.
import { createElement } from "./dom.js";
import { STATES } from "./span-store.js";

const key = (word) => createElement("kbd", {}, word);
// This many labels have a button, and all that have a key; the others are found by typing.
const BUTTONS = 24;

// A button for each label that has one, and one to find any label.
export function labelButtons(labels, findKey) {
  const shown = [...labels.values()].filter((label, number) => number < BUTTONS || label.letter);
  const words = labels.size > shown.length ? `All ${labels.size} labels` : "Find a label";
  return [...shown.map(labelButton), verbButton(words, "find-label", findKey, { className: "label" })];
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
  constructor(panel, labels, keys, act, editable) {
    panel.querySelector("#selected-span, .start-review")?.remove();
    Object.assign(this, { panel, labels, keys, editable });
    this.title = createElement("h2", { id: "selected-title" });
    this.facts = createElement("p", {});
    this.definition = createElement("p", { className: "definition quiet" });
    this.body = createElement("div", { className: "verbs" });
    this.section = createElement(
      "section",
      { className: "selected-span", id: "selected-span", "aria-labelledby": "selected-title" },
      createElement("header", {}, this.title, this.facts, this.definition),
      this.body,
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
    if (this.editable) this.#buildVerbs(keys);
    this.history = createElement("a", {}, "History");
    const comment = panel.querySelector("#comments form") ? [verbButton("Comment", "comment", keys.comment), " "] : [];
    this.body.append(createElement("p", { className: "links" }, ...comment, this.history));
  }

  #buildVerbs(keys) {
    this.confirm = verbButton("Confirm", "confirm", keys.confirm, { className: "primary" });
    this.reject = verbButton("Reject", "reject", keys.reject);
    this.alike = verbButton("Others like this", "alike", keys.alike);
    this.choices = createElement(
      "div",
      { className: "choices", role: "group", "aria-label": "Label" },
      ...labelButtons(this.labels, keys["find-label"]),
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
      this.choices,
      this.edges,
      ...(this.others ? [this.others] : []),
    );
  }

  show(span, store, here) {
    this.section.classList.toggle("nothing", !span);
    this.definition.textContent = (span && store.labels.get(span.label)?.definition) || "\u00a0";
    if (!span) {
      this.title.textContent = "Nothing selected";
      this.facts.replaceChildren("Select a span: Tab, an arrow key, or a click.");
      this.body.inert = true;
      return;
    }
    this.build();
    this.body.inert = false;
    const label = store.labels.get(span.label);
    this.title.textContent = store.quote(span).replace(/\s+/g, " ").slice(0, 120);
    this.title.dir = "auto";
    const score =
      span.score === null ? [] : [" ", createElement("span", { className: "score" }, span.score.toFixed(2))];
    this.facts.replaceChildren(
      createElement("span", { className: `tag ${label?.colour ?? ""}` }, label?.name ?? ""),
      " ",
      createElement("span", { className: "state" }, STATES[span.state]),
      ...score,
    );
    this.history.hidden = span.id < 0;
    this.history.href = `${here}spans/${span.id}/history/`;
    if (!this.confirm) return;
    this.confirm.disabled = span.state === "c";
    this.reject.disabled = span.state === "r";
    const number = store.alike(span).length;
    this.alike.firstChild.textContent = number ? `All ${number + 1} like this` : "Others like this";
    for (const button of this.choices.children) {
      if (Number(button.dataset.label) === span.label) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }
}
