"""Glyphs to paragraphs: columns, justified lines, text from right to left."""

import pytest
from fpdf import FPDF
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusapp.intake.pdf.columns import Glyph, paragraphs_of
from corpusapp.intake.pdf.direction import read_order, runs_from_right
from corpusapp.intake.pdf.layout import running_text
from tests.intake.forms import read

TEXT = (
    "The council of the harbour town decided on Monday that the old quay would be opened for larger ships before "
    "summer begins, a spokeswoman said; representatives of both governments had negotiated about transatlantic "
    "infrastructure, internationally recognised certificates and unsatisfactorily documented responsibilities."
)
WORDS = TEXT.split()
WIDTH, SIZE = 5, 10


def line(text, x=0.0, y=0.0, size=SIZE, width=None, spaces=True):
    """The glyphs of a line, justified to `width`."""
    words = text.split(" ")
    used = sum(len(word) for word in words) * WIDTH
    gap = WIDTH if width is None or len(words) == 1 else (width - used) / (len(words) - 1)
    glyphs = []
    for word in words:
        for letter in word:
            glyphs.append(Glyph(letter, x, x + WIDTH, y, size))
            x += WIDTH
        if spaces:
            glyphs.append(Glyph(" ", x, x + WIDTH, y, size))
        x += gap
    return glyphs


def lines_of(words, width):
    """Break words into lines of at most `width` letters."""
    lines = [[]]
    for word in words:
        if lines[-1] and len(" ".join([*lines[-1], word])) > width:
            lines.append([])
        lines[-1].append(word)
    return [" ".join(line) for line in lines]


def column(words, x, top, letters, **options):
    lines = lines_of(words, letters)
    widths = [letters * WIDTH] * (len(lines) - 1) + [None]
    placed = enumerate(zip(lines, widths, strict=True))
    return [glyph for n, (text, width) in placed for glyph in line(text, x, top - 12 * n, width=width, **options)]


def text_of(glyphs):
    return running_text([paragraphs_of(glyphs)])[0]


@pytest.mark.parametrize("letters", [22, 30, 44])
@pytest.mark.parametrize("spaces", [True, False])
@pytest.mark.parametrize("shift", [0, 5])
def test_justified_columns_keep_every_word_in_its_line(letters, spaces, shift):
    """With gaps of any width within a line, and interleaved lines of two columns."""
    glyphs = line("Harbour to open", 0, 740, size=20)
    for n in range(3):
        glyphs += column(WORDS, n * (letters * WIDTH + 12), 700 - shift * n, letters, spaces=spaces)
    glyphs += line("Page 3", 0, 40)
    whole = " ".join(WORDS)
    assert " ".join(text_of(glyphs).split()) == f"Harbour to open {whole} {whole} {whole} Page 3"


def test_a_gap_within_one_column_does_not_split_it():
    texts = ["One word here", "Two more there", "And so on too", "Yet more words", "The last one."]
    glyphs = [glyph for n, text in enumerate(texts) for glyph in line(text, 0, 700 - 12 * n, width=200)]
    before = line("A line of the same paragraph that is as full as can be", 0, 712)
    assert text_of([*before, *glyphs]) == "A line of the same paragraph that is as full as can be " + " ".join(texts)


def test_columns_of_a_table_are_rows():
    rows = ["Port 12 9", "Sea 7 11", "Land 3 4", "Air 8 2"]
    glyphs = [glyph for n, text in enumerate(rows) for glyph in line(text, 0, 700 - 12 * n, width=300)]
    assert text_of(glyphs) == " ".join(rows)


def test_glyphs_drawn_twice_are_read_once():
    glyphs = line("Bold", 0, 700) + line("Bold", 0.3, 700)
    assert text_of(glyphs) == "Bold"
    assert text_of(line("Goose", 0, 700)) == "Goose"


def seen(words):
    """A line from right to left in visual order, of words in visual order."""
    return list(" ".join(reversed(words)))


@pytest.mark.parametrize(
    ("visual", "read"),
    [
        (seen(["םולש", "םלוע"]), "שלום עולם"),
        (seen(["רצק", "2024", "ביבא"]), "קצר 2024 אביב"),
        (seen(["תרבח", "Delta Freight", "הרסמ"]), "חברת Delta Freight מסרה"),
        (seen(["ךס", "12.5", "ןוילימ"]), "סך 12.5 מיליון"),
        (seen(["ןמ", "12.5%", "ךס"]), "מן 12.5% סך"),
        (seen(["12%-ל", "$5", "ךס"]), "ל-12% $5 סך"),
        (list("%١٢ ﻥﺃ"), "أن ١٢%"),
        (seen(["ךיראתב", "5/2/2024", ",ינש"]), "בתאריך 5/2/2024 שני,"),
        (seen(["(רצק)", "תיב"]), "(קצר) בית"),
        (seen([")רצק(", "תיב"]), "(קצר) בית"),
        (["ل", "\ufefc", "\u062e"], "خلال"),
        (["\ufed6", "\ufeb8", "\ufee3", "د"], "دمشق"),
        (["\ufef1", "ا"], "اي"),
        (list("١٢ ﻥﺃ"), "أن ١٢"),
    ],
)
def test_lines_from_right_to_left_in_the_order_of_reading(visual, read):
    assert read_order(visual, True) == read


def test_words_of_the_other_direction_within_a_line():
    assert read_order(list("He said םולש and left"), False) == "He said שלום and left"
    assert read_order(list("Plain (1) words"), False) == "Plain (1) words"
    assert runs_from_right("שלום a") and not runs_from_right("Hello ש")


def test_columns_from_right_to_left():
    words = ["תיבה", "לודגה", "דמוע", "לע", "הפש", "םיה", "בורק", "למנל", "ןשיה"] * 6
    right = [" ".join(reversed(text.split())) for text in lines_of(words, 24)]
    glyphs = [
        glyph for n, text in enumerate(right) for x in (0, 150) for glyph in line(text, x, 700 - 12 * n, width=120)
    ]
    marked = line("ןושאר", 200, 720, size=16) + glyphs
    whole = " ".join(word[::-1] for word in words)
    assert " ".join(text_of(marked).split()) == f"ראשון {whole} {whole}"


def test_combining_marks_follow_their_letter():
    """Hebrew points and Arabic vowels are drawn over letters in any order."""
    glyphs = [
        Glyph("\u05b8", 12, 12, 0, 10),
        Glyph("ל", 0, 5, 0, 10),
        Glyph("ש", 10, 15, 0, 10),
        Glyph("ו", 5, 10, 0, 10),
    ]
    assert text_of(glyphs) == "ש\u05b8ול"


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=40, max_size=90), st.integers(24, 50), st.integers(1, 3))
def test_no_word_is_lost_or_moved(words, letters, count):
    glyphs = [glyph for n in range(count) for glyph in column(words, n * (letters * WIDTH + 14), 700, letters)]
    assert " ".join(text_of(glyphs).split()) == " ".join(words * count)


def test_a_pdf_of_justified_columns_and_turned_words():
    document = FPDF()
    document.add_page()
    document.set_font("Helvetica", size=10)
    for left in (10, 75, 140):
        document.set_xy(left, 30)
        document.multi_cell(60, 5, " ".join(WORDS), align="J")
    with document.rotation(90, 205, 100):
        document.text(205, 100, "Photo: Mira Holm")
    (draft,) = read(bytes(document.output()), "a.pdf")
    assert draft.text == "\n\n".join([" ".join(WORDS)] * 3 + ["Photo: Mira Holm"])
