"""The admin site in a browser: its widgets work under the strict policy, of which no violation may be reported."""

import pytest

from annotations.review.models import Label
from corpusapp.articles.models import Article, Corpus, Membership, Role, Zone
from tests import factories
from tests.admin.addresses import page as admin_page

pytestmark = pytest.mark.browser


def choose(page, field, typed, shown):
    """Search in a field that offers rows while somebody types."""
    page.click(f"#id_{field} + .select2-container")
    page.fill(".select2-search__field", typed)
    page.click(f".select2-results__option:has-text('{shown}')")


def test_members_and_labels_are_added_on_the_page_of_a_corpus(open_page, article):
    manager = factories.make_member(article.corpus, Role.MANAGER, "noor")
    factories.make_user("zaidan"), factories.make_user("samir")
    members = Membership.objects.filter(corpus=article.corpus)
    before, known = members.count(), dict(members.values_list("user__username", "role"))
    page = open_page(manager)
    page.goto(admin_page(Corpus, "change", article.corpus.pk))
    choose(page, f"memberships-{before}-user", "zai", "zaidan")
    page.select_option(f"[name=memberships-{before}-role]", "editor")
    page.click("text=Add another Member")
    choose(page, f"memberships-{before + 1}-user", "sam", "samir")
    page.select_option(f"[name=memberships-{before + 1}-role]", "reader")
    last = page.locator("[id^=id_labels-][id$=-name]:not([disabled]):visible").first
    last.fill("SHIP")
    page.click("input[name=_continue]")
    page.wait_for_selector("ul.messagelist .success")
    roles = dict(members.values_list("user__username", "role"))
    assert roles == {**known, "zaidan": "editor", "samir": "reader"}
    assert Label.objects.filter(corpus=article.corpus, name="SHIP").exists()
    page.check("tr:has(option:text-is('samir')) [name$=-DELETE]")
    page.click("input[name=_continue]")
    page.wait_for_selector("ul.messagelist .success")
    assert dict(members.values_list("user__username", "role")) == {**known, "zaidan": "editor"}
    page.click("text=Open the corpus")
    page.wait_for_url(f"**/corpora/{article.corpus.slug}/")


def test_rows_are_added_selected_and_deleted(open_page, article):
    manager = factories.make_member(article.corpus, Role.MANAGER, "noor")
    page = open_page(manager)
    page.goto(admin_page(Zone, "add"))
    choose(page, "article", "Zarif", "Zarif in Damascus")
    page.fill("[name=start]", "0")
    page.fill("[name=end]", "5")
    page.select_option("[name=kind]", "byline")
    page.click("input[name=_save]")
    page.wait_for_selector("ul.messagelist .success")
    page.check("#action-toggle")
    page.select_option("select[name=action]", "delete_selected")
    page.click("button[name=index]")
    page.click("input[type=submit]")
    page.wait_for_selector("ul.messagelist .success")
    assert not Zone.objects.exists()


def test_articles_are_filtered_withdrawn_and_restored_from_a_telephone(open_page, article):
    page = open_page(
        factories.make_member(article.corpus, Role.MANAGER, "noor"),
        viewport={"width": 360, "height": 740},
        has_touch=True,
    )
    page.goto(admin_page(Article, "changelist"))
    for action, hidden in (("withdraw", True), ("restore", False)):
        page.tap("tbody .action-select")
        page.select_option("select[name=action]", action)
        page.tap("button[name=index]")
        page.wait_for_selector("ul.messagelist .success")
        article.refresh_from_db()
        assert (article.withdrawn_at is not None) is hidden
    page.tap("#changelist-filter >> text=Suggested")
    page.wait_for_url("**stage=suggested**")
