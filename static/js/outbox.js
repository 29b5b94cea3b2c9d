// Decisions on their way to the desk: one after the other, each with its own key, kept in this browser until the desk
// has answered. They belong to one person and are sent for nobody else. The desk makes the stroke of a key once.

const RETRY = 3000;
export const cookie = (name) =>
  document.cookie
    .split("; ")
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1) ?? "";

let counter = 0;

// Sorts as the decisions were taken.
export function newKey() {
  counter += 1;
  const random = Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) =>
    byte.toString(36).padStart(2, "0"),
  ).join("");
  return `${Date.now().toString(36).padStart(9, "0")}-${String(counter).padStart(5, "0")}-${random}`;
}

export class Outbox {
  // `told` hears settled(entry, stroke), refused(entry, problem) and state(name, waiting).
  constructor(user, pulse, told) {
    this.prefix = `desk:${user}:`;
    this.user = Number(user);
    this.pulse = pulse;
    this.told = told;
    this.queue = this.#kept();
    // What cannot be kept here waits in this page alone.
    this.volatile = false;
    this.verified = null;
    this.added = 0;
    this.idle = Promise.resolve();
    window.addEventListener("online", () => this.flush());
    window.addEventListener("pagehide", () => this.queue.length && this.flush(true));
    window.addEventListener("focus", () => this.queue.length && this.flush());
    window.addEventListener("beforeunload", (event) => this.volatile && this.queue.length && event.preventDefault());
  }

  #kept() {
    const found = [];
    try {
      for (let at = 0; at < localStorage.length; at += 1) {
        const name = localStorage.key(at);
        if (name.startsWith(this.prefix)) found.push(JSON.parse(localStorage.getItem(name)));
      }
    } catch {
      // No storage here: nothing was kept.
    }
    return found.sort((one, other) => (one.key < other.key ? -1 : 1));
  }

  #keep(entry) {
    try {
      localStorage.setItem(this.prefix + entry.key, JSON.stringify(entry));
    } catch {
      this.volatile = true;
    }
  }

  add(entry) {
    this.queue.push(entry);
    this.added += 1;
    this.#keep(entry);
    this.flush();
  }

  // The newest one, while it can still be made another: it is held back for a moment, and nothing came after it.
  get held() {
    const last = this.queue.at(-1);
    return last?.until && last !== this.sending ? last : null;
  }

  amend(entry) {
    this.#keep(entry);
    this.flush();
  }

  #remove(entry) {
    this.queue = this.queue.filter((other) => other !== entry);
    try {
      localStorage.removeItem(this.prefix + entry.key);
    } catch {
      // Nothing was kept.
    }
  }

  // With `now` what is held back goes out too.
  flush(now = false) {
    this.hurried = now || this.hurried;
    if (this.running) return this.idle;
    this.running = true;
    clearTimeout(this.timer);
    this.idle = this.#run().finally(() => {
      this.running = this.hurried = false;
    });
    return this.idle;
  }

  async #run() {
    while (this.queue.length) {
      this.told.state("saving", this.queue.length);
      const [first] = this.queue;
      const wait = (first.until ?? 0) - Date.now();
      if (wait > 0 && this.queue.length === 1 && !this.hurried) {
        this.timer = setTimeout(() => this.flush(), wait);
        return;
      }
      this.sending = first;
      const answer = await this.#send(first);
      this.sending = null;
      if (answer) {
        this.told.state(answer, this.queue.length);
        this.timer = setTimeout(() => this.flush(), RETRY);
        return;
      }
    }
    this.told.state("saved", 0);
  }

  // Whether the one who is signed in is the one who decided: asked for again after every sign-in.
  async #verify() {
    const seen = cookie("csrftoken");
    if (seen && seen === this.verified) return null;
    const found = await this.pulse();
    if (found.status === 401) return "signed-out";
    if (!found.user) return "offline";
    if (found.user !== this.user) return "somebody-else";
    this.verified = cookie("csrftoken");
    return null;
  }

  // The stroke that an undo or a redo turns, where only the desk knows it. Null where it told, else why it waits.
  async #find(entry) {
    const response = await fetch(`${entry.here}pulse/?strokes`, { cache: "no-store", redirect: "error" });
    if (response.status === 401) return "signed-out";
    if (!response.ok && response.status !== 404) return "offline";
    entry.decision = (await response.json())[entry.earlier] ?? null;
    this.#keep(entry);
    return null;
  }

  // There is nothing that it could turn.
  #nothing(entry) {
    this.#remove(entry);
    this.#settle(entry, { decision: null, spans: [], left_out: [], notices: [] });
    return null;
  }

  // Null where the entry is dealt with, else why it waits.
  async #send(entry) {
    let response;
    try {
      const obstacle = (await this.#verify()) ?? (entry.earlier && !entry.decision && (await this.#find(entry)));
      if (obstacle) return obstacle;
      if (entry.earlier && !entry.decision) return this.#nothing(entry);
      const [path, body] = requestOf(entry);
      const headers = { "Content-Type": "application/json", "X-CSRFToken": cookie("csrftoken") };
      response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), redirect: "error" });
    } catch {
      return "offline";
    }
    if (response.status === 401) {
      this.verified = null;
      return "signed-out";
    }
    if (response.status >= 500 || response.status === 429) return "offline";
    const found = await response.json().catch(() => null);
    if (!found) return "offline";
    if (response.status === 403 && !entry.again) {
      // A token that has run out is renewed by asking how the article stands.
      this.verified = null;
      entry.again = true;
      return this.#send(entry);
    }
    this.#remove(entry);
    if (response.ok) this.#settle(entry, found);
    else this.#refuse(entry, found);
    return null;
  }

  // The page first gives the spans that it made their numbers, by which later decisions then name them.
  #settle(entry, stroke) {
    this.told.settled(entry, stroke);
    for (const later of this.queue) {
      const patched = follow(later, entry, stroke);
      if (patched) this.#keep(later);
    }
  }

  // A span of this page has a number now: decisions on it that wait name it so.
  rename(from, to) {
    for (const later of this.queue) {
      let patched = false;
      for (const choice of later.choices ?? []) {
        if (choice.span !== from) continue;
        choice.span = to;
        patched = true;
      }
      if (patched) this.#keep(later);
    }
  }

  // What rests on a decision that was refused cannot be sent either.
  #refuse(entry, problem) {
    const dropped = [entry.key];
    for (const later of this.queue) {
      if (dropped.includes(later.of) || later.choices?.some((choice) => dropped.includes(choice.after)))
        dropped.push(later.key);
    }
    for (const later of this.queue.filter((one) => dropped.includes(one.key))) this.#remove(later);
    this.told.refused(entry, problem, dropped);
  }
}

// {path, body} of a decision on its way.
function requestOf(entry) {
  if (entry.kind === "undo") return [`/api/v1/decisions/${entry.decision}/undo/`, { idempotency_key: entry.key }];
  const choices = entry.choices.map(({ after, local, leaves, ...choice }) => choice);
  const path = `/api/v1/articles/${entry.article}/${entry.kind === "alike" ? "alike" : "decisions"}/`;
  if (entry.kind === "alike") return [path, { idempotency_key: entry.key, choice: choices[0], matches: entry.matches }];
  return [path, { idempotency_key: entry.key, decisions: choices }];
}

// What a later decision learns from the answer to an earlier one: revisions, the numbers of new spans, the stroke's own.
// A span that the answer does not list stands as it was: its revision stays the one that was known.
function follow(later, entry, stroke) {
  let patched = false;
  if (later.of === entry.key && !later.decision) {
    later.decision = stroke.decision;
    patched = true;
  }
  for (const choice of later.choices ?? []) {
    if (!choice.after) continue;
    const waited = choice.after === entry.key;
    const at = waited
      ? (entry.choices ?? []).findIndex(({ local, span, leaves }) => !leaves && (local ?? span) === choice.span)
      : -1;
    const span = stroke.spans.find(({ id }) => id === choice.span) ?? stroke.spans[at];
    if (span) Object.assign(choice, { span: span.id, revision: span.revision });
    if (waited) choice.after = null;
    patched = patched || waited || Boolean(span);
  }
  return patched;
}
