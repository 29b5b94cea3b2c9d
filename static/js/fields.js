// Ctrl+Enter in a field submits its form, as the next button does, with the current token. Every page has this.
import "./csrf.js";
import "./menus.js";

const isButton = ({ type }) => type === "submit" || type === "image";
const follows = (one, other) => one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;

// The first button after the field, or else the first one of the form.
function buttonFor(field) {
  const buttons = [...field.form.elements].filter((one) => isButton(one) && !one.disabled);
  return buttons.find((button) => follows(field, button)) ?? buttons[0];
}

export function isField(element) {
  return (
    Boolean(element.form) &&
    !element.matches("button, output, fieldset, object") &&
    !/^(submit|button|reset|image)$/.test(element.type)
  );
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.defaultPrevented || event.isComposing) return;
  if (!isField(event.target)) return;
  event.preventDefault();
  event.target.form.requestSubmit(buttonFor(event.target));
});
