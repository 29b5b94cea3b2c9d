"""Finds the columns of words and tags in a CoNLL-like file.

The header (a first row such as `TOKEN NE-COARSE`, or `# global.columns`) or the user names them, else their content
decides. Numbers of the words in a sentence are neither. Tags are `O`, `B-PER`, `I_LOC` and similar; each column of tags
is a layer, except phrases of a chunker. A last column of labels without prefixes and `O` is one too, and so is a key in
a column such as CoNLL-U's last one (`name=B-PER|SpaceAfter=No`).
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from corpusapp.text.scripts import is_unspaced

DOCSTART = "-DOCSTART-"
_DOCSTART = re.compile(rf"{DOCSTART}(?:[ \t]|\Z)")
OUTSIDE = ("O", "_", "-", "")
WORD, TAG, NEITHER = "word", "tag", ""
PREFIXED = re.compile(r"(?P<kind>[BIESLUM])[-_:](?P<label>.*\w.*)\Z")
_SUFFIXED = re.compile(r"(?P<label>.*\w.*)[-_](?P<kind>[BIESLUM])\Z")
# Several tags in one cell, in any order.
_STACKED, _MOST_STACKED = re.compile("[|;,+]"), 50
# Limits on keys with tags, and on parts of a cell.
_MOST_KEYS, _MOST_PARTS = 8, 100
_KINDS = frozenset("BIESLUM")
# The label of spans whose tags are only B, I and O.
NO_LABEL = "ENTITY"
_BARE = re.compile(r"(?=.*[^\W\d_])[\w.:/&+-]{1,64}\Z")
_NUMBER = re.compile(r"[0-9]{1,9}(?:[-.][0-9]{1,9})?\Z", re.ASCII)
_WORDS = {"token", "tokens", "word", "words", "form", "text"}
_TAGS = re.compile(r"(?:\A|[^a-z])(?:ner?|tags?|labels?|iob2?|bio|bilou|bioes|entit(?:y|ies))(?:\Z|[^a-z])")
_NO_TAGS = re.compile(r"pos|chunk|lemma|dep")
_PHRASES = {"NP", "VP", "PP", "ADVP", "ADJP", "SBAR", "PRT", "CONJP", "INTJ", "LST", "UCP", "NC", "VC", "PC"}
_SPACES = re.compile("[ \t]+")
# A quoted cell of CSV, with doubled quotes.
_QUOTED = re.compile('"(?:[^"]|"")*"\\Z')
_A_QUOTE = '"' * 4
_LANGUAGE_PREFIX = re.compile(r"[a-z]{2,3}:|[a-z]+(?:-[a-z]+)+:|simple:")
NO_SPACE = re.compile(r"(?:\A|[|\t])(?:SpaceAfter=No|NoSpaceAfter)(?:\Z|[|\t])")


class NoLayout(ValueError):
    """The columns are not clear. The message says why, and what to do."""


@dataclass(frozen=True)
class Layout:
    """The columns of a file, by position from 0.

    `numbered`: the first column has numbers, not words. `counted`: a row without a whole number is not a word. `bare`
    are columns of tags without prefixes, and `labels` their known labels; these may have suffixes such as -B
    (`suffixed`), or be only B, I … (`unlabelled`). `header` is the first row, if it names the columns. `keys` are
    (column, key) whose values become further columns. `prefix` is the language code before every word. `unspaced`:
    words have no spaces between them. `quoted`: cells are quoted as in CSV.
    """

    tabs: bool
    count: int
    word: int
    tags: tuple[int, ...]
    numbered: bool = False
    counted: bool = False
    bare: frozenset[int] = frozenset()
    labels: frozenset[str] = frozenset()
    suffixed: bool = False
    header: str | None = None
    unlabelled: frozenset[int] = frozenset()
    keys: tuple[tuple[int, str], ...] = ()
    prefix: str = ""
    unspaced: bool = False
    quoted: bool = False

    def split(self, line: str) -> list[str]:
        columns = split(line, self.tabs)
        return _with_keys(_unquoted(columns) if self.quoted else columns, self.keys)

    def fits(self, columns: Sequence[str]) -> bool:
        """Whether these are the columns of a row. Rows of a tab-separated file may lack unused columns."""
        needed = max(self.word, *self.tags)
        return len(columns) == self.count or (self.tabs and len(columns) > needed)

    def read_tag(self, position: int, tag: str) -> tuple[str, str] | None:
        """(kind of BIESLUM, label) of a tag other than O; None if it is not a tag."""
        if position in self.unlabelled:
            return (tag, NO_LABEL) if tag in _KINDS else None
        if position not in self.bare:
            match = PREFIXED.match(tag)
        elif self.suffixed:
            match = _SUFFIXED.match(tag)
        else:
            return ("I", tag) if _BARE.match(tag) else None
        return (match["kind"], match["label"]) if match else None

    def tags_in(self, position: int, cell: str) -> list[str]:
        """The tags of a cell, without O. Several if spans nest in one column."""
        if cell in OUTSIDE:
            return []
        parts = _STACKED.split(cell) if position not in self.bare else []
        stacked = 1 < len(parts) <= _MOST_STACKED and all(part in OUTSIDE or PREFIXED.match(part) for part in parts)
        return [tag for tag in (parts if stacked else [cell]) if tag not in OUTSIDE]

    def is_tag(self, value: str) -> bool:
        return value in OUTSIDE or value in self.labels or PREFIXED.match(value) is not None

    def is_comment(self, line: str) -> bool:
        """Whether a line that begins with # is a comment, and not the word #."""
        if not line.startswith("#"):
            return False
        columns = self.split(line)
        return self.numbered or not self.fits(columns) or not all(self.is_tag(columns[tag]) for tag in self.tags)


@dataclass
class _Rows:
    """The rows and comments of the beginning of a file."""

    tabs: bool
    count: int
    rows: list[list[str]]
    comments: list[str]
    quoted: bool = False
    column_of: dict[str, int] = field(default_factory=dict)


def begins_article(line: str) -> bool:
    """Whether this is a line -DOCSTART-, and not a word that begins with it."""
    return _DOCSTART.match(line) is not None


def split(line: str, tabs: bool) -> list[str]:
    """The columns of a line. With tabs, a word may contain spaces. No-break spaces do not separate columns."""
    if tabs:
        return [column.strip(" ") for column in line.split("\t")]
    return _SPACES.split(line.rstrip(" \t"))


def find_layout(lines: Iterable[str], columns: Mapping[str, str] | None = None) -> Layout:
    """The layout of a file that begins with these lines. `columns` ({number from 1 or name: word, tag or nothing})
    sets the meaning of some. Raises `NoLayout`.
    """
    found = _rows(list(lines))
    header = _header(found)
    keys = _keys(found)
    found.rows, found.count = [_with_keys(row, keys) for row in found.rows], found.count + len(keys)
    named = _named(columns or {}, found)
    body = found.rows[1:] if header else found.rows
    cells = [[row[position] for row in body] for position in range(found.count)]
    numbered = found.count > 2 and named.get(0, NEITHER) == NEITHER and _counts(cells[0]) and not _is_unused(cells[1])
    counted = numbered and sum(cell.isdecimal() for cell in cells[0]) * 2 > len(cells[0])
    word = _word(found, named, cells, numbered)
    if WORD not in named.values() and found.count < 3 and len(body) > 2 and _counts(cells[word]):
        raise NoLayout(
            "the first column counts lines, and no other holds words: if these are words, say --columns 1=word"
        )
    tags = _tags(found, named, cells, {word, *([0] if numbered else [])})
    bare = {position for position in tags if body and not _has_prefixes(cells[position])}
    labels = {cell for position in bare for cell in cells[position]} - set(OUTSIDE)
    return Layout(
        tabs=found.tabs,
        count=found.count,
        word=word,
        tags=tags,
        numbered=numbered,
        counted=counted,
        bare=frozenset(bare),
        labels=frozenset(labels),
        suffixed=bool(labels) and all(_SUFFIXED.match(label) for label in labels),
        header="\t".join(found.rows[0]) if header else None,
        unlabelled=frozenset(position for position in bare if _has_only_kinds(cells[position])),
        keys=keys,
        prefix=_prefix(cells[word]),
        quoted=found.quoted,
        unspaced=_is_unspaced(cells, word),
    )


def checked_columns(columns: Mapping[str, str]) -> dict[str, str]:
    """The columns as a dict. Raises `NoLayout` for an unknown meaning."""
    for column, meaning in columns.items():
        if meaning not in (WORD, TAG, NEITHER):
            raise NoLayout(f"column {column} cannot be {meaning!r}: a column is word, tag, or nothing ({column}=)")
    return dict(columns)


def _rows(lines: list[str]) -> _Rows:
    kept = [line for line in lines if line.strip() and not begins_article(line)]
    plain = [line for line in kept if not line.startswith("#")] or kept
    if not plain:
        return _Rows(False, 2, [], [])
    tabs = sum("\t" in line for line in plain) * 2 > len(plain)
    rows = [split(line, tabs) for line in plain]
    quoted = tabs and _is_quoted(rows)
    rows = [_unquoted(row) for row in rows] if quoted else rows
    count = Counter(map(len, rows)).most_common(1)[0][0]
    comments = [line for line in kept if line.startswith("#")]
    return _Rows(tabs, count, [row for row in rows if len(row) == count], comments, quoted)


def _is_quoted(rows: list[list[str]]) -> bool:
    """Whether cells are quoted as in CSV: a quote as a word is four quotes, or all cells are quoted."""
    marked = [cell for row in rows for cell in row if cell.startswith('"')]
    if not marked or not all(map(_QUOTED.match, marked)):
        return False
    return _A_QUOTE in marked or len(marked) == sum(map(len, rows))


def _unquoted(row: list[str]) -> list[str]:
    return [cell[1:-1].replace('""', '"') if _QUOTED.match(cell) else cell for cell in row]


def _keys(found: _Rows) -> tuple[tuple[int, str], ...]:
    """(column, key) of tags in the form `key=tag`; none if there is a column of tags."""
    if any(_has_prefixes([row[position] for row in found.rows]) for position in range(found.count)):
        return ()
    values: dict[tuple[int, str], list[str]] = {}
    for row in found.rows:
        for position, cell in enumerate(row):
            for key, equals, value in (part.partition("=") for part in _parts(cell)):
                if equals:
                    values.setdefault((position, key), []).append(value)
    keys = tuple(key for key, cells in values.items() if _has_prefixes(cells))
    return keys if len(keys) <= _MOST_KEYS else ()


def _parts(cell: str) -> list[str]:
    return cell.split("|", _MOST_PARTS)[:_MOST_PARTS] if "=" in cell else []


def _with_keys(row: list[str], keys: tuple[tuple[int, str], ...]) -> list[str]:
    """The row with the values of these keys appended."""
    found = [dict(part.partition("=")[::2] for part in _parts(row[at])) if at < len(row) else {} for at, _ in keys]
    return [*row, *(values.get(key, "_") for (_, key), values in zip(keys, found, strict=True))]


def _has_only_kinds(cells: list[str]) -> bool:
    """Whether the labels are only B, I and similar."""
    labels = set(cells) - set(OUTSIDE)
    return labels <= _KINDS and not labels.isdisjoint("BI")


def _prefix(words: list[str]) -> str:
    """The language code before every word, such as `en:`."""
    match = _LANGUAGE_PREFIX.match(words[0]) if len(words) > 1 else None
    return match[0] if match and all(word.startswith(match[0]) for word in words) else ""


def _is_unspaced(cells: list[list[str]], word: int) -> bool:
    """Whether most words are in a script without spaces, and the file does not encode white space."""
    encoded = len(cells) > 3 and (_is_unused(cells[1]) and _is_unused(cells[2]))
    encoded = encoded or any(NO_SPACE.search(cell) for column in cells for cell in column)
    return not encoded and sum(map(is_unspaced, cells[word])) * 2 > len(cells[word])


def _header(found: _Rows) -> bool:
    """Whether the first row names the columns. Stores their names, from the row or from a comment."""
    for comment in found.comments:
        if (match := re.match(r"#\s*global\.columns\s*=\s*(.*)", comment)) and len(match[1].split()) == found.count:
            found.column_of = {name.casefold(): number for number, name in enumerate(match[1].split())}
            return False
    first = [cell.casefold() for cell in found.rows[0]] if found.rows else []
    if not _WORDS & set(first) or any(PREFIXED.match(cell) or cell == "O" for cell in found.rows[0]):
        return False
    if len(first) < 2 or len(set(first)) < len(first):
        return False
    known = [cell for cell in first if cell in _WORDS or _names_tags(cell)]
    if len(known) > 1:
        found.column_of = {name: number for number, name in enumerate(first)}
    return len(known) > 1


def _names_tags(cell: str) -> bool:
    return bool(_TAGS.search(cell)) and not _NO_TAGS.search(cell)


def _named(columns: Mapping[str, str], found: _Rows) -> dict[int, str]:
    named = {}
    for column, meaning in columns.items():
        position = int(column) - 1 if column.isdecimal() else found.column_of.get(column.casefold(), -1)
        if not 0 <= position < found.count:
            names = f" and are called {', '.join(found.column_of)}" if found.column_of else ""
            raise NoLayout(f"there is no column {column!r}: the columns are 1 to {found.count}{names}")
        named[position] = meaning
    return named


def _counts(cells: list[str]) -> bool:
    """Whether a column numbers the words of each sentence."""
    if not cells or not all(_NUMBER.match(cell) for cell in cells):
        return False
    numbers = [int(re.split("[-.]", cell)[0]) for cell in cells]
    return all(number <= 1 or number - before in (0, 1) for before, number in zip([0, *numbers], numbers, strict=False))


def _is_unused(cells: list[str]) -> bool:
    return all(cell.startswith("-X-") for cell in cells)


def _word(found: _Rows, named: dict[int, str], cells: list[list[str]], numbered: bool) -> int:
    chosen = [position for position, meaning in named.items() if meaning == WORD]
    if len(chosen) > 1:
        raise NoLayout("only one column can hold the words")
    by_name = [position for name, position in found.column_of.items() if name in _WORDS and position not in named]
    first = 1 if numbered else 0
    if not (chosen or by_name) and _tags_come_first(cells[first:]):
        first = next(position for position in range(first, found.count) if not _has_prefixes(cells[position]))
    return (chosen or by_name or [_first_word_column(cells, first)])[0]


def _first_word_column(cells: list[list[str]], first: int) -> int:
    """The first column from `first` that does not name a sentence or document, or number the rows."""
    at = first
    while at < len(cells) and (_is_repetitive(cells[at]) or (at > first and _counts(cells[at]))):
        at += 1
    found = at < len(cells) and not _has_tags(cells[at])
    return at if found else first


def _is_repetitive(cells: list[str]) -> bool:
    """Whether most rows repeat the value of the row before, which words do not."""
    return len(cells) > 2 and sum(one == other for one, other in pairwise(cells)) * 2 >= len(cells) - 1


def _tags_come_first(cells: list[list[str]]) -> bool:
    """Whether the first column has only tags, and the last one none."""
    if not cells or _has_prefixes(cells[-1]) or _is_bare(cells[-1]):
        return False
    return _has_prefixes(cells[0]) and all(cell in OUTSIDE or PREFIXED.match(cell) for cell in cells[0])


def _tags(found: _Rows, named: dict[int, str], cells: list[list[str]], taken: set[int]) -> tuple[int, ...]:
    chosen = [position for position, meaning in named.items() if meaning == TAG]
    by_name = [position for name, position in found.column_of.items() if _names_tags(name)]
    free = [position for position in range(found.count) if position not in taken and position not in named]
    tags = sorted(chosen) or [position for position in by_name if position in free and _has_tags(cells[position])]
    if not tags:
        tags = [position for position in free if _has_prefixes(cells[position])]
        # Tags of grammar look like labels, but are rarely O.
        tags += [bare for bare in _last_bare_columns(free, cells) if not tags or _is_mostly_outside(cells[bare])]
        tags = [position for position in tags if not _is_chunks(cells[position])] or tags
    if not tags and found.rows:
        raise NoLayout(
            "no column holds tags such as B-PER and O: say which does, and which the words, "
            "such as --columns 1=word --columns 4=tag"
        )
    return tuple(sorted(tags) or [found.count - 1])


def _last_bare_columns(free: list[int], cells: list[list[str]]) -> list[int]:
    """The last columns with labels without prefixes; columns of tags with prefixes may be between them."""
    found = []
    for position in reversed(free):
        if _is_bare(cells[position]) and not _has_prefixes(cells[position]):
            found.append(position)
        elif not _has_prefixes(cells[position]):
            break
    return found


def _has_tags(cells: list[str]) -> bool:
    return all(cell in OUTSIDE for cell in cells) or _has_prefixes(cells) or _is_bare(cells)


def _has_prefixes(cells: list[str]) -> bool:
    """Whether most cells are tags, and more of them have a prefix than not."""
    outside, prefixed = sum(cell == "O" for cell in cells), sum(bool(PREFIXED.match(cell)) for cell in cells)
    bare = sum(bool(_BARE.match(cell)) for cell in cells) - outside - prefixed
    fillers = sum(cell in OUTSIDE for cell in cells) - outside
    return (outside + prefixed) > 0 and (outside + prefixed + fillers) * 2 >= len(cells) and prefixed >= bare


def _is_bare(cells: list[str]) -> bool:
    """Whether all cells are O or labels without a prefix."""
    return "O" in cells and all(cell in OUTSIDE or _BARE.match(cell) for cell in cells) and len(set(cells)) <= 256


def _is_mostly_outside(cells: list[str]) -> bool:
    return sum(cell in OUTSIDE for cell in cells) * 2 >= len(cells)


def _is_chunks(cells: list[str]) -> bool:
    labels = {match["label"] for cell in cells if (match := PREFIXED.match(cell))}
    return bool(labels) and labels <= _PHRASES
