// Messages: read out, and shown in the line at the foot of the article, until another one comes or for some seconds.

const SHOWN = 10_000;
let timer = 0;

export function say(words, shown = words) {
  const [said, told] = ["said", "told"].map((id) => document.getElementById(id));
  if (said) said.textContent = words;
  if (!told) return;
  told.textContent = shown;
  clearTimeout(timer);
  timer = setTimeout(() => told.replaceChildren(), SHOWN);
}
