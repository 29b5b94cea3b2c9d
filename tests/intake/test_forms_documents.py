"""PDF by its text layer, DOCX by its main part."""

import io
import zipfile

import pytest
from fpdf import FPDF
from fpdf.enums import EncryptionMethod

from corpusapp.intake.limits import Limits
from corpusapp.intake.pdf.layout import running_text
from tests.intake.forms import LONG, drafts, failures, only_failure, read, zipped


def pdf(*pages, **encryption):
    document = FPDF()
    document.set_title("Floods feared")
    document.set_author("A. Writer")
    if encryption:
        document.set_encryption(owner_password="owner", **encryption)
    for text in pages:
        document.add_page()
        document.set_font("Helvetica", size=11)
        if text:
            document.multi_cell(0, 6, text)
    return bytes(document.output())


def test_a_pdf():
    (draft,) = read(pdf(LONG, "Second page."), "a.pdf")
    assert draft.text == f"{LONG.strip()}\n\nSecond page."
    assert (draft.title, draft.metadata["author"]) == ("Floods feared", "A. Writer")
    assert draft.form == "pdf" and draft.raw.startswith(b"%PDF")


# A page whose second font has no character map, and its objects.
BARE_PDF = """<</Type/Catalog/Pages 2 0 R>>
<</Type/Pages/Kids[3 0 R]/Count 1>>
<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 R/F2 6 0 R>>>>>>
<</Length {0}>>|stream|{1}|endstream
<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>
<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[7 0 R]>>
<</Type/Font/Subtype/CIDFontType2/BaseFont/X/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)>>/FontDescriptor 8 0 R>>
<</Type/FontDescriptor/FontName/X/Flags 4/FontBBox[0 0 9 9]/ItalicAngle 0/Ascent 8/Descent 2/CapHeight 7/StemV 8>>"""


def test_glyphs_without_characters_are_noted_or_refused():
    def drawn(signs):
        objects = [held.replace("|", "\n") for held in BARE_PDF.format(len(signs), signs).split("\n")]
        body = "".join(f"{number} 0 obj\n{held}\nendobj\n" for number, held in enumerate(objects, 1))
        return f"%PDF-1.4\n{body}trailer\n<</Root 1 0 R>>\n%%EOF".encode()

    (draft,) = read(drawn("BT /F1 9 Tf 50 700 Td (Lena Moor met Max.) Tj /F2 9 Tf <00030004> Tj ET"), "a.pdf")
    assert draft.text == "Lena Moor met Max.\ufffd\ufffd" and "2 signs stand as U+FFFD" in draft.notes[-1]
    assert "read it by OCR" in only_failure(drawn("BT /F2 9 Tf 50 700 Td <000300040005> Tj ET"), "a.pdf").reason


def test_columns_stay_separate_in_any_drawing_order():
    document = FPDF()
    document.add_page()
    document.set_font("Helvetica", size=11)
    for n in range(20):
        for left, word in ((10, "left"), (110, "right")):
            document.set_xy(left, 20 + 6 * n)
            document.cell(80, 6, f"{word} column, line {n} of it")
    (draft,) = read(bytes(document.output()), "a.pdf")
    assert draft.text.rindex("left") < draft.text.index("right")


def test_words_hyphenated_at_line_ends_are_joined():
    text, notes = running_text(
        [["The internation-\nal port of Saint-\nLouis, a well-known\nport, ﬁnally", "re\u00ad\nopens"]]
    )
    assert text == "The international port of Saint-Louis, a well-known port, finally reopens"
    assert notes == ["2 words that were parted at line ends were joined"]
    text, _ = running_text([["a well-\nknown port, well-known to all"]])
    assert text == "a well-known port, well-known to all"


@pytest.mark.parametrize("method", ["RC4", "AES_128", "AES_256"])
def test_a_pdf_with_a_password(method):
    options = {"encryption_method": EncryptionMethod[method]}
    assert "password" in only_failure(pdf(LONG, user_password="secret", **options), "a.pdf").reason
    (draft,) = read(pdf(LONG, **options), "a.pdf")
    assert draft.text == LONG.strip()


def test_a_scanned_pdf():
    assert "scanned" in only_failure(pdf("", ""), "a.pdf").reason


def test_ten_thousand_pages():
    kids = b" ".join(b"%d 0 R" % n for n in range(3, 10_003))
    data = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    data += b"2 0 obj<</Type/Pages/Count 10000/Kids[" + kids + b"]>>endobj\n"
    data += b"".join(b"%d 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n" % n for n in range(3, 10_003))
    assert "more than 1000 pages" in only_failure(data + b"trailer<</Root 1 0 R>>\n%%EOF", "a.pdf").reason


@pytest.mark.parametrize("cut", [0.3, 0.7])
def test_a_damaged_pdf(cut):
    data = pdf(LONG, LONG)
    for item in failures(read(data[: int(len(data) * cut)], "a.pdf")):
        assert "PDF" in item.reason
    assert "PDF" in only_failure(b"%PDF-1.7\n" + b"\xff" * 500, "a.pdf").reason


def test_a_pdf_bomb_has_a_memory_limit():
    import zlib

    packed = zlib.compress(bytes(500_000_000), 1)
    head = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    head += b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj\n"
    stream = b"4 0 obj<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream endobj\n" % (len(packed), packed)
    limits = Limits(memory=400_000_000, pdf_seconds=20)
    assert only_failure(head + stream + b"trailer<</Root 1 0 R>>\n%%EOF", "a.pdf", limits=limits).reason


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
BODY = """<w:p><w:r><w:t>Zarif </w:t></w:r>
<w:r><w:t xml:space="preserve">met</w:t><w:tab/><w:t>Muallem.</w:t></w:r></w:p>
<w:p><w:del><w:r><w:delText>gone</w:delText><w:t>gone</w:t></w:r></w:del><w:ins><w:r><w:t>new</w:t></w:r></w:ins></w:p>
<w:p><w:r><w:instrText>HYPERLINK</w:instrText><w:t>link</w:t><w:br/><w:t>line</w:t></w:r></w:p>"""
CORE = """<cp:coreProperties xmlns:cp="c" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Talks</dc:title>
<dc:creator>A. Writer</dc:creator></cp:coreProperties>"""


def docx(body=BODY, declared="", **more):
    document = f'<?xml version="1.0"?>{declared}<w:document {W}><w:body>{body}</w:body></w:document>'
    parts = {"[Content_Types].xml": "<Types/>", "word/document.xml": document, "docProps/core.xml": CORE}
    comments = f"<w:comments {W}><w:comment><w:p><w:r><w:t>secret</w:t></w:r></w:p></w:comment></w:comments>"
    return zipped({**parts, "word/comments.xml": comments, "word/header1.xml": comments, **more})


def test_a_docx():
    (draft,) = read(docx(), "a.docx")
    assert draft.text == "Zarif met\tMuallem.\nnew\nlink\nline"
    assert (draft.title, draft.metadata["author"]) == ("Talks", "A. Writer")
    assert draft.form == "docx"
    assert read(docx(), "a.zip")[0].text == draft.text
    assert read(zipped({"in.docx": docx()}), "a.zip")[0].item == "a.zip/in.docx"


def notes_of(kind, *texts):
    """A part with notes: its separator, then notes numbered from 1."""
    notes = "".join(f'<w:{kind} w:id="{n}">{paragraph(text)}</w:{kind}>' for n, text in enumerate(texts, 1))
    separator = f'<w:{kind} w:type="separator" w:id="0"><w:p><w:r><w:separator/></w:r></w:p></w:{kind}>'
    return f"<w:{kind}s {W}>{separator}{notes}</w:{kind}s>"


def paragraph(text, properties="", run=""):
    return f"<w:p>{properties}<w:r>{run}<w:t>{text}</w:t></w:r></w:p>"


def test_footnotes_and_endnotes_follow_the_text():
    reference = '<w:r><w:footnoteReference w:id="{}"/></w:r>'
    body = f"<w:p><w:r><w:t>Zarif left.</w:t></w:r>{reference.format(2)}<w:r><w:t> He said so.</w:t></w:r></w:p>"
    body += f"<w:p><w:r><w:t>Muallem stayed.</w:t></w:r>{reference.format(1)}"
    body += '<w:r><w:endnoteReference w:id="1"/></w:r></w:p>'
    parts = {
        "word/footnotes.xml": notes_of("footnote", "To Tehran.", "On Monday.", "Nobody refers to this."),
        "word/endnotes.xml": notes_of("endnote", "Told by Reuters."),
    }
    (draft,) = read(docx(body, **parts), "a.docx")
    assert draft.text == "Zarif left. He said so.\nMuallem stayed.\nOn Monday.\nTo Tehran.\nTold by Reuters."
    assert draft.notes == ("2 footnotes stand behind the text", "1 endnotes stand behind the text")


HIDDEN = "<w:rPr><w:vanish/></w:rPr>"
STYLES = f"""<w:styles {W}><w:style w:styleId="Titel"><w:name w:val="Title"/></w:style>
<w:style w:styleId="Geheim"><w:name w:val="Secret"/>{HIDDEN}</w:style>
<w:style w:styleId="Geheimer"><w:name w:val="More"/><w:basedOn w:val="Geheim"/></w:style></w:styles>"""


def test_hidden_text_is_skipped_and_counted():
    style = '<w:pPr><w:pStyle w:val="Geheimer"/></w:pPr>'
    body = (
        "<w:p><w:r><w:t>Seen</w:t></w:r><w:r>"
        f"{HIDDEN}<w:t>hidden</w:t></w:r></w:p>"
        + paragraph("also", style)
        + paragraph("by style", run='<w:rPr><w:rStyle w:val="Geheim"/></w:rPr>')
        + paragraph(" shown", style, '<w:rPr><w:vanish w:val="0"/></w:rPr>')
        # The paragraph mark may be hidden without its text.
        + paragraph("Last", f"<w:pPr>{HIDDEN}</w:pPr>")
    )
    (draft,) = read(docx(body, **{"word/styles.xml": STYLES}), "a.docx")
    assert draft.text.split("\n") == ["Seen", "", "", " shown", "Last"]
    assert draft.notes == (f"{len('hiddenalsoby style')} characters of hidden text are left out",)


@pytest.mark.parametrize(("style", "styles"), [("Titel", {"word/styles.xml": STYLES}), ("Title", {})])
def test_the_paragraph_in_the_style_of_a_title_is_the_title(style, styles):
    title = paragraph("Harbour to open", f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>')
    (draft,) = read(docx(title + paragraph("Zarif left."), **styles), "a.docx")
    assert (draft.title, draft.text) == ("Harbour to open", "Harbour to open\nZarif left.")
    assert read(docx(), "a.docx")[0].title == "Talks"


def test_refused_documents():
    sheet = zipped({"[Content_Types].xml": "x", "xl/workbook.xml": "x"})
    assert "a spreadsheet" in only_failure(sheet, "a.xlsx").reason
    assert "cannot be read" in only_failure(docx()[:-100], "a.docx").reason
    assert "cannot be read" in only_failure(docx("<w:p>"), "a.docx").reason
    assert (
        "more than 100000 bytes"
        in only_failure(docx("x" * 200_000), "a.docx", limits=Limits(docx_bytes=100_000)).reason
    )


def test_entities_in_a_docx_are_not_resolved():
    declared = '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/hostname"><!ENTITY f "bomb">]>'
    items = read(docx("<w:p><w:r><w:t>a&e;&f;</w:t></w:r></w:p>", declared), "a.docx")
    assert [draft.text for draft in drafts(items)] in ([], ["a"])


def test_a_docx_nested_deep():
    items = read(docx("<w:p>" * 5000 + "</w:p>" * 5000), "a.docx")
    assert len(failures(items)) == 1


def test_a_docx_with_a_password():
    assert "old Office file" in only_failure(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.docx").reason
    data = bytearray(docx())
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        info = archive.getinfo("word/document.xml")
    data[info.header_offset + 6] |= 1
    data[data.index(b"PK\1\2", data.index(b"PK\1\2") + 1) + 8] |= 1
    assert "password" in only_failure(bytes(data), "a.docx").reason
