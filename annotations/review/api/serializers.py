"""Serializers of responses, for the schema."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from annotations.review.models import Label, Stage, State, Verb
from corpusapp.articles.api.corpora import CorpusSerializer
from corpusapp.articles.api.zones import ZoneRangeSerializer, ZoneSerializer
from corpusapp.articles.models import Precision
from corpusapp.core.api.pagination import ListPage
from corpusapp.intake.draft import LENGTHS

SCOPES = ("article", "corpus")


class SpanEntitySerializer(serializers.Serializer):
    """The entity that a span is linked to. State, score and revision are those of the link."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    identifiers = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), help_text="Identifiers by scheme."
    )
    state = serializers.ChoiceField(choices=[State.SUGGESTED.value, State.CONFIRMED.value])
    score = serializers.FloatField(allow_null=True, help_text="0 to 1; null if an editor linked it.")
    revision = serializers.IntegerField(help_text="Number of the link's changes.")


class WrittenSpan(serializers.Serializer):
    """A span as it stands in files."""

    id = serializers.IntegerField()
    start = serializers.IntegerField(help_text="In code points.")
    end = serializers.IntegerField(help_text="In code points, exclusive.")
    label = serializers.CharField()  # type: ignore[assignment]  # not `Field.label`
    text = serializers.CharField(help_text="The article's text from start to end.")
    state = serializers.ChoiceField(choices=State.choices)
    score = serializers.FloatField(allow_null=True, help_text="0 to 1; null if an editor added it.")
    pipeline = serializers.CharField(allow_null=True, help_text="Name and version of the pipeline that suggested it.")
    revision = serializers.IntegerField(help_text="Number of its changes; a write names the revision that it saw.")
    entity = SpanEntitySerializer(required=False, help_text="If it is linked.")


class SpanSerializer(WrittenSpan):
    """A span."""

    entity = SpanEntitySerializer(allow_null=True, help_text="Null if it is not linked.")


class ArticleSpanPage(ListPage):
    results = SpanSerializer(many=True)


class LabelSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    definition = serializers.CharField()
    family = serializers.ChoiceField(choices=Label.Family.choices)
    position = serializers.IntegerField()
    key = serializers.CharField(help_text="Key in the workbench; empty for any free one.")
    examples = serializers.CharField(help_text="One a line: what to label begins with +, what not to label with -.")
    hidden = serializers.BooleanField(help_text="Whether it is no longer offered and suggested.")
    merged_into = serializers.IntegerField(allow_null=True, help_text="Label that it was merged into.")


class LabelPage(ListPage):
    results = LabelSerializer(many=True)


class CorpusDetailSerializer(CorpusSerializer):
    articles = serializers.IntegerField()
    stages = serializers.DictField(child=serializers.IntegerField(), help_text="Articles by stage.")
    parked = serializers.IntegerField(help_text="Articles, of any stage, that are parked: nobody is offered them.")
    spans = serializers.DictField(child=serializers.IntegerField(), help_text="Spans by state.")


class ArticleSerializer(serializers.Serializer):
    """An article's metadata."""

    id = serializers.IntegerField()
    corpus = serializers.CharField()
    title = serializers.CharField()
    length = serializers.IntegerField(help_text="Length of the text, in code points.")
    offsets = serializers.ChoiceField(choices=["code points", "utf16"], help_text="Unit of offsets.")
    source = serializers.CharField()  # type: ignore[assignment]  # not `Field.source`
    url = serializers.CharField()
    external_id = serializers.CharField()
    author = serializers.CharField()
    published_on = serializers.DateField(
        allow_null=True,
        help_text="First day of the month or year if no more is known; null if unknown.",
    )
    published_precision = serializers.ChoiceField(choices=["", *Precision.values])
    language = serializers.CharField()
    direction = serializers.ChoiceField(choices=["ltr", "rtl"], help_text="Direction of the script.")
    version = serializers.IntegerField()
    stage = serializers.ChoiceField(choices=Stage.choices)
    editor = serializers.CharField(allow_null=True)
    finished_at = serializers.DateTimeField(
        allow_null=True, help_text="When it was marked done; null if it is not done."
    )


class ArticleRowSerializer(ArticleSerializer):
    headline = serializers.CharField()
    assignee = serializers.CharField(allow_null=True, help_text="Who is asked to review it.")
    suggested = serializers.IntegerField()
    confirmed = serializers.IntegerField()
    expected_actions = serializers.FloatField(
        allow_null=True, help_text="Expected number of decisions; null if nothing is suggested."
    )
    uncertainty = serializers.FloatField(
        allow_null=True, help_text="How uncertain the scores are, from 0 to 1; null if nothing is suggested."
    )
    snippet = serializers.CharField(
        help_text="The beginning of the running text, without headline, dateline and boilerplate, or the search match."
    )
    hits = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2),
        help_text="Ranges `[start, end)` of matches, in code points of the snippet.",
    )
    text = serializers.CharField(required=False, help_text="Only if `fields` names it.")
    spans = SpanSerializer(
        many=True,
        required=False,
        help_text="Only if `fields` names it. In the states of `state`, by default suggested and confirmed.",
    )
    zones = ZoneSerializer(many=True, required=False, help_text="Only if `fields` names it.")
    metadata = serializers.DictField(required=False, help_text="Only if `fields` names it.")


class DatelineSerializer(serializers.Serializer):
    """The parts of a dateline as written in the text. Missing parts are left out."""

    place = serializers.CharField(required=False)
    region = serializers.CharField(required=False)
    date = serializers.CharField(required=False)
    agency = serializers.CharField(required=False)


class EvidenceSerializer(serializers.Serializer):
    """Where the publication date was found; empty if there is none."""

    kind = serializers.ChoiceField(choices=["metadata", "dateline", "url", "text"], required=False)
    quote = serializers.CharField(required=False)


class OriginalSerializer(serializers.Serializer):
    """The original of an article; `articles/{id}/original/` has the bytes."""

    form = serializers.CharField()
    encoding = serializers.CharField()
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="In bytes.")
    extractor = serializers.CharField(help_text="Name and version of the reader that extracted the text.")


class CopiesOfArticle(serializers.Serializer):
    group = serializers.IntegerField()
    counted_once = serializers.BooleanField()
    others = serializers.IntegerField(help_text="Number of other articles that are near copies.")


@extend_schema_field(OpenApiTypes.BINARY)
class _File(serializers.FileField):
    """The bytes of a file."""


class FilesBody(serializers.Serializer):
    """One or more files, in fields of any name."""

    files = serializers.ListField(child=_File())


class ImportSpanBody(serializers.Serializer):
    """A span of an imported article. Where `text` is given, it counts more than the offsets."""

    start = serializers.IntegerField(help_text="In code points.")
    end = serializers.IntegerField(help_text="In code points, exclusive.")
    label = serializers.CharField()  # type: ignore[assignment]  # not `Field.label`
    state = serializers.ChoiceField(choices=State.choices, required=False, help_text="Default: `confirmed`.")
    text = serializers.CharField(required=False, help_text="The words of the span.")


class ImportArticleBody(serializers.Serializer):
    """An article to import. Offsets count code points of `text`, as it is sent."""

    text = serializers.CharField()
    title = serializers.CharField(required=False, max_length=LENGTHS["title"])
    url = serializers.CharField(required=False, max_length=LENGTHS["url"])
    source = serializers.CharField(  # type: ignore[assignment]  # not `Field.source`
        required=False, max_length=LENGTHS["source"], help_text="Who published it."
    )
    published_on = serializers.DateField(required=False)
    external_id = serializers.CharField(required=False, max_length=LENGTHS["external_id"], help_text="Your own ID.")
    language = serializers.CharField(required=False, max_length=LENGTHS["language"], help_text="Such as `en`.")
    spans = ImportSpanBody(many=True, required=False, help_text="`[start, end, label]` is taken too, as confirmed.")
    zones = ZoneRangeSerializer(many=True, required=False, help_text="`[start, end, kind]` is taken too.")
    metadata = serializers.DictField(required=False, help_text="Anything else that is known of the article.")
    stage = serializers.ChoiceField(
        choices=Stage.choices, required=False, help_text="`done`: the whole text was reviewed. Default: `new`."
    )


class ImportListBody(serializers.Serializer):
    """Articles to import."""

    corpus = serializers.CharField(required=False, help_text="Slug of the corpus, if the address does not name it.")
    articles = ImportArticleBody(many=True)


# A bare list is taken too, but clients that tell bodies apart by their type need an object.
IMPORT_BODY = PolymorphicProxySerializer("ImportBody", [ImportArticleBody, ImportListBody], None)


class ArticleDetailSerializer(ArticleSerializer):
    finished_by = serializers.CharField(allow_null=True)
    text = serializers.CharField()
    dateline = DatelineSerializer()
    published_evidence = EvidenceSerializer()
    original = OriginalSerializer(allow_null=True)
    copies = CopiesOfArticle(allow_null=True)
    metadata = serializers.DictField(help_text="What else the import brought, by name; any JSON.")
    previous = serializers.IntegerField(allow_null=True, help_text="The previous version's article.")
    next = serializers.IntegerField(allow_null=True)
    zones = ZoneSerializer(many=True)
    spans = SpanSerializer(many=True)


class ArticlePage(ListPage):
    results = ArticleRowSerializer(many=True)


class LeftOut(serializers.Serializer):
    """An article, a span, or a range without a span, that a request named and that was left unchanged."""

    item = serializers.IntegerField(required=False, help_text="Its position in the request, counted from 0.")
    article = serializers.IntegerField(
        required=False, allow_null=True, help_text="Null if no article has the external ID."
    )
    external_id = serializers.CharField(required=False, help_text="Of the article, if the request named it so.")
    span = serializers.IntegerField(required=False)
    start = serializers.IntegerField(required=False)
    end = serializers.IntegerField(required=False)
    label = serializers.CharField(required=False)  # type: ignore[assignment]  # not `Field.label`
    entity = serializers.IntegerField(required=False, help_text="An entity that an undo did not restore in full.")
    link = serializers.IntegerField(required=False, help_text="A link of an entity.")
    reason = serializers.CharField()


class CountsSerializer(serializers.Serializer):
    """How much of a request was done."""

    applied = serializers.IntegerField(
        help_text="How many spans it changed, and articles it moved to another stage, without side effects."
    )
    left_out = LeftOut(many=True, help_text="Items that were left unchanged, with reasons.")
    left_out_count = serializers.IntegerField()
    complete = serializers.BooleanField(help_text="Whether nothing was left out.")


class ReopenedSerializer(CountsSerializer):
    articles = serializers.ListField(child=serializers.IntegerField(), help_text="IDs of the reopened articles.")


class DecidedSpanSerializer(SpanSerializer):
    article = serializers.IntegerField(help_text="The article that contains it.")


class DecisionResultSerializer(CountsSerializer):
    decision = serializers.IntegerField()
    verb = serializers.ChoiceField(choices=Verb.choices)
    spans = DecidedSpanSerializer(many=True, help_text="Spans after the decision, in the order of the request.")
    notices = serializers.ListField(
        child=serializers.CharField(), help_text="Verbs applied although the suggestion had been withdrawn."
    )
    finished = serializers.ListField(
        child=serializers.IntegerField(), help_text="IDs of the articles that it marked done."
    )
    repeated = serializers.BooleanField(help_text="Whether an earlier request with this key made the decision.")


class MatchSerializer(serializers.Serializer):
    """A match in its context, which ends at line breaks."""

    article = serializers.IntegerField()
    title = serializers.CharField(help_text="The article's title, or its first line if it has none.")
    span = serializers.IntegerField(allow_null=True, help_text="Null for `add`: there is no span yet.")
    revision = serializers.IntegerField(allow_null=True)
    start = serializers.IntegerField(help_text="Current start, in code points.")
    end = serializers.IntegerField(help_text="In code points, exclusive.")
    label = serializers.CharField(help_text="Current label; for `add` the new one.")  # type: ignore[assignment]  # not `Field.label`
    left = serializers.CharField(help_text="Up to 60 code points before it, on the same line.")
    text = serializers.CharField()
    right = serializers.CharField(help_text="Up to 60 code points after it, on the same line.")
    entity = SpanEntitySerializer(allow_null=True, help_text="Null if its span is not linked.")


class MatchesSerializer(serializers.Serializer):
    surface = serializers.CharField(help_text="The words that the matches share.")
    scope = serializers.ChoiceField(choices=SCOPES)
    count = serializers.IntegerField(help_text="Number of matches; a lower bound if `truncated`.")
    truncated = serializers.BooleanField(help_text="There are more matches than `matches` lists.")
    matches = MatchSerializer(many=True, help_text="First those of this article, then of the newest articles.")


class StageSerializer(serializers.Serializer):
    stage = serializers.ChoiceField(choices=Stage.choices)
    editor = serializers.CharField(allow_null=True)
    finished_at = serializers.DateTimeField(
        allow_null=True, help_text="When it was marked done; null if it is not done."
    )
    finished_by = serializers.CharField(allow_null=True)


class FinishSerializer(StageSerializer):
    stroke = DecisionResultSerializer()


class SpanStateSerializer(serializers.Serializer):
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]  # not `Field.label`
    state = serializers.ChoiceField(choices=State.choices)
    score = serializers.FloatField(allow_null=True)
    pipeline = serializers.CharField(allow_null=True)
    revision = serializers.IntegerField()


class ChangeSerializer(serializers.Serializer):
    span = serializers.IntegerField()
    verb = serializers.ChoiceField(choices=Verb.choices)
    implicit = serializers.BooleanField(help_text="A side effect: the former span, kept as rejected.")
    before = SpanStateSerializer(allow_null=True)
    after = SpanStateSerializer(allow_null=True)


class LinkStateSerializer(serializers.Serializer):
    entity = serializers.IntegerField()
    name = serializers.CharField(allow_null=True, help_text="Of the entity, as it is now; null if it is gone.")
    state = serializers.ChoiceField(choices=State.choices)
    score = serializers.FloatField(allow_null=True)
    revision = serializers.IntegerField()


class LinkChangeSerializer(serializers.Serializer):
    link = serializers.IntegerField()
    span = serializers.IntegerField(allow_null=True)
    verb = serializers.ChoiceField(choices=Verb.choices)
    implicit = serializers.BooleanField(help_text="A side effect, such as the former link of a span, now rejected.")
    before = LinkStateSerializer(allow_null=True, help_text="Null if there was no link.")
    after = LinkStateSerializer(allow_null=True, help_text="Null if there is no link.")


class SpanChangeSerializer(ChangeSerializer):
    decision = serializers.IntegerField()
    user = serializers.CharField()
    at = serializers.DateTimeField()


class SpanHistoryPage(ListPage):
    results = SpanChangeSerializer(many=True)


class DecisionSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    verb = serializers.ChoiceField(choices=Verb.choices)
    article = serializers.IntegerField(
        allow_null=True, help_text="Null if it changed several articles; `changes` then has those of this one."
    )
    user = serializers.CharField()
    at = serializers.DateTimeField()
    undoes = serializers.IntegerField(allow_null=True)
    undone_by = serializers.IntegerField(allow_null=True)
    left_out = LeftOut(many=True)
    notices = serializers.ListField(child=serializers.CharField())
    spared_actions = serializers.IntegerField(
        help_text="By how many actions it was cheaper, because it took possible spans that were offered."
    )
    changes = ChangeSerializer(many=True)
    links = LinkChangeSerializer(many=True, help_text="Changes of links of spans of the article to entities.")


class DecisionPage(ListPage):
    results = DecisionSerializer(many=True)
