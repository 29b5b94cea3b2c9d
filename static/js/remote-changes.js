// Changes by others and by machines: counted and announced when the article's state differs, applied on request.
import { sameLink } from "./span-store.js";

export class RemoteChanges {
  constructor(article, store, outbox, draw, announce) {
    Object.assign(this, { article, store, outbox, draw, announce });
    this.found = null;
    this.read = null;
  }

  // Compare the state `mark` of the article with this page.
  async check(mark, onStageChange) {
    if (this.outbox.queue.length || this.outbox.running) return;
    if (mark.endsWith("-done") !== this.store.done) return onStageChange();
    if (mark === this.store.mark()) {
      this.found = null;
      return this.announce(0);
    }
    if (mark !== this.read || !this.found) this.found = await this.#spans();
    if (!this.found) return undefined;
    this.read = mark;
    const changes = this.#changes();
    const links = changes.filter(({ before, after }) => before && after && before.revision === after.revision);
    return this.announce(changes.length, links.length === changes.length);
  }

  async #spans() {
    try {
      const states = this.store.showRejected ? "?state=suggested,confirmed,rejected" : "";
      const response = await fetch(`/api/v1/articles/${this.article}/spans/${states}`, { cache: "no-store" });
      return response.ok ? (await response.json()).results.map((span) => this.store.read(span)) : null;
    } catch {
      return null;
    }
  }

  // The differences between the server's spans and those of this page.
  #changes() {
    const theirs = new Map(this.found.map((span) => [span.id, span]));
    const changes = [];
    for (const span of theirs.values()) {
      const mine = this.store.spans.get(span.id);
      if (!mine || mine.revision !== span.revision || !sameLink(mine.link, span.link))
        changes.push({ id: span.id, before: mine ?? null, after: span });
    }
    for (const mine of this.store.spans.values()) {
      if (!theirs.has(mine.id) && (mine.state !== "r" || this.store.showRejected))
        changes.push({ id: mine.id, before: mine, after: null });
    }
    return changes;
  }

  // Send what was decided here first, then show all spans.
  async show() {
    await this.outbox.flush(true);
    if (!(await this.reload()) && !this.outbox.queue.length) location.reload();
  }

  #apply() {
    const changes = this.#changes();
    for (const { id, before, after } of changes) {
      if (!before && after?.state === "s") this.store.late.add(id);
      if (after) this.store.keep(after);
      else this.store.drop(id);
    }
    this.found = null;
    this.draw(changes);
    return this.announce(0);
  }

  // Read all spans again and show them. If something was decided during the request, the answer may lack it: once that
  // is answered, the spans are read once more. False if they cannot be read, or the outbox does not empty.
  async reload() {
    const { added } = this.outbox;
    this.found = await this.#spans();
    if (!this.found) return false;
    if (this.outbox.queue.length) {
      await this.outbox.idle;
      return this.outbox.queue.length ? false : this.reload();
    }
    if (added !== this.outbox.added) return this.reload();
    this.#apply();
    return true;
  }
}
