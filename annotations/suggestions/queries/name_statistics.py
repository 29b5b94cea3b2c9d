"""Name statistics of a corpus, and what decisions add to them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from annotations.entities.queries.names import confirmed_names
from annotations.review.models import MAIN_LAYER, Stage, State
from annotations.suggesters.calibration import outcomes_of
from annotations.suggesters.credits import PICTURE
from annotations.suggesters.evidence import Weights
from annotations.suggesters.name_statistics import (
    HABIT,
    LearningRecord,
    NameStatistics,
    article_learning_record,
    learn,
)
from annotations.suggesters.protocol import SourceText
from annotations.suggesters.reader import resolved
from annotations.suggesters.reading import Reading, learning_record_from_json, reading_from_json
from annotations.suggesters.words import Words, first_word, lookup_words, surface_of
from annotations.suggestions.models import CorpusSuggester, NameCount
from corpusapp.articles.models import Article, Source, Zone
from corpusapp.core.prepared import planning_cursor
from corpusapp.intake.language import detect
from corpusapp.text.zones import ZoneRange

# Joined, not `= ANY`: a kept plan that reads the whole table would compare each row with each of thousands of words.
_COUNTS = """
    SELECT known.kind, known.surface, known.context, known.label, known.articles
    FROM unnest(%b::text[]) AS w (word)
    JOIN suggestions_namecount known ON known.corpus_id = %s AND known.first_word = w.word
"""


def statistics_for(corpus_id: int, texts: Iterable[str]) -> NameStatistics:
    """The counts of every surface whose first word occurs in one of the texts."""
    words: set[str] = {first_word(HABIT)}
    for text in texts:
        words |= lookup_words(text)
    found = NameStatistics()
    with planning_cursor() as cursor:
        # Thousands of words, so one array parameter.
        cursor.execute(_COUNTS, [list(words), corpus_id])
        rows = cursor.fetchall()
    by_kind = {"s": found.seen, "d": found.decided}
    for kind, surface, context, label, articles in rows:
        if kind == "c":
            found.in_context[surface, context][label] = articles
        else:
            by_kind[kind][surface][label] = articles
    for surface, label, mentioned in confirmed_names(corpus_id, words):
        # What was confirmed as a mention is counted with the decisions on its article.
        if not mentioned:
            found.decided[surface][label] += _OF_ALIAS
        elif surface not in found.decided:
            found.decided[surface][label] = 1.0
    for name in Source.objects.filter(corpus=corpus_id).values_list("name", flat=True):
        if first_word(name) in words:
            found.seen[surface_of(name)]["ORG"] += _OF_SOURCE
    return found


class Habit(NamedTuple):
    """What editors reject in the articles of a source, empty for articles without one: a credit or a label."""

    source: str
    kind: str
    articles: float

    @property
    def about(self) -> str:
        if self.kind == PICTURE:
            return "credits of pictures"
        return f"{self.kind} in datelines and by rule" if self.kind.isupper() else f"credits with “{self.kind}”"


def learned_habits(corpus_id: int) -> list[Habit]:
    """What is not suggested in a corpus because editors rejected it, by source."""
    statistics = NameStatistics()
    rows = NameCount.objects.filter(corpus=corpus_id, kind=NameCount.Kind.DECIDED, first_word=first_word(HABIT))
    for surface, label, articles in rows.values_list("surface", "label", "articles"):
        statistics.decided[surface][label] = articles
    dropped = [key.split(" ", 2)[1:] for key in sorted(statistics.decided) if statistics.is_dropped(key)]
    names = {str(pk): name for pk, name in Source.objects.filter(corpus=corpus_id).values_list("pk", "name")}
    return [
        Habit(names.get(origin, ""), kind, sum(statistics.decided[f"{HABIT} {origin} {kind}"].values()))
        for origin, kind in dropped
    ]


# The name of a source counts as if a suggester had taken it for an organisation in so many articles.
_OF_SOURCE = 3.0
# A name that people gave to an entity counts as if they had confirmed it in so many articles.
_OF_ALIAS = 2.0


def source_texts(corpus_id: int, articles: Iterable[Article]) -> dict[int, SourceText]:
    """The texts of articles of a corpus by article id, with what the suggestion settings of the corpus need of them."""
    chosen = CorpusSuggester.objects.filter(pk=corpus_id).first() or CorpusSuggester()
    articles = list(articles)
    zones: dict[int, list[ZoneRange]] = {}
    rows = Zone.objects.filter(article__in=[article.pk for article in articles]).order_by("start")
    for article_id, start, end, kind in rows.values_list("article_id", "start", "end", "kind"):
        zones.setdefault(article_id, []).append(ZoneRange(start, end, kind))
    return {
        article.pk: SourceText(
            article.text,
            tuple(zones.get(article.pk, ())),
            chosen.bylines,
            article.language,
            parts_by_language(article.text, article.language) if chosen.languages else (),
            str(article.source_id or ""),
        )
        for article in articles
    }


# Code points of a paragraph whose language is looked at.
_FEWEST = 80


def parts_by_language(text: str, language: str) -> tuple[tuple[int, int, str], ...]:
    """The paragraphs in another language than the text, as (start, end, language)."""
    found = []
    start = 0
    for line in text.split("\n"):
        if len(line) >= _FEWEST and (code := detect(line)) not in ("", language):
            found.append((start, start + len(line), code))
        start += len(line) + 1
    return tuple(found)


Triple = tuple[int, int, str]


@dataclass
class DecidedArticle:
    """An article with its decided spans in reading order, its cached reading, and the record that is counted for it.

    `stored` is that record as it is stored, with its outcomes, as JSON; None if there is none.
    """

    pk: int
    text: str
    done: bool
    reading: Reading | None
    stored: tuple[str, str] | None
    confirmed: list[Triple] = field(default_factory=list)
    rejected: list[Triple] = field(default_factory=list)

    @cached_property
    def former(self) -> LearningRecord | None:
        return learning_record_from_json(self.stored[0]) if self.stored else None

    @cached_property
    def learning_record(self) -> LearningRecord:
        """What the spans teach. In a done article, mentions without a confirmed span count as rejected.

        Habits are learned from explicit rejections alone: the corpus may have no label for what was not proposed.
        """
        rejected = {(start, end) for start, end, _ in self.rejected}
        habits = self.reading.habits() if self.reading else {}
        if self.done and self.reading is not None:
            rejected |= {(mention.start, mention.end) for mention in self.reading.mentions if not mention.place}
        return article_learning_record(self.text, self.confirmed, sorted(rejected), habits)


def decided_articles(article_ids: Sequence[int]) -> list[DecidedArticle]:
    """These articles with their decided spans, in this order."""
    with planning_cursor() as cursor:
        cursor.execute(_ARTICLES, [Stage.DONE, MAIN_LAYER, list(article_ids)])
        found = {
            pk: DecidedArticle(
                pk, text, done, reading_from_json(data) if data else None, (record, outcomes) if record else None
            )
            for pk, text, done, data, record, outcomes in cursor.fetchall()
        }
        cursor.execute(_DECIDED_SPANS, [list(article_ids)])
        for pk, start, end, label, state in cursor.fetchall():
            side = found[pk].confirmed if state == State.CONFIRMED else found[pk].rejected
            side.append((start, end, label))
    return [found[pk] for pk in article_ids if pk in found]


# Articles whose outcomes are computed from the same statistics.
_GROUP = 50


def suggestion_outcomes(corpus_id: int, decided: Sequence[DecidedArticle], weights: Weights) -> dict[int, str]:
    """What editors did with the suggestions of each article that has a reading, as JSON.

    The suggestions are recomputed without the article's own learning record, which would make them look better than
    they were, but with those of the articles before it.
    """
    texts = [article.text for article in decided if article.reading is not None]
    if not texts:
        return {}
    statistics = statistics_for(corpus_id, texts)
    found: dict[int, str] = {}
    for first in range(0, len(decided), _GROUP):
        group = decided[first : first + _GROUP]
        found |= {
            article.pk: _outcomes(article, statistics, weights) for article in group if article.reading is not None
        }
        for article in group:
            if article.former:
                learn(statistics, article.former, sign=-1)
            learn(statistics, article.learning_record)
    return found


def _outcomes(article: DecidedArticle, statistics: NameStatistics, weights: Weights) -> str:
    assert article.reading is not None
    if article.former:
        learn(statistics, article.former, sign=-1)
    proposals = resolved(Words(article.text), article.reading, statistics, weights)
    if article.former:
        learn(statistics, article.former)
    rows = outcomes_of(proposals, article.confirmed, article.rejected, done=article.done, length=len(article.text))
    return json.dumps(rows, separators=(",", ":"))


# Not joined: a kept plan might read all reviews for the few that are asked for.
_ARTICLES = """
    SELECT a.id, a.text, %s IS NOT DISTINCT FROM (
               SELECT review.stage FROM review_review review WHERE review.article_id = a.id AND review.layer = %s
           ), reading.data, record.data, record.outcomes
    FROM articles_article a
    LEFT JOIN suggestions_articlereading reading ON reading.article_id = a.id
    LEFT JOIN suggestions_articlelesson record ON record.article_id = a.id
    WHERE a.id = ANY (%b::bigint[])
"""
_DECIDED_SPANS = """
    SELECT s.article_id, s.start, s."end", coalesce(label.suggester_names[1], label.name), s.state
    FROM review_span s JOIN review_label label ON label.id = s.label_id
    WHERE s.article_id = ANY (%b::bigint[]) AND s.state <> 'suggested'
    ORDER BY s.start, s."end" DESC, s.id
"""
