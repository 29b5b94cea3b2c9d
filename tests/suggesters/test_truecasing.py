"""Lines in capitals, in Title Case and in lower case are read as the rest of the article is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.suggesters.protocol import Proposal, SourceText
from annotations.suggesters.reader import NewsReader
from annotations.suggesters.truecasing import truecased
from corpusapp.text.zones import TITLE, ZoneRange

BODY = "The talks of Odessa Larkin with the EU began in Oslo. In Oslo, Larkin praised the new harbour of the city."


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("LARKIN PRAISES NEW HARBOUR IN EU TALKS", "Larkin Praises new harbour in EU talks"),
        ("OSLO (AP)", "OSLO (AP)"),
        ("NATO", "NATO"),
        ("odessa larkin praises the new harbour of oslo", "Odessa Larkin praises the new harbour of Oslo"),
        ("larkin came", "larkin came"),
    ],
)
def test_a_badly_cased_line_is_written_as_the_others(line, written):
    assert truecased(f"{line}\n{BODY}") == f"{written}\n{BODY}"


def test_only_headlines_are_taken_for_title_case():
    line = "Odessa Larkin Praises New Harbour Of City"
    zones = (ZoneRange(0, len(line), TITLE),)
    assert truecased(f"{line}\n{BODY}", zones) == f"Odessa Larkin Praises new harbour of city\n{BODY}"
    assert truecased(f"{line}\n{BODY}") == f"{line}\n{BODY}"


def test_a_text_in_the_usual_case_is_the_same_object():
    assert truecased(BODY) is BODY


@given(st.text("aB ßİ\n.’é", max_size=60))
def test_the_text_keeps_its_length_and_its_other_characters(text):
    found = truecased(text)
    assert len(found) == len(text)
    assert found.casefold().replace("̇", "") == text.casefold().replace("̇", "")


class Capitalised:
    """A suggester that knows one person by the usual writing of the name."""

    name, version, digest = "capitalised", "1", "capitalised"

    def propose(self, texts):
        for source in texts:
            start = source.text.find("Odessa Larkin")
            yield [Proposal(start, start + 13, "PERSON")] if start >= 0 else []


def test_suggestions_keep_the_offsets_of_the_text_as_it_is():
    text = f"ODESSA LARKIN PRAISES NEW HARBOUR\n{BODY}"
    (found,) = NewsReader(Capitalised()).propose([SourceText(text)])
    assert (0, 13, "PERSON") in {(proposal.start, proposal.end, proposal.label) for proposal in found}
