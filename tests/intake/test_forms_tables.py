"""CSV and TSV: columns by common names, any dialect; only a broken row fails."""

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusapp.intake.limits import Limits
from tests.intake.forms import LONG, drafts, failures, only_failure, read


def table(*rows, **dialect):
    file = io.StringIO(newline="")
    csv.writer(file, **dialect).writerows(rows)
    return file.getvalue().encode()


def test_columns_by_common_names():
    header = ("ID", "Headline", "Pub Date", "Body", "section")
    (draft,) = read(table(header, ("7", "Floods", "Mon, 03 Sep 2018 10:00:00 GMT", "One\ntwo", "local")), "a.csv")
    assert (draft.external_id, draft.title, draft.text) == ("7", "Floods", "One\ntwo")
    assert draft.published_on == date(2018, 9, 3)
    assert draft.metadata["section"] == "local"
    assert (draft.form, draft.line) == ("csv", 2)


@pytest.mark.parametrize(
    "dialect",
    [
        {"delimiter": ";"},
        {"delimiter": "\t"},
        {"delimiter": "|"},
        {"quoting": csv.QUOTE_ALL},
        {"doublequote": False, "escapechar": "\\"},
        {"lineterminator": "\n"},
    ],
)
def test_dialects(dialect):
    rows = [("title", "text"), ('Says "no"', 'He said, "no; never"\nand left\ta|b'), ("Two", "Second")]
    items = read(table(*rows, **dialect), "a.csv")
    assert [(item.title, item.text) for item in items] == rows[1:]


def test_the_sep_line_of_spreadsheets():
    items = read("\ufeffsep=;\r\ntitle;text\r\nOne;Two\r\n".encode(), "a.csv")
    assert [(item.title, item.text) for item in items] == [("One", "Two")]


def test_a_stage_column_with_other_values_is_metadata():
    first, second = read(table(("text", "stage"), ("One", "beta"), ("Two", "done")), "a.csv")
    assert (first.stage, first.metadata) == ("", {"stage": "beta"})
    assert (second.stage, second.metadata) == ("done", {})


def test_uncommon_columns_of_a_table_are_mapped():
    data = table(("Überschrift", "Artikel"), ("Eins", "Zwei"))
    assert "no column is named text" in only_failure(data, "a.csv").reason
    (draft,) = read(data, "a.csv", mapping={"Überschrift": "title", "Artikel": "text"})
    assert (draft.title, draft.text) == ("Eins", "Zwei")


def test_only_the_row_with_an_unclosed_quote_fails():
    data = b'id,text\n1,One\n2,"never closed\n' + b"".join(b'%d,"Row, %d"\n' % (n, n) for n in range(3, 100))
    items = read(data, "a.csv")
    assert [draft.external_id for draft in drafts(items)] == ["1", *map(str, range(3, 100))]
    assert [failure.line for failure in failures(items)] == [3]


def test_an_unclosed_quote_before_rows_without_quotes_stops_at_the_limit():
    data = b'id,text\n1,"never closed\n' + b"".join(b"%d,Row\n" % n for n in range(2, 20_000))
    items = read(data, "a.csv", limits=Limits(row_bytes=5000))
    assert len(drafts(items)) == 19_998
    (failure,) = failures(items)
    assert failure.line == 2
    assert "a quote may not be closed" in failure.reason


def test_an_unclosed_quote_at_the_end():
    items = read(b'id,text\n1,One\n2,"never', "a.csv")
    assert [draft.text for draft in drafts(items)] == ["One"]
    assert [failure.line for failure in failures(items)] == [3]


def test_rows_of_another_width_fail():
    items = read(b"id,text,url\n1,One,\n2,Two\n3,Three, and more,u\n4,Four,,,\n", "a.csv")
    assert [draft.text for draft in drafts(items)] == ["One", "Four"]
    assert [(failure.line, failure.reason) for failure in failures(items)] == [
        (3, "the row has 2 columns, the header 3"),
        (4, "the row has 4 columns, the header 3"),
    ]


def test_a_broken_row_of_several_lines_is_one_failure():
    items = read(b'id,title,text\n1,a,"One\nmore "wrong" quotes\nand more"\n2,b,Two\n', "a.csv")
    assert [draft.text for draft in drafts(items)] == ["Two"]
    (failure,) = failures(items)
    assert failure.line == 2
    assert "up to 4" in failure.reason


def test_cells_that_are_large_or_refused():
    data = table(("text", "title"), (LONG * 1000, "Long"), ("", "None"), ("x", "y" * 501), ("Last", ""))
    items = read(data, "a.csv")
    assert [draft.text for draft in drafts(items)] == [LONG * 1000, "Last"]
    assert [failure.field for failure in failures(items)] == ["text", "title"]


def test_lines_in_another_encoding_and_lines_in_none():
    data = "title,text\nUn,Le ministère a déclaré que la côte serait évacuée après la tempête\n".encode("cp1252")
    items = read(data + b"x,\xff\xfe\nDeux,Rien\n", "a.csv")
    assert drafts(items)[0].text.startswith("Le ministère a déclaré")
    assert (drafts(items)[0].encoding, drafts(items)[-1].text) == ("cp1252", "Rien")


def test_structured_cells():
    (draft,) = read(table(("text", "spans"), ("Zarif met", '[[0, 5, "PERSON"]]')), "a.csv")
    assert (draft.spans[0].start, draft.spans[0].end) == (0, 5)


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\ufeff"), min_size=1, max_size=20)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=5), st.sampled_from(",;\t|"))
def test_tables_written_by_csv_are_read(rows, delimiter):
    rows = [(f"t{title}", f"x{text}") for title, text in rows]
    items = read(table(("title", "text"), *rows, delimiter=delimiter, quoting=csv.QUOTE_ALL), "a.csv")
    assert [(item.title, item.text) for item in items] == rows
