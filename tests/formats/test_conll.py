"""CoNLL-2003 as seqeval reads it; other files of the kind; broken ones."""

import io

from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import IOB2, Entities

from annotations.formats.records import Record, SpanRecord
from annotations.formats.registry import formats
from annotations.formats.report import Report

TEXT = "The U.N. met in\u2028New York, Dr. A. Smith said.\r\n\r\n  -DOCSTART- is 😀 no word. "


def written(*records):
    out = io.BytesIO()
    report = formats.get("conll").write(records, out)
    return out.getvalue().decode(), report


def read(text):
    report = Report()
    data = text if isinstance(text, bytes) else text.encode()
    return list(formats.get("conll").read(io.BytesIO(data), report)), report


def spans_of(text, *wanted):
    return tuple(SpanRecord(text.index(quote), text.index(quote) + len(quote), label) for quote, label in wanted)


def sentences(text):
    """Words and tags of every sentence, as most readers take them."""
    found = [[]]
    for line in text.split("\n"):
        if not line:
            found.append([])
        elif not line.startswith("-DOCSTART-"):
            found[-1].append((line.split()[0], line.split()[-1]))
    return [sentence for sentence in found if sentence]


def test_seqeval_finds_the_spans():
    wanted = [("The U.N.", "ORG"), ("New York", "GPE"), ("Dr. A. Smith", "PERSON"), ("no word", "WORK")]
    text, report = written(Record(text=TEXT, spans=spans_of(TEXT, *wanted)))
    tags = [[tag for _, tag in sentence] for sentence in sentences(text)]
    words = [[word for word, _ in sentence] for sentence in sentences(text)]
    found = [
        (" ".join(words[number][start : end + 1]), label)
        for number, sentence in enumerate(tags)
        for label, start, end in get_entities(sentence)
    ]
    strict = [(entity.tag, entity.start) for each in Entities(tags, IOB2).entities for entity in each]
    assert found == wanted and len(strict) == len(wanted)
    assert report.whole
    assert text.startswith("-DOCSTART- -X- O O\n\nThe -X- -X- B-ORG\n")


def test_no_sentence_ends_within_a_span():
    text = "Meet.\nMe at noon."
    out, _ = written(Record(text=text, spans=(SpanRecord(0, 8, "WORK"),)))
    assert [len(sentence) for sentence in sentences(out)] == [6]


def test_the_longer_of_two_overlapping_spans_is_kept():
    spans = spans_of(TEXT, ("New York", "GPE"), ("York", "GPE"), ("ork", "GPE"))
    suggested = SpanRecord(0, 3, "ORG", "suggested", 0.9, "names 1")
    text, report = written(Record(text=TEXT, spans=(*spans, suggested)))
    assert text.count("B-") == 1
    assert report.losses == {"overlap": 1, "misaligned": 1, "state": 1}


def test_articles_that_are_not_done_are_left_out_and_told():
    records = [
        Record(text="One came.", external_id="a 1", stage="done"),
        Record(text="Two came.", external_id="a 2", stage="new", decided=(), spans=(SpanRecord(0, 3, "ORG"),)),
    ]
    text, report = written(*records)
    assert "One" in text and "Two" not in text
    assert report.losses == {"undecided": 1} and str(report.lost[0]).startswith("a 2: the article is not done")
    told = report.of_writing()
    assert told["written"] == {"articles": 1, "spans": 0, "labels": {}}
    assert told["left_out"] == {"articles": {"undecided": 1}, "spans": {"undecided": {"ORG": 1}}}


def test_spacy_converts_it(tmp_path):
    from spacy.training.converters import conll_ner_to_docs

    records = [Record(text="\nZarif came.", spans=(SpanRecord(1, 6, "PERSON"),)), Record(text="  He left.")]
    docs = list(conll_ner_to_docs(written(*records)[0], no_print=True))
    assert [[entity.text for entity in doc.ents] for doc in docs] == [["Zarif"], []]


def test_files_of_others_come_in():
    iob1 = (
        "-DOCSTART- -X- O O\n\nEU NNP I-NP I-ORG\nrejects VBZ I-VP O\nGerman JJ I-NP I-MISC\nBritish JJ I-NP B-MISC\n"
    )
    (record,), report = read(iob1 + "\nPeter NNP I-NP I-PER\nBlackburn NNP I-NP I-PER\n\n")
    assert record.text == "EU rejects German British\nPeter Blackburn"
    assert [(record.text[span.start : span.end], span.label) for span in record.spans] == [
        ("EU", "ORG"),
        ("German", "MISC"),
        ("British", "MISC"),
        ("Peter Blackburn", "PER"),
    ]
    assert report.whole
    (record,), _ = read("New\tB-LOC\nYork\tE-LOC\nParis\tS-LOC\nand\tO\nRio\tU-LOC\n")
    assert [record.text[span.start : span.end] for span in record.spans] == ["New York", "Paris", "Rio"]


def test_a_broken_line_costs_its_article_and_no_other():
    records, report = read("-DOCSTART- O\n\na O\nbroken\n\n-DOCSTART- O\n\nb B-ORG\n-DOCSTART- O\nc X-ORG\nd *\n")
    assert [record.text for record in records] == ["b", "c d"]
    assert report.faults == {"line": 1, "tag": 2}
    assert [entry.where for entry in report.examples] == ["line 4", "line 10", "line 11"]
    assert read(b"-DOCSTART- O\n\xff O\n")[1].faults == {"line": 1}
    assert read("")[0] == []
