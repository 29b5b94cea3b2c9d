// A file field that takes what is dropped anywhere on the page, folders too, and says what it holds.
// It stays an ordinary field of an ordinary form.

const zone = document.querySelector("[data-drop]");
const field = zone?.querySelector("input[type=file]");

function megabytes(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

const hint = "or drop files and folders anywhere on this page";

// What the field holds, as a sentence under it.
function say() {
  const files = [...field.files];
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  const names = files.slice(0, 5).map((file) => file.name).join(", ");
  const more = files.length > 5 ? ` and ${files.length - 5} more` : "";
  chosen.textContent = files.length ? `${files.length} ${files.length === 1 ? "file" : "files"}, ${megabytes(bytes)}: ${names}${more}` : hint;
}

const read = (entry) => new Promise((resolve, reject) => entry.file(resolve, reject));

// A folder hands its entries over in portions; an empty one is the last.
async function entries(folder) {
  const reader = folder.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    found.push(...some);
  }
}

async function filesOf(entry) {
  if (entry.isFile) return [await read(entry)];
  const all = await Promise.all((await entries(entry)).filter((one) => !one.name.startsWith(".")).map(filesOf));
  return all.flat();
}

const brings = (event) => [...event.dataTransfer.types].includes("Files");

async function take(event) {
  if (!brings(event)) return;
  event.preventDefault();
  zone.classList.remove("over");
  // Both lists are empty once the event has passed.
  const [found, plain] = [[...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean), [...event.dataTransfer.files]];
  let dropped = plain;
  try {
    if (found.some((entry) => entry.isDirectory)) dropped = (await Promise.all(found.map(filesOf))).flat();
  } catch {
    chosen.textContent = "This folder cannot be read: choose its files instead.";
    return;
  }
  const all = new DataTransfer();
  for (const file of [...field.files, ...dropped]) all.items.add(file);
  field.files = all.files;
  say();
}

function hover(event) {
  if (!brings(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  zone.classList.add("over");
}

const chosen = document.createElement("output");

// A second press while a large file is on its way would send it twice.
function sent() {
  const button = field.form.querySelector("[type=submit], button.primary");
  // After the form was read: what is disabled is not sent. Back from another page, it may be sent again.
  setTimeout(() => { button.disabled = true; });
  window.addEventListener("pageshow", () => { button.disabled = false; }, { once: true });
  chosen.textContent = "Sending …";
}

if (field) {
  chosen.className = "chosen";
  field.after(chosen);
  document.addEventListener("dragover", hover);
  document.addEventListener("dragleave", (event) => event.relatedTarget || zone.classList.remove("over"));
  document.addEventListener("drop", take);
  field.addEventListener("change", say);
  field.form.addEventListener("submit", sent);
  say();
}
