"""Everything that can be done in the browser can be done over REST: each page and form, and what does the same.

A page, a list of the admin site or an action on such a list that is not in a table fails a test; so does an operation
that does not exist. A sentence in an operation's place says why none is needed.
"""

import re

from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver

from corpusapp.core.admin.scoped import ScopedAdmin
from tests.api.test_schema import ROOT

ONLY_SHOWN = "how a page looks"
OWN_WAY_IN = "programs come in by a token"
FOR_PEOPLE = "people accept invitations in the browser, where accounts are created"

# By the name of the address; of one without a name, its route.
PAGES: dict[str, str] = {
    "home": "corpora_list corpora_retrieve",
    "help": ONLY_SHOWN,
    "favicon.ico": ONLY_SHOWN,
    "bundle": ONLY_SHOWN,
    "corpus": "corpora_retrieve corpora_dashboard members_list corpus_labels_list batches_list propagation_retrieve",
    "corpus-new": "corpora_create corpus_labels_create",
    "corpus-settings": "corpora_update",
    "settings-guidelines": "corpora_update",
    "settings-labels": "corpus_labels_list corpus_labels_create labels_examples",
    "settings-label": "labels_retrieve labels_update",
    "settings-label-rename": "labels_rename labels_examples",
    "settings-label-merge": "labels_merge labels_examples",
    "settings-label-hide": "labels_hide labels_examples",
    "settings-label-move": "labels_update",
    "settings-label-undo": "labels_rename labels_show decisions_undo",
    "corpus-withdraw": "corpora_withdraw",
    "corpus-restore": "corpora_list corpora_restore",
    "corpus-members": "members_list members_set invitations_list",
    "corpus-invite": "invitations_create",
    "member-role": "members_set",
    "member-remove": "members_remove",
    "invitation-revoke": "invitations_revoke",
    "invitation": FOR_PEOPLE,
    "dashboard": "corpora_dashboard corpus_comments_list",
    "disagreements": "changes_list",
    "sign-in": OWN_WAY_IN,
    "sign-out": OWN_WAY_IN,
    "account": "account_retrieve tokens_list tokens_create",
    "account-email": "account_email_retrieve account_email_update",
    "notices": "notices_list",
    "notices-read": "notices_read",
    "notice-open": "notices_read",
    "token-revoke": "tokens_destroy",
    "password-change": "account_password_update",
    "password-changed": ONLY_SHOWN,
    "keys": "account_keys_retrieve account_keys_update",
    "reading-view": ONLY_SHOWN,
    "import": "articles_create",
    "import-batch": "batches_retrieve batches_problems articles_list",
    "import-cancel": "batches_cancel",
    "import-retry": "problems_retry",
    "import-retry-all": "batches_problems problems_retry",
    "original": "articles_original",
    "reading": "articles_reading articles_read_again",
    "copies": "articles_copies articles_retrieve",
    "copies-count": "copies_update",
    "copies-leave": "articles_leave_copies",
    "article-list": "articles_list sources_list corpus_labels_list",
    "articles-finish": "corpora_finish",
    "articles-undo": "decisions_undo",
    "articles-reopen": "corpora_reopen articles_reopen",
    "articles-assign": "corpora_assign",
    "articles-assign-undo": "corpora_assign",
    "filter-save": "filters_list filters_create",
    "filter-delete": "filters_destroy",
    "article-next": "corpora_next",
    "guidelines": "corpora_retrieve corpus_labels_list labels_examples",
    "label": "labels_retrieve labels_examples",
    "concordance": "corpus_concordance",
    "concordance-preview": "corpus_concordance",
    "concordance-decide": "corpus_decisions_create",
    "concordance-undo": "decisions_undo",
    "comments": "corpus_comments_list",
    "comment-turn": "comments_resolve comments_reopen",
    "comment-add": "article_comments_create",
    "article": "articles_retrieve spans_list zones_list article_comments_list article_set_aside_list decisions_list",
    "article-set-aside": "article_set_aside_update",
    "article-take-back": "article_set_aside_destroy",
    "set-aside-list": "account_set_aside_list",
    "article-pulse": "presence_retrieve presence_update presence_destroy",
    "article-decide": "decisions_create spans_update spans_destroy",
    "article-alike": "articles_alike_preview articles_alike",
    "article-confirm-shown": "articles_confirm",
    "article-finish": "articles_finish",
    "article-reopen": "articles_reopen",
    "article-undo": "presence_retrieve decisions_undo",
    "span-add": "spans_create",
    "span-history": "spans_history",
    "zone-add": "zones_create",
    "zone-remove": "zones_destroy",
    "suggester": "suggester_retrieve suggester_update",
    "pipelines": "models_list corpora_learning propagation_retrieve suggester_retrieve",
    "model-train": "models_train",
    "suggest-over": "corpora_suggest",
    "model": "models_retrieve models_package",
    "model-cancel": "models_cancel",
    "model-promote": "models_promote",
    "model-rollback": "models_rollback",
    "suggestion-run": "runs_retrieve",
    "run-cancel": "runs_cancel",
    "run-carry-out": "runs_carry_out",
    "suggest-again": "corpora_suggest",
    "export": "exports_list exports_create corpora_export corpora_export_report corpora_export_entities",
    "export-file": "exports_file",
    "export-cancel": "exports_cancel",
    "export-losses": "exports_losses corpora_stream_report corpora_stream_losses",
    "export-remove": "exports_destroy",
    "releases": "releases_list releases_create",
    "release": "releases_retrieve releases_check",
    "release-cancel": "releases_cancel",
    "release-erase": "releases_erase",
    "release-file": "releases_file releases_entities",
    "release-manifest": "releases_manifest",
    "release-export": "releases_exports_create releases_export releases_export_report "
    "releases_stream_report releases_stream_losses",
    "release-compare": "releases_compare releases_differences",
    "entities": "corpus_entities_list corpus_possible_duplicates_list corpus_unlinked_list",
    "entity-new": "corpus_entities_create",
    "entity-address": "entities_retrieve",
    "entity": "entities_retrieve entities_aliases entities_mentions corpus_distinct_list",
    "entity-edit": "entities_update",
    "entity-look-up": "entities_look_up entities_knowledge",
    "entity-take": "entities_take",
    "entities-import": "entities_import",
    "settings-knowledge": "knowledge_bases_list knowledge_bases_create knowledge_bases_update",
    "settings-knowledge-remove": "knowledge_bases_destroy",
    "settings-knowledge-address": "tokens_create",
    "entity-names": "entities_add_alias entities_drop_alias",
    "entity-identifiers": "entities_identify",
    "entity-mentions": "corpus_links_create",
    "entity-move": "entities_split",
    "entity-find": "corpus_entities_list",
    "entity-history": "entities_history",
    "entities-compare": "entities_merge_preview entities_merge corpus_distinct_create",
    "entities-duplicates": "corpus_possible_duplicates_list corpus_possible_duplicates_answer",
    "entities-unlinked": "corpus_unlinked_list corpus_unlinked_mentions corpus_links_create",
    "entities-ambiguous": "corpus_unlinked_list corpus_unlinked_mentions spans_candidates corpus_links_create",
    "entities-undo": "decisions_undo",
    "span-entity": "spans_candidates corpus_entities_list corpus_links_create",
}
# By the name of the model: its list, its rows, and what can be changed there.
LISTS: dict[str, str] = {
    "User": "users_list users_create users_retrieve users_update",
    "Token": "users_tokens_list users_tokens_destroy",
    "LogEntry": "a log of the admin site itself",
    "Corpus": "corpora_list corpora_create corpora_update",
    "Membership": "members_list members_set members_remove",
    "Source": "sources_list",
    "Article": "articles_list articles_withdrawn articles_retrieve articles_create",
    "Zone": "zones_list zones_create zones_destroy",
    "ImportBatch": "batches_list batches_retrieve",
    "ImportProblem": "batches_problems",
    "Original": "articles_retrieve articles_original",
    "CopyGroup": "copies_list articles_copies",
    "Label": "corpus_labels_list corpus_labels_create labels_update",
    "Span": "spans_list_all spans_retrieve",
    "Review": "articles_list",
    "Comment": "corpus_comments_list comments_resolve comments_reopen",
    "SetAside": "articles_list article_set_aside_list",
    "Decision": "changes_list decisions_list",
    "Change": "changes_list spans_history",
    "Pipeline": "each span and each manifest names its pipeline by name and version",
    "Run": "runs_list runs_retrieve",
    "RunItem": "runs_articles",
    "TrainedModel": "models_list models_retrieve",
    "Webhook": "webhooks_list webhooks_create webhooks_update webhooks_destroy",
    "Delivery": "webhooks_deliveries",
    "Entity": "corpus_entities_list entities_retrieve",
    "Alias": "entities_aliases",
    "Link": "corpus_links_list",
    "EntityChange": "entities_history",
    "LinkChange": "changes_list entities_history",
}
# By the name of the action on the rows that are ticked in a list.
ACTIONS: dict[str, str] = {
    "revoke": "users_tokens_destroy",
    "withdraw": "articles_withdraw",
    "restore": "articles_restore",
    "withdraw_whole": "corpora_withdraw",
    "restore_whole": "corpora_restore",
    "erase": "articles_erase_preview articles_erase",
    "erase_whole": "corpora_erase_preview corpora_erase",
    "mark_done": "articles_finish",
    "take_back": "articles_reopen",
    "suggest_again": "corpora_suggest",
    "export": "corpora_export articles_retrieve",
    "resolve": "comments_resolve",
    "reopen": "comments_reopen",
}


def _addresses(patterns: list[URLPattern | URLResolver]) -> set[str]:
    """Names or routes of all pages below, but for those of the admin site and of the API."""
    found = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = str(pattern.pattern) not in ("admin/", "api/")
            found |= _addresses(pattern.url_patterns) if inner else set()
        else:
            found.add(pattern.name or str(pattern.pattern))
    return found


def _actions(page: ScopedAdmin) -> set[str]:
    return {action if isinstance(action, str) else action.__name__ for action in page.actions or ()}


def test_each_page_is_in_the_table():
    assert _addresses(get_resolver().url_patterns) == set(PAGES)


def test_each_list_of_the_admin_site_and_each_action_on_its_rows_is_in_a_table():
    pages = admin.site._registry
    assert {model.__name__ for model in pages} == set(LISTS)
    assert set().union(*map(_actions, pages.values())) == set(ACTIONS)


def test_what_the_tables_name_exists():
    known = set(re.findall(r"operationId: (\w+)", (ROOT / "openapi.yaml").read_text()))
    named = {
        operation
        for table in (PAGES, LISTS, ACTIONS)
        for entry in table.values()
        if re.fullmatch(r"\w+_\w+( \w+_\w+)*", entry)
        for operation in entry.split()
    }
    reasons = {entry for table in (PAGES, LISTS, ACTIONS) for entry in table.values() if not set(entry.split()) & known}
    assert named <= known, named - known
    assert reasons == {ONLY_SHOWN, OWN_WAY_IN, FOR_PEOPLE, LISTS["LogEntry"], LISTS["Pipeline"]}
