"""Proposals from fixed forms in news."""

import pytest

from annotations.suggesters.structure import structural_proposals
from corpusapp.text.zoning import read_zones

MORE = "The mayor opened a school at the river on Monday, a day late."


def found(text):
    proposals = structural_proposals(text, read_zones(text).zones)
    return sorted({(text[proposal.start : proposal.end], proposal.label) for proposal in proposals})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f"KYIV, March 3 (Reuters) - {MORE}", [("KYIV", "GPE"), ("March 3", "DATE"), ("Reuters", "ORG")]),
        (f"DAMASCUS, (SANA) – {MORE}", [("DAMASCUS", "GPE"), ("SANA", "ORG")]),
        (f"LONDON (AP) — {MORE}", [("AP", "ORG"), ("LONDON", "GPE")]),
        ("A boat. (Photo by Reuters)", [("Reuters", "ORG")]),
        ("A boat (AFP photo)", [("AFP", "ORG")]),
        ("A boat (Home)", []),
        ("Ann Hill (D-OH) and Karl Brandt (R-TX)", [("D", "NORP"), ("OH", "GPE"), ("R", "NORP"), ("TX", "GPE")]),
        ("Ann Hill (X-OH)", []),
        ("They passed H.R. 1234 and S. 12.", [("H.R. 1234", "LAW"), ("S. 12", "LAW")]),
        ("under UN Security Council Resolution 2254", [("UN Security Council Resolution 2254", "LAW")]),
        ("their resolution of 2254 days", []),
        ("the Geneva 2 talks", [("Geneva 2", "EVENT")]),
        ("the Peter 2 talks", []),
        ("he saw the Natural History Museum", [("Natural History Museum", "FAC")]),
        ("he saw the museum", []),
    ],
)
def test_structural_proposals(text, names):
    assert found(text) == names
