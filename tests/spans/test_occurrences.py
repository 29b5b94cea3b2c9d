"""Surfaces are found as complete words, in every script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.spans.occurrences import occurrences, whole_matches
from corpusapp.text.folding import aligned

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(
    ("text", "surface", "starts"),
    [
        ("Iran and Iran's, the Iran-Syria talks, (Iran)", "Iran", [0, 9, 21, 40]),
        ("Iranian IRAN iran Iran_1 XIran Iran2", "Iran", []),
        ("Iran", "Iran", [0]),
        ("the U.S. and the U.S.-led", "U.S.", [4, 17]),
        ("Café Cafe\u0301 Cafe", "Cafe", [11]),
        ("وصل ظريف وظريف إلى", "ظريف", [4]),
        ("می\u200cخواهم خواهم", "خواهم", [9]),
        ("在北京举行，北京市", "北京", [1, 6]),
        ("世卫WHO组织", "WHO", [2]),
        ("ไปกรุงเทพมหานคร", "กรุงเทพ", [2]),
        ("เก เก่", "เก", [0]),
        (f"👨 {FAMILY}", "👨", [0]),
        ("👍👍🏽👍", "👍", [0, 3]),
        ("🇸🇾 Syria 🇸🇾", "🇸🇾 Syria", [0]),
        ("a\na", "a", [0, 2]),
        ("哈哈哈哈", "哈哈", [0, 2]),
        ("text", "", []),
        ("text", "texts", []),
    ],
)
def test_occurrences_of_a_surface(text, surface, starts):
    assert [(start, start + len(surface)) for start in starts] == list(occurrences(text, surface))


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("ZARIF, Zarif's, Zarifs; zarif", "zarif", ["ZARIF", "Zarif", "zarif"]),
        ("Zarif — met\tMuallem; Zarif\nmet", "zarif met", ["Zarif — met"]),
        ("Die Bundes\xadregierung, Bundes", "Bundesregierung", ["Bundes\xadregierung"]),
        ("Die Bundes\xadregierung, Bundes", "bundes", ["Bundes"]),
        ("Zu\u0308rich, Zürich, ZURICH, Zurichs", "zürich", ["Zu\u0308rich", "Zürich", "ZURICH"]),
        ("Straße, STRASSE, Strasser", "strasse", ["Straße", "STRASSE"]),
        ("أحمد واحمد أحمدي مُحَمَّد", "احمد", ["أحمد"]),
        ("أحمد واحمد أحمدي مُحَمَّد", "محمد", ["مُحَمَّد"]),
        ("گفت‌وگوها، گفتوگوها", "گفتوگوها", ["گفت‌وگوها", "گفتوگوها"]),
        ("گفت‌وگوها، گفتوگوها", "گفت وگوها", ["گفت‌وگوها"]),
        ("İstanbul, ISTANBUL, Iğdır", "ıstanbul", ["İstanbul", "ISTANBUL"]),
        ("İstanbul, ISTANBUL, Iğdır", "IGDIR", ["Iğdır"]),
        ("王\u200b丽和王丽", "王丽", ["王\u200b丽", "王丽"]),
        ("हिन्दी में, हिन्द", "हिन्दी", ["हिन्दी"]),
        ("snake_case, a snake", "snake", ["snake"]),
        ("Rafah/Gaza", "gaza", ["Gaza"]),
        ("Ærø and ﬁnally", "aero", ["Ærø"]),
        ("at (noon)", "(", ["("]),
        ("Zarif", "\u200b", []),
    ],
)
def test_words_are_found_in_other_forms_of_their_letters(text, words, found):
    assert [text[start:end] for start, end in whole_matches(text, words)] == found


def test_a_prefix_matches_longer_words():
    text = "Bundes\xadregierung und Bündestag, bundes"
    assert [text[slice(*place)] for place in whole_matches(text, "bundes", prefix=True)] == [
        "Bundes\xadregierung", "Bündestag", "bundes"
    ]  # fmt: skip


@given(st.text(st.sampled_from("aZİßﬁ \xad\u0301\u200b\u200cé王丽ｱか\u3099ऀक्अأ😀\ufe0f\n.ﷺ"), max_size=30))
def test_aligned_offsets_are_offsets_of_the_text(text):
    compared = aligned(text)
    places = [compared.range(at, at + 1) for at in range(len(compared.text))]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)
