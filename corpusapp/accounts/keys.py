"""The keys of the workbench: what each does, and which one a person chose for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from corpusapp.core.errors import Invalid


@dataclass(frozen=True)
class Command:
    """`key` is the one that it has unless a person chose another."""

    name: str
    key: str
    does: str


COMMANDS = (
    Command("confirm", "a", "confirm the span in hand and go on to the next suggestion"),
    Command("reject", "x", "reject it and go on"),
    Command("alike", "m", "mark every like mention in this article; pressed again, in the corpus"),
    Command("start-out", "[", "move its start a word outwards; with Alt a character"),
    Command("start-in", "{", "move its start a word inwards; with Alt a character"),
    Command("end-out", "]", "move its end a word outwards; with Alt a character"),
    Command("end-in", "}", "move its end a word inwards; with Alt a character"),
    Command("find-label", "k", "give any label: type some of its name, then Enter"),
    Command("select", "s", "select words by keyboard: arrows step, with Shift they extend, a label marks"),
    Command("keep-theirs", ",", "where another person decided otherwise: keep what stands"),
    Command("use-mine", ".", "where another person decided otherwise: carry out your own decision"),
    Command("comment", "c", "comment"),
    Command("guidelines", "h", "guidelines, and the labels' definitions with examples"),
    Command("search", "/", "search the corpus"),
    Command("help", "?", "this list"),
)
# What the browser and the desk have given one meaning everywhere.
FIXED = (
    ("Tab / Shift Tab, → / ←", "next and previous span"),
    ("1 … 9, 0", "give the span in hand this label, or mark the selected words with it"),
    ("the letter beside a label", "the same"),
    ("Ctrl Z / Ctrl Shift Z", "undo and redo, strokes on many spans too"),
    ("Ctrl Enter", "confirm what is shown, finish, and open the next article; in a field, send its form"),
    ("Esc", "let go: of the selection, the preview, the span in hand"),
)
_DIGITS = "0123456789"


def keys_of(chosen: Mapping[str, str]) -> dict[str, str]:
    """The key of each command, by its name. A chosen key is no other command's: one whose usual key it is has none."""
    taken = {chosen.get(command.name) for command in COMMANDS}
    usual = {command.name: "" if command.key in taken else command.key for command in COMMANDS}
    return {name: chosen.get(name) or key for name, key in usual.items()}


def yielded(keys: Mapping[str, str]) -> dict[str, str]:
    """For each command without a key the name of the one that has its usual key."""
    holders = {key: name for name, key in keys.items() if key}
    return {command.name: holders[command.key] for command in COMMANDS if not keys[command.name]}


def checked(chosen: Mapping[str, str], former: Mapping[str, str]) -> dict[str, str]:
    """The choices that differ from the defaults. Refuses what is no single character, a digit, or taken twice.

    `former` has the choices so far: a command that has no key by them may go on without one.
    """
    keys = {command.name: chosen.get(command.name, "").strip() or command.key for command in COMMANDS}
    without = {name for name in yielded(keys_of(former)) if not chosen.get(name, "").strip()}
    seen: dict[str, str] = {}
    for name in sorted(keys, key=without.__contains__):
        key = keys[name]
        if len(key) != 1 or not key.isprintable() or key in _DIGITS:
            raise Invalid(f"{key[:20]!r} cannot be a key: choose one letter or sign, no digit", field=name)
        if (other := seen.setdefault(key, name)) != name and name not in without:
            raise Invalid(f"{key!r} is the key of {other} already: choose another for {name}", field=name)
    return {command.name: keys[command.name] for command in COMMANDS if keys[command.name] != command.key}


def letters(names: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """For each label its first free letter, in lower case; none where all of its letters are taken."""
    used = {key.lower() for key in taken}
    found: dict[str, str] = {}
    for name in names:
        letter = next((c for c in name.lower() if c.isalpha() and len(c) == 1 and c not in used), "")
        found[name] = letter
        used.add(letter)
    return found
