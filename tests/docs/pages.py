"""The pages of documentation, and the blocks of commands and code in them."""

import re
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

BASE = Path(settings.BASE_DIR)
README = BASE / "README.md"
PAGES = [README, BASE / "CONTRIBUTING.md", *sorted((BASE / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NEW_FILE = re.compile(r"# (\S+/\S+\.py)\n")


class Block(NamedTuple):
    kind: str
    text: str

    @property
    def new_file(self) -> str:
        """The path that a block of a recipe begins with; empty where it is no file."""
        found = _NEW_FILE.match(self.text) if self.kind == "python" else None
        return found[1] if found else ""


def blocks_of(page: Path) -> list[Block]:
    return [Block(*found) for found in _BLOCK.findall(page.read_text())]


def write(block: Block, folder: Path) -> None:
    """Write the new file of a recipe. Raises where it is there already."""
    target = folder / block.new_file
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("x") as file:
        file.write(_NEW_FILE.sub("", block.text, count=1))


def apply(block: Block, folder: Path) -> None:
    """Apply a `diff` block: after its file's name each part says what stands there once, and what stands there then."""
    name, *parts = re.split(r"^@@\n", block.text, flags=re.MULTILINE)
    path = folder / name.removeprefix("--- ").strip()
    text = path.read_text()
    for part in parts:
        lines = part.splitlines(keepends=True)
        before, after = ("".join(line[1:] or "\n" for line in lines if line[0] in f" {sign}\n") for sign in "-+")
        assert text.count(before) == 1, f"{path.name} holds this {text.count(before)} times, not once:\n{before}"
        text = text.replace(before, after)
    path.write_text(text)
