// Messages: for screen readers, and in the status bar until the next one or for some seconds.

const MILLISECONDS = 10_000;
let timer = 0;

export function say(spoken, visible = spoken) {
  const [announcement, message] = ["announcement", "message"].map((id) => document.getElementById(id));
  if (announcement) announcement.textContent = spoken;
  if (!message) return;
  message.textContent = visible;
  clearTimeout(timer);
  timer = setTimeout(() => message.replaceChildren(), MILLISECONDS);
}
