// The article page as a workbench: every key and button goes through here to the module that does it.

import { Bulk } from "./bulk.js";
import { Conflicts } from "./conflicts.js";
import { Decisions } from "./decisions.js";
import { createElement, whenIdle } from "./dom.js";
import { Heartbeat } from "./heartbeat.js";
import { listen } from "./keys.js";
import { LabelPicker } from "./label-picker.js";
import { say } from "./messages.js";
import { cookie, Outbox } from "./outbox.js";
import { RemoteChanges } from "./remote-changes.js";
import { SelectedSpan } from "./selected-span.js";
import { SpanList } from "./span-list.js";
import { described, look, neighbour, nextWaiting } from "./span-order.js";
import { SpanStore } from "./span-store.js";
import { StatusBar } from "./status-bar.js";
import { TextRenderer } from "./text-renderer.js";
import { TextSelection } from "./text-selection.js";
import { prepare, step } from "./word-boundaries.js";

const EDGES = { "start-out": ["start", -1], "start-in": ["start", 1], "end-out": ["end", 1], "end-in": ["end", -1] };

class Workbench {
  constructor(desk) {
    this.desk = desk;
    const { user, article, here } = desk.dataset;
    this.here = here;
    this.keys = JSON.parse(desk.dataset.keys);
    this.editable = "editable" in desk.dataset;
    this.panel = desk.querySelector(".panel");
    this.book = new SpanStore(desk);
    this.paper = new TextRenderer(desk.querySelector("#text"), this.book);
    this.rows = new SpanList(desk, this.book);
    this.hand = new SelectedSpan(
      this.panel,
      this.book.labels,
      this.keys,
      (verb, value) => this.act(verb, value),
      this.editable,
    );
    this.foot = new StatusBar(desk.querySelector("#foot"), `/sign-in/?next=${encodeURIComponent(here)}`, () =>
      this.news.show(),
    );
    this.pulse = new Heartbeat(
      here,
      () => cookie("csrftoken"),
      (found) => this.heard(found),
    );
    this.outbox = new Outbox(user, () => this.pulse.ask(), {
      state: (name, waiting) => this.foot.state(name, waiting),
      settled: (entry, stroke) => this.settled(entry, stroke),
      refused: (entry, problem, dropped) => this.decisions.refused(entry, problem, dropped),
    });
    this.news = new RemoteChanges(
      Number(article),
      this.book,
      this.outbox,
      (changes) => this.shown(changes, true),
      (number) => this.foot.announce(number),
    );
    this.conflicts = new Conflicts(desk, Number(article), this.keys, (choice, current) => this.insist(choice, current));
    this.decisions = new Decisions(Number(article), this.book, this.outbox, {
      here,
      shown: (changes, quiet) => this.shown(changes, quiet),
      conflict: (entry, problem) => this.conflicts.show(entry, problem),
      again: () => this.news.take(),
    });
    this.bulk = new Bulk(
      Number(article),
      this.book,
      (choice, span, matches) => this.applied(choice, span, matches),
      say,
    );
    const bar = desk.querySelector("#mark");
    this.picking = this.editable && bar ? new TextSelection(this.paper, this.book, bar) : null;
    this.chooser =
      this.picking && new LabelPicker(this.book, this.picking, (label, picked) => this.label(label, picked));
    this.asked = Number(new URLSearchParams(location.search).get("span"));
    if (this.book.spans.has(this.asked)) this.take(this.asked, { focus: false, scroll: false });
    whenIdle(() => this.rows.complete());
    this.decisions.resume();
    if (this.outbox.queue.length) this.outbox.flush();
  }

  stop() {
    this.pulse.stop();
    this.picking?.stop.abort();
  }

  get span() {
    return this.book.spans.get(this.paper.hand) ?? null;
  }

  take(id, { focus = true, scroll = true } = {}) {
    this.paper.hold(id);
    const span = this.span;
    this.hand.show(span, this.book, this.here);
    this.rows.hold(id);
    if (!span) return;
    const link = this.paper.link(id);
    const folded = link?.closest("details:not([open])");
    if (folded) folded.open = true;
    if (link && focus) {
      link.setAttribute("aria-label", described(this.book, span));
      if (!link.matches("a")) link.tabIndex = -1;
      link.focus({ preventScroll: true });
    }
    if (link && scroll) look(link);
  }

  shown(changes) {
    for (const { was, id } of changes) if (was && this.paper.hand === was) this.paper.hand = id;
    this.paper.changed(changes);
    this.rows.changed(changes);
    this.hand.show(this.span, this.book, this.here);
  }

  walk(way) {
    const next = neighbour(this.book.drawn(), this.span, way);
    if (next) this.take(next.id);
    return Boolean(next);
  }

  decide(choice) {
    const before = this.span;
    const left = this.decisions.decide(choice);
    const next = nextWaiting(this.book, before);
    this.take(next?.id ?? left?.id ?? 0);
  }

  act(verb, value) {
    if (verb === "finish") this.finish();
    else if (verb === "undo" && this.undoFinish()) return;
    else if (verb === "comment") this.comment();
    if (!this.editable) return;
    const span = this.span;
    if (verb === "confirm" || verb === "reject") {
      if (span && span.state !== (verb === "confirm" ? "c" : "r")) this.decide({ verb, span: span.id });
      else if (span) this.take(nextWaiting(this.book, span)?.id ?? span.id);
      else this.walk(1);
    } else if (verb === "label") this.label(value);
    else if (EDGES[verb]) this.edge(verb, false);
    else if (verb === "alike") this.alike();
    else if (verb === "find-label") this.findLabel();
    else if (verb === "select") this.picking?.begin(span?.end ?? 0);
    else if (verb === "keep-theirs" || verb === "use-mine") this.conflicts.answer(verb === "use-mine");
    else if (verb === "undo" || verb === "redo") this.turn(verb);
  }

  findLabel() {
    const picked = this.picking?.picked() ?? (this.span?.state === "r" ? null : this.span);
    if (picked) this.chooser.open(this.book.quote(picked));
    else say("Select a span or words first, then choose a label");
  }

  label(label, picked = this.picking?.picked()) {
    const span = this.span;
    if (picked) this.mark(picked, label);
    else if (span && span.state !== "r") {
      if (span.label === label) this.act("confirm");
      else this.decide({ verb: "relabel", span: span.id, label });
    }
  }

  // Words that are exactly a suggestion's are that suggestion with another label, and no second span.
  mark({ start, end }, label) {
    this.picking.clear();
    const holder = this.book.holder(start, end, label);
    const suggested = this.book.waiting().find((span) => span.start === start && span.end === end);
    const choice =
      suggested && holder?.state !== "s"
        ? { verb: "relabel", span: suggested.id, label }
        : { verb: "add", start, end, label };
    const left = holder?.state === "c" ? holder : this.decisions.decide(choice);
    this.take(left.id, { scroll: false });
  }

  edge(verb, character) {
    const [side, way] = EDGES[verb];
    if (this.picking?.edge(side, way, character)) return;
    const span = this.span;
    if (!span || span.state === "r") return;
    const to = step(this.book.text, span[side], side, way, character);
    const place = { start: span.start, end: span.end, [side]: to };
    if (to === null || place.start >= place.end) return;
    const left = this.decisions.decide({ verb: "move", span: span.id, ...place });
    if (left) this.take(left.id, { scroll: false });
  }

  async alike() {
    if (this.bulk.shown) return this.bulk.wider();
    if (!this.span) return undefined;
    await this.outbox.flush(true);
    const span = this.span;
    if (span.state === "r") return undefined;
    const [first] = span.state === "c" ? this.book.alike(span) : [span];
    return first
      ? this.bulk.open({ verb: "confirm", span: first.id }, first)
      : this.bulk.open({ verb: "add", label: span.label }, span);
  }

  applied(choice, span, matches) {
    this.decisions.decideAlike(choice, matches);
    const next = nextWaiting(this.book, span);
    this.take(next?.id ?? span.id);
  }

  // While a preview is open: other verbs for all of it.
  inBulk(verb, value) {
    const { span, choice } = this.bulk;
    if (verb === "alike") this.bulk.wider();
    else if (choice.verb === "add") return;
    else if (verb === "reject") this.bulk.open({ verb, span: span.id }, span, this.bulk.scope);
    else if (verb === "confirm" || (verb === "label" && value === span.label))
      this.bulk.open({ verb: "confirm", span: span.id }, span, this.bulk.scope);
    else if (verb === "label") this.bulk.open({ verb: "relabel", span: span.id, label: value }, span, this.bulk.scope);
  }

  async turn(verb) {
    const done = await this.decisions[verb]();
    if (done !== undefined) say(done ? (verb === "undo" ? "Undone" : "Redone") : `Nothing to ${verb}`);
  }

  // The finish that led here is taken back, unless something was decided here since.
  undoFinish() {
    const button = this.decisions.done.length ? null : this.desk.querySelector("[data-undo-finish]");
    button?.click();
    return Boolean(button);
  }

  settled(entry, stroke) {
    const found = this.decisions.settled(entry, stroke);
    if (found?.left_out.length) say(`${found.left_out.length} had changed and were left unchanged`);
    else if (found?.notices.length)
      say(`The suggestion “${entry.quote.slice(0, 60)}” had changed: your decision was saved`);
  }

  insist({ verb, label, start, end }, current) {
    const { offsets, byName } = this.book;
    const place = start === undefined ? {} : { start: offsets.unit(start), end: offsets.unit(end) };
    this.decisions.decide({ verb, span: current.id, ...place, ...(label ? { label: byName.get(label).id } : {}) });
    this.take(current.id);
  }

  heard(found) {
    if (found.here) this.foot.here(found.here);
    if (found.user && this.outbox.queue.length) this.outbox.flush();
    if (found.mark) this.news.heard(found.mark, () => this.foot.closed());
  }

  comment() {
    const field = this.desk.querySelector("#comments textarea, [data-comment]");
    const fold = field?.closest("details");
    if (fold) fold.open = true;
    if (field?.form) this.#about(field.form);
    field?.focus();
  }

  #about(form) {
    const { span } = this;
    const about =
      form.elements.span ??
      form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name: "span" }));
    about.disabled = !span || span.id < 0;
    about.value = span ? String(span.id) : "";
    const words = form.querySelector("label")?.firstChild;
    if (words?.nodeType === Node.TEXT_NODE)
      words.textContent = span ? `On “${this.book.quote(span).slice(0, 60)}”` : "On this article";
  }

  // Confirm what is shown, finish, and open the next one; only once all is saved.
  async finish() {
    if (this.book.done || !this.editable) {
      this.desk.querySelector("a[data-finish]")?.click();
      return;
    }
    await this.outbox.flush(true);
    if (this.outbox.queue.length) {
      say("Not everything is saved yet, so the article stays open: try again when the server can be reached");
      return;
    }
    // A page that cannot be left for the next one stays.
    const { user, status } = await this.pulse.ask().catch(() => ({}));
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
      say(
        `${open.length === 1 ? "A conflict is" : `${open.length} conflicts are`} open: choose, or press again to keep the current spans and finish`,
      );
      return;
    }
    const form = document.getElementById("finish-form");
    const waiting = this.book.waiting();
    const shown = waiting.map(({ id, revision }) => `${id}:${revision}`).join(" ");
    const values = waiting.length ? { shown, with_shown: "1" } : {};
    for (const [name, value] of Object.entries(values))
      form.append(createElement("input", { type: "hidden", name, value }));
    form.submit();
  }
}

let bench = null;

function start() {
  const desk = document.getElementById("desk");
  const hand = bench?.paper.hand;
  bench?.stop();
  bench = desk ? new Workbench(desk) : null;
  if (bench && hand && bench.book.spans.has(hand)) bench.take(hand, { focus: false, scroll: false });
}

// A click takes a span in hand; further ones on the same place go outwards through those that lie around it.
function click(event) {
  if (!bench || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey) return;
  const drawn = event.target.closest("#text [data-s]");
  // It made a selection longer.
  if (event.shiftKey) return drawn && event.preventDefault();
  const row = event.target.closest(".spans li[id] a");
  const pressed = event.target.closest(".spans li[id] button, #mark :is([data-label], [data-verb]), #foot [data-verb]");
  if (pressed) {
    event.preventDefault();
    press(pressed);
  } else if (row) {
    event.preventDefault();
    bench.take(Number(row.closest("li").id.slice(4)), { focus: false });
  } else if (drawn) {
    event.preventDefault();
    if (document.getSelection()?.isCollapsed === false) return;
    bench.take(inTurn(drawn, bench.paper.hand), { scroll: false });
  }
}

function press(button) {
  if (button.dataset.label) return bench.act("label", Number(button.dataset.label));
  if (button.dataset.verb) return bench.act(button.dataset.verb);
  bench.take(Number(button.closest("li").id.slice(4)), { focus: false });
  return bench.act(button.name);
}

function inTurn(drawn, hand) {
  const around = [];
  for (let element = drawn; element; element = element.parentElement.closest("#text [data-s]"))
    around.push(Number(element.dataset.s));
  return around[(around.indexOf(hand) + 1) % around.length];
}

// No browser begins a selection within a link: while it is pressed, a span is none.
function unlink(event) {
  const link = !event.button && !event.ctrlKey && !event.metaKey && event.target.closest?.("#text a[href]");
  if (!link) return;
  const address = link.getAttribute("href");
  link.removeAttribute("href");
  for (const name of ["pointerup", "pointercancel"])
    addEventListener(name, () => link.setAttribute("href", address), { capture: true, once: true });
}

start();
listen(() => bench);
document.addEventListener("pointerdown", unlink, { capture: true });
performance.mark("workbench");
whenIdle(prepare);
document.addEventListener("click", click);
document.addEventListener("desk:placed", start);
document.addEventListener("copy", (event) => {
  const selection = document.getSelection();
  if (!selection.rangeCount || !event.target.closest?.("#text")) return;
  event.clipboardData.setData("text/plain", selection.getRangeAt(0).toString());
  event.preventDefault();
});
