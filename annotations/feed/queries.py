"""Reads of the change feed, and webhooks."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max, Q

from annotations.feed.models import Event, Kind, Webhook
from annotations.formats.records import SpanRecord
from annotations.review.models import MAIN_LAYER, Label
from corpusapp.accounts.queries import VALID_TOKEN
from corpusapp.articles.models import Article, Corpus
from corpusapp.core.errors import Gone, Invalid, NotFound

DEFAULT_SIZE, MAX_SIZE = 200, 1000
# Events that a filtered page looks at: it ends there, however few of them match.
SCANNED = 2000
LATEST = "latest"
GONE = "gone"
OFFSETS = "code points"
# The last hexadecimal digits of the key of a row that stands for several events are zeros: see `Event.key`.
NUMBER_DIGITS = 6
# Whether a change `c` is an event: suggestions, and what one annotator decides in a layer, are none.
DECIDED = f"c.layer = '{MAIN_LAYER}' AND (c.before_state <> 'suggested' OR c.after_state <> 'suggested')"
# Whether the change `c` of a link is one: what a linker proposes is none.
DECIDED_LINK = "(coalesce(c.before_state, 'suggested') <> 'suggested' OR coalesce(c.after_state, '') <> 'suggested')"


@dataclass(frozen=True)
class FeedPage:
    """Events as JSON, the cursor and the position after the last one read, and whether there may be more."""

    events: Sequence[dict[str, Any]]
    cursor: str
    position: int
    more: bool


@dataclass(frozen=True)
class EventFilter:
    """Only events of these kinds, and of what has a label, only those of these labels, by ID. Empty for all.

    An event of a span or entity matches by its label before or after the change: a client sees spans leave a label
    too. One of a link matches by the present labels of its entities.
    """

    kinds: tuple[str, ...] = ()
    labels: tuple[int, ...] = ()


EVERYTHING = EventFilter()


def read_changes(
    *, corpora: Mapping[int, str], after: str = "", size: int = DEFAULT_SIZE, only: EventFilter = EVERYTHING
) -> FeedPage:
    """The next events of these corpora, given as slugs by ID, after a cursor, or from the beginning.

    The caller checks permissions, and numbers waiting events before. Raises `Invalid` for an invalid cursor, and `Gone`
    for one that is not in this database. The number of queries and their time do not depend on the position. A filtered
    page may be short or empty, although there are more: its cursor is after all events that it looked at.
    """
    if after == LATEST:
        return _newest(list(corpora))
    return read_after(corpora=corpora, position=_position(after), size=size, only=only, cursor=after)


def read_after(
    *, corpora: Mapping[int, str], position: int, size: int, only: EventFilter = EVERYTHING, cursor: str = ""
) -> FeedPage:
    """As `read_changes`, after a position. `cursor` is that of the position."""
    rows, more = _rows(list(corpora), position, size, only)
    if rows:
        cursor, position = _cursor(rows[-1]), rows[-1]["position"]
    events = [row for row in rows if row.get("matches", True)]
    return FeedPage(list(_events(events, corpora)), cursor, position, more)


def cursor_at(position: int) -> str:
    """The cursor of the event at a position; "" if there is none."""
    row = Event.objects.filter(position__gte=position).order_by("position").first() if position else None
    number = position - row.position + row.events if row and row.decision_id else 0
    return _cursor({"key": row.key, "number": number}) if row and number >= 0 else ""


def newest_positions(*, after: int) -> dict[int, int]:
    """The position of the newest event of each corpus with events after a position."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST_POSITIONS, [after])
        return dict(cursor.fetchall())


def newest_position() -> int:
    return Event.objects.aggregate(newest=Max("position"))["newest"] or 0


def permission_states(token_ids: Collection[int]) -> dict[int, str]:
    """For each valid token, a text that changes with anything that its permission to read depends on."""
    with connection.cursor() as cursor:
        cursor.execute(_PERMISSION_STATES, [list(token_ids)])
        return dict(cursor.fetchall())


def label_ids(corpora: Collection[int], names: Sequence[str]) -> tuple[int, ...]:
    """The IDs of the labels with these names in these corpora. Raises `Invalid` for a name that none of them has."""
    found = Label.objects.filter(corpus__in=corpora, name__in=names).order_by("pk").values_list("pk", "name")
    if unknown := [name for name in names if name not in {name for _, name in found}]:
        raise Invalid(
            f"there is no label {unknown[0][:60]!r} in these corpora: GET /api/v1/labels/ lists them", field="label"
        )
    return tuple(pk for pk, _ in found)


def position_of(key: UUID) -> int | None:
    """The position of the event with this cursor."""
    number = key.int % 16**NUMBER_DIGITS
    one = Q(key=key, decision=None)
    of_several = Q(key=UUID(int=key.int - number), decision__isnull=False, events__gte=number)
    found = Event.objects.filter(one | of_several if number else one).values_list("position", "events").first()
    if found is None:
        return None
    position, events = found
    return position if events == 1 else position - events + number


def _cursor(row: Mapping[str, Any]) -> str:
    """The cursor of an event: the key of its row, plus its number if the row stands for several events."""
    return str(UUID(int=row["key"].int + row["number"]))


def _position(after: str) -> int:
    if not after:
        return 0
    try:
        key = UUID(after)
    except ValueError:
        raise Invalid("invalid cursor for the feed: send the one from a response", field="after") from None
    position = position_of(key)
    if position is None:
        raise Gone(
            "this cursor is not in this feed's history, which was restored from an older backup: delete your copy, and "
            "start again without a cursor",
            field="after",
        )
    return position


def _newest(corpora: Sequence[int]) -> FeedPage:
    rows = _fetch(_NEWEST, {"corpora": corpora})
    return FeedPage([], _cursor(rows[0]) if rows else "", rows[0]["position"] if rows else 0, more=False)


def _rows(corpora: Sequence[int], position: int, size: int, only: EventFilter) -> tuple[list[dict[str, Any]], bool]:
    """The rows of a page, and whether there may be more. With a filter, the last row may be one that does not match."""
    values = {"corpora": corpora, "after": position, "size": size}
    if only == EVERYTHING:
        rows = _fetch(_PAGE, values)
        return rows, len(rows) == size
    values |= {"size": SCANNED, "found": size, "kinds": list(only.kinds), "labels": list(only.labels)}
    rows = _fetch(_FILTERED, values)
    return rows, bool(rows) and (rows[0]["scanned"] == SCANNED or sum(row["matches"] for row in rows) == size)


def _fetch(statement: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _events(rows: Sequence[dict[str, Any]], slugs: Mapping[int, str]) -> Iterator[dict[str, Any]]:
    texts = _span_texts(rows)
    for row in rows:
        # Django configures the driver to return JSON as text.
        row["data"] = json.loads(row["data"]) if row["data"] else {}
        event = {
            "cursor": _cursor(row),
            "type": row["kind"],
            "corpus": slugs[row["corpus_id"]],
            "article": row["article_id"],
            "user": row["username"],
            "at": row["at"],
        }
        yield {**event, **_content(row, texts)}


def _content(row: Mapping[str, Any], texts: Mapping[int, str]) -> dict[str, Any]:
    """The details of an event; none if the article or corpus is now withdrawn or erased."""
    kind = row["kind"]
    if kind == Kind.LABEL and row["data"] and row["standing"]:
        return {"label": row["data"]}
    if kind == Kind.ENTITY and row["data"] and row["standing"]:
        return _entity(row)
    if kind in _WITHOUT_DETAILS:
        return {}
    if not row["shown"]:
        return {"withheld": True}
    if kind == Kind.SPAN:
        return {"decision": row["decision_id"], "verb": row["verb"], "offsets": OFFSETS, "span": _span(row, texts)}
    if kind == Kind.LINK:
        return {"decision": row["link_decision"], "verb": row["link_verb"], "link": _link(row)}
    about = {"about": {name: row[name] for name in _ABOUT}}
    if kind == Kind.METADATA:
        return about
    if kind in (Kind.ADDED, Kind.VERSION, Kind.RESTORED):
        return {**about, "offsets": OFFSETS, **row["data"]}
    return {"offsets": OFFSETS, **row["data"]} if kind == Kind.ZONES else dict(row["data"])


_WITHOUT_DETAILS = (
    Kind.WITHDRAWN, Kind.ERASED, Kind.CORPUS_WITHDRAWN, Kind.CORPUS_RESTORED, Kind.CORPUS_ERASED
)  # fmt: skip
_ABOUT = ("external_id", "title", "url", "language", "length", "version", "previous")


def _entity(row: Mapping[str, Any]) -> dict[str, Any]:
    """The entity with the present name of its label, as `_span` has it."""
    data = dict(row["data"])
    decision = {name: data.pop(name) for name in ("decision", "verb")}
    del data["former_label_id"]
    return {**decision, "entity": {**data, "label": row["label"]}}


def _link(row: Mapping[str, Any]) -> dict[str, Any]:
    about = {"id": row["link_id"], "span": row["linked_span_id"]}
    if row["link_revision"] is None:
        return {**about, "entity": row["before_entity"], "state": GONE}
    told = {"entity": row["link_entity"], "state": row["link_state"], "revision": row["link_revision"]}
    return {**about, **told}


def _span(row: Mapping[str, Any], texts: Mapping[int, str]) -> dict[str, Any]:
    if row["after_revision"] is None:
        return {"id": row["span_id"], "state": GONE}
    span = SpanRecord(
        row["after_start"],
        row["after_end"],
        row["label"],
        row["after_state"],
        id=row["span_id"],
        revision=row["after_revision"],
    )
    written = span.as_json(texts.get(row["position"], ""))
    # The feed reports decisions, not what a pipeline proposed. The name of the label is the present one, which events
    # that come later may give to another label: a copy needs its ID.
    told = {name: value for name, value in written.items() if name not in ("score", "pipeline")}
    return {**told, "label_id": row["after_label_id"]}


def _span_texts(rows: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """The text of each span, by position. Articles are read in small chunks, because they may be long."""
    by_article: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["kind"] == Kind.SPAN and row["shown"] and row["after_revision"] is not None:
            by_article.setdefault(row["article_id"], []).append(row)
    if not by_article:
        return {}
    texts = Article.objects.filter(pk__in=list(by_article)).values_list("pk", "text").order_by()
    return {
        row["position"]: text[row["after_start"] : row["after_end"]]
        for pk, text in texts.iterator(chunk_size=20)
        for row in by_article[pk]
    }


# The next events of each corpus are found by its index. With = instead of the two comparisons, the planner would scan
# the events of all corpora. Only rows with events of this page are taken apart into their events.
_PAGE = f"""
    SELECT one.position, one.number, e.key, e.kind, e.corpus_id, e.at, e.data,
           coalesce(e.article_id, linked.article_id) AS article_id, u.username, k.withdrawn_at IS NULL AS standing,
           a.id IS NOT NULL AND a.withdrawn_at IS NULL AND k.withdrawn_at IS NULL AS shown,
           a.external_id, a.title, a.url, a.language, a.length, a.version, a.previous_id AS previous,
           c.span_id, c.verb, c.decision_id, c.after_start, c.after_end, c.after_state, c.after_revision,
           c.before_label_id, c.after_label_id, l.name AS label,
           linked.link_id, linked.span_id AS linked_span_id, linked.decision_id AS link_decision,
           linked.verb AS link_verb, linked.before_entity, linked.after_entity AS link_entity,
           linked.after_state AS link_state, linked.after_revision AS link_revision
    FROM (
        SELECT *, sum(least(events, position - %(after)s)) OVER (ORDER BY position)
               - least(events, position - %(after)s) AS before
        FROM (
            SELECT found.* FROM unnest(%(corpora)s::bigint[]) AS wanted (id) CROSS JOIN LATERAL (
                SELECT * FROM feed_event
                WHERE (corpus_id, position) > (wanted.id, %(after)s) AND corpus_id <= wanted.id
                ORDER BY corpus_id, position LIMIT %(size)s
            ) found
            ORDER BY found.position LIMIT %(size)s
        ) following
    ) e
    CROSS JOIN LATERAL (
        SELECT e.position, 0 AS number, e.change_id,
               CASE e.kind WHEN 'link' THEN (e.data->>'change')::bigint END AS link
        WHERE e.decision_id IS NULL
        UNION ALL
        SELECT e.position - e.events + row_number() OVER (ORDER BY c.id), row_number() OVER (ORDER BY c.id), c.id, NULL
        FROM review_change c WHERE c.decision_id = e.decision_id AND e.kind = 'span' AND {DECIDED}
        UNION ALL
        SELECT e.position - e.events + row_number() OVER (ORDER BY c.id), row_number() OVER (ORDER BY c.id), NULL, c.id
        FROM entities_linkchange c WHERE c.decision_id = e.decision_id AND e.kind = 'link' AND {DECIDED_LINK}
    ) one
    JOIN articles_corpus k ON k.id = e.corpus_id
    LEFT JOIN accounts_user u ON u.id = e.user_id
    LEFT JOIN entities_linkchange linked ON linked.id = one.link
    LEFT JOIN articles_article a ON a.id = coalesce(e.article_id, linked.article_id)
    LEFT JOIN review_change c ON c.id = one.change_id
    LEFT JOIN review_label l
        ON l.id = CASE e.kind WHEN 'entity' THEN (e.data->>'label_id')::bigint ELSE c.after_label_id END
    WHERE e.before < %(size)s AND one.position > %(after)s
    ORDER BY one.position LIMIT %(size)s
"""
# With a filter: the matching events among those scanned, and the last one scanned unless the page is full.
_FILTERED = f"""
    WITH scanned AS MATERIALIZED ({_PAGE}),
    matching AS (
        SELECT * FROM scanned
        WHERE (%(kinds)s::text[] = '{{}}' OR kind = ANY(%(kinds)s))
          AND (%(labels)s::bigint[] = '{{}}' OR CASE kind
                  WHEN '{Kind.SPAN}' THEN before_label_id = ANY(%(labels)s) OR after_label_id = ANY(%(labels)s)
                  WHEN '{Kind.LABEL}' THEN (data->>'id')::bigint = ANY(%(labels)s)
                  WHEN '{Kind.ENTITY}' THEN (data->>'label_id')::bigint = ANY(%(labels)s)
                      OR (data->>'former_label_id')::bigint = ANY(%(labels)s)
                  WHEN '{Kind.LINK}' THEN EXISTS (
                      SELECT FROM entities_entity
                      WHERE id IN (link_entity, before_entity) AND label_id = ANY(%(labels)s)
                  )
                  ELSE true END)
        ORDER BY position LIMIT %(found)s
    )
    SELECT page.*, (SELECT count(*) FROM scanned) AS scanned
    FROM (
        SELECT *, true AS matches FROM matching
        UNION ALL
        SELECT last.*, false FROM (SELECT * FROM scanned ORDER BY position DESC LIMIT 1) last
        WHERE (SELECT count(*) FROM matching) < %(found)s
    ) page
    ORDER BY position, matches DESC
"""
_NEWEST_POSITIONS = "SELECT corpus_id, max(position) FROM feed_event WHERE position > %s GROUP BY corpus_id"
# What `Corpus.visible_to` and `Corpus.hidden_from` read.
_PERMISSION_STATES = f"""
    SELECT t.id, concat_ws(' ', t.scope, coalesce(t.corpus_id, 0), u.is_superuser, memberships, corpora.states)
    FROM accounts_token t JOIN accounts_user u ON u.id = t.user_id
    LEFT JOIN LATERAL (
        SELECT string_agg(m.corpus_id || m.role, ' ' ORDER BY m.corpus_id) AS memberships
        FROM articles_membership m WHERE m.user_id = u.id
    ) own ON true
    CROSS JOIN (
        SELECT md5(string_agg(concat_ws(' ', k.id, k.slug, k.withdrawn_at, k.erased_at), ',' ORDER BY k.id)) AS states
        FROM articles_corpus k
    ) corpora
    WHERE t.id = ANY(%s) AND {VALID_TOKEN}
"""
_NEWEST = """
    SELECT found.position, found.key, CASE WHEN found.decision_id IS NULL THEN 0 ELSE found.events END AS number
    FROM unnest(%(corpora)s::bigint[]) AS wanted (id) CROSS JOIN LATERAL (
        SELECT key, position, decision_id, events FROM feed_event
        WHERE corpus_id <= wanted.id AND corpus_id >= wanted.id
        ORDER BY corpus_id DESC, position DESC LIMIT 1
    ) found
    ORDER BY found.position DESC LIMIT 1
"""


def get_webhook(corpus: Corpus, pk: int) -> Webhook:
    """A webhook of this corpus. The caller checks permissions. Raises `NotFound`."""
    webhook = Webhook.objects.select_related("corpus").filter(corpus=corpus, pk=pk).first()
    if webhook is None:
        raise NotFound(f"there is no webhook {pk} in {corpus.slug!r}")
    return webhook


def without_secret() -> str:
    """The warning about webhooks whose secrets are not in a backup; empty if there are none."""
    found = Webhook.objects.filter(secret="").count()
    return f"{found} webhooks have no secret and are not sent: delete them and create them again" if found else ""
