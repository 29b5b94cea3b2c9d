"""Create and edit a corpus, and manage its members."""

import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError

from corpusapp.articles.models import Article, Corpus, Membership, Role
from corpusapp.articles.models.corpus import PUBLICATION_FIELDS, slug_shape
from corpusapp.articles.permissions import keep_role, may_create_corpora, require
from corpusapp.articles.ports import NewLabel, label_faults, subscribers
from corpusapp.core.errors import Conflict, Invalid, NotAllowed, Stale
from corpusapp.text.wellformed import fault

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

MAX_GUIDELINES = 100_000
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
_LINE_BREAK = re.compile("[\t\n\u2028\u2029]")
# Pages of the site have these addresses, where a corpus would have its own.
_RESERVED = ("new",)


class Publication(TypedDict, total=False):
    """What users of the data have to know. Releases and files say it."""

    licence: str
    version: str
    citation: str
    contact: str


@transaction.atomic
def create_corpus(
    *,
    user: "User",
    slug: str,
    name: str = "",
    language: str = "en",
    guidelines: str = "",
    label_set: str = "",
    labels: Sequence[NewLabel] = (),
    entities_enabled: bool = True,
    **publication: Unpack[Publication],
) -> Corpus:
    """Create a corpus with these labels, else with those of a set, by default the first; its creator manages it."""
    if not may_create_corpora(user):
        raise NotAllowed("only superusers can create a corpus: ask one")
    check_slug(slug)
    if Corpus.objects.filter(slug=slug).exists():
        raise Conflict(f"a corpus {slug!r} already exists: choose another slug", field="slug")
    for position, reason in label_faults(labels).items():
        raise Invalid(f"label {position + 1}: {reason}", field="labels")
    name, known = name or slug.replace("-", " ").capitalize(), _checked(publication)
    corpus = Corpus.objects.create(
        slug=slug, name=name, language=language, guidelines=guidelines, entities_enabled=entities_enabled, **known
    )
    if not user.is_system:
        Membership.objects.create(user=user, corpus=corpus, role=Role.MANAGER)
    for subscriber in subscribers():
        subscriber.corpus_created(corpus=corpus, label_set=label_set, labels=labels)
    return corpus


@transaction.atomic
def discard_corpus(*, user: "User", corpus: Corpus) -> None:
    """Delete a corpus without articles, so that its slug is free again."""
    require(user, corpus, Role.MANAGER)
    if Article.objects.filter(corpus=corpus).exists():
        raise Conflict(f"corpus {corpus.slug!r} contains articles: withdraw or erase it instead")
    try:
        corpus.delete()
    except ProtectedError as error:
        raise Conflict(
            f"corpus {corpus.slug!r} has entities, and a log of what was decided: withdraw or erase it instead"
        ) from error


def check_slug(slug: str) -> None:
    """Refuse an invalid or too long slug."""
    try:
        slug_shape(slug)
    except ValidationError as error:
        raise Invalid(f"{slug[:80]!r} cannot be a corpus's slug. {error.messages[0]}", field="slug") from error
    if slug in _RESERVED:
        raise Invalid(f"{slug!r} is the address of a page: choose another slug", field="slug")
    if len(slug) > 64:
        raise Invalid(f"the slug has {len(slug)} characters: the limit is 64", field="slug")


@transaction.atomic
def edit_corpus(
    *,
    user: "User",
    corpus: Corpus,
    name: str,
    language: str,
    nesting_allowed: bool,
    guidelines: str | None = None,
    entities_enabled: bool | None = None,
    **publication: Unpack[Publication],
) -> Corpus:
    """Change the name and settings of a corpus. What is None, and fields of `Publication` that are left out, stay."""
    require(user, corpus, Role.MANAGER)
    corpus.name, corpus.language, corpus.nesting_allowed = name, language, nesting_allowed
    changed = ["name", "language", "nesting_allowed"]
    if guidelines is not None:
        corpus.guidelines = guidelines
        changed.append("guidelines")
    for field, value in _checked(publication).items():
        setattr(corpus, field, value)
        changed.append(field)
    turned_on = entities_enabled is True and not corpus.entities_enabled
    if entities_enabled is not None:
        corpus.entities_enabled = entities_enabled
        changed.append("entities_enabled")
    corpus.save(update_fields=changed)
    for subscriber in subscribers() if turned_on else ():
        subscriber.entities_turned_on(corpus=corpus)
    return corpus


def _checked(publication: Publication) -> dict[str, str]:
    """The fields, with the line ends of stored texts. Refuses what some file could not hold."""
    checked = {}
    for field, given in publication.items():
        value = str(given).replace("\r\n", "\n").replace("\r", "\n")
        if reason := fault(value):
            raise Invalid(f"the {field} {reason}", field=field)
        if len(value) > PUBLICATION_FIELDS[field]:
            raise Invalid(
                f"the {field} has {len(value)} characters: the limit is {PUBLICATION_FIELDS[field]}", field=field
            )
        if found := _CONTROL.search(value) or (field != "citation" and _LINE_BREAK.search(value)) or None:
            what = "a control character" if _CONTROL.match(found[0]) else "a tab or line break"
            raise Invalid(f"the {field} has {what} (U+{ord(found[0]):04X}) at {found.start()}: remove it", field=field)
        checked[field] = value
    return checked


@transaction.atomic
def edit_guidelines(*, user: "User", corpus: Corpus, guidelines: str, shown: str) -> Corpus:
    """Change the guidelines of a corpus. `shown` is the `guidelines_mark` of the text that the user edited.

    Refuses (`Stale`, with the present text as `current`) if they were changed since.
    """
    require(user, corpus, Role.MANAGER)
    present = Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk)
    if guidelines_mark(present.guidelines) != shown:
        raise Stale(
            "the guidelines were changed while you edited them: compare both texts, and save again",
            field="guidelines",
            current=present.guidelines,
        )
    if len(guidelines) > MAX_GUIDELINES:
        raise Invalid(
            f"the guidelines have {len(guidelines)} characters: the limit is {MAX_GUIDELINES}", field="guidelines"
        )
    present.guidelines = guidelines
    present.save(update_fields=["guidelines"])
    return present


def guidelines_mark(guidelines: str) -> str:
    """A short mark of a text, which a form sends back to say which text it was made from."""
    return hashlib.sha256(guidelines.encode()).hexdigest()[:32]


@transaction.atomic
def set_member(*, user: "User", corpus: Corpus, member: "User", role: Role) -> Membership:
    """Add a member, or change the role of one. Refuses another role for the last manager."""
    require(user, corpus, Role.MANAGER)
    if role != Role.MANAGER:
        _require_another_manager(corpus, member, "change this role")
    membership, _ = Membership.objects.update_or_create(user=member, corpus=corpus, defaults={"role": role})
    if member.pk == user.pk:
        keep_role(user, corpus.pk, role)
    return membership


@transaction.atomic
def remove_member(*, user: "User", membership: Membership) -> None:
    """Remove a member from a corpus, unless it is the last manager. The member's decisions stay."""
    require(user, membership.corpus, Role.MANAGER)
    _require_another_manager(membership.corpus, membership.user, "remove this member")
    membership.delete()
    if membership.user_id == user.pk:
        keep_role(user, membership.corpus_id, None)


def _require_another_manager(corpus: Corpus, member: "User", then: str) -> None:
    """Refuse if `member` is the only manager of the corpus who can sign in.

    The corpus is locked, so that two managers cannot remove each other at the same time.
    """
    Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk)
    managers = Membership.objects.filter(corpus=corpus, role=Role.MANAGER)
    others = managers.filter(user__is_active=True).exclude(user=member)
    if managers.filter(user=member).exists() and not others.exists():
        raise Conflict(
            f"the only manager of {corpus.name} is {member.username}: make another member a manager first, then {then}",
            field="role",
        )
