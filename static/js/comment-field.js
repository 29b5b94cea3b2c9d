// The comment field, as a key opens it: on the selected span, or on the article.

export function openComment(desk, span, store) {
  const field = desk.querySelector("#comments textarea, [data-comment]");
  const fold = field?.closest("details");
  if (fold) fold.open = true;
  if (field?.form) setSpan(field.form, span, store);
  field?.focus();
}

function setSpan(form, span, store) {
  const hidden = { type: "hidden", name: "span" };
  const field = form.elements.span ?? form.appendChild(Object.assign(document.createElement("input"), hidden));
  field.disabled = !span || span.id < 0;
  field.value = span ? String(span.id) : "";
  const label = form.querySelector("label")?.firstChild;
  if (label?.nodeType === Node.TEXT_NODE)
    label.textContent = span ? `On “${store.quote(span).slice(0, 60)}”` : "On this article";
}
