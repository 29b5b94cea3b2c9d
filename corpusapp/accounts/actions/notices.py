"""Notify users of what concerns them, on the page of notices and, if they chose so, by e-mail."""

import logging
import smtplib
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from corpusapp.accounts.models import Notice, User
from corpusapp.accounts.permissions import require_whole
from corpusapp.accounts.ports import visible_corpora
from corpusapp.accounts.queries import for_reading, notices_of
from corpusapp.core import jobs
from corpusapp.core.errors import Invalid

logger = logging.getLogger(__name__)
_IDS = 2**63
SEND_NOTICE = "send_notice"
# Read notices are deleted after so many days.
KEPT_DAYS = 90
# Preference of a user: whether each notice is also sent by e-mail.
BY_EMAIL = "email_notices"


@transaction.atomic
def notify(
    *,
    users: Iterable[User],
    kind: Notice.Kind,
    address: str,
    corpus: Any = None,
    article: Any = None,
    actor: User | None = None,
    once: bool = False,
    **details: str | int,
) -> list[Notice]:
    """Notify each of the users who can see the corpus, except for `actor`, who did it.

    `address` is the path of the page about it, and `details` are values of the sentence of this kind. With `once`,
    users who already had a notice of this kind and address get none.
    """
    rows = [
        Notice(user=user, kind=kind, actor=actor, corpus=corpus, article=article, address=address, details=details)
        for user in dict.fromkeys(users)
        if user != actor and _can_see(user, corpus)
    ]
    if once:
        earlier = Notice.objects.filter(kind=kind, address=address, user__in=[row.user_id for row in rows])
        told = set(earlier.order_by().values_list("user_id", flat=True))
        rows = [row for row in rows if row.user_id not in told]
    created = Notice.objects.bulk_create(rows)
    for notice in created:
        if gets_email(notice.user):
            jobs.defer(SEND_NOTICE, queue=jobs.MAIL, notice_id=notice.pk)
    return created


def _can_see(user: User, corpus: Any) -> bool:
    if not user.is_active or user.is_system:
        return False
    return corpus is None or visible_corpora(user).filter(pk=corpus.pk).exists()


def gets_email(user: User) -> bool:
    """Whether the user's notices are also sent by e-mail: a server is set, and the user chose so."""
    return bool(settings.EMAIL_HOST and user.email and user.preferences.get(BY_EMAIL))


@transaction.atomic
def mark_read(*, user: User, notices: Sequence[int] | None = None) -> int:
    """Mark these notices of the user as read, or all without `notices`; returns how many were unread."""
    require_whole(user)
    unread = notices_of(user).filter(read_at=None)
    if notices is not None:
        unread = unread.filter(pk__in=[pk for pk in notices if 0 < pk < _IDS])
    return Notice.objects.filter(pk__in=unread.order_by().values("pk")).update(read_at=timezone.now())


@transaction.atomic
def choose_email(*, user: User, email: str, each_notice: bool) -> User:
    """Change the user's e-mail address, and whether each notice is sent there."""
    require_whole(user)
    email = email.strip()
    if email:
        try:
            validate_email(email)
        except ValidationError as error:
            reason = f"{email[:80]!r} is not an e-mail address: write one such as anna@example.org"
            raise Invalid(reason, field="email") from error
    if len(email) > 254:
        raise Invalid(f"the address has {len(email)} characters: the limit is 254", field="email")
    if each_notice and not email:
        raise Invalid("there is no address to send notices to: enter your e-mail address", field="email")
    user.email, user.preferences = email, {**user.preferences, BY_EMAIL: each_notice}
    user.save(update_fields=["email", "preferences"])
    return user


def send_notice(*, notice_id: int) -> None:
    """Send a notice by e-mail, unless it was sent or read since, or its user may not see it any more.

    Raises the errors of the mail server, except for an address that it refuses for good.
    """
    notice = for_reading(Notice.objects.filter(pk=notice_id, mailed_at=None, read_at=None)).first()
    if notice is None or not gets_email(notice.user) or not notices_of(notice.user).filter(pk=notice.pk).exists():
        return
    sentence = str(notice)
    body = f"{sentence}.\n\n{settings.SITE_URL}{notice.address}\n\n{_FOOTER.format(settings.SITE_URL)}\n"
    try:
        EmailMessage(sentence, body, settings.EMAIL_FROM, [notice.user.email], headers=_HEADERS).send()
    except smtplib.SMTPRecipientsRefused as refused:
        if any(code < 500 for code, _ in refused.recipients.values()):
            raise
        logger.warning("the mail server refuses the address of %s: notice %d is not sent", notice.user, notice_id)
    Notice.objects.filter(pk=notice_id).update(mailed_at=timezone.now())


def prune_notices() -> int:
    """Delete notices that were read long ago; returns how many."""
    old = Notice.objects.filter(read_at__lt=timezone.now() - timedelta(days=KEPT_DAYS))
    return old.delete()[0]


# So that no absence note answers.
_HEADERS = {"Auto-Submitted": "auto-generated"}
_FOOTER = "You get this mail because you chose so under Your account: {}/account/"
