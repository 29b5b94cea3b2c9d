"""Long names of bodies are found in full."""

import pytest

from annotations.suggesters.candidates import long_names
from annotations.suggesters.lexicon import is_demonym


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The Parliamentary Committee on Foreign Affairs met.", ["Parliamentary Committee on Foreign Affairs"]),
        ("Peru's Supreme Council for Arts, Klaus Weber said", ["Supreme Council for Arts"]),
        ("Peru’s Supreme Court ruled", ["Supreme Court"]),
        ("a Norwegian Ministry of Finance note", ["Ministry of Finance"]),
        ("US Department of State", ["Department of State"]),
        ("the Free Norwegian Army said", ["Free Norwegian Army"]),
        ("the Norwegian Army said", ["Norwegian Army"]),
        ("President Lee of the National Assembly", ["National Assembly"]),
        ("Minister Hill of the Academy of Arts, Crafts and Letters", ["Academy of Arts, Crafts and Letters"]),
        ("In May. National Council sat", ["National Council"]),
        ("the Peru - Chile Joint Committee", ["Peru - Chile Joint Committee"]),
        ("the Anglo-Dutch Joint Committee", ["Anglo-Dutch Joint Committee"]),
        ("The Council met the committee.", []),
        ("National Committees", []),
        ("", []),
    ],
)
def test_long_names(text, names):
    assert [text[start:end] for start, end in long_names(text)] == names


@pytest.mark.parametrize("surface", ["Syrian", "Danes", "anti-Syrian", "Lebanese", "Spanish", "Tajikistani", "Kurdish"])
def test_demonyms(surface):
    assert is_demonym(surface)


@pytest.mark.parametrize("surface", ["Rome", "Brian", "Parish", "syrian", "pro-Rome", "Syrian army", ""])
def test_no_demonyms(surface):
    assert not is_demonym(surface)
