// The status bar: what is saved, what others changed, who else is here.
import { createElement } from "./dom.js";

const decisions = (number) => (number === 1 ? "1 decision" : `${number} decisions`);

export class StatusBar {
  constructor(bar, signIn, show) {
    this.saved = bar.querySelector("#saved");
    this.remoteChanges = bar.querySelector("#remote-changes");
    this.people = bar.querySelector("#people");
    this.signIn = signIn;
    this.remoteChanges.querySelector("button").addEventListener("click", show);
  }

  // `name` is "saved", "saving" or the obstacle that keeps `waiting` decisions in this browser.
  state(name, waiting) {
    this.saved.dataset.state = name;
    if (name === "saved") this.saved.textContent = "Saved";
    else if (name === "saving") this.saved.textContent = "Saving …";
    else this.saved.replaceChildren(...this.#waiting(name, waiting));
  }

  #waiting(name, waiting) {
    const kept = `${decisions(waiting)} ${waiting === 1 ? "waits" : "wait"} in this browser`;
    if (name === "signed-out")
      return [`You are signed out: ${kept}. `, createElement("a", { href: this.signIn }, "Sign in"), " to send them."];
    if (name === "somebody-else") return [`Somebody else is signed in: ${kept} until you sign in.`];
    return [`Cannot reach the server: ${kept}, and will be sent.`];
  }

  // `links`: only links changed, not the spans themselves.
  announceChanges(number, links) {
    const button = this.remoteChanges.querySelector("button");
    this.remoteChanges.hidden = !number;
    const what = links ? "link" : "suggestion";
    this.remoteChanges.firstChild.textContent = `${number} ${what}${number === 1 ? "" : "s"} changed `;
    if (!number && document.activeElement === button) button.blur();
  }

  stageChanged() {
    this.remoteChanges.hidden = false;
    this.remoteChanges.firstChild.textContent = "The article was finished or reopened ";
  }

  showPeople(names) {
    this.people.textContent = names.length ? `Also here: ${names.join(", ")}` : "";
  }
}
