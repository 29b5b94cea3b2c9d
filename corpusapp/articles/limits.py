"""The limits of imports, from the settings."""

from django.conf import settings

from corpusapp.intake.limits import Limits


def limits() -> Limits:
    return Limits(
        text_bytes=settings.IMPORT_MAX_TEXT_BYTES,
        line_bytes=settings.IMPORT_MAX_LINE_BYTES,
        row_bytes=settings.IMPORT_MAX_ROW_BYTES,
        page_bytes=settings.IMPORT_MAX_PAGE_BYTES,
        mail_bytes=settings.IMPORT_MAX_MAIL_BYTES,
        docx_bytes=settings.IMPORT_MAX_DOCX_BYTES,
        pdf_bytes=settings.IMPORT_MAX_PDF_BYTES,
        pdf_pages=settings.IMPORT_MAX_PDF_PAGES,
        pdf_seconds=settings.IMPORT_MAX_PDF_SECONDS,
        seconds=settings.IMPORT_MAX_SECONDS,
        archive_depth=settings.IMPORT_MAX_ARCHIVE_DEPTH,
        archive_members=settings.IMPORT_MAX_ARCHIVE_MEMBERS,
        unpacked_bytes=settings.IMPORT_MAX_UNPACKED_BYTES,
        ratio=settings.IMPORT_MAX_UNPACKED_RATIO,
    )
