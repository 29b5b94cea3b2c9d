"""brat's own files: nested and discontinuous spans, unsupported annotations, damaged files."""

import io
import zipfile

from annotations.formats.records import Record, SpanRecord
from annotations.formats.registry import formats
from annotations.formats.report import Report

TEXT = "North and South America,\nand 😀 the University of\r\nRome.\n"


def written(*records):
    out = io.BytesIO()
    report = formats.get("brat").write(records, out)
    return {name: zipfile.ZipFile(out).read(name).decode() for name in zipfile.ZipFile(out).namelist()}, report


def read(files, encoding=""):
    out, report = io.BytesIO(), Report()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    out.seek(0)
    return list(formats.get("brat").with_encoding(encoding).read(out, report)), report


def quotes(record):
    return [(record.text[span.start : span.end], span.label) for span in record.spans]


def span_of(quote, label):
    return SpanRecord(TEXT.index(quote), TEXT.index(quote) + len(quote), label)


def test_nested_spans_are_lines():
    spans = (span_of("University of\r\nRome", "ORG"), span_of("Rome", "GPE"))
    files, report = written(Record(text=TEXT, spans=spans, id=3))
    assert files["article-3.txt"] == TEXT
    assert files["article-3.ann"] == "T1\tORG 35 48;50 54\tUniversity of Rome\nT2\tGPE 50 54\tRome\n"
    assert "ORG\n" in files["annotation.conf"]
    assert read(files)[0][0].spans == spans
    assert report.whole


def test_discontinuous_spans_become_what_covers_them():
    ann = "T1\tGPE 0 5;16 23\tNorth America\nT2\tGPE 10 23\tSouth America\nT3\tORG 35 48;50 54\tUniversity of Rome\n"
    (record,), report = read({"a/doc1.txt": TEXT, "a/doc1.ann": ann})
    assert quotes(record) == [
        ("North and South America", "GPE"),
        ("South America", "GPE"),
        ("University of\r\nRome", "ORG"),
    ]
    assert report.losses == {"discontinuous": 1} and record.id == "a/doc1"


def test_spans_at_line_breaks():
    spans = (SpanRecord(23, 26, "A"), SpanRecord(24, 25, "B"))
    files, report = written(Record(text=TEXT, spans=spans))
    assert files["article-n1.ann"] == "T1\tA 23 24;25 26\t, a\n"
    assert report.losses == {"line breaks": 1}


def test_what_has_no_place_is_told():
    ann = "T1\tGPE 0 5\tNorth\nE1\tMove:T1\nR1\tIn Arg1:T1 Arg2:T1\nA1\tSure T1\n"
    ann += "#1\tAnnotatorNotes T1\tHm.\n\n*\tEquiv T1 T1\n"
    (record,), report = read({"doc1.txt": TEXT, "doc1.ann": ann, "annotation.conf": "[entities]"})
    assert quotes(record) == [("North", "GPE")]
    assert report.losses == {"events": 1, "relations": 2, "attributes": 1, "notes": 1}


def test_broken_lines_and_files_are_told():
    ann = "T1\tGPE 0 5\tNorth\nT2 GPE 0 5\nT3\tGPE 0 900\tx\nT4\tGPE 5 0\tx\nT5\tGPE 0 " + "9" * 5000 + "\tx\n"
    found, report = read(
        {"a.txt": TEXT, "a.ann": ann, "b.ann": "", "c.txt": b"\xff", "d.txt": "x", "e.txt": "a\0", "f.txt": "f"}
    )
    assert [record.text for record in found] == [TEXT, "x", "f"]
    assert quotes(found[0]) == [("North", "GPE")]
    assert report.faults == {"line": 1, "text": 2, "file": 1} and report.losses == {"words": 3}
    assert ("a.ann", "line 2") in {(entry.where, entry.field) for entry in report.examples}


def test_no_archive():
    report = Report()
    assert list(formats.get("brat").read(io.BytesIO(b"T1\tGPE 0 5\tNorth\n"), report)) == []
    assert report.faults == {"file": 1}


def test_labels_with_white_space_are_told():
    _, report = written(Record(text=TEXT, spans=(SpanRecord(0, 5, "BIG PLACE"),)))
    assert report.losses == {"label": 1}


def test_line_ends_count_as_one_in_files_of_others():
    """As brat counts a file whose lines end with a carriage return and a line feed."""
    text = "Lena Moor spoke.\r\nShe saw Basel.\r\nBasel was cold.\r\n"
    plain = text.replace("\r\n", "\n")
    ann = "".join(
        f"T{number}\tGPE {start} {start + 5}\tBasel\n"
        for number, start in enumerate([plain.index("Basel"), plain.rindex("Basel")], 1)
    )
    (record,), report = read({"a.txt": text, "a.ann": ann.replace("\n", "\r\n")})
    assert [span.start for span in record.spans] == [text.index("Basel"), text.rindex("Basel")]
    assert {span.state for span in record.spans} == {"confirmed"}
    assert report.notes == {"counting": 1} and report.whole
    assert "CRLF as one" in str(report.examples[0])


def test_utf16_offsets_and_a_byte_order_mark():
    (record,), report = read({"a.txt": TEXT, "a.ann": "T1\tGPE 51 55\tRome\nT2\tORG 36 49;51 55\tUniversity of Rome\n"})
    assert quotes(record) == [("University of\r\nRome", "ORG"), ("Rome", "GPE")]
    assert report.notes == {"counting": 1} and report.whole
    (record,), report = read({"a.txt": "\ufeffRome fell.", "a.ann": "T1\tGPE 0 4\tRome\n"})
    assert [(span.start, span.end, span.state) for span in record.spans] == [(1, 5, "confirmed")]


def test_spans_of_a_text_that_was_edited_are_suggested_where_their_words_are():
    ann = "T1\tGPE 0 5\tNorth\nT2\tORG 28 42\tthe University\nT3\tGPE 0 7\tAntigua\n"
    (record,), report = read({"a.txt": TEXT, "a.ann": ann})
    assert quotes(record) == [("North", "GPE"), ("the University", "ORG")]
    assert [(span.state, span.pipeline) for span in record.spans] == [("confirmed", None), ("suggested", "import")]
    assert report.losses == {"words": 1} and report.notes == {"moved": 1}
    assert "'Antigua' do not stand at [0, 7) but nowhere in the text" in str(report.lost[0])


def test_files_in_another_encoding():
    text, ann = "La señora Peña llegó a Córdoba.", "T1\tPER 10 14\tPeña\n"
    (record,), report = read({"a.txt": text.encode("cp1252"), "a.ann": ann.encode("cp1252")})
    assert (record.text, quotes(record)) == (text, [("Peña", "PER")]) and report.whole
    assert report.notes == {"encoding": 1} and "the encoding was detected: cp1252" in str(report.examples[0])
    (record,), report = read({"a.txt": text.encode("cp850"), "a.ann": ann.encode("cp850")}, "cp850")
    assert (record.text, quotes(record)) == (text, [("Peña", "PER")]) and not report.notes


def test_what_is_given_and_what_is_asked_for_stand_in_two_files():
    """As BioNLP's shared tasks have them."""
    text = "Lena Moor left Basel."
    files = {"a.txt": text, "a.a1": "T1\tPER 0 9\tLena Moor\n", "a.a2": "T2\tLOC 15 20\tBasel\nE1\tMove:T2\n"}
    (record,), report = read({**files, "b.a1": "T1\tPER 0 1\tx\n"})
    assert quotes(record) == [("Lena Moor", "PER"), ("Basel", "LOC")]
    assert report.losses == {"events": 1} and report.faults == {"text": 1}
    assert [entry.where for entry in report.examples] == ["a.a2", "b.a1"]


def test_what_a_mac_adds_to_an_archive_is_passed_over():
    files = {"a/x.txt": "Lena left.", "a/x.ann": "T1\tPER 0 4\tLena\n", "a/._x.txt": b"\0\5"}
    (record,), report = read({**files, "__MACOSX/a/._x.txt": b"\0\5", "__MACOSX/a/._x.ann": b"\0"})
    assert (record.id, quotes(record)) == ("a/x", [("Lena", "PER")]) and report.whole
