"""Two corpora with a row of every model, and a user of every role."""

import zlib
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.test import Client

from annotations.entities.actions.links import LinkChoice, NewEntity, link_spans
from annotations.entities.models import Alias, Entity, EntityChange, Link, LinkChange
from annotations.feed.models import Delivery, Webhook
from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.models import Change, Comment, Decision, Label, Review, SetAside, Span
from annotations.suggestions.actions.runs import start_run
from annotations.suggestions.models import Run, RunItem, TrainedModel
from corpusapp.accounts.models import User
from corpusapp.articles.models import (
    Article,
    CopyGroup,
    Corpus,
    ImportBatch,
    ImportProblem,
    Membership,
    Original,
    Role,
    Source,
    Zone,
)
from tests import factories

SCRIPT = "<script>alert(1)</script>"


@dataclass
class Cast:
    """`here` and `there` are corpora; `rows` and `others` have one row of each model in them."""

    here: Corpus
    there: Corpus
    people: dict[str, User | AnonymousUser]
    rows: dict[type, object]
    others: dict[type, object]

    def client(self, name: str) -> Client:
        client = Client()
        if name != "nobody":
            client.force_login(self.people[name])
        return client


def fill(corpus: Corpus, manager: User) -> dict[type, object]:
    text = f"{corpus.name} has {SCRIPT} in it. Zarif met Muallem in Damascus."
    article = factories.make_article(
        corpus, text, title=f"{corpus.name} {SCRIPT}", source=f"{corpus.name} Wire", zones=[[0, 3, "title"]]
    )
    (span,) = factories.suggest(article, (0, 3, "ORG"))
    decision = decide(user=manager, article=article, choices=[Choice("confirm", span.pk, span.revision)]).decision
    group = CopyGroup.objects.create(corpus=corpus)
    Article.objects.filter(pk=article.pk).update(copy_group=group)
    run = start_run(user=manager, corpus=corpus, article_ids=[article.pk])
    assert run is not None
    batch = article.batch
    assert batch is not None
    new = LinkChoice(span.pk, new=NewEntity(f"{corpus.name} {SCRIPT}", "ORG"))
    linked = link_spans(user=manager, corpus=corpus, choices=[new])
    webhook = Webhook.objects.create(corpus=corpus, url="https://hooks.example.org/", secret="s", user=manager)
    return {
        Entity: linked.entities[0],
        Alias: Alias.objects.get(corpus=corpus, origin="person"),
        Link: linked.links[0],
        LinkChange: LinkChange.objects.get(decision=linked.decision),
        EntityChange: EntityChange.objects.get(decision=linked.decision),
        Webhook: webhook,
        Delivery: Delivery.objects.create(webhook=webhook, events=1, attempt=1, status=200, milliseconds=9),
        Corpus: corpus,
        Membership: Membership.objects.get(corpus=corpus, user=manager),
        Source: Source.objects.get(corpus=corpus),
        Article: article,
        Zone: article.zones.get(),
        Original: Original.objects.create(
            article=article,
            form="html",
            name=f"{corpus.name} {SCRIPT}.html",
            size=9,
            extractor="x 1",
            data=zlib.compress(SCRIPT.encode()),
        ),
        CopyGroup: group,
        ImportBatch: batch,
        ImportProblem: ImportProblem.objects.create(batch=batch, item=f"{corpus.name}.txt", reason="not UTF-8"),
        Label: Label.objects.get(corpus=corpus, name="ORG"),
        Span: span,
        Review: Review.objects.get(article=article),
        Decision: decision,
        Comment: Comment.objects.create(corpus=corpus, article=article, text=SCRIPT, user=manager),
        SetAside: SetAside.objects.create(corpus=corpus, article=article, kind="park", reason=SCRIPT, user=manager),
        Change: Change.objects.get(decision=decision),
        Run: run,
        RunItem: run.items.get(),
        TrainedModel: TrainedModel.objects.create(
            corpus=corpus, state="kept", base=SCRIPT, digest="d", after={"micro": {"f1": 0.875}}
        ),
    }


def make_cast() -> Cast:
    here, there = factories.make_corpus("here"), factories.make_corpus("there")
    people = {
        "nobody": AnonymousUser(),
        "stranger": factories.make_user("stranger", is_staff=True),
        "reader": factories.make_member(here, Role.READER),
        "editor": factories.make_member(here, Role.EDITOR),
        "manager": factories.make_member(here, Role.MANAGER, "harriet"),
        "other": factories.make_member(there, Role.MANAGER, "otto"),
        "superuser": factories.make_superuser(),
    }
    rows, others = fill(here, people["manager"]), fill(there, people["other"])
    return Cast(here, there, people, rows, others)
