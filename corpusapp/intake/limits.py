"""Limits of what is imported. All readers get the same value."""

from dataclasses import dataclass

from corpusapp.intake.draft import MAX_TEXT

MB = 1_000_000


@dataclass(frozen=True)
class Limits:
    """In bytes, unless stated otherwise. An item over a limit fails; the import continues."""

    # A code point takes at most four bytes; a JSON line may also have spans.
    text_bytes: int = 4 * MAX_TEXT
    line_bytes: int = 8 * MAX_TEXT
    # An unclosed quote includes all that follows, up to this limit; then the row fails and its next line is a new row.
    row_bytes: int = 16 * MB
    page_bytes: int = 20 * MB
    mail_bytes: int = 25 * MB
    docx_bytes: int = 50 * MB
    pdf_bytes: int = 100 * MB
    pdf_pages: int = 1_000
    pdf_seconds: int = 120
    # Processor time to read any other item, and again to complete it; memory for reading an item.
    seconds: int = 60
    memory: int = 2_000 * MB
    # Archives within archives; a .tar.gz counts twice.
    archive_depth: int = 4
    archive_members: int = 1_000_000
    # A nested ZIP is copied to an unnamed temporary file.
    nested_bytes: int = 2_000 * MB
    # Total unpacked size of one file, and its maximum ratio to the packed size from `ratio_from` on.
    unpacked_bytes: int = 50_000 * MB
    ratio: int = 200
    ratio_from: int = 64 * MB
