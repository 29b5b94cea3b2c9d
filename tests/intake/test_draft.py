"""One JSON object becomes a draft, or is refused with the field and the reason."""

import random
from datetime import date

import pytest

from corpusapp.intake.draft import SpanDraft, Unfit, draft_from_record
from corpusapp.text.zones import ZoneRange


def test_all_keys():
    draft = draft_from_record(
        {
            "text": "Zarif met Muallem.",
            "title": "Talks",
            "url": "https://example.org/1",
            "source": "Wire",
            "published_on": "2018-09-03",
            "external_id": 7,
            "language": "en",
            "spans": [[0, 5, "PERSON"], {"start": 10, "end": 17, "label": "PERSON", "state": "rejected"}],
            "zones": [[0, 5, "byline"], {"start": 10, "end": 17, "kind": "chrome"}],
            "metadata": {"desk": ["a"]},
        }
    )
    assert draft.published_on == date(2018, 9, 3)
    assert draft.external_id == "7"
    assert draft.spans == (SpanDraft(0, 5, "PERSON"), SpanDraft(10, 17, "PERSON", "rejected"))
    assert draft.zones == (ZoneRange(0, 5, "byline"), ZoneRange(10, 17, "chrome"))
    assert draft.metadata == {"desk": ["a"]}


def test_spans_are_adjusted_to_the_stored_text():
    text = "\ufeffZarif\r\nmet 👩‍👧 Muallem\r\n"
    start = text.index("Muallem")
    draft = draft_from_record({"text": text, "spans": [[1, 6, "PERSON"], [start, start + 7, "PERSON"]]})
    assert [draft.text[span.start : span.end] for span in draft.spans] == ["Zarif", "Muallem"]
    assert draft.notes == ("a byte-order mark was removed from the start of the text",)


def test_the_text_of_a_span_decides_its_place():
    text = "👩‍👧 Muallem left.\r\nZarif stayed."

    def draft(*spans):
        return draft_from_record({"text": text, "spans": [dict(zip(KEYS, span, strict=False)) for span in spans]})

    counted = draft((6, 13, "PERSON", "Muallem"), (21, 26, "PERSON", "Zarif"))
    assert [counted.text[span.start : span.end] for span in counted.spans] == ["Muallem", "Zarif"]
    assert {span.state for span in counted.spans} == {"confirmed"} and "UTF-16 units" in counted.notes[0]
    moved = draft((0, 5, "PERSON", "Zarif"), (4, 11, "PERSON", "Muallem"))
    assert [(moved.text[span.start : span.end], span.state) for span in moved.spans] == [
        ("Zarif", "suggested"), ("Muallem", "confirmed"),
    ]  # fmt: skip
    with pytest.raises(Unfit, match="'Assad' do not stand at"):
        draft((4, 11, "PERSON", "Assad"))


KEYS = ("start", "end", "label", "text")
REFUSED = [
    ([], "", "an article is a JSON object"),
    ("text", "", "a string"),
    ({}, "text", "missing"),
    ({"text": None}, "text", "missing"),
    ({"text": 5}, "text", "a number"),
    ({"text": " \n"}, "text", "empty"),
    ({"text": "a\ud800"}, "text", "lone surrogate (U+D800) at offset 1"),
    ({"text": "a\0b"}, "text", "NUL"),
    ({"text": "a", "titel": ""}, "titel", "unknown key"),
    ({"text": "a", "title": "x" * 501}, "title", "at most 500"),
    ({"text": "a", "title": "\udfff"}, "title", "surrogate"),
    ({"text": "a", "title": ["x"]}, "title", "a list"),
    ({"text": "a", "external_id": "x" * 256}, "external_id", "at most 255"),
    ({"text": "a", "external_id": True}, "external_id", "true or false"),
    ({"text": "a", "url": "x" * 2001}, "url", "at most 2000"),
    ({"text": "a", "source": "\0"}, "source", "NUL"),
    ({"text": "a", "published_on": "3 Sept"}, "published_on", "2018-09-03"),
    ({"text": "a", "published_on": "2018-02-30"}, "published_on", "2018-09-03"),
    ({"text": "a", "published_on": 20180903}, "published_on", "2018-09-03"),
    ({"text": "a", "metadata": []}, "metadata", "object"),
    ({"text": "a", "metadata": {"k": ["\ud800"]}}, "metadata", "metadata.k[0] holds a lone surrogate"),
    ({"text": "abc", "spans": {}}, "spans", "a list"),
    ({"text": "abc", "spans": [5]}, "spans[0]", "[start, end, label]"),
    ({"text": "abc", "spans": [[0, 1]]}, "spans[0]", "[start, end, label]"),
    ({"text": "abc", "spans": [[0, 4, "ORG"]]}, "spans[0].end", "past the end"),
    ({"text": "abc", "spans": [[0, 1, "ORG"], [2, 1, "ORG"]]}, "spans[1].end", "does not lie after"),
    ({"text": "abc", "spans": [["0", 1, "ORG"]]}, "spans[0].start", "text"),
    ({"text": "abc", "spans": [[0, 1.0, "ORG"]]}, "spans[0].end", "a fraction"),
    ({"text": "abc", "spans": [[0, 10**20, "ORG"]]}, "spans[0].end", "past the end"),
    ({"text": "abc", "spans": [[0, 1, None]]}, "spans[0].label", "null"),
    ({"text": "abc", "spans": [[0, 1, "\ud800"]]}, "spans[0].label", "surrogate"),
    ({"text": "abc", "spans": [{"start": 0, "end": 1, "label": "ORG", "state": "sure"}]}, "spans[0].state", "one of"),
    ({"text": "abc", "spans": [[0, 1, "ORG"], [0, 1, "ORG"]]}, "spans[1]", "repeats spans[0]"),
    ({"text": "a\r\nb", "spans": [[1, 2, "ORG"]]}, "spans[0]", "removed"),
    ({"text": "abc", "zones": [[0, 1, "footer"]]}, "zones[0].kind", "one of title"),
    ({"text": "abc", "zones": [[0, 9, "title"]]}, "zones[0].end", "past the end"),
    ({"text": "abc", "stage": "ready"}, "stage", "one of new"),
]


@pytest.mark.parametrize(("record", "field", "reason"), REFUSED)
def test_refused(record, field, reason):
    with pytest.raises(Unfit) as refused:
        draft_from_record(record)
    assert refused.value.field == field
    assert reason in refused.value.reason


def test_triples_mean_the_same_as_objects():
    """Triples that are all valid are read without aligning; the outcome is the same."""
    text = "Zarif met Muallem in Ankara.\nErdogan was there."
    offsets = [*range(8), 20, len(text) - 1, len(text), len(text) + 1, -1, True, None, 3.0, "4"]
    labels = ["PERSON", "ORG", "", "P\0", "\ud800", 7, None]
    chance = random.Random(3)
    outcomes = set()
    for _ in range(3000):
        spans = [
            [
                chance.choice(offsets if chance.random() < 0.1 else offsets[:4]),
                chance.choice(offsets if chance.random() < 0.1 else offsets[4:11]),
                chance.choice(labels if chance.random() < 0.05 else labels[:2]),
            ]
            for _ in range(chance.randrange(4))
        ]
        objects = [{"start": start, "end": end, "label": label} for start, end, label in spans]
        for source in (text, text.replace("\n", "\r\n"), "\ufeff" + text):
            read, same = (_outcome({"text": source, "spans": listed}) for listed in (spans, objects))
            assert read == same
            outcomes.add(type(read))
    assert outcomes == {tuple, str}


def _outcome(record):
    try:
        draft = draft_from_record(record)
    except Unfit as unfit:
        return f"{unfit.field}: {unfit.reason}"
    return draft.spans, draft.notes, draft.spans_unsure
