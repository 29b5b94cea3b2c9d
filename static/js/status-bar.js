// The line at the foot: what is saved, what is new, who else is here.
import { createElement } from "./dom.js";

const decisions = (number) => (number === 1 ? "1 decision" : `${number} decisions`);

export class StatusBar {
  constructor(foot, signIn, show) {
    this.saved = foot.querySelector("#saved");
    this.news = foot.querySelector("#news");
    this.people = foot.querySelector("#people");
    this.signIn = signIn;
    this.news.querySelector("button").addEventListener("click", show);
    this.state("saved", 0);
  }

  state(name, waiting) {
    this.saved.dataset.state = name;
    if (name === "saved") this.saved.textContent = "Saved";
    else if (name === "saving") this.saved.textContent = "Saving …";
    else this.saved.replaceChildren(...this.#waits(name, waiting));
  }

  #waits(name, waiting) {
    const kept = `${decisions(waiting)} ${waiting === 1 ? "waits" : "wait"} in this browser`;
    if (name === "signed-out")
      return [`You are signed out: ${kept}. `, createElement("a", { href: this.signIn }, "Sign in"), " to send them."];
    if (name === "somebody-else") return [`Somebody else is signed in: ${kept} until you sign in.`];
    return [`Cannot reach the server: ${kept}, and will be sent.`];
  }

  announce(number) {
    const button = this.news.querySelector("button");
    this.news.hidden = !number;
    this.news.firstChild.textContent = number === 1 ? "1 suggestion changed " : `${number} suggestions changed `;
    if (!number && document.activeElement === button) button.blur();
  }

  closed() {
    this.news.hidden = false;
    this.news.firstChild.textContent = "The article was finished or reopened ";
  }

  here(names) {
    this.people.textContent = names.length ? `Also here: ${names.join(", ")}` : "";
  }
}
