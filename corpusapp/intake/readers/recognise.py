"""Recognise the form of a file: by its first bytes, then by its name."""

from corpusapp.intake.draft import Unfit
from corpusapp.intake.readers.encodings import looks_binary, rough_text
from corpusapp.intake.readers.registry import Head, Reader, Registry
from corpusapp.intake.readers.streams import HEAD

_FOREIGN = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "a RIFF file (sound, film or WebP image)"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"\xd0\xcf\x11\xe0", "an old Office file (.doc, .xls): save it as .docx or .csv"),
    (b"{\\rtf", "an RTF file: save it as .docx or .txt"),
    (b"SQLite format 3", "a database"),
    (b"7z\xbc\xaf", "a 7z archive: pack it as .zip or .tar.gz"),
    (b"Rar!", "a RAR archive: pack it as .zip or .tar.gz"),
    (b"BZh", "a bzip2 file: pack it as .gz or .zip"),
    (b"\xfd7zXZ", "an xz file: pack it as .gz or .zip"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file: pack it as .gz or .zip"),
    (b"PAR1", "a Parquet file: export it as .jsonl or .csv"),
    (b"OggS", "a sound file"),
    (b"ID3", "a sound file"),
    (b"\0\0\0 ftyp", "a film"),
    (b"\0\0\0\x18ftyp", "a film"),
    (b"wOF", "a font"),
)


def recognise(data: bytes, name: str, registry: Registry) -> Reader:
    """The reader for a file that begins with `data`. Raises `Unfit`, with the kind of file if known."""
    if not data:
        raise Unfit("the file is empty")
    head = Head(data[:HEAD], rough_text(data[:HEAD]), suffix_of(name))
    signed = [reader for reader in registry.readers if reader.signed]
    for reader in signed:
        if reader.recognises(head, head.suffix in reader.suffixes):
            return reader
    if foreign := _foreign(head.data):
        raise Unfit(f"this is {foreign}, not an article")
    for reader in signed:
        if head.suffix in reader.suffixes:
            raise Unfit(f"it is named {head.suffix} but does not begin like one: it is damaged, or something else")
    if looks_binary(head.data):
        raise Unfit("this is a binary file of no known kind, not text")
    for reader in registry.readers:
        if not reader.signed and reader.recognises(head, head.suffix in reader.suffixes):
            return reader
    raise Unfit(f"unsupported file type: use {', '.join(registry.suffixes())}")


def suffix_of(name: str) -> str:
    """The suffix in lower case: `.txt` of `a/B.TXT`; empty if there is none."""
    last = name.replace("\\", "/").rpartition("/")[2]
    stem, dot, ending = last.rpartition(".")
    return f".{ending.lower()}" if dot and stem else ""


def _foreign(data: bytes) -> str | None:
    if data.startswith(b"PK") and data[30:38] == b"mimetype":
        return "an OpenDocument or EPUB file: save it as .docx or .html"
    return next((kind for start, kind in _FOREIGN if data.startswith(start)), None)
