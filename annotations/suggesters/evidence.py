"""Features of mentions with their values, and the weights of the features for each label.

No feature grows with the number of mentions, so that more mentions of the same kind never lower a score.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from math import exp, log
from pathlib import Path
from typing import TYPE_CHECKING

from annotations.suggesters.article import ArticleNames
from annotations.suggesters.cues import cues
from annotations.suggesters.edges import Range
from annotations.suggesters.lexicon import (
    BUILDING_WORDS,
    COMMON,
    EVENT_WORDS,
    GROUPS,
    LAW_WORDS,
    NOT_NAMES,
    ORGANISATION_WORDS,
    PARTY_WORDS,
    PLACE_PREPOSITIONS,
    REGIONS,
    STATES,
    THING_AFTER,
    WATERS_AND_LANDS,
    is_demonym,
)
from annotations.suggesters.words import surface_of
from corpusapp.text.agencies import is_known
from corpusapp.text.places import CITIES, COUNTRIES

if TYPE_CHECKING:
    from numpy import ndarray

Features = dict[str, float]

_WORD = re.compile(r"\w+")


def surface_features(article: ArticleNames, surface: str) -> Features:
    """The features that all mentions of a surface in an article share."""
    found: Features = {"any": 1.0}
    _proposed(found, article, surface)
    _linked(found, article, surface)
    _written(found, surface)
    _surrounded(found, article, surface)
    _base_in_article(found, article, surface)
    return found


def mention_features(article: ArticleNames, span: Range) -> Features:
    """The features of a single mention."""
    found: Features = {f"here:{article.candidates.proposed.get(span, '')}": 1}
    if kind := article.candidates.written.get(span):
        found[f"written:{kind}"] = 1
    for label, weight in article.around[span].items():
        found[f"cue:{label}"] = weight
    if article.sport:
        before = article.words.form(article.words.index(span[0]) - 1).lower()
        found["sport, in"] = float(before in PLACE_PREPOSITIONS)
    _placed(found, article, span, article.mentions[span])
    if shares := _shares_here(article, span):
        found.update((f"base:{name}", _odds(share)) for name, share in shares.items())
        if span in article.candidates.exact:
            found["exact"] = _odds(article.candidates.exact[span])
    return found


def _shares_here(article: ArticleNames, span: Range) -> Features:
    """The base suggester's probabilities of the classes of a name that begins where the mention does, if it has any.

    The probability of other names is that of "other", that of none is that of "none".
    """
    shares = article.candidates.shares.get(span[0])
    if shares is None:
        if not article.candidates.has_doubts:
            return {}
        shares = {}
    found = {label: shares.get(label, 0.0) for label in CLASSES if label}
    found["other"] = sum(share for label, share in shares.items() if label not in CLASSES)
    found["none"] = max(0.0, 1 - sum(found.values()))
    return found


# Probabilities below this make no difference.
_NIL = 0.02


def _odds(share: float) -> float:
    """A probability on a scale from 0 to about 1 on which small ones differ, too."""
    return log((share + _NIL) / _NIL) / log((1 + _NIL) / _NIL)


def _base_in_article(found: Features, article: ArticleNames, surface: str) -> None:
    """The mean of the base suggester's probabilities over the mentions of a surface."""
    each = [shares for span in article.ranges[surface] if (shares := _shares_here(article, span))]
    for name in each[0] if each else ():
        found[f"article base:{name}"] = _odds(sum(shares[name] for shares in each) / len(each))


def alternative_features(article: ArticleNames, span: Range) -> Features:
    """The features of another range for a mention: its writing, its context, and how it differs.

    Their names begin with "~", so that they have weights of their own: few other ranges are right.
    """
    alternative = article.alternatives[span]
    surface = surface_of(article.words.text[slice(*span)])
    found: Features = {"alternative": 1.0, **_form(surface)}
    for label, weight in cues(article.words, *span, sport=article.sport).items():
        found[f"cue:{label}"] = weight
    _placed(found, article, span, surface)
    origin = article.candidates.proposed.get(alternative.origin, "")
    found[f"kind:{alternative.kind}"] = 1
    found[f"kind:{alternative.kind}:{alternative.word}"] = 1
    found[f"of:{origin}"] = 1
    if origin in CLASSES:
        found[f"of:{origin}:{alternative.kind}"] = 1
    if alternative.origin in article.candidates.exact:
        found["origin exact"] = _odds(article.candidates.exact[alternative.origin])
    if surface in article.ranges:
        found["stands alone"] = 1
        for label in article.labels.get(surface, ()):
            found[f"stands alone:{label}"] = 1
    if shares := _shares_here(article, span):
        found.update((f"base:{name}", _odds(share)) for name, share in shares.items())
    return {f"~{name}": value for name, value in found.items()}


def _surrounded(found: Features, article: ArticleNames, surface: str) -> None:
    """The cues around its mentions: the strongest for and against each label, and their mean."""
    around = [article.around[span] for span in article.ranges[surface]]
    for label in dict.fromkeys(label for found_cues in around for label in found_cues):
        weights = [found_cues.get(label, 0.0) for found_cues in around]
        if label.isupper():
            found[f"mean cue:{label}"] = sum(weights) / len(weights)
        if (strongest := max(weights)) > 0:
            found[f"strongest cue:{label}"] = strongest
        if (weakest := min(weights)) < 0:
            found[f"cue against:{label}"] = weakest


def _proposed(found: Features, article: ArticleNames, surface: str) -> None:
    """The base suggester's labels for the mentions of a surface."""
    counts, mentions = article.labels.get(surface, Counter()), len(article.ranges[surface])
    total = counts.total()
    for label, count in counts.items():
        found[f"article:{label}"] = count / total
    found["proposed"] = total / mentions
    if article.sport:
        found["sport"] = 1
        for label, count in counts.items():
            found[f"sport:{label}"] = count / total
        if surface.casefold() in CITIES or "GPE" in counts:
            found["sport, city"] = 1


def _linked(found: Features, article: ArticleNames, surface: str) -> None:
    links = article.links
    if surface in links.first:
        found["first name"] = 1
    if surface in links.last:
        found["surname"] = 1
    if surface in links.of_organisations:
        found["first word of organisation"] = 1
    if " " in surface:
        found["several words"] = 1
        if surface.split()[-1] in article.ranges:
            found["surname stands alone"] = 1
    if surface in links.of_things:
        found["abbreviates small words"] = 1
    if full := links.initials.get(surface):
        for label in article.labels.get(full, ()):
            found[f"abbreviates:{label}"] = 1


def _written(found: Features, surface: str) -> None:
    found.update(_form(surface))


@lru_cache(maxsize=10_000)
def _form(surface: str) -> Features:
    """The features of the form and the words of a surface."""
    found: Features = {}
    parts = _WORD.findall(surface)
    for name, known in _WORDS.items():
        if not known.isdisjoint(parts):
            found[name] = 1
    if parts and parts[-1] in ORGANISATION_WORDS:
        found["ends in organisation"] = 1
    if parts and parts[-1] in PARTY_WORDS:
        found["party"] = 1
    for name, listed in _LISTS.items():
        if surface in listed:
            found[name] = 1
    if surface.isupper() and len(surface) > 1 and surface.isalpha():
        found["capitals"] = 1
        found[f"capitals:{min(len(surface), 5)}"] = 1
    found.update((name, 1) for name, applies in _TESTS.items() if applies(surface))
    return found


_WORDS = {
    "organisation word": ORGANISATION_WORDS,
    "event word": EVENT_WORDS,
    "building word": BUILDING_WORDS,
    "land word": WATERS_AND_LANDS,
    "law word": LAW_WORDS,
}
_LISTS = {"region": REGIONS, "group": GROUPS, "state": STATES, "no name": NOT_NAMES}
# A city with the name of a state counts as the state.
_CITIES = CITIES - COUNTRIES
_TESTS: dict[str, Callable[[str], bool]] = {
    "small": lambda surface: not surface[0].isupper(),
    "all small": lambda surface: not any(sign.isupper() for sign in surface),
    "digit": lambda surface: any(sign.isdigit() for sign in surface),
    "country": lambda surface: surface.casefold() in COUNTRIES,
    "city": lambda surface: surface.casefold() in _CITIES,
    "demonym": is_demonym,
    "agency": is_known,
}


def _placed(found: Features, article: ArticleNames, span: Range, surface: str) -> None:
    """The position in the sentence."""
    words, text = article.words, article.words.text
    index = words.index(span[0])
    opens = words.opens_sentence(index)
    if opens:
        found["opens"] = 1
        if len(article.ranges.get(surface, ())) <= 1:
            found["opens only"] = 1
    elif words.form(index - 1)[:1].isupper() and words.form(index - 1) not in COMMON and words.gap(index) == " ":
        found["after capital"] = 1
    following = words.index(span[1])
    if text[span[1] : span[1] + 1] == "-" and text[span[1] + 1 : span[1] + 2].isalpha():
        found["hyphen"] = 1
    elif words.form(following).lower() in THING_AFTER:
        found["thing"] = 1
    if words.form(following)[:1].isupper() and text[span[1] : span[1] + 1] == " ":
        found["before capital"] = 1
    if words.form(following) == "(" and words.form(following + 1).isupper() and words.form(following + 2) == ")":
        found["before acronym"] = 1
    if words.form(index - 1).lower() == "the":
        found["the"] = 1


# Classes of mentions; "" is no name, or a name of another kind.
CLASSES = ("PERSON", "ORG", "GPE", "")
TABLE = Path(__file__).with_name("weights.json")

Scores = tuple[float, ...]


class Weights:
    """`table` has a weight for each of CLASSES by feature. Unknown features are ignored.

    `changes` are what a corpus has added to the weights of a table. `vector` has, for each of CLASSES, the weights of
    the numbers in the vectors of one model.
    """

    def __init__(
        self,
        table: Mapping[str, Scores],
        changes: Mapping[str, Scores] | None = None,
        vector: Sequence[Sequence[float]] = (),
    ) -> None:
        self.table = dict(table)
        self.changes = changes or {}
        self.vector = vector

    def changed(self, changes: Mapping[str, Scores]) -> "Weights":
        """These weights with the changes of a corpus."""
        if not changes:
            return self
        table = dict(self.table)
        for name, row in changes.items():
            former = table.get(name, (0.0,) * len(row))
            table[name] = tuple(one + other for one, other in zip(former, row, strict=True))
        return Weights(table, changes, self.vector)

    def with_vector(self, vector: "ndarray", scores: Scores) -> Scores:
        """The scores with the evidence in a vector."""
        if not self.vector:
            return scores
        return tuple(score + float(vector @ row) for score, row in zip(scores, self.vector, strict=True))

    def scores(self, features: Mapping[str, float], base: Scores = (0.0, 0.0, 0.0, 0.0)) -> Scores:
        """The sum of the evidence for each class, added to `base`."""
        first, second, third, fourth = base
        for name, value in features.items():
            if weights := self.table.get(name):
                first += weights[0] * value
                second += weights[1] * value
                third += weights[2] * value
                fourth += weights[3] * value
        return first, second, third, fourth


def probabilities(scores: Scores) -> dict[str, float]:
    """The probability of each class (softmax)."""
    highest = max(scores)
    powers = [exp(score - highest) for score in scores]
    total = sum(powers)
    return {label: power / total for label, power in zip(CLASSES, powers, strict=True)}


@cache
def fitted() -> Weights:
    """The weights from `weights.json`."""
    found = json.loads(TABLE.read_text())
    return Weights({name: tuple(row) for name, row in found["weights"].items()}, vector=found["vector"])


@cache
def model_of_vectors() -> str:
    """The SHA-256 of the model (spaCy's `tok2vec`) whose vectors the fitted weights know."""
    return str(json.loads(TABLE.read_text())["model_of_vectors"])
