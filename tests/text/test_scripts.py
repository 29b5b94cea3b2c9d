"""Scripts with and without spaces between words."""

import pytest

from corpusapp.text.scripts import is_unspaced


@pytest.mark.parametrize(
    "text", ["北京", "東京タワー", "ひらがな", "กรุงเทพ", "ລາວ", "ខ្មែរ", "မြန်မာ", "བོད་", "ㄅㄆ", "𠮷野家", "ｶﾅ", "々"]
)
def test_scripts_without_spaces(text):
    assert all(map(is_unspaced, text))
    assert is_unspaced(f"the {text} office")


@pytest.mark.parametrize(
    "text", ["", "Gaza", "غزة", "Москва", "서울", "हिन्दी", "ԵՐԵՎԱՆ", "ქართული", "Ａｆｐ", "「」、。", "🇸🇾👍"]
)
def test_scripts_with_spaces_and_signs(text):
    assert not is_unspaced(text)
