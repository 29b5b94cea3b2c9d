"""What came in is what goes out: the same characters, and spans that hold the same strings, by REST and by export."""

import json

import pytest

FAMILY = "👨‍👩‍👧‍👦"
TEXTS = {
    "emoji with joiners": (f"{FAMILY} Zarif {FAMILY}🏳️‍🌈 met Assad 🇸🇾", ["Zarif", "Assad", FAMILY, "🇸🇾"]),
    "combining marks": ("Gene\u0300ve, S\u0323\u0307aleh\u0327 parle", ["Gene\u0300ve", "S\u0323\u0307aleh\u0327"]),
    "Arabic": ("التقى محمد جواد ظريف بشار الأسد في دمشق.", ["محمد جواد ظريف", "بشار الأسد", "دمشق"]),
    "Persian with ZWNJ": ("وزیر خارجه ایران می‌گوید آیت‌الله خامنه‌ای", ["ایران", "آیت‌الله خامنه‌ای"]),
    "white space around": (" \n\t\u2003Zarif in Damascus.\u00a0\n\n ", ["Zarif", "Damascus", " \n\t\u2003", "\n\n "]),
    "a name at each edge": ("Zarif met Assad", ["Zarif", "Assad"]),
    "one character": ("𝔖", ["𝔖"]),
    "HTML and script": ("<script>alert('Zarif')</script> &amp; <b>Assad</b>", ["Zarif", "&amp;", "<b>Assad</b>"]),
    "line and paragraph separators": ("Zarif\u2028Assad\u2029Damascus\x85Tehran", ["Assad", "Tehran"]),
    "controls": ("Zarif\x01\x1f\x7fAssad\ufffe\uffff", ["Assad", "\ufffe\uffff"]),
    "a byte-order mark within": ("Zarif\ufeffAssad", ["Zarif\ufeff", "Assad"]),
}  # fmt: skip


def _spans(text: str, names: list[str]) -> list[list]:
    return [[text.index(name), text.index(name) + len(name), "PERSON"] for name in names]


def _exported(client) -> list[dict]:
    response = client.get("corpora/desk/export/?stage=any")
    return [json.loads(line) for line in b"".join(response.streaming_content).decode().split("\n")[:-1]]


@pytest.mark.parametrize("case", TEXTS)
def test_text_and_spans_come_back_as_they_were(corpus, manager, case):
    text, names = TEXTS[case]
    added = manager.post("articles/?corpus=desk", {"text": text, "title": text[:80], "spans": _spans(text, names)})
    assert added.status_code == 201, added.content
    detail = manager.get(f"articles/{added.json()['id']}/").json()
    (line,) = _exported(manager)
    for article in (added.json(), detail, line):
        assert article["text"] == text and article["title"] == text[:80]
        assert sorted(span["text"] for span in article["spans"]) == sorted(names)
        for span in article["spans"]:
            assert article["text"][span["start"] : span["end"]] == span["text"]


@pytest.mark.parametrize("case", TEXTS)
def test_spans_added_and_moved_by_code_points_hold_the_same_characters(corpus, manager, case):
    text, names = TEXTS[case]
    pk = manager.post("articles/?corpus=desk", {"text": text}).json()["id"]
    for start, end, label in _spans(text, names):
        span = manager.post(f"articles/{pk}/spans/", {"start": start, "end": end, "label": label}).json()
        assert span["text"] == text[start:end]
    whole = {"revision": span["revision"], "start": 0, "end": len(text), "label": "EVENT"}
    assert manager.patch(f"spans/{span['id']}/", whole).json()["text"] == text
    assert manager.get(f"articles/{pk}/").json()["length"] == len(text)


def test_line_ends_and_a_mark_at_the_start_go_and_spans_move_along(corpus, manager):
    text = "\ufeffDAMASCUS\r\nZarif\rmet\r\n\r\nAssad\r\n"
    names = ["DAMASCUS", "Zarif", "Assad", "Zarif\rmet\r\n\r\nAssad"]
    added = manager.post("articles/?corpus=desk", {"text": text, "spans": _spans(text, names)}).json()
    (line,) = _exported(manager)
    for article in (added, line):
        assert article["text"] == "DAMASCUS\nZarif\nmet\n\nAssad\n"
        found = {span["text"] for span in article["spans"]}
        assert found == {"DAMASCUS", "Zarif", "Assad", "Zarif\nmet\n\nAssad"}


def test_metadata_comes_back_as_it_was(corpus, manager):
    metadata = {"ключ": ["ظریف", {"": None, "n": 1.5, "big": 10**25, "yes": True}], "é": "e\u0301"}
    pk = manager.post("articles/?corpus=desk", {"text": "x", "metadata": metadata}).json()["id"]
    assert manager.get(f"articles/{pk}/").json()["metadata"] == metadata
