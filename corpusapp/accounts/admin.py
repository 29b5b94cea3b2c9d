"""Admin pages of accounts, tokens and the admin log, for superusers."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from corpusapp.accounts.actions.tokens import revoke_token
from corpusapp.accounts.actions.users import save_user
from corpusapp.accounts.models import Token, User
from corpusapp.accounts.requests import user_of
from corpusapp.core.admin.access import sees_all
from corpusapp.core.admin.scoped import SuperuserAdmin

# Managers who add a member know the username, and must not list all accounts.
SHORTEST_TERM = 3


class PasswordForm(AdminPasswordChangeForm):
    """Saves the account as the user of the request, whom `UserAdmin.get_object` sets on it."""

    def save(self, commit: bool = True) -> User:
        account = super().save(commit=False)
        return save_user(user=account.edited_by, account=account) if commit else account


@admin.register(User)
class UserAdmin(SuperuserAdmin, DjangoUserAdmin):
    can_add = can_change = True
    change_password_form = PasswordForm
    list_display = ("username", "first_name", "last_name", "email", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Standing", {"fields": ("is_active", "is_superuser")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj is not None and obj.is_system)

    def choices(self, request: HttpRequest) -> QuerySet[User]:
        """Accounts that can sign in can be members. Managers choose them without seeing the list."""
        return User.objects.filter(is_active=True, is_system=False).order_by("username")

    def find_choices(self, request: HttpRequest, rows: QuerySet[User], term: str) -> tuple[QuerySet[User], bool]:
        """Match the start of the username, at least three characters, or the whole e-mail address."""
        term = term.strip()
        if sees_all(request):
            return self.get_search_results(request, rows, term)
        if len(term) < SHORTEST_TERM:
            return rows.filter(username__iexact=term) if term else rows.none(), False
        return rows.filter(Q(username__istartswith=term) | Q(email__iexact=term)), False

    def choice_text(self, obj: Any) -> str:
        return obj.username

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        save_user(user=user_of(request), account=obj)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> User | None:
        account = super().get_object(request, object_id, from_field)
        if account is not None:
            account.edited_by = user_of(request)
        return account


@admin.register(Token)
class TokenAdmin(SuperuserAdmin):
    """Tokens can be revoked here. They are created on the account page, which shows the key once."""

    list_display = (
        "prefix",
        "user",
        "name",
        "scope",
        "corpus",
        "created_at",
        "last_used_at",
        "expires_at",
        "revoked_at",
    )
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "scope", "last_used_at")
    list_select_related = ("user", "corpus")
    search_fields = ("prefix", "name", "user__username")
    fields = ("prefix", "user", "name", "scope", "corpus", "created_at", "last_used_at", "expires_at", "revoked_at")
    actions = ("revoke",)

    @admin.action(description="Revoke the selected tokens")
    def revoke(self, request: HttpRequest, queryset: QuerySet[Token]) -> None:
        live = list(queryset.filter(revoked_at=None))
        for token in live:
            revoke_token(user=user_of(request), token=token)
            self.log_change(request, token, "Revoked.")
        self.message_user(request, f"Revoked {len(live)} of the selected tokens.", messages.SUCCESS)


@admin.register(LogEntry)
class LogEntryAdmin(SuperuserAdmin):
    """The log of what was done in the admin site."""

    list_display = ("action_time", "user", "content_type", "object_repr", "action_flag", "change_message")
    list_filter = ("action_flag", "action_time")
    list_select_related = ("user", "content_type")
    search_fields = ("object_repr", "user__username")
    ordering = ("-pk",)
