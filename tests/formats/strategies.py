"""Arbitrary records: texts of many scripts and odd white space, with spans that nest, overlap and touch."""

from hypothesis import strategies as st

from annotations.formats.records import EntityRecord, Record, SpanRecord, ZoneRecord, reading_order

# Characters that break offsets, lines and tokens: emoji with joiners, Arabic, combining marks, all line ends.
ODD = [
    "😀",
    "👩\u200d🚀",
    "🇫🇷",
    "كتاب",
    "e\u0301",
    "\u0301",
    "é",
    "日本語",
    "ß",
    "𝒳",
    "\ufeff",
    "\u200d",
    "\u00a0",
    "\u3000",
]
ODD += ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b", "\x1c", "\x01", "\ufffe", "\ufffd", "\t", "  ", " "]
ODD += ["-DOCSTART-", "|", "]]>", "&amp;", "<b>", '"', "\\", "Zarif", "Damascus.", "in", ","]
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.lists(st.one_of(st.sampled_from(ODD), st.text(CHARACTERS, max_size=6)), max_size=14).map("".join)
words = st.text(CHARACTERS, max_size=8)
labels = st.sampled_from(["PERSON", "ORG", "GPE", "WORK_OF_ART", "Ort.Land", "X-Y"])
scores = st.none() | st.floats(0, 1)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)

identifiers = st.tuples(
    st.sampled_from(["wikidata", "viaf", "dbpedia", "uri", "own_list"]),
    st.sampled_from(["Q794", "123", "Zürich_(Kanton)", "http://example.org/a?b=c#d", "a/b:c", "اسد", "😀"]),
)
entities = st.builds(
    EntityRecord,
    st.integers(1, 2**40),
    st.sampled_from(["Iran", "Bashar al-Assad", 'AT&T <"x">', "بشار الأسد", "O'Neil 😀", "x:y z"]),
    # By scheme, in the order of a JSON object.
    st.lists(identifiers, max_size=3, unique=True).map(lambda pairs: tuple(sorted(pairs))),
    st.sampled_from(["confirmed", "suggested"]),
    scores,
    st.none() | st.integers(1, 9),
)


@st.composite
def spans_of(draw, text):
    if not text:
        return ()
    triples = draw(
        st.lists(
            st.tuples(st.integers(0, len(text) - 1), st.integers(1, 12), labels),
            max_size=8,
            unique_by=lambda triple: (triple[0], min(triple[0] + triple[1], len(text)), triple[2]),
        )
    )
    spans = []
    for start, length, label in triples:
        state = draw(st.sampled_from(["confirmed", "confirmed", "suggested", "rejected"]))
        pipeline = draw(words.filter(bool)) if state == "suggested" else draw(st.none() | st.just("names 2"))
        spans.append(
            SpanRecord(
                start,
                min(start + length, len(text)),
                label,
                state,
                draw(scores),
                pipeline,
                draw(st.none() | st.integers(1, 2**40)),
                draw(st.none() | st.integers(1, 9)),
                draw(st.none() | entities),
            )
        )
    return tuple(reading_order(spans))


@st.composite
def zones_of(draw, text):
    if not text:
        return ()
    start = draw(st.integers(0, len(text) - 1))
    return (ZoneRecord(start, draw(st.integers(start + 1, len(text))), "title"),)


@st.composite
def progress_of(draw, text):
    """The stage of an article: unknown, done, or not done with decided ranges."""
    stage = draw(st.sampled_from(["", "done", "in_review"]))
    if stage == "done":
        by = draw(st.sampled_from(["", "anna"]))
        return {"stage": stage, "finished_at": "2026-05-03T12:00:00.000001Z", "finished_by": by}
    if not stage:
        return {}
    edges = sorted(draw(st.lists(st.integers(0, len(text)), max_size=4, unique=True)))
    return {"stage": stage, "decided": tuple(zip(edges[::2], edges[1::2], strict=False))}


@st.composite
def records(draw, id=None):
    text = draw(texts)
    return Record(
        text=text,
        spans=draw(spans_of(text)),
        id=id,
        external_id=draw(words),
        title=draw(words),
        language=draw(st.sampled_from(["", "en", "de", "ar", "ja", "xx"])),
        meta=draw(st.dictionaries(words, json_values, max_size=2)),
        zones=draw(zones_of(text)),
        split=draw(st.sampled_from(["", "train", "test"])),
        **draw(progress_of(text)),
    )


@st.composite
def corpora(draw):
    """Up to three articles with ids."""
    return [draw(records(id=number)) for number in range(1, 1 + draw(st.integers(1, 3)))]
