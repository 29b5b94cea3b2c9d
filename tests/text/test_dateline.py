"""Datelines in the forms that agencies use, and openings of lines that only look like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusapp.text.dateline import find_dateline

# dateline, place, state or country, date, agency
FOUND = [
    ("TEHRAN, Aug. 8 (MNA) --", "TEHRAN", None, "Aug. 8", "MNA"),
    ("(Xinhuanet) --", None, None, None, "Xinhuanet"),
    ("Tehran, SANA –", "Tehran", None, None, "SANA"),
    ("DAMASCUS, 12 March —", "DAMASCUS", None, "12 March", None),
    ("(Reuters) -", None, None, None, "Reuters"),
    ("BEIRUT/AMMAN (Reuters) -", "BEIRUT/AMMAN", None, None, "Reuters"),
    ("WASHINGTON, Jan 5 -", "WASHINGTON", None, "Jan 5", None),
    ("Moscow, March 3 (TASS) –", "Moscow", None, "March 3", "TASS"),
    ("LONDON:", "LONDON", None, None, None),
    ("Kabul (AP) _", "Kabul", None, None, "AP"),
    ("ANKARA, Turkey (AP) —", "ANKARA", "Turkey", None, "AP"),
    ("AMMAN -", "AMMAN", None, None, None),
    ("MONTREUX, Switzerland —", "MONTREUX", "Switzerland", None, None),
    ("GENEVA | Wednesday 30 October 2019 |", "GENEVA", None, "Wednesday 30 October 2019", None),
    ("Moscow – The Bosphorus Ledger / 5 March 2020 –", "Moscow", None, "5 March 2020", "The Bosphorus Ledger"),
    ("ASTANA – 21.06.2023 –", "ASTANA", None, "21.06.2023", None),
    ("ALEPPO, Syria, Feb 11 (LW) --", "ALEPPO", "Syria", "Feb 11", "LW"),
    ("Aleppo, LW / B. Post –", "Aleppo", None, None, "LW / B. Post"),
    ("Damascus, (Barada Post)-", "Damascus", None, None, "Barada Post"),
    ("AL-QAIM, Iraq, Sept 30 (LW) --", "AL-QAIM", "Iraq", "Sept 30", "LW"),
    ("UNITED NATIONS, 18 December (LW) --", "UNITED NATIONS", None, "18 December", "LW"),
    ("ASALUYEH, Iran, July 25 (AVNA) --", "ASALUYEH", "Iran", "July 25", "AVNA"),
    ("Kuala Lumpur, SANA-", "Kuala Lumpur", None, None, "SANA"),
    ("SANTA FE, N.M. (AP) —", "SANTA FE", "N.M.", None, "AP"),
    ("(CNN)", None, None, None, "CNN"),
    ("BERLIN --", "BERLIN", None, None, None),
    ("LOS ANGELES (AP) —", "LOS ANGELES", None, None, "AP"),
    ("МОСКВА, 5 марта. /ТАСС/.", "МОСКВА", None, "5 марта.", "ТАСС"),
    ("МОСКВА, 5 мар — РИА Новости.", "МОСКВА", None, "5 мар", "РИА Новости"),
    ("TEHRAN, Monday, March 12, 2012 (MNA) –", "TEHRAN", None, "Monday, March 12, 2012", "MNA"),
    ("PARIS, 12 mars (AFP) -", "PARIS", None, "12 mars", "AFP"),
    ("BERLIN, 3. März (dpa) -", "BERLIN", None, "3. März", "dpa"),
    ("طهران (إرنا) -", "طهران", None, None, "إرنا"),
    ("دمشق-سانا", "دمشق", None, None, "سانا"),
    ("تهران (ایسنا) –", "تهران", None, None, "ایسنا"),
    ("新华社北京3月12日电", "北京", None, "3月12日", "新华社"),
    ("Rio de Janeiro, March 3 (EFE) --", "Rio de Janeiro", None, "March 3", "EFE"),
    ("SHARM EL-SHEIKH, Egypt (AP) --", "SHARM EL-SHEIKH", "Egypt", None, "AP"),
    ("DEIR EZ-ZOR, Syria, Nov. 4, 2017 (AFP) -", "DEIR EZ-ZOR", "Syria", "Nov. 4, 2017", "AFP"),
    ("MOSCOW/BEIJING, March 3 (Reuters) -", "MOSCOW/BEIJING", None, "March 3", "Reuters"),
    ("GAZA CITY, Gaza Strip (AP) —", "GAZA CITY", "Gaza Strip", None, "AP"),
    ("Damascus, Syria –", "Damascus", "Syria", None, None),
    ("Tehran (IRNA) –", "Tehran", None, None, "IRNA"),
    ("Aug. 8 (MNA) --", None, None, "Aug. 8", "MNA"),
    ("BAGHDAD, May 3 (AFP) -", "BAGHDAD", None, "May 3", "AFP"),
    ("St. Petersburg, June 3 (TASS) —", "St. Petersburg", None, "June 3", "TASS"),
    ("DAMASCUS, (SANA)_", "DAMASCUS", None, None, "SANA"),
    ("Damascus, Sept. 3 (SANA) –", "Damascus", None, "Sept. 3", "SANA"),
    ("TEHRAN —", "TEHRAN", None, None, None),
    ("TEHRAN, Young Journalists Club (YJC) -", "TEHRAN", "Young Journalists Club", None, "YJC"),
    ("BRUSSELS and PARIS (AP) —", "BRUSSELS and PARIS", None, None, "AP"),
    ("Damascus, 3 March 2012 -", "Damascus", None, "3 March 2012", None),
    ("ISTANBUL (Anadolu Agency) -", "ISTANBUL", None, None, "Anadolu Agency"),
    ("WASHINGTON (Sputnik) —", "WASHINGTON", None, None, "Sputnik"),
    ("TEHRAN, Dec. 19 (Xinhua) --", "TEHRAN", None, "Dec. 19", "Xinhua"),
    ("TEL AVIV, Israel —", "TEL AVIV", "Israel", None, None),
]
NOT_FOUND = [
    "Iran, Oman speak of trade in Muscat",
    "Obama - the president of the United States - said",
    "“We cannot trust them,” he said - again",
    "BREAKING - Two killed",
    "UPDATE 1-Iran says",
    "EXCLUSIVE: Iran says",
    "US - Iran talks go on",
    "Iran, US – old enemies – meet",
    "On Monday, March 3 - a day later - he said",
    "June 9 -- Town Hall, Bergen",
    "He said: this is it",
    "Mikdad, who – as he said – came",
    "HOW TO HELP: account",
    "(a) – the first",
    "(1) - the first",
    "(Adds quotes) - The",
    "Iran – which borders Iraq – said",
    "Syria: a country at war",
    "Velayati, for his part - said",
    "A cat (AP) said",
    "UN envoy Staffan de Mistura - the third - said",
    "Both sides - Iran and Syria - agreed",
    "The minister (R) - and others - came",
    "“Tehran, SANA –” is a dateline",
    "Damascus rejects the plan - again",
    "Moscow and Tehran - two allies - agreed",
    "Iran's Zarif: no talks",
    "TIP-INS",
    "Q: What happened",
    "Talks - the third this year - began",
    "Trump, Putin - who met - agreed",
    "Oman FM: No talks before spring",
    "NATO — the alliance",
    "Aug. 30 -- The Old Mill, Bergen",
    "BP: What became",
    "Christmas, the day - was",
    "President Rouhani, March 3 - a Monday",
    "Brahimi (Algeria) - the envoy - said",
    "Assad (left) - with Putin",
    "Zarif, FBI – the",
    "Washington - the first president - crossed the river",
]


def _part(text, part):
    return text[part.start : part.end] if part else None


@pytest.mark.parametrize(("dateline", "place", "region", "date", "agency"), FOUND)
@pytest.mark.parametrize("before", ["", "  ", "The road to the north 👩🏽‍💻\n\n"])
def test_a_dateline_and_its_parts(before, dateline, place, region, date, agency):
    text = f"{before}{dateline} Officials said so."
    found = find_dateline(text, len(before))
    assert found is not None
    assert text[found.start : found.end] == dateline
    parts = [_part(text, part) for part in (found.place, found.region, found.date, found.agency)]
    assert parts == [place, region, date, agency]


@pytest.mark.parametrize("text", NOT_FOUND)
def test_other_openings_are_not_datelines(text):
    assert find_dateline(text) is None


def test_a_date_has_the_parts_that_are_written():
    without_year = find_dateline("HOMS, Aug. 8 (BDP) -- Rain fell.")
    assert (without_year.written.year, without_year.written.month, without_year.written.day) == (None, 8, 8)
    assert without_year.written.value is None
    with_year = find_dateline("HOMS, 8 August 2016 (BDP) -- Rain fell.")
    assert with_year.written.value.isoformat() == "2016-08-08"


def test_a_dateline_on_a_line_of_its_own():
    text = "HOMS, Aug. 8 (BDP) --\nRain fell."
    found = find_dateline(text)
    assert text[found.start : found.end] == "HOMS, Aug. 8 (BDP) --"


@given(st.text(alphabet=st.sampled_from("ABab \u00a0-–—_/|,.:()8AugPM\nطهرا新华社"), max_size=300), st.integers(0, 50))
def test_datelines_are_within_the_text(text, start):
    found = find_dateline(text, start)
    if found:
        assert start <= found.start < found.end <= len(text)
        for part in (found.place, found.region, found.date, found.agency):
            assert part is None or found.start <= part.start < part.end <= found.end
