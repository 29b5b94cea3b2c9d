"""CoNLL-2003 as seqeval reads it, similar files, and invalid ones."""

import io

import pytest
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
    reported = report.of_writing()
    assert reported["written"] == {"articles": 1, "spans": 0, "labels": {}}
    assert reported["left_out"] == {"articles": {"undecided": 1}, "spans": {"undecided": {"ORG": 1}}}


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
    damaged = "".join(f"Straße{number}é O\n" for number in range(50)).encode() + b"-DOCSTART- O\n\xff O\n"
    found, report = read(damaged)
    assert len(found) == 1 and report.faults == {"line": 1}
    assert read("")[0] == []


def quotes(record):
    return [(record.text[span.start : span.end], span.label) for span in record.spans]


def lines(*rows, between="\t"):
    """Rows, each of cells; an empty one ends a sentence."""
    return "".join(between.join(row) + "\n" for row in rows)


def test_words_between_tabs_may_hold_spaces():
    rows = [("Lena Moor", "B-PER"), ("owes", "O"), ("12\u00a0000", "B-MONEY"), ("francs", "I-MONEY"), (".", "O")]
    (record,), report = read(lines(*rows))
    assert record.text == "Lena Moor owes 12\u00a0000 francs ."
    assert quotes(record) == [("Lena Moor", "PER"), ("12\u00a0000 francs", "MONEY")]
    assert report.whole
    assert quotes(read(lines(*rows[2:], between=" "))[0][0]) == [("12\u00a0000 francs", "MONEY")]


def test_bare_labels_are_runs():
    rows = [("Vgl.", "O"), ("Akte", "DOC"), ("7", "DOC"), (), ("Zug", "CITY"), ("#", "O"), ("und", "O")]
    (record,), report = read(lines(*rows, between=" "))
    assert record.text == "Vgl. Akte 7\nZug # und"
    assert quotes(record) == [("Akte 7", "DOC"), ("Zug", "CITY")] and report.whole


def test_bare_labels_in_layers_and_tags_before_words():
    (record,), report = read(lines(("Uni", "X", "ORG", "O"), ("Bern", "Y", "ORG", "LOC"), ("ist", "Z", "O", "O")))
    assert quotes(record) == [("Uni Bern", "ORG"), ("Bern", "LOC")] and report.whole
    (record,), report = read(lines(("O", "in"), ("B-LOC", "New York"), ("I-LOC", "City")))
    assert (record.text, quotes(record)) == ("in New York City", [("New York City", "LOC")])


def test_grammar_is_no_label():
    (record,), _ = read("they O O\nmet V O\nLena N B-PER\nMoor N I-PER\nin P O\n")
    assert quotes(record) == [("Lena Moor", "PER")]
    (record,), _ = read("O O O\nrei rei O\nPedro Pedro B-PER\n")
    assert quotes(record) == [("Pedro", "PER")]
    (record,), _ = read("Uni ORG B-X\nBern O O\nist O O\n")
    assert quotes(record) == [("Uni", "ORG"), ("Uni", "X")]


def test_prefixes_with_an_underscore():
    (record,), _ = read("Lena B_PER\nMoor I_PER\nleft O\nBasel S_LOC\n")
    assert quotes(record) == [("Lena Moor", "PER"), ("Basel", "LOC")]
    (record,), _ = read("Lena PER-B\nMoor PER-I\nMax PER-B\nleft O\n")
    assert quotes(record) == [("Lena Moor", "PER"), ("Max", "PER")]


NESTED = [
    ("#", "https://example.org/1 [2011-05-06]"),
    ("1", "Die", "O", "O"),
    ("2", "Uni", "B-ORG", "O"),
    ("3", "Bern", "I-ORG", "B-LOC"),
    (),
    ("#", "https://example.org/2 [2011-05-07]"),
    ("1", "#", "O", "O"),
    ("2", "Bern", "B-LOC", "O"),
]


def test_numbered_words_with_outer_and_inner_tags():
    (record,), report = read(lines(*NESTED))
    assert record.text == "Die Uni Bern\n# Bern"
    assert quotes(record) == [("Uni Bern", "ORG"), ("Bern", "LOC"), ("Bern", "LOC")]
    assert report.whole and report.notes == {"comments": 1}


def test_words_numbered_within_their_sentences():
    """As WebAnno TSV 2 has them."""
    (record,), report = read("#id=1\n1-1\tLena\tB-PER\n1-2\tleft\tO\n\n#id=2\n2-1\tBasel\tB-LOC\n")
    assert record.text == "Lena left\nBasel" and quotes(record) == [("Lena", "PER"), ("Basel", "LOC")]
    assert report.whole


def test_comments_between_sentences():
    """As MultiCoNER has them, with columns that mean nothing."""
    text = (
        "# id 7f3a\tdomain=en\nlena _ _ B-PER\nleft _ _ O\n\n\n# id 7f3b\tdomain=en\n _ _ O\nbasel _ _ B-LOC\n# _ _ O\n"
    )
    (record,), report = read(text)
    assert record.text == "lena left\nbasel #" and quotes(record) == [("lena", "PER"), ("basel", "LOC")]
    assert report.whole and report.notes == {"comments": 1, "blank word": 1}


def test_a_blank_word_makes_no_text_and_its_label_is_told():
    rows = [("Lena", "B-PER"), (" ", "I-PER"), ("Moor", "I-PER"), ("\u00a0", "B-LOC"), ("left", "O"), ("", "O")]
    (record,), report = read(lines(*rows))
    assert record.text == "Lena Moor left" and quotes(record) == [("Lena Moor", "PER")]
    assert report.losses == {"blank word": 1} and "3 blank words" in str(report.examples[-1])


def test_texts_and_documents_of_comments():
    comments = "# newdoc id = {0}\n# sent_id = 1\n# text = (Lena) left.\n"
    rows = [("1-2", "(Lena", "O", "_"), ("1", "(", "O", "_"), ("2", "Lena", "B-PER", "_"), ("3", ")", "O", "_")]
    body = lines(*rows, ("4", "left", "O", "SpaceAfter=No"), ("5", ".", "O", "_"), ())
    found, report = read(comments.format("a") + body + comments.format("b").replace("text", "note") + body)
    assert [(record.id, record.text) for record in found] == [("a", "(Lena) left."), ("b", "( Lena ) left.")]
    assert [quotes(record) for record in found] == [[("Lena", "PER")]] * 2 and report.whole


HEADED = [
    ("TOKEN", "POS", "NE-COARSE", "NE-NESTED", "MISC"),
    ("Lena", "NE", "B-pers", "O", "_"),
    ("Moor", "NE", "I-pers", "B-loc", "NoSpaceAfter"),
    (".", "$.", "O", "O", "_"),
]


def test_a_header_names_the_columns():
    (record,), _ = read(lines(*HEADED))
    assert record.text == "Lena Moor." and quotes(record) == [("Lena Moor", "pers"), ("Moor", "loc")]
    (record,), _ = read(
        "# global.columns = ID FORM NER POS\n" + lines(("1", "Lena", "B-PER", "B-NP"), ("2", "x", "O", "O"))
    )
    assert quotes(record) == [("Lena", "PER")]


def test_whoever_imports_names_the_columns():
    def read_with(columns, text):
        report = Report()
        return list(formats.get("conll").with_columns(columns).read(io.BytesIO(text.encode()), report)), report

    swapped = "B-PER Lena 1\nO left 2\n"
    assert quotes(read_with({"2": "word", "1": "tag"}, swapped)[0][0]) == [("Lena", "PER")]
    (record,), _ = read_with({"NE-NESTED": "", "token": "word"}, lines(*HEADED))
    assert quotes(record) == [("Lena Moor", "pers")]
    found, report = read_with({"9": "tag"}, swapped)
    assert found == [] and "there is no column '9': the columns are 1 to 3" in str(report.examples[0])
    with pytest.raises(ValueError, match="column 1 cannot be 'text'"):
        read_with({"1": "text"}, swapped)
    with pytest.raises(ValueError, match="no columns"):
        formats.get("brat").with_columns({"1": "word"})


@pytest.mark.parametrize("text", ["Der DET\nHund NOUN\nbellt VERB\n", "one\ntwo\n", "1 O\n2 B-PER\n3 O\n"])
def test_a_file_without_tags_is_refused(text):
    found, report = read(text)
    assert found == [] and report.faults == {"file": 1}
    assert "--columns" in str(report.examples[0])


def test_a_row_of_another_width_is_refused_with_its_article():
    found, report = read("-DOCSTART- O\n\nNew York B-LOC\nis O\nfar O\n-DOCSTART- O\n\nBern B-LOC\n")
    assert [record.text for record in found] == ["Bern"]
    assert "has 3 columns, and the others 2" in str(report.examples[0])


def test_files_in_other_encodings():
    text = "Peña B-PER\rllegó O\ra O\rCórdoba B-LOC\r.\tO\r"
    for data in (text.encode("cp1252"), text.encode("utf-16"), text.replace("\r", "\n").encode("utf-8-sig")):
        (record,), report = read(data)
        assert record.text == "Peña llegó a Córdoba ." and quotes(record) == [("Peña", "PER"), ("Córdoba", "LOC")]
        assert not report.losses and not report.faults
    assert "the encoding was detected: cp1252" in str(read(text.encode("cp1252"))[1].examples[0])
    found, report = read(bytes(range(128, 256)) * 3)
    assert found == [] and report.faults == {"file": 1}


@pytest.mark.parametrize("where", ["end", "middle"])
def test_the_encoding_is_decided_over_the_whole_file(where):
    plain, rest = "word O\n" * 300_000, "東京 B-LOC\nで O\n会談 O\nした O\n。 O\n" * 20
    text = plain + rest + (plain if where == "middle" else "")
    (record,), report = read(text.encode("cp932"))
    assert quotes(record) == [("東京", "LOC")] * 20 and report.notes == {"encoding": 1}
    assert "cp932" in str(report.examples[0])


def test_an_encoding_can_be_named():
    def read_as(encoding, data):
        report = Report()
        return list(formats.get("conll").with_encoding(encoding).read(io.BytesIO(data), report)), report

    text = "Zoë B-PER\nwon O\n"
    (record,), report = read_as("cp850", text.encode("cp850"))
    assert quotes(record) == [("Zoë", "PER")] and not report.notes
    (record,), report = read_as("cp850", text.encode("utf-16"))
    assert record.text == "Zoë won" and not report.notes
    (record,), report = read_as("cp1252", text.encode())
    assert record.text == "ZoÃ« won" and "it is valid UTF-8 too" in str(report.examples[0])
    found, report = read_as("utf-8", text.encode("cp1252"))
    assert found == [] and report.faults == {"line": 1}
    with pytest.raises(ValueError, match="doccano JSONL is UTF-8, or says what it is"):
        formats.get("doccano").with_encoding("cp1252")


def test_tags_that_name_no_label():
    """As NCBI's diseases come with BioBERT."""
    (record,), report = read("Lena\tB\nMoor\tI\nleft\tO\nBasel\tB\nBern\tB\n")
    assert quotes(record) == [("Lena Moor", "ENTITY"), ("Basel", "ENTITY"), ("Bern", "ENTITY")]
    assert report.notes == {"no labels": 1} and "not of what kind" in str(report.examples[0])
    (record,), _ = read("Lena\tB\nMoor\tB\nleft\tO\nBasel\tC\n")
    assert quotes(record) == [("Lena Moor", "B"), ("Basel", "C")]


def test_words_that_begin_with_their_language():
    """As WikiANN has them."""
    (record,), report = read("de:Lena\tB-PER\nde:Moor\tI-PER\nde::\tO\n\nde:Basel\tB-LOC\n")
    assert (record.text, record.language) == ("Lena Moor :\nBasel", "de")
    assert quotes(record) == [("Lena Moor", "PER"), ("Basel", "LOC")] and report.notes == {"language": 1}
    assert read("de:Lena\tB-PER\nMoor\tI-PER\n")[0][0].text == "de:Lena Moor"


def test_scripts_without_spaces():
    rows = [
        ("他", "O"),
        ("在", "O"),
        ("北", "B-LOC"),
        ("京", "I-LOC"),
        ("，", "O"),
        ("Lena", "B-PER"),
        ("Moor", "I-PER"),
    ]
    (record,), report = read(lines(*rows, ("说", "O"), ("。", "O"), (), ("好", "O")))
    assert record.text == "他在北京，Lena Moor说。\n好"
    assert quotes(record) == [("北京", "LOC"), ("Lena Moor", "PER")] and report.notes == {"spaces": 1}
    (record,), report = read(lines(*rows[-2:], ("met", "O"), ("王", "B-PER"), ("明", "I-PER"), ("in", "O")))
    assert record.text == "Lena Moor met 王 明 in" and not report.notes
    text = "他 在北京。\n好"
    assert read(written(Record(text=text))[0])[0][0].text == text


def test_spans_that_nest_in_one_column():
    rows = [
        ("Uni", "B-ORG|O"),
        ("Bern", "B-LOC|I-ORG"),
        ("lobt", "O"),
        ("A", "B-X|B-Y"),
        (" ", "I-Y"),
        ("B", "I-Y|S-Z"),
    ]
    (record,), report = read(lines(*rows))
    assert quotes(record) == [("Uni Bern", "ORG"), ("Bern", "LOC"), ("A B", "Y"), ("A", "X"), ("B", "Z")]
    assert report.whole
    (record,), report = read("A\tB-X|Y\nB\tO\n")
    assert quotes(record) == [("A", "X|Y")]


def test_tags_among_the_keys_of_a_column():
    """As treebanks have them, in the last column of CoNLL-U."""
    rows = [("1", "Lena", "PROPN", "name=B-PER|SpaceAfter=No"), ("2", ",", "PUNCT", "_"), ("3", "aus", "ADP", "name=O")]
    (record,), report = read(lines(*rows, ("4", "Basel", "PROPN", "Gloss=x=y|name=B-LOC")))
    assert (record.text, quotes(record)) == ("Lena, aus Basel", [("Lena", "PER"), ("Basel", "LOC")]) and report.whole


def test_documents_of_hipe():
    text = (
        "TOKEN\tNE-COARSE-LIT\n# hipe2022:document_id = a-1\nLena\tB-pers\n# hipe2022:document_id = a-2\nBasel\tB-loc\n"
    )
    assert [(record.id, record.text) for record in read(text)[0]] == [("a-1", "Lena"), ("a-2", "Basel")]


def test_columns_that_name_sentences_are_no_words():
    rows = [("s1", "Lena", "NE", "B-PER"), ("s1", "Moor", "NE", "I-PER"), ("s1", "left", "VB", "O")]
    (record,), _ = read(lines(*rows, (), ("s2", "Basel", "NE", "B-LOC")))
    assert (record.text, quotes(record)) == ("Lena Moor left\nBasel", [("Lena Moor", "PER"), ("Basel", "LOC")])
    (record,), _ = read("a.txt 1 Lena B:PER\na.txt 2 Moor I:PER\na.txt 3 left O\n\na.txt 1 Basel S:LOC\n")
    assert (record.text, quotes(record)) == ("Lena Moor left\nBasel", [("Lena Moor", "PER"), ("Basel", "LOC")])
    assert read("ha O\nha O\nha B-X\n")[0][0].text == "ha ha ha"


def test_a_blank_word_in_a_script_without_spaces_is_one():
    (record,), _ = read("ไป\tO\nกรุงเทพ\tB-LOC\n \tO\nแล้ว\tO\nกลับ\tO\n")
    assert record.text == "ไปกรุงเทพ แล้วกลับ"


def test_quotes_of_a_table():
    """As pandas writes a column of words."""
    rows = [('""""', "O"), ("Lena", "B-PER"), ('"5"""', "O"), ('""""', "O"), ("''", "O")]
    (record,), _ = read(lines(*rows))
    assert (record.text, quotes(record)) == ('" Lena 5" " \'\'', [("Lena", "PER")])
    (record,), _ = read(lines(('"Lena"', '"B-PER"'), ('"left"', '"O"')))
    assert (record.text, quotes(record)) == ("Lena left", [("Lena", "PER")])
    for rows in ([('"', "O"), ('""', "B-X"), ('""""', "O")], [('""', "O"), ("x", "B-X"), ('"a"', "O")]):
        assert read(lines(*rows))[0][0].text == " ".join(row[0] for row in rows)
