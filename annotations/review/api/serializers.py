"""The shapes of answers, for the schema."""

from rest_framework import serializers

from annotations.review.models import Label, Stage, State, Verb
from corpusapp.articles.api.corpora import CorpusShape
from corpusapp.articles.api.zones import ZoneShape
from corpusapp.articles.models import Precision

SCOPES = ("article", "corpus")


class SpanShape(serializers.Serializer):
    """A span, the same everywhere."""

    id = serializers.IntegerField()
    start = serializers.IntegerField(help_text="In code points.")
    end = serializers.IntegerField(help_text="In code points, exclusive.")
    label = serializers.CharField()
    text = serializers.CharField(help_text="The article's text from start to end.")
    state = serializers.ChoiceField(choices=State.choices)
    score = serializers.FloatField(allow_null=True, help_text="0 to 1; null for a person's own.")
    pipeline = serializers.CharField(allow_null=True, help_text="Name and version of what proposed it.")
    revision = serializers.IntegerField(help_text="Counts its changes; a write names the one it saw.")


class LabelShape(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    definition = serializers.CharField()
    family = serializers.ChoiceField(choices=Label.Family.choices)
    position = serializers.IntegerField()


class CorpusDetailShape(CorpusShape):
    articles = serializers.IntegerField()
    stages = serializers.DictField(child=serializers.IntegerField(), help_text="Articles by stage.")
    spans = serializers.DictField(child=serializers.IntegerField(), help_text="Spans by state.")


class ArticleShape(serializers.Serializer):
    """What is known of an article."""

    id = serializers.IntegerField()
    corpus = serializers.CharField()
    title = serializers.CharField()
    length = serializers.IntegerField(help_text="Of the text, in code points.")
    offsets = serializers.ChoiceField(choices=["code points", "utf16"], help_text="What offsets count.")
    source = serializers.CharField()
    url = serializers.CharField()
    external_id = serializers.CharField()
    author = serializers.CharField()
    published_on = serializers.DateField(
        allow_null=True,
        help_text="The first day of it where its month or year is known; null where nothing is.",
    )
    published_precision = serializers.ChoiceField(choices=["", *Precision.values])
    language = serializers.CharField()
    direction = serializers.ChoiceField(choices=["ltr", "rtl"], help_text="Which way its script runs.")
    version = serializers.IntegerField()
    stage = serializers.ChoiceField(choices=Stage.choices)
    editor = serializers.CharField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True, help_text="When it was done; null while it is not.")


class ArticleRowShape(ArticleShape):
    headline = serializers.CharField()
    suggested = serializers.IntegerField()
    confirmed = serializers.IntegerField()
    expected_actions = serializers.FloatField(
        allow_null=True, help_text="What deciding will probably take; null where nothing is suggested."
    )
    uncertainty = serializers.FloatField(
        allow_null=True, help_text="How near the scores are to a coin's toss, 0 to 1; null where nothing is suggested."
    )
    snippet = serializers.CharField(help_text="The opening, or what a search found.")
    hits = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2),
        help_text="Ranges `[start, end)` of the snippet, in its code points.",
    )


class DatelineShape(serializers.Serializer):
    """The parts of a dateline as they stand in the text; those that it does not have are left out."""

    place = serializers.CharField(required=False)
    region = serializers.CharField(required=False)
    date = serializers.CharField(required=False)
    agency = serializers.CharField(required=False)


class EvidenceShape(serializers.Serializer):
    """Where the publication date was read; empty where there is none."""

    kind = serializers.ChoiceField(choices=["metadata", "dateline", "url", "text"], required=False)
    quote = serializers.CharField(required=False)


class OriginalShape(serializers.Serializer):
    """What the article was made from; `articles/{id}/original/` has the bytes."""

    form = serializers.CharField()
    encoding = serializers.CharField()
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="In bytes.")
    extractor = serializers.CharField(help_text="What made the text of it, with its version.")


class CopiesOfArticle(serializers.Serializer):
    group = serializers.IntegerField()
    counted_once = serializers.BooleanField()
    others = serializers.IntegerField(help_text="How many other articles are near copies of it.")


class FilesBody(serializers.Serializer):
    """One file or several, whatever the fields are called."""

    files = serializers.ListField(child=serializers.FileField())


class ArticleDetailShape(ArticleShape):
    finished_by = serializers.CharField(allow_null=True)
    text = serializers.CharField()
    dateline = DatelineShape()
    published_evidence = EvidenceShape()
    original = OriginalShape(allow_null=True)
    copies = CopiesOfArticle(allow_null=True)
    metadata = serializers.DictField()
    previous = serializers.IntegerField(allow_null=True, help_text="The article of the version before.")
    next = serializers.IntegerField(allow_null=True)
    zones = ZoneShape(many=True)
    spans = SpanShape(many=True)


class ArticlePage(serializers.Serializer):
    results = ArticleRowShape(many=True)
    next = serializers.URLField(allow_null=True)


class LeftOut(serializers.Serializer):
    """A span, or the place of one that was not added."""

    article = serializers.IntegerField(required=False)
    span = serializers.IntegerField(required=False)
    start = serializers.IntegerField(required=False)
    end = serializers.IntegerField(required=False)
    reason = serializers.CharField()


class StrokeSpan(SpanShape):
    article = serializers.IntegerField(help_text="The article that it lies in.")


class StrokeShape(serializers.Serializer):
    decision = serializers.IntegerField()
    verb = serializers.ChoiceField(choices=Verb.choices)
    spans = StrokeSpan(many=True, help_text="The spans that the stroke left, in the order of what was asked for.")
    left_out = LeftOut(many=True, help_text="What had changed since it was shown, and was left as it is.")
    notices = serializers.ListField(
        child=serializers.CharField(), help_text="What was carried out although its suggestion had been withdrawn."
    )
    finished = serializers.ListField(
        child=serializers.IntegerField(), help_text="The articles that it marked done, by their ids."
    )
    repeated = serializers.BooleanField(help_text="The idempotency key had made this stroke before.")


class MatchShape(serializers.Serializer):
    """A like in its context, which ends at line breaks."""

    article = serializers.IntegerField()
    title = serializers.CharField(help_text="The article's title; where it has none, its first line.")
    span = serializers.IntegerField(allow_null=True, help_text="Null for `add`: nothing stands there yet.")
    revision = serializers.IntegerField(allow_null=True)
    start = serializers.IntegerField(help_text="As it stands now, in code points.")
    end = serializers.IntegerField(help_text="In code points, exclusive.")
    label = serializers.CharField(help_text="As it stands now; for `add` the one to be added.")
    left = serializers.CharField(help_text="At most 60 code points before it, on its line.")
    text = serializers.CharField()
    right = serializers.CharField(help_text="At most 60 code points after it, on its line.")


class AlikeShape(serializers.Serializer):
    surface = serializers.CharField(help_text="The words that the likes have in common.")
    scope = serializers.ChoiceField(choices=SCOPES)
    count = serializers.IntegerField(help_text="How many are alike; where `truncated`, at least so many.")
    truncated = serializers.BooleanField(help_text="There are more than `matches` holds.")
    matches = MatchShape(many=True, help_text="Those of the article first, then of the newest articles.")


class StageShape(serializers.Serializer):
    stage = serializers.ChoiceField(choices=Stage.choices)
    editor = serializers.CharField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True, help_text="When it was done; null while it is not.")
    finished_by = serializers.CharField(allow_null=True)


class FinishShape(StageShape):
    stroke = StrokeShape()


class SideShape(serializers.Serializer):
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    label = serializers.CharField()
    state = serializers.ChoiceField(choices=State.choices)
    score = serializers.FloatField(allow_null=True)
    pipeline = serializers.CharField(allow_null=True)
    revision = serializers.IntegerField()


class ChangeShape(serializers.Serializer):
    span = serializers.IntegerField()
    verb = serializers.ChoiceField(choices=Verb.choices)
    implicit = serializers.BooleanField(help_text="A knock-on effect: the former triple left as rejected.")
    before = SideShape(allow_null=True)
    after = SideShape(allow_null=True)


class HistoryShape(ChangeShape):
    decision = serializers.IntegerField()
    user = serializers.CharField()
    at = serializers.DateTimeField()


class DecisionShape(serializers.Serializer):
    id = serializers.IntegerField()
    verb = serializers.ChoiceField(choices=Verb.choices)
    article = serializers.IntegerField(
        allow_null=True, help_text="Null where it changed several: here are its changes of this one."
    )
    user = serializers.CharField()
    at = serializers.DateTimeField()
    undoes = serializers.IntegerField(allow_null=True)
    undone_by = serializers.IntegerField(allow_null=True)
    left_out = LeftOut(many=True)
    notices = serializers.ListField(child=serializers.CharField())
    changes = ChangeShape(many=True)


class DecisionPage(serializers.Serializer):
    results = DecisionShape(many=True)
    next = serializers.URLField(allow_null=True)
