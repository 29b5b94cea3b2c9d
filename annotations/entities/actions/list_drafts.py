"""Keep an uploaded list for a day, between its preview and its import."""

import secrets
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing

from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core import disk, upkeep
from corpusapp.core.errors import Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

_FOLDER, _SALT = "entity-lists", "entity list"


def keep_draft(*, user: "User", corpus: Corpus, name: str, data: bytes) -> str:
    """Keep a file; returns what names it to this user in this corpus."""
    require(user, corpus, Role.MANAGER)
    disk.require_room(len(data))
    folder = settings.HOME.path / _FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    kept = secrets.token_hex(16)
    (folder / kept).write_bytes(data)
    return signing.dumps([kept, user.pk, corpus.pk, name[:200]], salt=_SALT)


def read_draft(*, user: "User", corpus: Corpus, draft: str) -> tuple[str, bytes]:
    """The name and the content of a kept file. Refuses one of others, and one that is gone (`Invalid`)."""
    try:
        kept, owner, owned, name = signing.loads(draft, salt=_SALT)
        if (owner, owned) != (user.pk, corpus.pk):
            raise signing.BadSignature
        return str(name), (settings.HOME.path / _FOLDER / str(kept)).read_bytes()
    except (signing.BadSignature, ValueError, FileNotFoundError) as error:
        raise Invalid("the file is no longer kept: choose it again", field="file") from error


def prune_drafts() -> int:
    """Delete files that were kept for a day; returns how many."""
    folder = settings.HOME.path / _FOLDER
    return upkeep.remove_older(list(folder.iterdir()), 1) if folder.is_dir() else 0
