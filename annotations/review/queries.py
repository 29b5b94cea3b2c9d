"""Reads that show articles together with their spans. Each runs a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from django.contrib.postgres.search import SearchHeadline, SearchQuery
from django.db.models import Count, Exists, Expression, Func, OuterRef, Prefetch, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce, Left

from annotations.review.models import MAIN_LAYER, Change, Decision, Label, Review, Span, Stage, State, Verb
from corpusapp import keyset
from corpusapp.articles.models import Article, Corpus, Role, Source, Zone
from corpusapp.articles.permissions import get_article, require, role_of
from corpusapp.articles.search import INDEXED_CHARACTERS, MAX_QUERY, configuration_of, matching, ranked
from corpusapp.refusals import Invalid, NotFound
from corpusapp.text.wellformed import fault

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

PAGE_SIZE = 50
# Around the words that a search found, in a snippet: characters that are cut out of the text itself beforehand.
HIT_START, HIT_END = "\ue000", "\ue001"
_OPENING = 400


@dataclass(frozen=True)
class ArticleFilter:
    """What a list of articles is narrowed to; `source` is a name. `newest` orders hits by age instead of by rank."""

    query: str = ""
    source: str = ""
    published_from: date | None = None
    published_to: date | None = None
    stage: str = ""
    label: str = ""
    newest: bool = False


@dataclass
class ArticleRow:
    """One line of a list. `snippet` marks hits by HIT_START and HIT_END."""

    article: Article
    stage: str
    editor: "User | None"
    suggested: int = 0
    confirmed: int = 0
    snippet: str = ""


def list_articles(
    corpora: Sequence[Corpus] | QuerySet[Corpus],
    narrowed: ArticleFilter,
    *,
    cursor: str = "",
    size: int = PAGE_SIZE,
) -> keyset.Page[ArticleRow]:
    """A page of the articles of `corpora`, newest or best first. The caller has checked who may see them."""
    articles = narrow(Article.objects.filter(corpus__in=corpora, withdrawn_at=None), narrowed)
    language = corpora[0].language if len(corpora) else "en"
    if narrowed.query and not narrowed.newest:
        found, next_cursor = _best(articles, narrowed.query, language, cursor, size)
    else:
        if narrowed.query:
            articles = matching(articles, narrowed.query, language)
        found, next_cursor = _newest(articles, cursor, size)
    return keyset.Page(_rows(_shown(found, narrowed.query, language)), next_cursor)


def narrow(articles: QuerySet[Article], narrowed: ArticleFilter) -> QuerySet[Article]:
    """Apply all of the filter but its search."""
    _check(narrowed)
    if narrowed.source:
        articles = articles.filter(source__in=Source.objects.filter(name=narrowed.source))
    if narrowed.published_from:
        articles = articles.filter(published_on__gte=narrowed.published_from)
    if narrowed.published_to:
        articles = articles.filter(published_on__lte=narrowed.published_to)
    if narrowed.stage:
        in_stage = Review.objects.filter(layer=MAIN_LAYER, stage=narrowed.stage, article=OuterRef("pk"))
        articles = articles.filter(Exists(in_stage))
    if narrowed.label:
        labelled = Span.objects.standing().filter(article=OuterRef("pk"), label__name=narrowed.label)
        articles = articles.filter(Exists(labelled))
    return articles


def _check(narrowed: ArticleFilter) -> None:
    for name in ("query", "source", "label"):
        if reason := fault(getattr(narrowed, name)):
            raise Invalid(f"{name} {reason}", field=name)
    if len(narrowed.query) > MAX_QUERY:
        raise Invalid(f"the search has {len(narrowed.query)} characters: at most {MAX_QUERY} are taken", field="query")
    if narrowed.stage and narrowed.stage not in Stage.values:
        raise Invalid(f"{narrowed.stage[:40]!r} is no stage: use one of {', '.join(Stage.values)}", field="stage")


def _newest(articles: QuerySet[Article], cursor: str, size: int) -> tuple[list[Article], str | None]:
    if cursor:
        (last,) = keyset.decode(cursor, int)
        articles = articles.filter(pk__lt=last)
    found = list(articles.order_by("-pk").only("pk")[: size + 1])
    more = len(found) > size
    return found[:size], keyset.encode(found[size - 1].pk) if more else None


def _best(
    articles: QuerySet[Article], query: str, language: str, cursor: str, size: int
) -> tuple[list[Article], str | None]:
    hits = ranked(articles, query, language)
    if cursor:
        rank, last = keyset.decode(cursor, float, int)
        hits = hits.filter(Q(rank__lt=rank) | Q(rank=rank, pk__lt=last))
    found = list(hits.order_by("-rank", "-pk").only("pk")[: size + 1])
    more = len(found) > size
    return found[:size], keyset.encode(found[size - 1].rank, found[size - 1].pk) if more else None


def _shown(found: Sequence[Article], query: str, language: str) -> list[Article]:
    """The articles in the order found, without their texts, with an `opening` and a `snippet`."""
    opening = Left("text", _OPENING)
    snippet = _headline(query, language) if query else opening
    rows = Article.objects.select_related("source", "corpus").defer("text", "search_vector", "metadata")
    by_id = rows.annotate(opening=opening, snippet=snippet).in_bulk([article.pk for article in found])
    return [by_id[article.pk] for article in found if article.pk in by_id]


# ts_headline leaves out what looks like a tag, but a text that is HTML is to be seen: `<` stands aside meanwhile.
_ASIDE = "\ue002"


def _headline(query: str, language: str) -> Func:
    configuration = configuration_of(language)
    headline = SearchHeadline(
        _translate(Left("text", INDEXED_CHARACTERS), "<" + HIT_START + HIT_END + _ASIDE, _ASIDE),
        SearchQuery(query, config=configuration, search_type="websearch")
        | SearchQuery(query, config="simple", search_type="websearch"),
        config=configuration,
        start_sel=HIT_START,
        stop_sel=HIT_END,
        max_words=45,
        min_words=20,
        max_fragments=2,
        fragment_delimiter=" … ",
    )
    return _translate(headline, _ASIDE, "<")


def _translate(text: Expression, characters: str, others: str) -> Func:
    """Each of `characters` becomes the one of `others` at its place, or goes where there is none."""
    return Func(text, Value(characters), Value(others), function="translate", output_field=TextField())


def _rows(articles: Sequence[Article]) -> list[ArticleRow]:
    ids = [article.pk for article in articles]
    reviews = {
        r.article_id: r for r in Review.objects.filter(article__in=ids, layer=MAIN_LAYER).select_related("editor")
    }
    counts = Span.objects.standing().filter(article__in=ids).values_list("article", "state").annotate(n=Count("id"))
    by_state = {(article, state): n for article, state, n in counts.order_by()}
    return [
        ArticleRow(
            article=article,
            stage=reviews[article.pk].stage if article.pk in reviews else Stage.NEW,
            editor=reviews[article.pk].editor if article.pk in reviews else None,
            suggested=by_state.get((article.pk, State.SUGGESTED), 0),
            confirmed=by_state.get((article.pk, State.CONFIRMED), 0),
            snippet=article.snippet,
        )
        for article in articles
    ]


@dataclass(frozen=True)
class Facets:
    """(value, count of articles) for the filters of a corpus's list."""

    sources: Sequence[tuple[str, int]] = ()
    stages: Sequence[tuple[str, int]] = ()
    labels: Sequence[str] = ()


def facets(corpus: Corpus) -> Facets:
    shown = Article.objects.filter(corpus=corpus, withdrawn_at=None)
    sources = shown.exclude(source=None).values_list("source__name").annotate(n=Count("id")).order_by("-n")[:50]
    stages = Review.objects.filter(corpus=corpus, layer=MAIN_LAYER, article__withdrawn_at=None)
    counted = dict(stages.values_list("stage").annotate(n=Count("id")).order_by())
    return Facets(
        sources=list(sources),
        stages=[(stage, counted.get(stage, 0)) for stage in Stage.values],
        labels=list(Label.objects.filter(corpus=corpus).values_list("name", flat=True)),
    )


@dataclass(frozen=True)
class ArticleInHand:
    """An article with all that its page or its REST detail shows."""

    article: Article
    role: Role
    review: Review
    zones: Sequence[Zone]
    spans: Sequence[Span]
    labels: Sequence[Label] = field(default_factory=list)
    next_version: int | None = None


def article_in_hand(user: "User", pk: int, *, rejected: bool = False, role: Role = Role.READER) -> ArticleInHand:
    """The article, its zones and its spans in reading order; rejected ones only where asked for."""
    article = get_article(user, pk, role)
    spans = Span.objects.filter(article=article, layer=MAIN_LAYER).for_reading()
    held = role_of(user, article.corpus)
    return ArticleInHand(
        article=article,
        role=held or Role.READER,
        review=Review.objects.select_related("editor").get(article=article, layer=MAIN_LAYER),
        zones=list(article.zones.all()),
        spans=list(spans if rejected else spans.standing()),
        labels=list(Label.objects.filter(corpus_id=article.corpus_id)),
        next_version=Article.objects.filter(previous=article, withdrawn_at=None).values_list("pk", flat=True).first(),
    )


def history(article: Article, span_id: int) -> list[Change]:
    """All that happened to one span, oldest first, with who and when."""
    changes = Change.objects.filter(article=article, span_id=span_id)
    return list(changes.select_related("decision__user", "before_label", "after_label").order_by("id"))


def get_span(user: "User", pk: int, role: Role = Role.READER) -> Span:
    """The span with its article, label and pipeline, with `role` required in its corpus."""
    span = Span.objects.select_related("article__corpus", "label", "pipeline").filter(pk=pk).first()
    if span is None or not _sees(user, span.article):
        raise NotFound(f"there is no span {pk} that you can see")
    require(user, span.article.corpus, role)
    return span


def get_label(user: "User", pk: int) -> Label:
    """The label with its corpus, where the user can see that."""
    label = Label.objects.select_related("corpus").filter(pk=pk).first()
    if label is None or not _sees(user, label):
        raise NotFound(f"there is no label {pk} that you can see")
    return label


def get_decision(user: "User", pk: int) -> Decision:
    """The decision, where the user can see its article; one on several articles, where its corpus."""
    decision = Decision.objects.select_related("article__corpus", "corpus", "user").filter(pk=pk).first()
    if decision is None or not _sees(user, decision.article or decision):
        raise NotFound(f"there is no decision {pk} that you can see")
    return decision


def _sees(user: "User", of_corpus: Article | Decision | Label) -> bool:
    withdrawn = getattr(of_corpus, "withdrawn_at", None) or of_corpus.corpus.withdrawn_at
    return withdrawn is None and role_of(user, of_corpus.corpus) is not None


def article_log(article: Article, *, cursor: str = "", size: int = PAGE_SIZE) -> keyset.Page[Decision]:
    """The decisions on an article with their changes, oldest first, as they were taken."""
    decisions = Decision.objects.filter(article=article).select_related("user", "undone_by").order_by("id")
    if cursor:
        (last,) = keyset.decode(cursor, int)
        decisions = decisions.filter(pk__gt=last)
    changes = Change.objects.order_by("id").select_related(
        "before_label", "after_label", "before_pipeline", "after_pipeline"
    )
    found = list(decisions.prefetch_related(Prefetch("changes", changes))[: size + 1])
    more = len(found) > size
    return keyset.Page(found[:size], keyset.encode(found[size - 1].pk) if more else None)


def last_stroke(user: "User", article: Article) -> Decision | None:
    """The user's newest stroke on the article that an undo would take back."""
    strokes = Decision.objects.filter(user=user, article=article, undone_by=None)
    return strokes.exclude(verb__in=[Verb.UNDO, Verb.IMPORT, Verb.FINISH, Verb.REOPEN]).order_by("-id").first()


def last_undo(user: "User", article: Article) -> Decision | None:
    """The user's newest undo, where no other stroke of the user came after it: what a redo would bring back."""
    newest = Decision.objects.filter(user=user, article=article, undone_by=None).order_by("-id").first()
    return newest if newest is not None and newest.verb == Verb.UNDO else None


@dataclass(frozen=True)
class CorpusCounts:
    """How far a corpus has come."""

    articles: int
    by_stage: Sequence[tuple[str, int]]
    by_state: dict[str, int]


def corpus_counts(corpus: Corpus) -> CorpusCounts:
    by_state = Span.objects.filter(corpus=corpus, article__withdrawn_at=None).values_list("state")
    stages = facets(corpus).stages
    return CorpusCounts(
        articles=sum(count for _, count in stages),
        by_stage=stages,
        by_state=dict(by_state.annotate(n=Count("id")).order_by()),
    )


def next_to_decide(article: Article, after: int = 0) -> Span | None:
    """The first suggestion that starts at or after `after`, in code points; else the article's first."""
    waiting = Span.objects.filter(article=article, layer=MAIN_LAYER, state=State.SUGGESTED).order_by(
        "start", "-end", "id"
    )
    return waiting.filter(start__gte=after).first() or waiting.first()


def next_article(article: Article) -> int | None:
    """The id of the next article of the corpus, in the list's order, that is not done; None where all others are."""
    waiting = Review.objects.filter(corpus=article.corpus_id, layer=MAIN_LAYER, article__withdrawn_at=None)
    waiting = waiting.exclude(stage=Stage.DONE).exclude(article=article).order_by("-article")
    ids = waiting.values_list("article", flat=True)
    return ids.filter(article__lt=article.pk).first() or ids.first()


def stage_counts(corpora: Sequence[Corpus] | QuerySet[Corpus]) -> dict[int, dict[str, int]]:
    """Counts of articles by stage, by corpus: one query for all of them."""
    reviews = Review.objects.filter(corpus__in=corpora, layer=MAIN_LAYER, article__withdrawn_at=None)
    counts: dict[int, dict[str, int]] = {}
    for corpus_id, stage, number in reviews.values_list("corpus", "stage").annotate(n=Count("id")).order_by():
        counts.setdefault(corpus_id, {})[stage] = number
    return counts


def first_touched(decision: Decision) -> int:
    """Where, in code points, the first span lay that the stroke changed; 0 where it changed none."""
    starts = decision.changes.values_list(Coalesce("after_start", "before_start"), flat=True)
    return min(starts, default=0)
