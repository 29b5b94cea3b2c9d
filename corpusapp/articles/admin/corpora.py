"""Admin pages of corpora, members and sources. Other apps add rows to the page of a corpus by `offer_inline`."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.options import InlineModelAdmin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from corpusapp.accounts.models import User
from corpusapp.accounts.requests import user_of
from corpusapp.articles.actions.corpora import create_corpus, edit_corpus, remove_member, set_member
from corpusapp.articles.actions.withdraw import restore_corpus, withdraw_corpus
from corpusapp.articles.admin.erasing import erase_whole
from corpusapp.articles.admin.filters import CorpusFilter
from corpusapp.articles.models import Corpus, Membership, Role, Source
from corpusapp.articles.models.corpus import PUBLICATION_FIELDS
from corpusapp.articles.permissions import may_create_corpora
from corpusapp.core.admin.access import managed_corpora, sees_all, withdrawn_corpora
from corpusapp.core.admin.inlines import CorpusInline, FixedFieldsForm
from corpusapp.core.admin.scoped import ScopedAdmin
from corpusapp.core.errors import Refusal

_inlines: list[type[CorpusInline]] = []


def offer_inline(inline: type[CorpusInline]) -> type[CorpusInline]:
    """Show and write these rows on the page of their corpus."""
    _inlines.append(inline)
    return inline


class MemberForm(FixedFieldsForm):
    # The user of a stored membership stays.
    fixed = ("user",)


@offer_inline
class MemberInline(CorpusInline):
    model = Membership
    form = MemberForm
    fields = ("user", "role")
    autocomplete_fields = ("user",)
    verbose_name, verbose_name_plural = "member", "members"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user", "corpus").order_by("user__username")


@admin.action(description="Withdraw the selected corpora")
def withdraw_whole(page: ScopedAdmin, request: HttpRequest, queryset: QuerySet[Corpus]) -> None:
    _each(page, request, queryset, "Withdrew", withdraw_corpus)


@admin.action(description="Restore the selected corpora")
def restore_whole(page: ScopedAdmin, request: HttpRequest, queryset: QuerySet[Corpus]) -> None:
    _each(page, request, queryset, "Restored", restore_corpus)


def _each(
    page: ScopedAdmin, request: HttpRequest, queryset: QuerySet[Corpus], verb: str, act: Callable[..., None]
) -> None:
    for corpus in queryset:
        try:
            act(user=user_of(request), corpus=corpus)
        except Refusal as refusal:
            page.message_user(request, refusal.detail, messages.WARNING)
        else:
            LogEntry.objects.log_actions(user_of(request).pk, [corpus], CHANGE, f"List action: {verb.lower()}.")
            page.message_user(request, f"{verb} {corpus.name}.", messages.SUCCESS)


@admin.register(Corpus)
class CorpusAdmin(ScopedAdmin):
    corpus_path = "pk"
    can_add = can_change = logs_for_managers = True
    list_display = ("name", "slug", "language", "nesting_allowed", "created_at", "shown")
    search_fields = ("name", "slug")
    readonly_fields = ("created_at", "withdrawn_at")
    ordering = ("name", "pk")
    actions = [withdraw_whole, restore_whole, erase_whole]
    open_text = "Open the corpus"
    labels: ClassVar = {
        "nesting_allowed": "Suggest nested spans", "entities_enabled": "Link names to entities",
        "created_at": "Created", "withdrawn_at": "Withdrawn",
    }  # fmt: skip
    help_texts: ClassVar = {
        "slug": "Part of the corpus's address, such as iran-syria. It cannot be changed later.",
        "name": "Title of the corpus, such as Iran–Syria relations.",
        "language": "Language of most articles, as an ISO 639-1 code: en, ar, de.",
        "guidelines": "Rules for editors: what counts as which label, with examples. Shown next to each article.",
        "nesting_allowed": "Suggestions may then overlap confirmed spans. Editors can always nest spans.",
        "entities_enabled": "If off, entities are not shown, and names are not linked; what was decided is kept.",
    }

    def accessible(self, request: HttpRequest, rows: QuerySet[Corpus]) -> QuerySet[Corpus]:
        """Also the withdrawn corpora of a manager, who may restore them."""
        if sees_all(request):
            return rows
        return rows.filter(pk__in=managed_corpora(request) | withdrawn_corpora(request))

    def has_access(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_access(request, obj) or (obj is not None and obj.pk in withdrawn_corpora(request))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Whether the corpus may be changed; a withdrawn one must be restored first."""
        withdrawn = isinstance(obj, Corpus) and obj.withdrawn_at is not None
        return super().has_change_permission(request, obj) and not withdrawn

    def choices(self, request: HttpRequest) -> QuerySet[Corpus]:
        return self.get_queryset(request).filter(withdrawn_at=None)

    @admin.display(description="visible", boolean=True)
    def shown(self, corpus: Corpus) -> bool:
        return corpus.withdrawn_at is None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return user_of(request).is_active and may_create_corpora(user_of(request))

    def get_inlines(self, request: HttpRequest, obj: Corpus | None) -> list[type[InlineModelAdmin]]:
        return [inline for inline in _inlines if (inline.in_new_corpora if obj is None else inline.fits(obj))]

    def get_view_on_site_url(self, obj: Corpus | None = None) -> str | None:
        return reverse("corpus", args=[obj.slug]) if obj is not None and obj.withdrawn_at is None else None

    def get_fields(self, request: HttpRequest, obj: Corpus | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("slug", "name", "language", "guidelines", *PUBLICATION_FIELDS)
        switches = ("nesting_allowed", "entities_enabled")
        fields = ("slug", "name", "language", "guidelines", *switches, *PUBLICATION_FIELDS)
        return (*fields, "created_at", "withdrawn_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Corpus | None = None) -> tuple[str, ...]:
        # URLs and clients use the slug.
        return self.readonly_fields if obj is None else ("slug", *self.readonly_fields)

    def perform_add(self, request: HttpRequest, values: dict[str, Any]) -> Model:
        return create_corpus(user=user_of(request), **values)

    def perform_change(self, request: HttpRequest, obj: Corpus, values: dict[str, Any]) -> Model:
        return edit_corpus(user=user_of(request), corpus=obj, **values)


@admin.register(Membership)
class MembershipAdmin(ScopedAdmin):
    can_add = can_change = can_delete = logs_for_managers = True
    list_display = ("username", "corpus", "role")
    list_filter = (CorpusFilter, "role")
    list_select_related = ("user", "corpus")
    search_fields = ("user__username", "corpus__name")
    autocomplete_fields = ("corpus", "user")
    fields = ("corpus", "user", "role")
    ordering = ("corpus__name", "user__username", "pk")

    @admin.display(description="user")
    def username(self, membership: Membership) -> str:
        return membership.user.username

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        return self.fields if obj is None else ("corpus_name", "username", "role")

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        return () if obj is None else ("corpus_name", "username")

    @admin.display(description="corpus")
    def corpus_name(self, membership: Membership) -> str:
        return membership.corpus.name

    def perform_add(self, request: HttpRequest, values: dict[str, Any]) -> Model:
        member: User = values["user"]
        return set_member(user=user_of(request), corpus=values["corpus"], member=member, role=Role(values["role"]))

    def perform_change(self, request: HttpRequest, obj: Membership, values: dict[str, Any]) -> Model:
        return set_member(user=user_of(request), corpus=obj.corpus, member=obj.user, role=Role(values["role"]))

    def perform_delete(self, request: HttpRequest, obj: Membership) -> None:
        remove_member(user=user_of(request), membership=obj)

    def choice_text(self, obj: Membership) -> str:
        return obj.user.username

    def order_of_writes(self, request: HttpRequest, rows: Iterable[Membership]) -> list[Membership]:
        # The user's own membership comes last: without it, the others could not be changed.
        return sorted(rows, key=lambda membership: membership.user_id == user_of(request).pk)


@admin.register(Source)
class SourceAdmin(ScopedAdmin):
    """Sources are created by imports."""

    list_display = ("name", "corpus")
    list_filter = (CorpusFilter,)
    list_select_related = ("corpus",)
    search_fields = ("name",)
    ordering = ("name", "pk")
