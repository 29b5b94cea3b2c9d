"""Language and direction, offline."""

import os

import pytest

from corpusapp.intake import child
from corpusapp.intake.language import detect, direction, load_model


@pytest.mark.parametrize(
    ("text", "language", "runs"),
    [
        ("The foreign minister met his counterpart in Damascus on Monday.", "en", "ltr"),
        ("وزیر خارجه ایران روز دوشنبه در دمشق با همتای خود دیدار کرد.", "fa", "rtl"),
        ("التقى وزير الخارجية نظيره في دمشق يوم الاثنين وبحث معه العلاقات.", "ar", "rtl"),
        ("外交部长星期一在大马士革会见了他的同行并讨论了双边关系和贸易问题", "zh", "ltr"),
        ("Der Außenminister traf am Montag seinen Amtskollegen in Damaskus.", "de", "ltr"),
    ],
)
def test_language_and_direction_are_detected(text, language, runs):
    assert detect(text) == language
    assert direction(language) == runs


@pytest.mark.parametrize("text", ["", "A", "12345 67890 --- 12345", "Zarif"])
def test_too_little_text_to_detect(text):
    assert detect(text) == ""


def test_directions_of_tags():
    assert direction("fa-IR") == direction("ar_SY") == "rtl"
    assert direction("") == direction("en-GB") == "ltr"


@pytest.mark.processes
def test_children_read_the_model_that_their_parent_has_unpacked(monkeypatch):
    load_model()
    # Those that were started before do not have it.
    monkeypatch.setattr(child, "_idle", [])
    limits = {"seconds": 20, "memory": 2_000_000_000}
    descriptor = child.call(os.getenv, "CORPUSAPP_LANGUAGE_MODEL", **limits)
    assert child.call(os.fstat, int(descriptor), **limits).st_nlink == 0
    text = "Der Minister sagte am Montag, dass er bald nach Damaskus reisen werde."
    assert child.call(detect, text, **limits) == detect(text) == "de"
