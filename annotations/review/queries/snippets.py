"""Excerpts of articles in lists: the beginning of the running text or, of search results, the text around the hits.

A word of the text is a hit if it equals a word of the query after folding, or if the stemmer of the language maps both
to the same form. The database is asked for stems only for texts in which a word of the query has no equal.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from django.db import connection

from corpusapp.articles.search import configuration_of, wanted_words
from corpusapp.text.cutting import keep_before
from corpusapp.text.folding import Places, fold_to, folded_characters, folded_word, parts_of, plain, words_in
from corpusapp.text.scripts import is_unspaced

# Private-use characters that mark the ends of hits; they are removed from the text itself beforehand.
HIT_START, HIT_END = "\ue000", "\ue001"
_MARKERS = {ord(HIT_START): None, ord(HIT_END): None}
_OPENING, _BEFORE, _FRAGMENT = 400, 80, 240
_EXCERPT = 300
_BETWEEN = " … "
# Between a dateline or headline and the text that follows it.
_PUNCTUATION = " \t–—-:|·"
_JOINING = re.compile(r"[^\w\s]{1,3}")
# Hits of a text that are considered for the best fragment.
_MOST_HITS = 2000

# Start, end and the number of the query word.
Hit = tuple[int, int, int]


def snippets(texts: Mapping[int, str], query: str, language: str) -> dict[int, str]:
    """A snippet of each text, with its hits between HIT_START and HIT_END; without hits, the opening of the text."""
    written = {folded_word(word): word for word in wanted_words(query)}
    written.pop("", None)
    places = {word: which for which, word in enumerate(written)}
    texts = {pk: text.translate(_MARKERS) for pk, text in texts.items()}
    among = fold_to(places)
    matches = {pk: list(_hits(text, places, among=among)) for pk, text in texts.items()}
    lacking = [pk for pk, hits in matches.items() if len({which for *_, which in hits}) < len(places)]
    if forms := _forms([texts[pk] for pk in lacking], written, configuration_of(language)):
        matches |= {pk: list(_hits(texts[pk], places, forms)) for pk in lacking}
    return {pk: _snippet(text, matches[pk]) for pk, text in texts.items()}


def running_text(text: str, zones: Sequence[tuple[int, int]]) -> str:
    """The text without its zones, which are ranges in order: titles, datelines, bylines, boilerplate."""
    pieces, at = [], 0
    for start, end in zones:
        if start > at:
            pieces.append(text[at:start])
        at = max(at, end)
    return "\n".join((*pieces, text[at:]))


def excerpt(text: str, zones: Sequence[tuple[int, int]], headline: str) -> str:
    """The beginning of the running text on one line, without the headline, cut between words."""
    words = " ".join(running_text(text, zones).translate(_MARKERS).split())
    headline = " ".join(headline.split())
    if headline.endswith("…") and words.startswith(headline[:-1]):
        # A long first line, cut: the excerpt continues it, from the beginning of a word.
        shown = keep_before(words, len(headline) - 1)
        words = f"… {words[len(shown) :].lstrip()}"
    else:
        words = words.removeprefix(headline).lstrip(_PUNCTUATION)
    return words if len(words) <= _EXCERPT else f"{keep_before(words, _EXCERPT)} …"


def _hits(
    text: str,
    places: Mapping[str, int],
    forms: Mapping[str, int] | None = None,
    among: Places | None = None,
) -> Iterator[Hit]:
    """The hits in a text, in order. `forms` are further words that count as hits; `among` finds candidates."""
    runs = [(word, which) for word, which in places.items() if is_unspaced(word)]
    for start, end in words_in(text, among):
        word = text[start:end]
        if runs and is_unspaced(word):
            yield from _within(word, start, runs)
            continue
        which = _which(word, places)
        if which is None and forms:
            which = forms.get(_plain(word))
        if which is not None:
            yield start, end, which


def _which(word: str, places: Mapping[str, int]) -> int | None:
    """The number of the query word that equals this one, whole or as a part divided by invisible characters."""
    forms = [word] if word.isascii() else [word, *parts_of(word)]
    return next((places[form] for form in map(folded_word, forms) if form in places), None)


def _within(word: str, start: int, runs: Sequence[tuple[str, int]]) -> list[Hit]:
    """The hits in a run without spaces, without overlaps."""
    compared, places = folded_characters(word)
    found = [
        (start + places[match.start()][0], start + places[match.end() - 1][1], which)
        for run, which in runs
        for match in re.finditer(re.escape(run), compared)
    ]
    hits: list[Hit] = []
    for hit in sorted(found):
        if not hits or hit[0] >= hits[-1][1]:
            hits.append(hit)
    return hits


def _forms(texts: Sequence[str], written: Mapping[str, str], configuration: str) -> dict[str, int]:
    """The plain words of the texts that have the stem of a query word, with the number of that word.

    `written` maps the folded query words to the words as written.
    """
    if not texts or configuration == "simple":
        return {}
    words = {_plain(text[start:end]) for text in texts for start, end in words_in(text)}
    values = {"words": list(words), "folded": list(written), "written": list(written.values())}
    with connection.cursor() as cursor:
        cursor.execute(_STEMMED, {**values, "configuration": configuration})
        return dict(cursor.fetchall())


@lru_cache(maxsize=20_000)
def _plain(word: str) -> str:
    return plain(word).strip()


_STEMMED = """
    WITH stem AS MATERIALIZED (
        SELECT number - 1 AS which, plainto_tsquery(%(configuration)s::regconfig, folded)
            || plainto_tsquery(%(configuration)s::regconfig, written) AS asked
        FROM unnest(%(folded)s::text[], %(written)s::text[]) WITH ORDINALITY AS t (folded, written, number)
    ), word AS MATERIALIZED (
        SELECT word, to_tsvector(%(configuration)s::regconfig, word) AS lexemes
        FROM unnest(%(words)s::text[]) AS t (word)
    )
    SELECT word, min(which) FROM word JOIN stem ON lexemes @@ asked GROUP BY word
"""


def _snippet(text: str, hits: Sequence[Hit]) -> str:
    if not hits:
        return text[:_OPENING]
    hits = hits[:_MOST_HITS]
    first = _best_hit(hits, set())
    start, end = _fragment_around(text, hits[first])
    shown = {which for hit_start, hit_end, which in hits if start <= hit_start and hit_end <= end}
    fragments = [(start, end)]
    others = [hit for hit in hits if hit[0] >= end]
    if others:
        start, end = _fragment_around(text, others[_best_hit(others, shown)], fragments[0][1])
        fragments.append((start, end))
    return _BETWEEN.join(_mark_hits(text, start, end, hits) for start, end in fragments)


def _best_hit(hits: Sequence[Hit], shown: set[int]) -> int:
    """The position of the hit that is followed closely by the most query words that are not `shown` yet."""
    starts = [start for start, _, _ in hits]
    best, most = 0, -1
    for number, (start, _, _) in enumerate(hits):
        near = hits[number : bisect_right(starts, start + _FRAGMENT - _BEFORE)]
        different = len({which for *_, which in near[:50]} - shown)
        if different > most:
            best, most = number, different
    return best


def _fragment_around(text: str, hit: Hit, from_: int = 0) -> tuple[int, int]:
    """The fragment around a hit, cut between words if there are spaces."""
    start, end = max(from_, hit[0] - _BEFORE), min(len(text), max(hit[0] - _BEFORE + _FRAGMENT, hit[1]))
    if start > from_ and (space := re.search(r"\s", text[start : hit[0]])):
        start += space.end()
    if end < len(text) and (space := re.search(r"\s\S*$", text[hit[1] : end])):
        end = hit[1] + space.start()
    return start, end


def _mark_hits(text: str, start: int, end: int, hits: Sequence[Hit]) -> str:
    pieces, at = [], start
    for first, last in _merge_hits(text, [hit for hit in hits if start <= hit[0] and hit[1] <= end]):
        pieces += [text[at:first], HIT_START, text[first:last], HIT_END]
        at = last
    return "".join((*pieces, text[at:end]))


def _merge_hits(text: str, hits: Sequence[Hit]) -> list[list[int]]:
    """The ranges of the hits. Hits joined by punctuation only, as in `Coca-Cola`, are merged."""
    ranges: list[list[int]] = []
    for first, last, _ in hits:
        if ranges and _JOINING.fullmatch(text, ranges[-1][1], first):
            ranges[-1][1] = last
        else:
            ranges.append([first, last])
    return ranges
