// Decides, undoes and redoes at once on this page, and hands each decision to the outbox. What the desk answers is
// taken over; what it refuses is shown with both sides.
import { newKey } from "./outbox.js";

// A boundary that is moved step by step is one decision: it waits so many milliseconds for a further step.
const STEPS = 700;

export class Decisions {
  // `shown(changes)` draws; `conflict(entry, problem, mine)` asks the editor; `again()` reads all spans anew.
  constructor(article, book, outbox, { here, shown, conflict, again }) {
    Object.assign(this, { article, book, outbox, here, shown, conflict, again });
    this.done = [];
    this.undone = [];
    // The newest decision on each span that the desk has not answered yet.
    this.open = new Map();
    this.changes = new Map();
    // The newest undo or redo on its way of which this page does not know what it changes.
    this.unknown = null;
    // Undos and redos of strokes that the desk names when it is their turn: where they then belong, and who waits.
    this.asked = new Map();
    this.entered = false;
  }

  // What waited in this browser is drawn as it was decided.
  resume() {
    for (const entry of this.outbox.queue) {
      if (entry.article !== this.article) continue;
      this.entered = true;
      if (entry.kind === "undo") {
        this.#resumeTurn(entry);
        continue;
      }
      const changes = entry.choices.flatMap((choice) => this.#replay(choice));
      this.#open(entry, changes);
      this.done.push({ key: entry.key, changes });
      this.shown(changes);
    }
  }

  // An undo or redo that waited; what it turns is known here only where that waited too.
  #resumeTurn(entry) {
    for (const [side, from, onto] of [
      ["before", this.done, this.undone],
      ["after", this.undone, this.done],
    ]) {
      const at = from.findIndex(({ key }) => key === entry.of);
      if (at < 0) continue;
      const [{ changes }] = from.splice(at, 1);
      const turned = this.book.turn(changes, side);
      this.#open(entry, turned);
      onto.push({ key: entry.key, changes });
      this.shown(turned);
      return;
    }
    this.unknown = entry.key;
  }

  #replay(choice) {
    const { offsets, byName } = this.book;
    const place =
      choice.start === undefined ? {} : { start: offsets.unit(choice.start), end: offsets.unit(choice.end) };
    const changes = this.book.apply({ ...choice, ...place, label: byName.get(choice.label)?.id });
    if (choice.local && changes[0] && !changes[0].before) {
      this.book.rename(changes[0].id, choice.local);
      changes[0] = { ...changes[0], id: choice.local, after: this.book.spans.get(choice.local) };
    }
    return changes;
  }

  #open(entry, changes) {
    this.changes.set(entry.key, changes);
    for (const { id } of changes) this.open.set(id, entry.key);
  }

  // {verb, span, start, end, label} in UTF-16 units and label ids. Returns the span that it leaves.
  decide(...choices) {
    const [first] = choices;
    if (first.verb === "move" && this.#further(first)) return this.book.spans.get(first.span);
    const until = first.verb === "move" ? { until: Date.now() + STEPS } : {};
    const sent = choices.map((choice) => this.#sendable(choice));
    const changes = choices.flatMap((choice, position) => {
      const made = this.book.apply(choice);
      if (choice.verb === "add" && made[0]) sent[position].local = made[0].id;
      // Another span had this place and label: the choice is carried out on that one.
      else if (made[0] && made[0].id !== choice.span) sent[position].leaves = made[0].id;
      return made;
    });
    return this.#enter({ kind: "decide", choices: sent, ...until }, changes);
  }

  // Another step of the boundary that was moved last: the decision that waits is made this one.
  #further({ span: id, start, end }) {
    const { held } = this.outbox;
    const stroke = this.done.at(-1);
    const [choice] = held?.choices ?? [];
    if (
      !stroke ||
      held?.key !== stroke.key ||
      choice.verb !== "move" ||
      choice.span !== id ||
      stroke.changes.length !== 1
    )
      return false;
    const { label } = this.book.spans.get(id);
    if (this.book.holder(start, end, label)) return false;
    const [change] = this.book.apply({ verb: "move", span: id, start, end });
    stroke.changes[0].after = change.after;
    Object.assign(choice, { start: this.book.offsets.point(start), end: this.book.offsets.point(end) });
    held.until = Date.now() + STEPS;
    this.shown([change]);
    this.outbox.amend(held);
    return true;
  }

  // The same for all that was shown: `matches` as the preview told of them.
  decideAlike(choice, matches) {
    if (choice.verb === "add") return this.#addAlike(choice, matches);
    const changes = this.book.apply(choice);
    const sent = this.#sendable(choice);
    for (const match of matches)
      if (match.article === this.article) changes.push(...this.book.apply({ ...choice, span: match.span }));
    const named = matches.map(({ article, span, revision }) => ({ article, span, revision }));
    return this.#enter({ kind: "alike", choices: [sent], matches: named }, changes);
  }

  // The first place stands for all of them: the span in hand is there already.
  #addAlike({ label }, matches) {
    const { offsets, labels } = this.book;
    const first = matches.find(({ article }) => article === this.article) ?? matches[0];
    const changes = [];
    for (const match of matches) {
      if (match.article !== this.article) continue;
      changes.push(
        ...this.book.apply({ verb: "add", start: offsets.unit(match.start), end: offsets.unit(match.end), label }),
      );
    }
    const others = matches
      .filter((match) => match !== first)
      .map(({ article, start, end }) => ({ article, start, end }));
    const sent = { verb: "add", start: first.start, end: first.end, label: labels.get(label).name };
    return this.#enter({ kind: "alike", article: first.article, choices: [sent], matches: others }, changes);
  }

  #enter(entry, changes) {
    const whole = {
      key: newKey(),
      article: this.article,
      here: this.here,
      quote: changes[0] ? this.book.quote(changes[0].after ?? changes[0].before) : "",
      ...entry,
    };
    this.#open(whole, changes);
    this.done.push({ key: whole.key, changes });
    this.undone = [];
    this.entered = true;
    this.shown(changes);
    this.outbox.add(whole);
    return changes[0]?.after ?? null;
  }

  #sendable({ verb, span: id, start, end, label }) {
    const point = (unit) => this.book.offsets.point(unit);
    const choice = { verb };
    if (verb !== "add") {
      const key = [this.open.get(id), this.unknown].filter(Boolean).sort().at(-1);
      const span = this.book.spans.get(id);
      Object.assign(choice, { span: id, revision: span?.revision, ...(key ? { after: key } : {}) });
      // Where it is carried out, should a machine have withdrawn it meanwhile.
      if (span)
        choice.seen = { start: point(span.start), end: point(span.end), label: this.book.labels.get(span.label).name };
    }
    if (start !== undefined) Object.assign(choice, { start: point(start), end: point(end) });
    if (label !== undefined) choice.label = this.book.labels.get(label).name;
    return choice;
  }

  // Both tell whether something was turned; undefined where the desk refused it.
  async undo() {
    const stroke = this.done.pop();
    return stroke ? this.#turn(stroke, "before", this.undone) : this.#ask("last", this.undone);
  }

  async redo() {
    const stroke = this.undone.pop();
    if (stroke) return this.#turn(stroke, "after", this.done);
    return !this.entered && this.#ask("undone", this.done);
  }

  // A stroke from before this page was opened, or one that the person took elsewhere: the newest one when this one's
  // turn comes, and not one that is taken behind it.
  #ask(name, onto) {
    const entry = { key: newKey(), article: this.article, here: this.here, kind: "undo", earlier: name, quote: "" };
    this.#open(entry, []);
    this.unknown = entry.key;
    this.outbox.add(entry);
    return new Promise((resolve) => this.asked.set(entry.key, { onto, resolve }));
  }

  #answered({ key, decision }, stroke) {
    const { onto, resolve } = this.asked.get(key);
    this.asked.delete(key);
    for (const strokes of [this.done, this.undone]) {
      const known = strokes.findIndex((one) => one.decision === decision);
      if (stroke?.decision && known >= 0) strokes.splice(known, 1);
    }
    if (stroke?.decision) {
      onto.push({ key, decision: stroke.decision });
      onto.sort((one, other) => (one.key < other.key ? -1 : 1));
    }
    resolve(stroke && Boolean(stroke.decision));
  }

  #turn(stroke, side, onto) {
    const changes = stroke.changes ? this.book.turn(stroke.changes, side) : [];
    const entry = {
      key: newKey(),
      article: this.article,
      here: this.here,
      kind: "undo",
      of: stroke.key,
      decision: stroke.decision,
      quote: "",
    };
    this.#open(entry, changes);
    if (!stroke.changes) this.unknown = entry.key;
    onto.push({ key: entry.key, changes: stroke.changes });
    this.shown(changes);
    this.outbox.add(entry);
    return true;
  }

  settled(entry, stroke) {
    for (const known of [...this.done, ...this.undone]) if (known.key === entry.key) known.decision = stroke.decision;
    if (entry.article !== this.article) return null;
    const known = this.changes.has(entry.key);
    const here = stroke.spans.filter((span) => span.article === this.article);
    if (this.unknown === entry.key) this.unknown = null;
    if (this.asked.has(entry.key)) this.#answered(entry, stroke);
    for (const [position, choice] of (entry.choices ?? []).entries()) this.#named(choice, stroke.spans[position]);
    if (entry.kind === "alike")
      for (const { id } of this.changes.get(entry.key) ?? [])
        if (id < 0)
          this.#named(
            { local: id },
            here.find((span) => this.#samePlace(span, this.book.spans.get(id))),
          );
    if (entry.kind === "undo") this.#turned(this.changes.get(entry.key) ?? [], here);
    const drawn = here
      .filter((span) => this.#take(entry, span))
      .map((span) => ({ before: this.book.spans.get(span.id), after: this.book.spans.get(span.id) }));
    for (const [id, key] of this.open) if (key === entry.key) this.open.delete(id);
    this.changes.delete(entry.key);
    if (drawn.length) this.shown(drawn, true);
    if (
      !known ||
      stroke.left_out.length ||
      stroke.notices.length ||
      (entry.kind === "undo" && stroke.decision && !here.length)
    )
      this.again();
    return stroke;
  }

  #samePlace(json, made) {
    const told = this.book.read(json);
    return made && told.start === made.start && told.end === made.end && told.label === made.label;
  }

  // A verb may have left another span than it was given: then the two part again.
  #turned(changes, here) {
    for (const { id, after } of changes) {
      const stands = here.find((span) => this.#samePlace(span, after));
      if (stands && !changes.some((other) => other.id === stands.id)) this.#named({ local: id }, stands);
    }
  }

  // A span that this page made has a number now; one that stood there already took its place.
  #named(choice, span) {
    const id = choice.local ?? choice.span;
    if (!span || id === undefined || [id, choice.leaves].includes(span.id)) return;
    const before = this.book.spans.get(id);
    if (this.book.spans.has(span.id)) this.book.drop(id);
    else this.book.rename(id, span.id);
    if (this.open.has(id)) this.open.set(span.id, this.open.get(id));
    this.open.delete(id);
    this.outbox.rename(id, span.id);
    for (const stroke of [...this.done, ...this.undone])
      stroke.changes = stroke.changes?.map((change) => renamed(change, id, span.id));
    for (const [key, changes] of this.changes)
      this.changes.set(
        key,
        changes.map((change) => renamed(change, id, span.id)),
      );
    this.shown([{ id: span.id, was: id, before, after: this.book.spans.get(span.id) }], true);
  }

  // True where what the desk tells looks other than what is shown.
  #take(entry, json) {
    const now = this.book.spans.get(json.id);
    const told = this.book.read(json);
    if (this.open.get(json.id) !== entry.key && this.open.has(json.id)) {
      if (now) this.book.keep({ ...now, revision: told.revision });
      return false;
    }
    this.book.keep(told);
    return !now || ["start", "end", "label", "state"].some((name) => now[name] !== told[name]);
  }

  refused(entry, problem, dropped) {
    const lost = dropped.map((key) => this.changes.get(key)).filter(Boolean);
    const before = lost.reverse().flatMap((changes) => this.book.turn(changes, "before"));
    for (const key of dropped) this.changes.delete(key);
    if (dropped.includes(this.unknown)) this.unknown = null;
    for (const key of dropped) if (this.asked.has(key)) this.#answered({ key }, undefined);
    for (const [id, key] of this.open) if (dropped.includes(key)) this.open.delete(id);
    const gone = (stroke) => !dropped.includes(stroke.key);
    [this.done, this.undone] = [this.done.filter(gone), this.undone.filter(gone)];
    if (entry.article === this.article) {
      const current = problem.current?.id ? this.book.read(problem.current) : null;
      if (current) this.book.keep(current);
      this.shown([...before, ...(current ? [{ before: current, after: current }] : [])], true);
      if (current && this.#agrees(entry, current)) return;
    }
    this.conflict(entry, problem);
  }

  // Somebody else decided the very same: there is nothing to choose.
  #agrees({ kind, choices }, current) {
    if (kind !== "decide" || choices.length !== 1) return false;
    const [{ verb, label, start, end }] = choices;
    const { offsets } = this.book;
    if (verb === "move") return current.start === offsets.unit(start) && current.end === offsets.unit(end);
    if (verb === "confirm") return current.state === "c";
    if (verb === "reject") return current.state === "r";
    return verb === "relabel" && current.state === "c" && this.book.labels.get(current.label)?.name === label;
  }
}

function renamed(change, from, to) {
  if (change.id !== from) return change;
  const side = (span) => span && { ...span, id: to };
  return { id: to, before: side(change.before), after: side(change.after) };
}
