"""Bytes of any encoding; the one that was used is recorded, and what is doubtful is noted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusapp.intake.draft import Unfit
from corpusapp.intake.readers.encodings import decode
from tests.intake.forms import LONG, drafts, failures, only_failure, read

TEXTS = [
    ("cp1252", "Le ministère a déclaré mardi que la côte serait évacuée « dès demain » après la tempête."),
    ("cp1252", "Ministère"),
    ("cp1252", "The minister said “no” — and left the room before the vote was over."),
    ("cp1251", "Министерство заявило во вторник, что набережная будет закрыта до весны."),
    ("koi8_r", "Министерство заявило во вторник, что набережная будет закрыта до весны."),
    ("cp1256", "قالت الوزارة يوم الثلاثاء إن الجسر الجديد سيفتح قبل نهاية الربيع"),
    ("cp932", "外務省は火曜日に新しい橋が春までに完成すると発表した。"),
    ("gb18030", "外交部星期二表示，新桥将在春季之前完工。市长请求市民耐心等待。"),
    (
        "cp1250",
        "A minisztérium kedden közölte, hogy az új híd őszig elkészül, és a töltés erősebb lesz. Győr fölött eső.",
    ),
    (
        "cp1250",
        "Ministerstwo ogłosiło we wtorek, że nowy most zostanie otwarty przed wiosną. Burmistrz prosi o cierpliwość.",
    ),
    ("cp1254", "Bakanlık salı günü yeni köprünün ilkbahardan önce açılacağını söyledi. Şehir sular altında kaldı."),
    ("cp1252", "Die Behörde für Flüsse erklärte am Dienstag, der Überlauf werde größer als erwartet; Bürger zweifeln."),
    ("cp1252", "El año pasado la Compañía anunció que el puente abriría mañana, según informó también el alcalde."),
    ("cp1253", "Το υπουργείο ανακοίνωσε την Τρίτη ότι η νέα γέφυρα θα ανοίξει πριν από την άνοιξη."),
    ("cp1250", "Ministerstvo v úterý oznámilo, že nové nábřeží bude dokončeno před jarními záplavami. Řeka stoupá."),
]


@pytest.mark.parametrize(("encoding", "text"), TEXTS)
def test_legacy_encodings_are_detected(encoding, text):
    (draft,) = read(text.encode(encoding), "a.txt")
    assert draft.text == text
    assert any("detected" in note for note in draft.notes)
    assert draft.text == draft.raw.decode(draft.encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_with_and_without_a_mark(encoding):
    text = LONG + "Präsident Zarif."
    (draft,) = read(text.encode(encoding), "a.txt")
    assert draft.text == text
    assert draft.encoding.startswith("utf-")


def test_a_mark_that_lies_is_noted():
    (draft,) = read(
        b"\xef\xbb\xbf" + ("La côte évacuée après la tempête, dit le ministère. " * 5).encode("cp1252"), "a.txt"
    )
    assert "côte évacuée" in draft.text
    (draft,) = read(b"\xff\xfe" + LONG.encode()[:-1], "a.txt")
    assert draft.encoding != "utf-8" or draft.notes


def test_utf8_with_a_few_bad_bytes_stays_utf8():
    data = ("Üçgen köprü açıldı. " * 20).encode() + b"\xff" + "Son söz.".encode()
    (draft,) = read(data, "a.txt")
    assert draft.encoding == "utf-8"
    assert draft.text.startswith("Üçgen köprü") and "\ufffdSon söz" in draft.text
    assert "U+FFFD" in draft.notes[0]


def test_too_little_to_tell():
    assert "not UTF-8: byte 0xFF at position 0" in only_failure(b"\xff", "a.txt").reason


def test_lines_of_a_file_in_a_legacy_encoding():
    lines = [f'{{"text": "Le ministère a déclaré que la côte numéro {n} serait évacuée"}}' for n in range(3)]
    items = read("\n".join(lines).encode("cp1252"), "a.jsonl")
    assert not failures(items)
    assert {item.encoding for item in items} == {"cp1252"}
    assert "évacuée" in items[2].text


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv"])
def test_tables_and_lines_in_utf16(name):
    text = "text\nÉvacuée,\nIci,\n" if name == "a.csv" else '{"text": "Évacuée"}\n'
    (draft, *_) = drafts(read(text.replace(",", "").encode("utf-16"), name))
    assert (draft.text, draft.encoding) == ("Évacuée", "utf-16-le")


def test_utf16_that_breaks_off_gives_what_came_before():
    data = "".join(f'{{"text": "Line {n}"}}\n' for n in range(30)).encode("utf-16-le") + b"\x00\xd8x"
    items = read(b"\xff\xfe" + data, "a.jsonl")
    assert len(drafts(items)) <= 30
    assert failures(items)


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_refused(data):
    try:
        decoded = decode(data)
    except Unfit as unfit:
        assert unfit.reason
    else:
        assert decoded.text.encode("utf-8", "surrogatepass") is not None
        assert decoded.encoding


@given(st.text(max_size=300))
def test_utf8_is_never_taken_for_anything_else(text):
    assert decode(text.encode()).text == text or text.encode().startswith((b"\xff\xfe", b"\xfe\xff"))
