// Confirm what is shown, finish, and open the next article, once everything is saved and nothing doubtful was overlooked.
import { renew } from "./csrf.js";
import { createElement } from "./dom.js";
import { say } from "./messages.js";

export class Finishing {
  constructor({ desk, store, seen, keys, outbox, heartbeat, conflicts }) {
    Object.assign(this, { desk, store, seen, keys, outbox, heartbeat, conflicts });
    // Doubtful suggestions that this page has warned of.
    this.warned = new Set();
  }

  async run() {
    if (this.store.done || !this.store.editable) {
      this.desk.querySelector("a[data-finish]")?.click();
      return;
    }
    const obstacle = this.#unseen() ?? (await this.#unsaved()) ?? this.#conflicts();
    if (obstacle) say(obstacle);
    else this.#submit();
  }

  // A warning of doubtful suggestions that nobody has looked at; null if there was one before.
  #unseen() {
    const unseen = this.seen.unseen().filter(({ id }) => !this.warned.has(id));
    if (!unseen.length) return null;
    for (const { id } of unseen) this.warned.add(id);
    const one = unseen.length === 1;
    const them = one ? "1 doubtful suggestion was" : `${unseen.length} doubtful suggestions were`;
    const look = this.keys["next-doubtful"] ? `, or ${this.keys["next-doubtful"]} to look` : "";
    return `${them} never on the screen: press Ctrl+Enter again to confirm ${one ? "it" : "them"} too${look}`;
  }

  async #unsaved() {
    await this.outbox.flush(true);
    if (this.outbox.queue.length)
      return "Not everything is saved yet, so the article stays open: try again when the server can be reached";
    // Without the server or a session the next page would be an error page.
    const { user, status } = await this.heartbeat.ask().catch(() => ({}));
    if (user) return null;
    return status === 401
      ? "You are signed out, so the article stays open: sign in, then finish it"
      : "Cannot reach the server, so the article stays open: try again";
  }

  #conflicts() {
    const { open } = this.conflicts;
    if (open.every((conflict) => conflict.warned)) return null;
    for (const conflict of open) conflict.warned = true;
    const conflicts = open.length === 1 ? "A conflict is" : `${open.length} conflicts are`;
    return `${conflicts} open: choose, or press again to keep the current spans and finish`;
  }

  #submit() {
    const form = document.getElementById("finish-form");
    const waiting = this.store.waiting();
    const shown = waiting.map(({ id, revision }) => `${id}:${revision}`).join(" ");
    const links = this.store.suggestedLinks().map(({ id, link }) => `${id}:${link.entity}`);
    const values = {
      ...(waiting.length ? { shown, with_shown: "1" } : {}),
      ...(links.length ? { entities: links.join(" ") } : {}),
    };
    for (const [name, value] of Object.entries(values))
      form.append(createElement("input", { type: "hidden", name, value }));
    renew(form);
    form.submit();
  }
}
