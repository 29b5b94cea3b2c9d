"""How much is taken of anything that comes in. One value, given to every reader."""

from dataclasses import dataclass

from corpusapp.intake.draft import MAX_TEXT

MB = 1_000_000


@dataclass(frozen=True)
class Limits:
    """Bytes unless said otherwise. What passes a limit is refused as an item; the others go on."""

    # A text of MAX_TEXT code points takes at most four bytes each; a JSON line may carry spans beside it.
    text_bytes: int = 4 * MAX_TEXT
    line_bytes: int = 8 * MAX_TEXT
    # An unclosed quote swallows what follows it, until here; then the row is refused and its next line begins a row.
    row_bytes: int = 16 * MB
    page_bytes: int = 20 * MB
    mail_bytes: int = 25 * MB
    docx_bytes: int = 50 * MB
    pdf_bytes: int = 100 * MB
    pdf_pages: int = 1_000
    pdf_seconds: int = 120
    # Processor time that any other item may take to be read, and again to be completed; and memory, for all of them.
    seconds: int = 60
    memory: int = 2_000 * MB
    # Archives within archives; a .tar.gz counts twice.
    archive_depth: int = 4
    archive_members: int = 1_000_000
    # A nested zip has to be kept, in a nameless temporary file, to be read.
    nested_bytes: int = 2_000 * MB
    # All that one file may unpack to, and how many times its own size once it has passed `ratio_from`.
    unpacked_bytes: int = 50_000 * MB
    ratio: int = 200
    ratio_from: int = 64 * MB
