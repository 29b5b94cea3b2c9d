"""Colours of labels have enough contrast on the page and on their tint, in both themes; short names are unique."""

import re
from itertools import product

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from annotations.review.colours import colour_classes, label_colours, short_names
from annotations.review.models import Label

PAPERS = {"light": ("#fbfaf7", "#f4f2ec", "#ffffff"), "dark": ("#16181b", "#1c1f23", "#24282d")}
# The strongest tint, of the selected span.
TINT = 0.22


def channels(colour):
    return [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]


def luminance(parts):
    """Relative luminance as WCAG 2.2 defines it."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def labels():
    return [
        Label(pk=number, name=f"L{number}", family=family)
        for number, family in enumerate([family for family in Label.Family.values for _ in range(7)])
    ]


@pytest.mark.parametrize("tint", [0, TINT])
def test_every_colour_has_the_contrast_of_wcag_aa(tint):
    for _, light, dark in label_colours(labels()):
        for ink, papers in ((light, PAPERS["light"]), (dark, PAPERS["dark"])):
            for paper in papers:
                mixed = zip(channels(ink), channels(paper), strict=True)
                ground = [part * tint + beneath * (1 - tint) for part, beneath in mixed]
                assert contrast(channels(ink), ground) >= 4.5, (ink, paper)


def test_first_labels_of_a_family_have_different_colours():
    inks = [light for _, light, _ in label_colours(labels())]
    assert len({*inks[0:2], *inks[7:10], *inks[14:16], *inks[21:26], *inks[28:35]}) == 19


def test_the_stylesheet_has_each_colour_in_both_themes():
    found = re.findall(r"\.(l-\w+-\d) \{\s+--label: (#\w+);", (settings.BASE_DIR / "static/css/base.css").read_text())
    assert len(found) == 2 * len(dict(found)) == 2 * len(set(colour_classes(labels()).values()))
    for pk, light, dark in label_colours(labels()):
        name = colour_classes(labels())[pk]
        assert [colour for other, colour in found if other == name] == [light, dark]


SHORT = [("PERSON", "PER"), ("GPE", "GPE"), ("WORK_OF_ART", "WORK"), ("PLANETS", "PLANE.")]


@pytest.mark.parametrize(("name", "short"), SHORT)
def test_short_names(name, short):
    assert short_names([name]) == {name: short}


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (["TYPE_000", "TYPE_001", "TYPE_101"], ["T…000", "T…001", "T…101"]),
        (["PERSON", "PER"], ["PERSON", "PER"]),
        (["LOCATION", "LOCATION_CITY"], ["LOCAT.", "L…CITY"]),
        (["PLACE_TOWNSHIP", "PLACE_TOWN"], ["P…TOWNS", "P…TOWN"]),
    ],
)
def test_short_names_of_labels_with_a_common_prefix_differ(names, short):
    assert list(short_names(names).values()) == short


NAMES = ["A" + "".join(rest) for length in (1, 4, 7) for rest in product("AB_.", repeat=length)]


@given(st.sets(st.sampled_from(NAMES), max_size=12))
def test_short_names_are_unique(names):
    found = short_names(names)
    assert set(found) == names
    assert len(set(found.values())) == len(names)
