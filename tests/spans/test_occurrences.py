"""A surface is found where it stands as a word of its own, in every script."""

import pytest

from annotations.spans.occurrences import occurrences

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
def test_where_a_surface_stands(text, surface, starts):
    assert [(start, start + len(surface)) for start in starts] == list(occurrences(text, surface))
