"""Build files of all forms in memory, and read them."""

import io
import re
import tarfile
import zipfile

from corpusapp.intake.draft import Draft, Failure
from corpusapp.intake.files import read_file

LONG = (
    "The river authority said on Tuesday that the new embankment would be finished before the spring floods arrive. "
    "Residents of the lower town remained sceptical, and the mayor asked them for patience at a crowded meeting. "
)
PAGE = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Floods feared</title></head>
<body><nav><a href="/">Home</a></nav><article><h1>Floods feared</h1><p>{LONG}</p>
<p>{LONG.replace("Tuesday", "Friday")}</p></article><footer>All rights reserved</footer></body></html>"""


def read(data, name, **options):
    return list(read_file(io.BytesIO(data), name, **options))


def drafts(items):
    return [item for item in items if isinstance(item, Draft)]


def failures(items):
    return [item for item in items if isinstance(item, Failure)]


def only_failure(data, name, **options):
    (failure,) = read(data, name, **options)
    assert isinstance(failure, Failure), failure
    return failure


def zipped(members, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def tarred(members, mode="w"):
    """A tar of {name: bytes or TarInfo type}."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            if isinstance(data, bytes) and len(data) == 1 and data in b"123456":
                info.type, info.linkname = data, "/etc/passwd"
                archive.addfile(info)
            else:
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


class Unseekable(io.RawIOBase):
    """A file that cannot seek, over chunks that are created lazily."""

    def __init__(self, chunks):
        self._chunks, self._rest, self.most = iter(chunks), b"", 0

    def readable(self):
        return True

    def readinto(self, buffer):
        while not self._rest:
            found = next(self._chunks, None)
            if found is None:
                return 0
            self._rest = found
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


def hanging(path, name):
    """A project reader, line by line, that hangs on a line with the word HANG."""
    read = 0
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if "HANG" in line:
            re.fullmatch("(a+)+b", "a" * 60)
        read += len(line)
        yield Draft(item=f"{name}: {number}", line=number, form="txt", text=line), read
