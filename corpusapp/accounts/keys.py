"""The keyboard shortcuts of the workbench: their commands, defaults, and a user's choices."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase

from corpusapp.core.errors import Invalid


@dataclass(frozen=True)
class Command:
    """A command of the workbench. `key` is its default shortcut."""

    name: str
    key: str
    does: str


COMMANDS = (
    Command("confirm", "a", "confirm the selected span and go to the next suggestion"),
    Command("reject", "x", "reject it and go to the next suggestion"),
    Command("next-doubtful", "n", "next doubtful suggestion; decisions then go from one to the next"),
    Command("previous-doubtful", "N", "previous doubtful suggestion"),
    Command("next-undecided", "j", "next suggestion to decide"),
    Command("previous-undecided", "k", "previous suggestion to decide"),
    Command("find", "f", "find in the article: type the beginnings of words, then Enter"),
    Command("entity", "e", "choose the entity of the selected span: a candidate, any by its name, or a new one"),
    Command("alike", "m", "decide all mentions like it in this article; press again for the corpus"),
    Command("many", "M", "decide all suggestions that the list shows, after a preview"),
    Command("next-possible", "o", "next possible name; the key to confirm takes it"),
    Command("boundaries", "b", "the next boundaries that are offered for the selected suggestion"),
    Command("why", "y", "why it is suggested"),
    Command("start-out", "[", "extend the start by a word; with Alt by a character"),
    Command("start-in", "{", "shrink the start by a word; with Alt by a character"),
    Command("end-out", "]", "extend the end by a word; with Alt by a character"),
    Command("end-in", "}", "shrink the end by a word; with Alt by a character"),
    Command("alternative", "=", "take the first other choice for the selected suggestion"),
    Command("find-label", "l", "choose any label: type part of its name, then Enter"),
    Command("select", "s", "select words with the keyboard: arrows move, Shift extends, a label adds a span"),
    Command("keep-theirs", ",", "in a conflict: keep the other decision"),
    Command("use-mine", ".", "in a conflict: apply your decision"),
    Command("comment", "c", "comment"),
    Command("set-aside", "p", "set the article aside: flag, skip or park it"),
    Command("previous-article", "<", "previous article of the list"),
    Command("next-article", ">", "next article of the list"),
    Command("guidelines", "h", "guidelines and label definitions with examples"),
    Command("search", "/", "search the corpus"),
    Command("help", "?", "list of shortcuts"),
)
# Shortcuts that cannot be changed, with what they do.
FIXED = (
    ("Tab / Shift Tab, → / ←", "next and previous span"),
    ("Enter", "with nothing selected: begin with the first doubtful suggestion, or else the first to decide"),
    ("1 … 9, 0", "give this label to the selected span or words"),
    ("the letter next to a label", "the same"),
    ("1 … 3, +, −, *", "in the list of entities: a candidate, a new entity, not this entity, all like it too"),
    ("Ctrl Z / Ctrl Shift Z", "undo and redo, also for bulk decisions"),
    ("Ctrl Enter", "confirm what is shown, finish, open the next article; in a field, submit its form"),
    ("Esc", "clear the selection, or close the preview"),
)
_DIGITS = "0123456789"
# The digits as they stand on a keyboard.
_BY_POSITION = "1234567890"


def keys_of(chosen: Mapping[str, str]) -> dict[str, str]:
    """The key of each command, by its name. A command whose default key was chosen for another one has none: "".

    `chosen` has the user's choices, by the names of commands.
    """
    taken = {chosen.get(command.name) for command in COMMANDS}
    defaults = {command.name: "" if command.key in taken else command.key for command in COMMANDS}
    return {name: chosen.get(name) or key for name, key in defaults.items()}


def displaced(keys: Mapping[str, str]) -> dict[str, str]:
    """For each command without a key, the name of the command that has its default key."""
    owners = {key: name for name, key in keys.items() if key}
    return {command.name: owners[command.key] for command in COMMANDS if not keys[command.name]}


def checked(chosen: Mapping[str, str], former: Mapping[str, str]) -> dict[str, str]:
    """The choices that differ from the defaults. Refuses a digit, a key of two commands, and not exactly one character.

    `former` has the previous choices: a command that has no key with them may stay without one.
    """
    keys = {command.name: chosen.get(command.name, "").strip() or command.key for command in COMMANDS}
    without = {name for name in displaced(keys_of(former)) if not chosen.get(name, "").strip()}
    seen: dict[str, str] = {}
    for name in sorted(keys, key=without.__contains__):
        key = keys[name]
        if len(key) != 1 or not key.isprintable() or key in _DIGITS:
            raise Invalid(f"{key[:20]!r} cannot be a shortcut: choose one character, not a digit", field=name)
        if (other := seen.setdefault(key, name)) != name and name not in without:
            raise Invalid(f"{key!r} is already the shortcut of {other}: choose another for {name}", field=name)
    return {command.name: keys[command.name] for command in COMMANDS if keys[command.name] != command.key}


def letters(names: Sequence[str], taken: Iterable[str], without_digit: Sequence[str] = ()) -> dict[str, str]:
    """A letter for each label, by name: the first of its name that is free, in lower case; "" if none is.

    Those `without_digit` take any free letter then, or a capital.
    """
    used = set(taken)
    found: dict[str, str] = {}
    for name in names:
        found[name] = next((c for c in name.lower() if c.isalpha() and len(c) == 1 and c not in used), "")
        used.add(found[name])
    for name in without_digit:
        if not found[name]:
            found[name] = next((c for c in f"{ascii_lowercase}{ascii_uppercase}" if c not in used), "")
            used.add(found[name])
    return found


def check_label_key(key: str) -> None:
    """Refuse a key that managers cannot give to a label. Empty is none."""
    if not key:
        return
    if len(key) != 1 or not key.isprintable() or key.isspace():
        raise Invalid(f"{key[:20]!r} cannot be a label's key: choose one character", field="key")
    if command := next((command for command in COMMANDS if command.key == key), None):
        raise Invalid(f"{key!r} is the shortcut of {command.name} in the workbench: choose another key", field="key")


def label_keys(labels: Iterable[tuple[str, str]], taken: Iterable[str], late: str = "") -> dict[str, tuple[str, str]]:
    """For each label, given by name and chosen key, its digit and its letter; "" for none.

    A chosen key is the label's, unless the user has `taken` it for a command. Digits go by position, to labels whose
    digit no label has chosen; letters as by `letters`. `late` is the one of the `taken` keys that a later version
    brought: the label that had it gets another letter, and all other labels keep theirs.
    """
    labels, used = list(labels), set(taken)
    chosen = {name: key for name, key in labels if key and key not in used}
    given = set(chosen.values())
    digits = {name: digit for (name, _), digit in zip(labels, _BY_POSITION, strict=False) if digit not in given}
    others = [name for name, _ in labels if name not in chosen]
    without_digit = [name for name in others if name not in digits]
    free = letters(others, (used - {late}) | given, without_digit)
    displaced_names = [name for name in others if late and free[name] == late]
    used_letters = used | given | set(free.values())
    free |= letters(displaced_names, used_letters, [name for name in displaced_names if name in without_digit])
    keys = {}
    for name, _ in labels:
        key = chosen.get(name, "")
        keys[name] = (key, "") if key and key in _DIGITS else (digits.get(name, ""), key or free[name])
    return keys
