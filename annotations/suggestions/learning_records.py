"""What the decisions on articles teach: about names, and about scores."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from annotations.review.models import Review, Span, Stage, State
from annotations.suggesters.calibration import outcomes_of
from annotations.suggesters.name_statistics import LearningRecord, learn, taught
from annotations.suggesters.reader import resolved
from annotations.suggesters.reading import Reading
from annotations.suggesters.storing import lesson_from_json, reading_from_json
from annotations.suggesters.words import Words
from annotations.suggestions.models import ArticleLesson, ArticleReading
from annotations.suggestions.name_statistics import knowledge_for
from corpusapp.articles.models import Article

Triple = tuple[int, int, str]


@dataclass
class Decided:
    """The decided spans of an article, and how it was read; None where no suggester has."""

    article: Article
    confirmed: list[Triple]
    rejected: list[Triple]
    done: bool
    reading: Reading | None

    def lesson(self) -> LearningRecord:
        """What the spans teach; of a done article also what stands there and was left alone."""
        refused = {(start, end) for start, end, _ in self.rejected}
        if self.done and self.reading is not None:
            refused |= {(mention.start, mention.end) for mention in self.reading.mentions}
        return taught(self.article.text, self.confirmed, sorted(refused))


def decided_on(article_ids: Iterable[int]) -> dict[int, Decided]:
    """The decisions on these articles as they stand."""
    texts = Article.objects.filter(pk__in=article_ids).only("id", "text")
    readings = dict(ArticleReading.objects.filter(pk__in=article_ids).values_list("pk", "data"))
    done = set(Review.objects.filter(article__in=article_ids, stage=Stage.DONE).values_list("article_id", flat=True))
    found = {
        article.pk: Decided(
            article,
            [],
            [],
            article.pk in done,
            reading_from_json(readings[article.pk]) if article.pk in readings else None,
        )
        for article in texts
    }
    for span in Span.objects.decided().filter(article__in=found).select_related("label"):
        side = found[span.article_id].confirmed if span.state == State.CONFIRMED else found[span.article_id].rejected
        side.append((span.start, span.end, span.label.name))
    return found


def outcomes(corpus_id: int, decided: dict[int, Decided], former: dict[int, str]) -> dict[int, str]:
    """What became of the suggestions for each article, as JSON; `former` are the lessons that are counted already.

    The suggestions are those that would be made by what other articles teach: an article's own decisions would make
    them look better than they were.
    """
    read = {pk: case for pk, case in decided.items() if case.reading is not None}
    words = {pk: Words(case.article.text) for pk, case in read.items()}
    knowledge = knowledge_for(corpus_id, words.values())
    found = {}
    for pk, case in read.items():
        own = lesson_from_json(former[pk]) if pk in former else None
        if own:
            learn(knowledge, own, sign=-1)
        proposals = resolved(words[pk], case.reading, knowledge)
        if own:
            learn(knowledge, own)
        rows = outcomes_of(proposals, case.confirmed, case.rejected, done=case.done, length=len(case.article.text))
        found[pk] = json.dumps(rows, separators=(",", ":"))
    return found


def former_lessons(article_ids: Iterable[int]) -> dict[int, str]:
    return dict(ArticleLesson.objects.filter(pk__in=article_ids).values_list("pk", "data"))
