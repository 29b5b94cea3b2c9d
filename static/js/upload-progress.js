// The upload of a form with files: shows its progress, and prevents a second submit.

function lock(form, locked) {
  for (const button of form.querySelectorAll("button:not([type=button]), [type=submit]")) button.disabled = locked;
}

// Show the reason from the page that answers a refused form.
function showRefusal(html, output) {
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
    showRefusal(request.responseText, output);
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
    // After the form was read: disabled buttons are not sent.
    setTimeout(() => lock(form, true));
  });
  // Back from another page, the form may be sent again.
  window.addEventListener("pageshow", () => lock(form, false));
}
