"""Every route by every verb, as nobody, reader, editor and manager of the corpus, and as each of another one.

Each cell is stated in `matrix.py`, and a route that is not in the table fails the test. Whoever is of another corpus
gets the very answer that an absent thing has: not even a count differs.
"""

import re
from typing import Any

import pytest
from django.db import transaction

from annotations.entities.models import Entity
from annotations.exports import store
from annotations.exports.models import Export
from annotations.feed.actions.webhooks import create_webhook
from annotations.formats.report import Report
from annotations.review.actions.saved_filters import save_filter
from annotations.review.actions.set_aside import set_aside
from annotations.review.models import Comment, Decision, Label, Span
from annotations.suggestions.models import Run, TrainedModel
from corpusapp.accounts.actions.tokens import create_token
from corpusapp.api_urls import urlpatterns
from corpusapp.articles.actions.invitations import invite
from corpusapp.articles.models import CopyGroup, ImportBatch, ImportProblem, Zone
from tests import factories
from tests.api.client import Rest
from tests.api.matrix import FOR_ALL, TABLE
from tests.entities.cast import look_up
from tests.releases.cast import make as make_release

ROLES = ("reader", "editor", "manager")
ABSENT = 10**9
# What no corpus has to itself: its own slug, and people, whom every manager may let in.
OF_THE_DESK = ("slug", "member")
# Of the project itself: who asks does not matter.
# An address with a key answers whoever knows it: tests/entities/test_reconciliation_service.py.
BY_KEY = "reconcile/{}/key/{}/"
OPEN = {"docs/", "client/", "client/{}", "v1/schema/", "problems/{}/"}


def _routes() -> set[tuple[str, str]]:
    """Each verb of each route, with `{}` for what varies."""
    found = set()
    for pattern in urlpatterns:
        route = re.sub(r"<[^>]*>", "{}", str(pattern.pattern))
        view = pattern.callback.view_class
        verbs = [verb for verb in ("get", "post", "put", "patch", "delete") if hasattr(view, verb)]
        found |= {(verb.upper(), route) for verb in verbs if route not in OPEN and not route.startswith(BY_KEY)}
    return found


def test_every_route_is_in_the_table():
    stated = {(verb, re.sub(r"{[^}]*}", "{}", path.partition("?")[0])) for verb, path in {**TABLE, **FOR_ALL}}
    assert stated == _routes()


@pytest.fixture
def ids(article, corpus) -> dict[str, Any]:
    """One of each kind of thing in the corpus; what was decided was decided by its manager."""
    root = Rest(factories.make_superuser())
    root.post(f"articles/{article.pk}/zones/", {"start": 0, "end": 5, "kind": "title"})
    first, second, _ = Span.objects.filter(article=article).order_by("start")
    root.patch(f"spans/{first.pk}/", {"revision": 1, "state": "confirmed"})
    root.post(f"articles/{article.pk}/comments/", {"text": "Who?"})
    root.post("articles/?corpus=desk&suggest=0", [{"text": "Latakia", "spans": [[0, 7, "PORT"]]}])
    root.post("corpora/desk/suggest/", {})
    manager = factories.make_member(corpus, "manager", "keeper")
    zarif = {"name": "Zarif", "label": "PERSON", "aliases": ["M J Zarif"]}
    entity, other = (root.post("corpora/desk/entities/", zarif).json()["id"] for _ in range(2))
    links = root.post("corpora/desk/links/", {"links": [{"span": first.pk, "entity": entity}]}).json()["links"]
    # With the entities.
    release = make_release(corpus)
    return {
        "slug": "desk",
        "corpus": corpus,
        "base": look_up(Entity.objects.get(pk=entity), url="http://127.0.0.1:9/").pk,
        "entity": entity,
        "other_entity": other,
        "link": links[0]["id"],
        "report": _report(corpus, release),
        "member": factories.make_member(corpus, "reader", "member").username,
        "invitation": invite(user=manager, corpus=corpus, role="reader")[0].pk,
        "article": article.pk,
        "span": first.pk,
        "other_span": second.pk,
        "zone": Zone.objects.get().pk,
        "decision": Decision.objects.latest("pk").pk,
        "label": Label.objects.filter(corpus=corpus).first().pk,
        "other_label": Label.objects.filter(corpus=corpus).last().pk,
        "batch": ImportBatch.objects.first().pk,
        "problem": ImportProblem.objects.get(kind="failed").pk,
        "run": Run.objects.first().pk,
        "group": CopyGroup.objects.create(corpus=corpus).pk,
        "comment": Comment.objects.get().pk,
        "model": TrainedModel.objects.create(corpus=corpus, base="hand", state="failed").pk,
        "webhook": create_webhook(user=manager, corpus=corpus, url="https://1.1.1.1/").pk,
        "export": Export.objects.create(corpus=corpus, user=manager, format="parquet").pk,
        "release": release.number,
        "token": create_token(user=manager)[0].pk,
        "filter": save_filter(user=manager, corpus=corpus, name="Work", query="order=work", shared=True).pk,
        "kind": set_aside(user=manager, article=article, kind="park", reason="Zarif or Mekdad?").kind,
        "keeper": manager,
    }


def _report(*owners: Any) -> str:
    """The name of a stream's report of each of these."""
    name = store.new_report_name()
    for owner in owners:
        with store.loss_log() as log:
            store.keep_report(owner, name, Report().of_writing(), log)
    return name


def filled(value: Any, ids: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: filled(inner, ids) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, ids) for inner in value]
    if isinstance(value, str) and value.startswith("{") and value.endswith("}"):
        return ids[value[1:-1]]
    return value.format(**ids) if isinstance(value, str) else value


def _answer(client: Rest, verb: str, path: str, body: Any, ids: dict[str, Any]) -> tuple[int, str]:
    """Status and body; whatever was written is taken back."""
    with transaction.atomic():
        response = client.send(verb, f"http://testserver/api/{path.format(**ids)}", filled(body, ids))
        content = b"".join(response.streaming_content) if response.streaming else response.content
        transaction.set_rollback(True)
    return response.status_code, content.decode(errors="replace")


def _clients(corpus, prefix: str) -> dict[str, Rest]:
    return {role: Rest(factories.make_member(corpus, role, f"{prefix}-{role}")) for role in ROLES}


def test_the_matrix(ids, corpus):
    here, nobody = _clients(corpus, "here"), Rest()
    here["manager"] = Rest(ids["keeper"])
    wrong = []
    for (verb, path), (body, expected) in {**TABLE, **FOR_ALL}.items():
        got = tuple(_answer(here[role], verb, path, body, ids)[0] for role in ROLES)
        if got != expected:
            wrong.append(f"{verb} {path}: {got}, stated {expected}")
        if (status := _answer(nobody, verb, path, body, ids)[0]) != 401:
            wrong.append(f"{verb} {path} by nobody: {status}")
    assert not wrong, "\n".join(wrong)


def test_members_of_another_corpus_find_nothing(ids):
    there = _clients(factories.make_corpus("other"), "there")
    absent = {name: "nothing" if name == "slug" else ABSENT for name in ids}
    inside = {**ids, "slug": "other"}
    wrong = []
    for (verb, path), (body, _) in TABLE.items():
        for role, client in there.items():
            hidden, missing = _answer(client, verb, path, body, ids), _answer(client, verb, path, body, absent)
            if hidden[0] != 404 or _nameless(hidden[1], ids) != _nameless(missing[1], absent):
                wrong.append(f"{verb} {path} by {role} of another: {hidden}, absent: {missing}")
            # Neither by way of the corpus that one does see; a role that is lacking in that one is told first.
            if "{slug}" in path and any(f"{{{name}}}" in path for name in ids if name not in OF_THE_DESK):
                status, content = _answer(client, verb, path, body, inside)
                if status not in (404, 403) or "Zarif" in content:
                    wrong.append(f"{verb} {path} through the other corpus by {role}: {status} {content}")
    for (verb, path), (body, expected) in FOR_ALL.items():
        for (role, client), wanted in zip(there.items(), expected, strict=True):
            status, content = _answer(client, verb, path, body, ids)
            if status != wanted or any(word in content for word in ("desk", "Zarif", "Damascus")):
                wrong.append(f"{verb} {path} by {role} of another tells of the corpus: {content[:300]}")
    assert not wrong, "\n".join(wrong)


def test_no_write_takes_a_body_that_it_does_not_know(ids):
    """Those that need none included: what somebody meant by it would be passed over."""
    root, taken = Rest(factories.make_superuser()), []
    for (verb, path), (body, _) in {**TABLE, **FOR_ALL}.items():
        if verb in ("POST", "PUT", "PATCH"):
            more = {**body, "no such key": 1} if isinstance(body, dict) else {"no such key": 1}
            if (status := _answer(root, verb, path, more, ids)[0]) not in (400, 415):
                taken.append(f"{verb} {path}: {status}")
    assert not taken, "\n".join(taken)


def _nameless(content: str, ids: dict[str, Any]) -> str:
    """The answer without the names that the request itself brought along. Its status may be the number of a row."""
    content = re.sub(r'"status":404\b', "", content)
    for value in sorted((str(value) for value in ids.values()), key=len, reverse=True):
        content = re.sub(rf"\b{re.escape(value)}\b", "N", content)
    return content
