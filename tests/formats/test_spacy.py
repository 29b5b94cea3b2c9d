"""JSON Lines with tokens and DocBin in spaCy itself."""

import io
import json

import pytest
import spacy
from spacy.cli.debug_data import debug_data
from spacy.cli.init_config import init_config
from spacy.tokens import Doc, DocBin
from spacy.training.initialize import init_nlp
from spacy.training.loop import train

from annotations.formats import tokens
from annotations.formats.protocol import Context
from annotations.formats.records import Record, SpanRecord
from annotations.formats.registry import formats
from annotations.formats.report import Report, Strict

TEXT = "Zarif met 😀 Angela  Merkel in New York.\r\nShe left."


def article(*spans, text=TEXT, **fields):
    return Record(text=text, spans=tuple(SpanRecord(*span) for span in spans), **fields)


def span_of(quote, label, text=TEXT):
    return text.index(quote), text.index(quote) + len(quote), label


def written(name, *records, **options):
    out = io.BytesIO()
    report = formats.get(name).write(records, out, **options)
    return out.getvalue(), report


def test_token_lines_are_the_tokens_of_spacy():
    data, report = written("jsonl-tokens", article(span_of("Angela  Merkel", "PERSON"), span_of("ork", "GPE")))
    line = json.loads(data)
    doc = Doc(
        spacy.blank("en").vocab, [token["text"] for token in line["tokens"]], [token["ws"] for token in line["tokens"]]
    )
    found = [span for span in line["spans"] if "token_start" in span]
    assert [TEXT[token["start"] : token["end"]] for token in line["tokens"]] == [token.text for token in doc]
    assert [doc[span["token_start"] : span["token_end"] + 1].text.split() for span in found] == [["Angela", "Merkel"]]
    assert report.whole


def test_prodigy_hashes_follow_text_and_spans():
    lines = [json.loads(written("jsonl", one)[0]) for one in (article(), article(span_of("Zarif", "PERSON")))]
    assert lines[0]["_input_hash"] == lines[1]["_input_hash"]
    assert lines[0]["_task_hash"] != lines[1]["_task_hash"]
    assert all(-(2**31) <= line[key] < 2**31 for line in lines for key in ("_input_hash", "_task_hash"))


def test_docbin_entities_are_the_spans():
    spans = [span_of("Zarif", "PERSON"), span_of("Angela  Merkel", "PERSON"), span_of("New York", "GPE")]
    data, report = written("docbin", article(*spans))
    (doc,) = DocBin().from_bytes(data).get_docs(spacy.blank("en").vocab)
    assert doc.text == TEXT
    assert [(entity.start_char, entity.end_char, entity.label_) for entity in doc.ents] == spans
    assert report.whole


def test_docbin_tells_what_entities_cannot_be():
    spans = [span_of("New York", "GPE"), span_of("York", "GPE"), span_of("ork", "GPE"), span_of("\r\nShe", "PERSON")]
    data, report = written("docbin", article(*spans, external_id="a 1"))
    (doc,) = DocBin().from_bytes(data).get_docs(spacy.blank("en").vocab)
    assert [entity.text for entity in doc.ents] == ["New York"]
    assert sorted(span.text for span in doc.spans["sc"]) == ["\r\nShe", "New York", "York"]
    # Spans in doc.spans are not lost.
    assert (report.losses, report.notes) == ({"misaligned": 1}, {"overlap": 1, "white space": 1})
    assert [(entry.where, entry.start, entry.label) for entry in report.lost] == [("a 1", TEXT.index("ork"), "GPE")]
    reported = report.of_writing()
    assert reported["written"] == {"articles": 1, "spans": 3, "labels": {"GPE": 2, "PERSON": 1}}
    assert reported["left_out"] == {"articles": {}, "spans": {"misaligned": {"GPE": 1}}}
    with pytest.raises(Strict, match=r"a 1 .*within a token of spaCy"):
        written("docbin", article(*spans, external_id="a 1"), strict=True)


def test_machines_proposals_are_no_entities():
    suggested = SpanRecord(0, 5, "PERSON", "suggested", 0.5, "names 1")
    data, report = written("docbin", Record(text=TEXT, spans=(suggested,)))
    (doc,) = DocBin().from_bytes(data).get_docs(spacy.blank("en").vocab)
    assert not doc.ents and not doc.spans["sc"]
    assert report.whole and report.notes["beside"] == 1
    assert next(formats.get("docbin").read(io.BytesIO(data), Report())).spans == (suggested,)


def entity_marks(record, **options):
    """`ent_iob` of each token: 0 missing, 2 outside, 3 beginning."""
    (doc,) = DocBin().from_bytes(written("docbin", record, **options)[0]).get_docs(spacy.blank("en").vocab)
    return [token.ent_iob for token in doc]


def test_undecided_tokens_are_missing_and_teach_nothing():
    text = "Zarif met Assad in Rome."
    assert entity_marks(Record(text=text, stage="done")) == [2] * 6
    assert entity_marks(Record(text=text, stage="new", decided=())) == [0] * 6
    # Assad was rejected.
    spans = (SpanRecord(0, 5, "PERSON"),)
    undone = Record(text=text, spans=spans, stage="in_review", decided=((0, 5), (10, 15)))
    assert entity_marks(undone) == [3, 0, 2, 0, 0, 0]
    # A token is missing if a range ends within it.
    assert entity_marks(Record(text=text, stage="in_review", decided=((19, 22),))) == [0] * 6
    suggested = Record(text=text, spans=(SpanRecord(0, 5, "PERSON", "suggested"),), stage="suggested", decided=())
    machine = Context(plain_states=frozenset({"suggested"}))
    assert entity_marks(suggested, context=machine) == [3, 2, 2, 2, 2, 2]


def test_vocabularies_are_made_anew(monkeypatch):
    monkeypatch.setattr(tokens, "MAX_STRINGS", 10)
    for number in range(3):
        report = Report()
        assert len(tokens.tokenize(f"word{number} came.", "en", report).ranges) == 3
        assert report.whole and not report.notes


def test_a_language_without_tokenizer_is_noted():
    _, report = written("docbin", article(language="tlh"))
    assert report.notes["tokenizer"] == 1


def sentences(numbers):
    """Articles that a recognizer can learn from."""
    names = ["Zarif", "Merkel", "Obama", "Macron", "Lula", "Modi"]
    return [
        article((0, len(name), "PERSON"), text=f"{name} came to Rome ({number}).")
        for number in numbers
        for name in names
    ]


def test_spacy_debugs_and_trains_on_a_docbin(tmp_path, capsys):
    for split, numbers in (("train", range(17)), ("dev", range(17, 18))):
        (tmp_path / f"{split}.spacy").write_bytes(written("docbin", *sentences(numbers))[0])
    config = init_config(lang="en", pipeline=["ner"], optimize="efficiency", gpu=False)
    config["paths"] |= {"train": str(tmp_path / "train.spacy"), "dev": str(tmp_path / "dev.spacy")}
    config["training"] |= {"max_steps": 1, "eval_frequency": 1}
    config.to_disk(tmp_path / "config.cfg")
    # It exits if the data cannot be used for training.
    debug_data(tmp_path / "config.cfg", no_format=True, silent=False)
    reported = capsys.readouterr().out
    assert (
        "102 training docs" in reported and "No entities consisting of or starting/ending with whitespace" in reported
    )
    nlp = init_nlp(config.interpolate())
    trained, _ = train(nlp, stdout=io.StringIO(), stderr=io.StringIO())
    assert trained.get_pipe("ner").labels == ("PERSON",)
