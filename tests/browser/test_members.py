"""A manager invites somebody, who creates an account in another browser and sees the corpus."""

import pytest
from django.urls import reverse

from corpusapp.articles.actions.invitations import accept_invitation, invite
from corpusapp.articles.models import Membership, Role
from tests import factories

pytestmark = pytest.mark.browser


def test_an_invited_person_creates_an_account_and_sees_the_corpus(open_page, article):
    manager = open_page(factories.make_member(article.corpus, Role.MANAGER, "noor"))
    manager.goto(reverse("corpus", args=["desk"]))
    manager.click("text=Members and invitations")
    manager.fill("[name=note]", "Anna")
    manager.select_option("section:has(#invite-title) [name=role]", "editor")
    manager.click("text=Create link")
    link = manager.inner_text(".token-key")
    assert manager.is_visible("text=open until")

    anna = open_page()
    anna.goto(link)
    assert anna.is_visible("text=Sign in to accept")
    for name, value in {"username": "anna", "password": "a harbour at dawn", "repeated": "a harbour at dawn"}.items():
        anna.fill(f"[name={name}]", value)
    anna.click("text=Create account and join")
    anna.wait_for_selector("text=You are editor of The desk now.")
    anna.goto(reverse("article", args=["desk", article.pk]))
    assert "Zarif" in anna.inner_text("#text")

    manager.goto(reverse("corpus-members", args=["desk"]))
    assert manager.is_visible("text=used by anna")
    assert Membership.objects.get(user__username="anna").role == "editor"


def test_a_mentioned_editor_sees_the_notice_and_opens_it(open_page, article, editor):
    page = open_page(factories.make_member(article.corpus, Role.EDITOR, "emma"))
    page.goto(reverse("article", args=["desk", article.pk]))
    page.wait_for_selector("html.keys")
    page.fill("#comment-text", "@zaid, is this Zarif the minister?")
    page.click("#comments button:text-is('Comment')")
    page.wait_for_selector(".comment-text:has-text('is this Zarif')")
    assert page.locator(".top .unread").count() == 0

    zaid = open_page(editor)
    zaid.goto("/")
    zaid.click(".top .unread:has-text('1 unread notice')")
    zaid.click("text=emma mentioned you in a comment on “Zarif in Damascus”")
    zaid.wait_for_selector(".comment-text:has-text('is this Zarif')")
    zaid.click("summary:has-text('Reply')")
    zaid.fill(".reply [name=text]", "It is")
    zaid.click(".reply button")
    zaid.wait_for_selector(".replies:has-text('It is')")
    zaid.goto("/")
    assert zaid.locator(".top .unread").count() == 0

    page.goto(reverse("notices"))
    assert page.is_visible("text=zaid replied to a comment of yours on “Zarif in Damascus”")
    page.click("text=Mark all as read")
    page.wait_for_selector("text=Unread 0")
    assert page.locator(".notice-list .unread").count() == 0


def test_members_and_notices_fit_every_width(open_page, article, editor):
    manager = factories.make_member(article.corpus, Role.MANAGER, "a-manager-with-a-name-of-forty-characters")
    for role in ("reader", "editor"):
        invitation, _ = invite(
            user=manager, corpus=article.corpus, role=role, note="For somebody with a " + "long " * 30
        )
        if role == "reader":
            accept_invitation(user=factories.make_user("b" * 60), invitation=invitation)
    page = open_page(manager)
    for name, arguments in {"corpus-members": ["desk"], "notices": [], "account": []}.items():
        page.goto(reverse(name, args=arguments))
        for width in (320, 360, 610, 720, 1024, 1440):
            page.set_viewport_size({"width": width, "height": 720})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
