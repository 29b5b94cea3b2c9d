// A file field that accepts files and folders dropped anywhere on the page, and shows what it contains. It remains an
// ordinary field of an ordinary form.
import * as upload from "./upload-progress.js";

const zone = document.querySelector("[data-drop]");
const field = zone?.querySelector("input[type=file]");
const chosen = document.createElement("output");
const hint = "or drop files and folders anywhere on this page";

function size(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

// Show the files below the field, and set the reason why they cannot be sent.
function showFiles() {
  const files = [...field.files];
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  const names = files
    .slice(0, 5)
    .map((file) => file.name)
    .join(", ");
  const more = files.length > 5 ? ` and ${files.length - 5} more` : "";
  chosen.textContent = files.length
    ? `${files.length} ${files.length === 1 ? "file" : "files"}, ${size(bytes)}: ${names}${more}`
    : hint;
  const limit = Number(zone.dataset.limit) || Infinity;
  const over =
    files.length > limit
      ? `${files.length} files are too many for one import: put them into a ZIP, or send ${limit} at a time.`
      : "";
  field.setCustomValidity(over);
  if (over) chosen.textContent = over;
}

const readFile = (entry) => new Promise((resolve, reject) => entry.file(resolve, reject));

// `readEntries` returns a folder in batches; an empty batch is the last.
async function entriesOf(folder) {
  const reader = folder.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    found.push(...some);
  }
}

async function filesOf(entry) {
  if (entry.isFile) return [await readFile(entry)];
  const all = await Promise.all((await entriesOf(entry)).filter((one) => !one.name.startsWith(".")).map(filesOf));
  return all.flat();
}

const hasFiles = (event) => [...event.dataTransfer.types].includes("Files");

async function drop(event) {
  if (!hasFiles(event)) return;
  event.preventDefault();
  zone.classList.remove("over");
  // Both lists are emptied after the event.
  const found = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  let dropped = [...event.dataTransfer.files];
  try {
    if (found.some((entry) => entry.isDirectory)) dropped = (await Promise.all(found.map(filesOf))).flat();
  } catch {
    chosen.textContent = "This folder cannot be read: choose its files instead.";
    return;
  }
  const all = new DataTransfer();
  for (const file of [...field.files, ...dropped]) all.items.add(file);
  field.files = all.files;
  showFiles();
}

function hover(event) {
  if (!hasFiles(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  zone.classList.add("over");
}

if (field) {
  chosen.className = "chosen";
  field.after(chosen);
  document.addEventListener("dragover", hover);
  document.addEventListener("dragleave", (event) => event.relatedTarget || zone.classList.remove("over"));
  document.addEventListener("drop", drop);
  field.addEventListener("change", showFiles);
  upload.start(field.form, chosen, "follow" in zone.dataset);
  showFiles();
}
