// A form with files on its way: how much of it has been sent, and never twice.

function lock(form, locked) {
  for (const button of form.querySelectorAll("button:not([type=button]), [type=submit]")) button.disabled = locked;
}

// The page that a refused form leads to says why; its sentence goes where the eye is.
function refuse(html, output) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const found = page.querySelector("ul.refusal, .problem .detail");
  const place = document.getElementById("refused");
  const sentence = document.createElement("p");
  sentence.className = "refusal";
  sentence.setAttribute("role", "alert");
  sentence.textContent = found
    ? [...(found.children.length ? found.children : [found])].map((one) => one.textContent).join(" ")
    : "The upload failed: nothing was imported.";
  place.replaceChildren(sentence);
  output.textContent = "Nothing was imported.";
}

function send(event, output) {
  const form = event.target;
  event.preventDefault();
  const request = new XMLHttpRequest();
  const bar = document.createElement("progress");
  bar.max = 1;
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.value = total ? loaded / total : 0;
    output.replaceChildren(`Uploading: ${Math.floor(100 * bar.value)} %`, bar);
  });
  request.addEventListener("load", () => {
    if (request.status < 400 && request.responseURL !== location.href) return location.assign(request.responseURL);
    lock(form, false);
    refuse(request.responseText, output);
  });
  request.addEventListener("error", () => {
    lock(form, false);
    output.textContent = "Cannot reach the server, so nothing was imported. Check the connection and try again.";
  });
  request.open("POST", form.action);
  request.send(new FormData(form));
  document.getElementById("refused").replaceChildren();
  output.textContent = "Uploading …";
  lock(form, true);
}

export function start(form, output, follow) {
  form.addEventListener("submit", (event) => {
    if (follow) return send(event, output);
    output.textContent = "Uploading …";
    // After the form was read: what is disabled is not sent.
    setTimeout(() => lock(form, true));
  });
  // Back from another page, it may be sent again.
  window.addEventListener("pageshow", () => lock(form, false));
}
