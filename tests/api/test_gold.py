"""Suggestions are corrected to a gold standard through the API, and the export contains it."""

import json

from tests import factories

TEXT = "DAMASCUS, Sept. 3 – Iran’s Zarif met Syria’s Walid al-Muallem and Assad.\n\nPHOTO: SANA"
GOLD = {
    ("DAMASCUS", "GPE"), ("Sept. 3", "DATE"), ("Iran", "GPE"), ("Zarif", "PERSON"), ("Syria", "GPE"),
    ("Walid al-Muallem", "PERSON"), ("Assad", "PERSON"), ("SANA", "ORG"),
}  # fmt: skip
SUGGESTED = [("DAMASCUS", "GPE"), ("Iran’s", "GPE"), ("Zarif", "ORG"), ("al-Muallem", "PERSON"), ("PHOTO", "ORG")]


def _at(quote: str) -> tuple[int, int]:
    return TEXT.index(quote), TEXT.index(quote) + len(quote)


def test_corrected_suggestions_export_as_gold(corpus, manager):
    pk = manager.post("articles/?corpus=desk&suggest=0", {"text": TEXT}).json()["id"]
    article = corpus.articles.get(pk=pk)
    factories.suggest(article, *[(*_at(quote), label) for quote, label in SUGGESTED])

    spans = manager.get(f"articles/{pk}/").json()["spans"]
    seen = {span["text"]: {"span": span["id"], "revision": span["revision"]} for span in spans}

    def to(quote: str) -> dict[str, int]:
        return dict(zip(("start", "end"), _at(quote), strict=True))

    decisions = [
        {"verb": "confirm", **seen["DAMASCUS"]},
        {"verb": "move", **seen["Iran’s"], **to("Iran")},
        {"verb": "relabel", **seen["Zarif"], "label": "PERSON"},
        {"verb": "move", **seen["al-Muallem"], **to("Walid al-Muallem")},
        {"verb": "reject", **seen["PHOTO"]},
        *(
            {"verb": "add", **to(quote), "label": label}
            for quote, label in (("Sept. 3", "DATE"), ("Syria", "GPE"), ("Assad", "PERSON"), ("SANA", "ORG"))
        ),
    ]
    assert manager.post(f"articles/{pk}/decisions/", {"decisions": decisions}).status_code == 201
    assert manager.post(f"articles/{pk}/finish/").status_code == 200

    body = b"".join(manager.get("corpora/desk/export/", format="jsonl", stage="done").streaming_content)
    line = json.loads(body)
    assert {(line["text"][span["start"] : span["end"]], span["label"]) for span in line["spans"]} == GOLD
    assert all(line["text"][span["start"] : span["end"]] == span["text"] for span in line["spans"])
