// The article page: connects its parts, and passes every key and button to the part that handles it.
import { BulkDialog } from "./bulk-dialog.js";
import { Conflicts } from "./conflicts.js";
import { renew, token } from "./csrf.js";
import { Decisions } from "./decisions.js";
import { afterFrame, createElement, reveal, whenIdle } from "./dom.js";
import { Heartbeat } from "./heartbeat.js";
import { listen } from "./keys.js";
import { LabelPicker } from "./label-picker.js";
import { say } from "./messages.js";
import { Outbox } from "./outbox.js";
import { PossibleSpans } from "./possible-spans.js";
import { RemoteChanges } from "./remote-changes.js";
import { labelButtons, SelectedSpan } from "./selected-span.js";
import { SpanList } from "./span-list.js";
import { SpanStore } from "./span-store.js";
import { StatusBar } from "./status-bar.js";
import { TextRenderer } from "./text-renderer.js";
import { TextSelection } from "./text-selection.js";
import { createSegmenters, moveBoundary } from "./word-boundaries.js";

const BOUNDARIES = {
  "start-out": ["start", -1],
  "start-in": ["start", 1],
  "end-out": ["end", 1],
  "end-in": ["end", -1],
};

class Workbench {
  constructor(desk) {
    this.desk = desk;
    const { user, article: id, here } = desk.dataset;
    const article = Number(id);
    this.here = here;
    this.keys = JSON.parse(desk.dataset.keys);
    this.editable = "editable" in desk.dataset;
    this.store = new SpanStore(desk);
    this.renderer = new TextRenderer(desk.querySelector("#text"), this.store);
    this.spanList = new SpanList(desk, this.store);
    const act = (verb, value) => this.act(verb, value);
    const panel = desk.querySelector(".panel");
    this.selectedSpan = new SelectedSpan(panel, this.store.labels, this.keys, act, this.editable);
    const signIn = `/sign-in/?next=${encodeURIComponent(here)}`;
    this.statusBar = new StatusBar(desk.querySelector("#status-bar"), signIn, () => this.remoteChanges.show());
    this.heartbeat = new Heartbeat(here, token, (state) => this.onState(state));
    this.outbox = new Outbox(user, () => this.heartbeat.ask(), {
      state: (name, waiting) => this.statusBar.state(name, waiting),
      accepted: (entry, result) => this.accepted(entry, result),
      refused: (entry, problem, dropped) => this.decisions.refused(entry, problem, dropped),
    });
    const draw = (changes) => this.draw(changes);
    const announce = (number) => this.statusBar.announceChanges(number);
    this.remoteChanges = new RemoteChanges(article, this.store, this.outbox, draw, announce);
    this.conflicts = new Conflicts(desk, article, this.keys, (choice, current) => this.overrule(choice, current));
    this.decisions = new Decisions(article, this.store, this.outbox, {
      here,
      draw,
      conflict: (entry, problem) => this.conflicts.show(entry, problem),
      reload: () => this.remoteChanges.reload(),
    });
    const applyBulk = (choice, span, matches) => this.applyBulk(choice, span, matches);
    this.possible = this.editable
      ? new PossibleSpans(panel, article, this.store, this.renderer, this.keys.alternative, (one) => this.take(one))
      : null;
    this.bulk = new BulkDialog(article, this.store, applyBulk, say);
    const bar = desk.querySelector("#mark");
    if (this.editable && bar) {
      const choices = () => labelButtons(this.store.labels, this.keys["find-label"]);
      this.selection = new TextSelection(this.renderer, this.store, bar, choices);
      this.labelPicker = new LabelPicker(this.store, this.selection, (label, range) => this.label(label, range));
    }
    const requested = Number(new URLSearchParams(location.search).get("span"));
    if (this.store.spans.has(requested)) this.select(requested, { focus: false, scroll: false });
    // Neither the first paint nor the first key waits for these.
    afterFrame(() => this.fillPanel());
    whenIdle(() => this.resume());
  }

  fillPanel() {
    this.selectedSpan.build(this.possible?.here);
    document.documentElement.classList.add("filled");
  }

  resume() {
    this.decisions.resume();
    if (this.outbox.queue.length) this.outbox.flush();
    else this.statusBar.state("saved", 0);
    this.possible?.load().then(() => this.showPossible());
  }

  stop() {
    this.heartbeat.stop();
    this.spanList.watcher.disconnect();
    this.selection?.stop.abort();
  }

  // The selected span, or null.
  get span() {
    return this.store.spans.get(this.renderer.selected) ?? null;
  }

  select(id, { focus = true, scroll = true } = {}) {
    this.renderer.select(id);
    const span = this.span;
    this.selectedSpan.show(span, this.store, this.here);
    this.possible?.show(span);
    this.spanList.select(id);
    if (!span) return;
    const link = this.renderer.link(id);
    const folded = link?.closest("details:not([open])");
    if (folded) folded.open = true;
    if (link && focus) {
      link.setAttribute("aria-label", this.store.describe(span));
      if (!link.matches("a")) link.tabIndex = -1;
      link.focus({ preventScroll: true });
    }
    if (link && scroll) reveal(link);
  }

  draw(changes) {
    for (const { was, id } of changes) if (was && this.renderer.selected === was) this.renderer.selected = id;
    this.renderer.draw(changes);
    this.spanList.draw(changes);
    this.selectedSpan.show(this.span, this.store, this.here);
    this.showPossible();
  }

  // Returns whether there is a next (`step` 1) or previous (-1) span.
  selectNeighbour(step) {
    const next = this.store.neighbour(this.span, step);
    if (next) this.select(next.id);
    return Boolean(next);
  }

  decide(choice) {
    const before = this.span;
    const result = this.decisions.decide(choice);
    const next = this.store.nextWaiting(before);
    this.select(next?.id ?? result?.id ?? 0);
  }

  act(verb, value) {
    if (verb === "finish") this.finish();
    else if (verb === "undo" && this.undoFinish()) return;
    else if (verb === "comment") this.comment();
    if (!this.editable) return;
    const span = this.span;
    if (verb === "confirm" || verb === "reject") {
      if (span && span.state !== (verb === "confirm" ? "c" : "r")) this.decide({ verb, span: span.id });
      else if (span) this.select(this.store.nextWaiting(span)?.id ?? span.id);
      else this.selectNeighbour(1);
    } else if (verb === "label") this.label(value);
    else if (BOUNDARIES[verb]) this.moveBoundary(verb, false);
    else if (verb === "alike") this.openBulk();
    else if (verb === "alternative") this.takeFirst();
    else if (verb === "find-label") this.findLabel();
    else if (verb === "select") this.selection?.begin(span?.end ?? 0);
    else if (verb === "keep-theirs" || verb === "use-mine") this.conflicts.answer(verb === "use-mine");
    else if (verb === "undo" || verb === "redo") this.undoOrRedo(verb);
  }

  showPossible() {
    this.possible?.show(this.span);
    this.possible?.refresh();
  }

  takeFirst() {
    const [first] = this.possible.at(this.span);
    if (first) this.take(first);
    else say("There is no other choice for this");
  }

  // Take a possible span: in place of the selected suggestion where they overlap, else as a new one.
  take({ start, end, label }) {
    const span = this.span;
    if (!span || span.state !== "s" || span.start >= end || start >= span.end) this.add({ start, end }, label, true);
    else {
      const same = span.start === start && span.end === end;
      const verb = same ? "relabel" : "move";
      const changed = same || label !== span.label ? { label } : {};
      this.decide({ verb, span: span.id, ...(same ? {} : { start, end }), ...changed, offered: true });
    }
  }

  findLabel() {
    const range = this.selection?.range() ?? (this.span?.state === "r" ? null : this.span);
    if (range) this.labelPicker.open(this.store.quote(range));
    else say("Select a span or words first, then choose a label");
  }

  // Label the selected text, or else the selected span.
  label(label, range = this.selection?.range()) {
    const span = this.span;
    if (range) this.add(range, label);
    else if (span && span.state !== "r") {
      if (span.label === label) this.act("confirm");
      else this.decide({ verb: "relabel", span: span.id, label });
    }
  }

  // Add a span, `offered` as a possible one or not. A suggestion of the same range is relabeled instead.
  add({ start, end }, label, offered = false) {
    this.selection.clear();
    const holder = this.store.holder(start, end, label);
    const suggested = this.store.waiting().find((span) => span.start === start && span.end === end);
    const choice =
      suggested && holder?.state !== "s"
        ? { verb: "relabel", span: suggested.id, label, offered }
        : { verb: "add", start, end, label, offered };
    const result = holder?.state === "c" ? holder : this.decisions.decide(choice);
    this.select(result.id, { scroll: false });
  }

  moveBoundary(verb, character) {
    const [side, direction] = BOUNDARIES[verb];
    if (this.selection?.moveBoundary(side, direction, character)) return;
    const span = this.span;
    if (!span || span.state === "r") return;
    const to = moveBoundary(this.store.text, span[side], side, direction, character);
    const range = { start: span.start, end: span.end, [side]: to };
    if (to === null || range.start >= range.end) return;
    const result = this.decisions.decide({ verb: "move", span: span.id, ...range });
    if (result) this.select(result.id, { scroll: false });
  }

  async openBulk() {
    if (this.bulk.shown) return this.bulk.widen();
    if (!this.span) return undefined;
    await this.outbox.flush(true);
    const span = this.span;
    if (span.state === "r") return undefined;
    const [first] = span.state === "c" ? this.store.alike(span) : [span];
    return first
      ? this.bulk.open({ verb: "confirm", span: first.id }, first)
      : this.bulk.open({ verb: "add", label: span.label }, span);
  }

  applyBulk(choice, span, matches) {
    this.decisions.decideAlike(choice, matches);
    const next = this.store.nextWaiting(span);
    this.select(next?.id ?? span.id);
  }

  // While the dialog is open, a verb changes what it will apply.
  changeBulk(verb, value) {
    const { span, choice, scope } = this.bulk;
    if (verb === "alike") this.bulk.widen();
    else if (choice.verb === "add") return;
    else if (verb === "reject") this.bulk.open({ verb, span: span.id }, span, scope);
    else if (verb === "confirm" || (verb === "label" && value === span.label))
      this.bulk.open({ verb: "confirm", span: span.id }, span, scope);
    else if (verb === "label") this.bulk.open({ verb: "relabel", span: span.id, label: value }, span, scope);
  }

  async undoOrRedo(verb) {
    const done = await this.decisions[verb]();
    if (done !== undefined) say(done ? (verb === "undo" ? "Undone" : "Redone") : `Nothing to ${verb}`);
  }

  // Undo the finish of the article before, unless something was decided here since.
  undoFinish() {
    const button = this.decisions.done.length ? null : this.desk.querySelector("[data-undo-finish]");
    button?.click();
    return Boolean(button);
  }

  accepted(entry, result) {
    const found = this.decisions.accepted(entry, result);
    if (found?.left_out.length) say(`${found.left_out.length} had changed and were left unchanged`);
    else if (found?.notices.length)
      say(`The suggestion “${entry.quote.slice(0, 60)}” had changed: your decision was saved`);
  }

  // Apply a refused choice to the span as it is now.
  overrule({ verb, label, start, end }, current) {
    const { offsets, byName } = this.store;
    const range = start === undefined ? {} : { start: offsets.unit(start), end: offsets.unit(end) };
    this.decisions.decide({ verb, span: current.id, ...range, ...(label ? { label: byName.get(label).id } : {}) });
    this.select(current.id);
  }

  onState({ here, user, mark }) {
    if (here) this.statusBar.showPeople(here);
    if (user && this.outbox.queue.length) this.outbox.flush();
    if (mark) this.remoteChanges.check(mark, () => this.statusBar.stageChanged());
  }

  comment() {
    const field = this.desk.querySelector("#comments textarea, [data-comment]");
    const fold = field?.closest("details");
    if (fold) fold.open = true;
    if (field?.form) this.#commentOnSpan(field.form);
    field?.focus();
  }

  #commentOnSpan(form) {
    const { span } = this;
    const hidden = { type: "hidden", name: "span" };
    const field = form.elements.span ?? form.appendChild(Object.assign(document.createElement("input"), hidden));
    field.disabled = !span || span.id < 0;
    field.value = span ? String(span.id) : "";
    const label = form.querySelector("label")?.firstChild;
    if (label?.nodeType === Node.TEXT_NODE)
      label.textContent = span ? `On “${this.store.quote(span).slice(0, 60)}”` : "On this article";
  }

  // Confirm what is shown, finish, and open the next article, once everything is saved.
  async finish() {
    if (this.store.done || !this.editable) {
      this.desk.querySelector("a[data-finish]")?.click();
      return;
    }
    await this.outbox.flush(true);
    if (this.outbox.queue.length) {
      say("Not everything is saved yet, so the article stays open: try again when the server can be reached");
      return;
    }
    // Without the server or a session the next page would be an error page.
    const { user, status } = await this.heartbeat.ask().catch(() => ({}));
    if (!user) {
      say(
        status === 401
          ? "You are signed out, so the article stays open: sign in, then finish it"
          : "Cannot reach the server, so the article stays open: try again",
      );
      return;
    }
    const { open } = this.conflicts;
    if (open.some((conflict) => !conflict.warned)) {
      for (const conflict of open) conflict.warned = true;
      const conflicts = open.length === 1 ? "A conflict is" : `${open.length} conflicts are`;
      say(`${conflicts} open: choose, or press again to keep the current spans and finish`);
      return;
    }
    const form = document.getElementById("finish-form");
    const waiting = this.store.waiting();
    const shown = waiting.map(({ id, revision }) => `${id}:${revision}`).join(" ");
    const values = waiting.length ? { shown, with_shown: "1" } : {};
    for (const [name, value] of Object.entries(values))
      form.append(createElement("input", { type: "hidden", name, value }));
    renew(form);
    form.submit();
  }
}

let workbench = null;

function start() {
  const desk = document.getElementById("desk");
  const selected = workbench?.renderer.selected;
  workbench?.stop();
  workbench = desk ? new Workbench(desk) : null;
  if (selected && workbench?.store.spans.has(selected)) workbench.select(selected, { focus: false, scroll: false });
}

// A click selects a span; further clicks on the same place select the spans around it.
function click(event) {
  if (!workbench || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey) return;
  const span = event.target.closest("#text [data-s]");
  // Shift extended a selection.
  if (event.shiftKey) return span && event.preventDefault();
  const row = event.target.closest(".spans li[id] a");
  const button = event.target.closest(
    ".spans li[id] button, #mark :is([data-label], [data-verb]), #status-bar [data-verb]",
  );
  if (button) {
    event.preventDefault();
    press(button);
  } else if (row) {
    event.preventDefault();
    workbench.select(idOfRow(row), { focus: false });
  } else if (span) {
    event.preventDefault();
    if (document.getSelection()?.isCollapsed === false) return;
    workbench.select(nextOutwards(span, workbench.renderer.selected), { scroll: false });
  }
}

const idOfRow = (element) => Number(element.closest("li").id.slice(4));

function press(button) {
  if (button.dataset.label) return workbench.act("label", Number(button.dataset.label));
  if (button.dataset.verb) return workbench.act(button.dataset.verb);
  workbench.select(idOfRow(button), { focus: false });
  return workbench.act(button.name);
}

function nextOutwards(span, selected) {
  const around = [];
  for (let element = span; element; element = element.parentElement.closest("#text [data-s]"))
    around.push(Number(element.dataset.s));
  return around[(around.indexOf(selected) + 1) % around.length];
}

// Browsers start no selection within a link: a span has no address while the pointer is down.
function unlink(event) {
  const link = !event.button && !event.ctrlKey && !event.metaKey && event.target.closest?.("#text a[href]");
  if (!link) return;
  const address = link.getAttribute("href");
  link.removeAttribute("href");
  for (const name of ["pointerup", "pointercancel"])
    addEventListener(name, () => link.setAttribute("href", address), { capture: true, once: true });
}

start();
listen(() => workbench);
document.addEventListener("pointerdown", unlink, { capture: true });
performance.mark("workbench");
whenIdle(createSegmenters);
document.addEventListener("click", click);
document.addEventListener("desk:placed", start);
document.addEventListener("copy", (event) => {
  const selection = document.getSelection();
  if (!selection.rangeCount || !event.target.closest?.("#text")) return;
  event.clipboardData.setData("text/plain", selection.getRangeAt(0).toString());
  event.preventDefault();
});
