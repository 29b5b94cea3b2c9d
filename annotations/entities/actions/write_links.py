"""Write what the linker found in articles: the difference to what stands, by few statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.apps import apps
from django.db import connection

from annotations.entities.actions.registry import keys_of
from annotations.entities.queries.linker_input import LinkerArticle, link_outcomes
from annotations.linkers.calibration import LinkCalibration
from annotations.linkers.linker import VERSION
from annotations.linkers.names import MAX_NAME, script_of
from annotations.linkers.registry import ArticleLinks
from annotations.review.models import State
from corpusapp.core.prepared import planning_cursor

# The name and the digest of the linker's pipeline.
PIPELINE = "links"


class Wanted(NamedTuple):
    """A link that the linker found."""

    article: int
    span: int
    entity: int
    name: str
    score: float
    base: float


class _Standing(NamedTuple):
    """A link as it is stored."""

    pk: int
    span: int
    entity: int
    state: str
    live: bool
    score: float | None
    base: float | None
    pipeline: int | None
    alias: int | None


Found = Sequence[tuple[LinkerArticle, ArticleLinks]]


def write_links(*, corpus_id: int, found: Found) -> Mapping[int, int]:
    """Make what the linker found the suggested links of these articles; returns the new entities by the linker's ids.

    The articles and the registry must be locked. What was decided since the linker read the articles stays: spans with
    a confirmed link, entities that a person said a span is not, and entities that were merged or removed.
    """
    writer = _Writer(corpus_id, found)
    writer.write()
    return writer.new_ids


@dataclass
class _Writer:
    corpus_id: int
    found: Found
    new_ids: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pipeline = linker_pipeline()
        self.calibration = LinkCalibration(link_outcomes(self.corpus_id))
        self.articles = [one.article.id for one, _ in self.found]
        self.weeks = {one.article.id: one.week for one, _ in self.found}

    def write(self) -> None:
        with planning_cursor() as cursor:
            cursor.execute(_STANDING, {"articles": self.articles})
            standing = [_Standing._make(row) for row in cursor.fetchall()]
        wanted = self._wanted(standing)
        aliases = self._aliases(wanted)
        wanted = {span: one for span, one in wanted.items() if aliases[one.entity, one.name] is not None}
        self._write_difference(standing, wanted, aliases)
        self._write_unlinked(wanted, {link.span for link in standing if link.state == State.CONFIRMED})

    def _wanted(self, standing: Sequence[_Standing]) -> dict[int, Wanted]:
        """The links to write, by span, with ids of entities that stand."""
        decided = {link.span for link in standing if link.state == State.CONFIRMED or not link.live}
        rejected = {(link.span, link.entity) for link in standing if link.state == State.REJECTED}
        spans = self._standing_spans()
        links = [
            Wanted(one.article.id, link.mention, link.entity, link.alias[:MAX_NAME], *self._scores(link.score))
            for one, links in self.found
            for link in links.links
            if link.mention in spans and link.mention not in decided
        ]
        now = self._entities_now({link.entity for link in links if link.entity > 0})
        self._create({link.entity for link in links if link.entity < 0})
        now |= self.new_ids
        moved = (link._replace(entity=now[link.entity]) for link in links if link.entity in now)
        return {link.span: link for link in moved if (link.span, link.entity) not in rejected}

    def _scores(self, base: float) -> tuple[float, float]:
        """The calibrated score, and the linker's own."""
        base = round(base, 4)
        return round(self.calibration.score(base), 4), base

    def _standing_spans(self) -> set[int]:
        with planning_cursor() as cursor:
            cursor.execute(_SPANS, {"articles": self.articles})
            return {row[0] for row in cursor.fetchall()}

    def _entities_now(self, ids: set[int]) -> dict[int, int]:
        """The entities that these are now: those that were merged are others, those that were removed none."""
        with planning_cursor() as cursor:
            cursor.execute(_ENTITIES, {"ids": sorted(ids), "corpus": self.corpus_id})
            return dict(cursor.fetchall())

    def _create(self, used: set[int]) -> None:
        """Create the new entities that have a link."""
        new = {
            entity.id: (entity.id, entity.name[:MAX_NAME], one.labels[entity.label])
            for one, links in self.found
            for entity in links.new
            if entity.id in used
        }
        if new:
            with planning_cursor() as cursor:
                values: dict[str, Any] = {"corpus": self.corpus_id, "pipeline": self.pipeline}
                cursor.execute(_CREATE, values | _columns(new.values()))
                self.new_ids.update(cursor.fetchall())

    def _aliases(self, wanted: Mapping[int, Wanted]) -> dict[tuple[int, str], int | None]:
        """The alias of each entity and name, added if it is new; None if a person dropped it."""
        languages = {one.article.id: one.article.language for one, _ in self.found}
        names = {(link.entity, link.name): languages[link.article] for link in wanted.values()}
        own = {(self.new_ids[new.id], new.name[:MAX_NAME]): "" for _, links in self.found for new in links.new
               if new.id in self.new_ids}  # fmt: skip
        rows = [(*pair, language, script_of(pair[1])) for pair, language in sorted((own | names).items())]
        with planning_cursor() as cursor:
            if rows:
                cursor.execute(_ALIASES, {"corpus": self.corpus_id, **_columns(rows)})
                added = cursor.fetchall()
                keys = [(pk, key) for pk, name, label in added for key in keys_of(name, label)]
                if keys:
                    cursor.execute(_KEYS, {"corpus": self.corpus_id, **_columns(keys)})
            cursor.execute(_KNOWN_ALIASES, _columns(sorted(names)) if names else {"column0": [], "column1": []})
            return {(entity, name): pk for pk, entity, name in cursor.fetchall()}

    def _write_difference(
        self, standing: Sequence[_Standing], wanted: Mapping[int, Wanted], aliases: Mapping[tuple[int, str], int | None]
    ) -> None:
        rest = dict(wanted)
        gone: list[tuple[int]] = []
        changed: list[tuple[int, float, int | None, float]] = []
        for link in standing:
            if link.state != State.SUGGESTED or not link.live:
                continue
            same = rest.get(link.span)
            if same is None or same.entity != link.entity:
                gone.append((link.pk,))
                continue
            del rest[link.span]
            alias = aliases[same.entity, same.name]
            now = (same.score, same.base, self.pipeline, alias)
            if now != (link.score, link.base, link.pipeline, link.alias):
                changed.append((link.pk, same.score, alias, same.base))
        new = [
            (link.article, link.span, link.entity, aliases[link.entity, link.name], link.score,
             self.weeks[link.article], link.base)
            for link in rest.values()
        ]  # fmt: skip
        values = {"corpus": self.corpus_id, "pipeline": self.pipeline}
        for statement, rows in ((_REMOVE, gone), (_REFRESH, changed), (_INSERT, new)):
            _execute(statement, rows, values)

    def _write_unlinked(self, wanted: Mapping[int, Wanted], confirmed: set[int]) -> None:
        spans = self._standing_spans()
        ids = {}
        for one, links in self.found:
            for left in links.unlinked:
                if left.mention in spans and left.mention not in wanted and left.mention not in confirmed:
                    known = [self.new_ids.get(pk, pk) for pk in left.candidates]
                    ids[left.mention] = (
                        left.mention, one.article.id, left.key[:MAX_NAME], left.reason, [pk for pk in known if pk > 0],
                    )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(_NOT_UNLINKED, {"articles": self.articles, "spans": list(ids)})
        rows = [(*row[:4], "{" + ",".join(map(str, row[4])) + "}") for row in ids.values()]
        _execute(_UNLINKED, rows, {"corpus": self.corpus_id})


def linker_pipeline() -> int:
    """The pipeline of this version of the linker."""
    pipelines = apps.get_model("suggestions", "Pipeline")._default_manager
    defaults = {"name": PIPELINE, "version": VERSION}
    pipeline, _ = pipelines.get_or_create(digest=f"{PIPELINE} {VERSION}", defaults=defaults)
    return int(pipeline.pk)


def _columns(rows: Iterable[Sequence[Any]]) -> dict[str, list[Any]]:
    return {f"column{number}": list(column) for number, column in enumerate(zip(*rows, strict=True))}


def _execute(statement: str, rows: Sequence[tuple[Any, ...]], values: Mapping[str, Any]) -> None:
    if rows:
        with planning_cursor() as cursor:
            cursor.execute(statement, {**values, **_columns(rows)})


_STANDING = """
    SELECT id, span_id, entity_id, state, live, score, base_score, pipeline_id, alias_id FROM entities_link
    WHERE article_id = ANY (%(articles)b::bigint[]) AND span_id IS NOT NULL
"""
_SPANS = """
    SELECT id FROM review_span WHERE article_id = ANY (%(articles)b::bigint[]) AND state <> 'rejected'
"""
_ENTITIES = """
    SELECT e.id, now.id FROM entities_entity e JOIN entities_entity now ON now.id = coalesce(e.merged_into_id, e.id)
    WHERE e.id = ANY (%(ids)b::bigint[]) AND e.corpus_id = %(corpus)s AND now.state IN ('suggested', 'confirmed')
"""
_CREATE = """
    WITH new AS MATERIALIZED (
        SELECT nextval(pg_get_serial_sequence('entities_entity', 'id')) AS id, number, name, label
        FROM unnest(%(column0)b::bigint[], %(column1)b::text[], %(column2)b::bigint[]) AS w (number, name, label)
    ), stored AS (
        INSERT INTO entities_entity (id, corpus_id, name, label_id, state, pipeline_id)
        SELECT id, %(corpus)s, name, label, 'suggested', %(pipeline)s FROM new
    )
    SELECT number, id FROM new
"""
_ALIASES = """
    WITH added AS (
        INSERT INTO entities_alias (corpus_id, entity_id, name, language, script, origin, state)
        SELECT %(corpus)s, w.entity, w.name, w.language, w.script, 'mention', 'suggested'
        FROM unnest(%(column0)b::bigint[], %(column1)b::text[], %(column2)b::text[], %(column3)b::text[])
            AS w (entity, name, language, script)
        ON CONFLICT (entity_id, name) DO NOTHING RETURNING id, entity_id, name
    )
    SELECT added.id, added.name, coalesce(label.suggester_names[1], label.name)
    FROM added JOIN entities_entity e ON e.id = added.entity_id JOIN review_label label ON label.id = e.label_id
"""
_KEYS = """
    INSERT INTO entities_aliaskey (corpus_id, alias_id, key)
    SELECT %(corpus)s, * FROM unnest(%(column0)b::bigint[], %(column1)b::text[]) ON CONFLICT DO NOTHING
"""
_KNOWN_ALIASES = """
    SELECT CASE WHEN a.state <> 'rejected' THEN a.id END, a.entity_id, a.name
    FROM unnest(%(column0)b::bigint[], %(column1)b::text[]) AS w (entity, name)
    JOIN entities_alias a ON a.entity_id = w.entity AND a.name = w.name
"""
_REMOVE = "DELETE FROM entities_link WHERE id = ANY (%(column0)b::bigint[]) AND state = 'suggested'"
_REFRESH = """
    UPDATE entities_link l SET score = w.score, base_score = w.base, alias_id = w.alias, pipeline_id = %(pipeline)s
    FROM unnest(%(column0)b::bigint[], %(column1)b::float8[], %(column2)b::bigint[], %(column3)b::float8[])
        AS w (id, score, alias, base)
    WHERE l.id = w.id AND l.state = 'suggested'
"""
_INSERT = """
    INSERT INTO entities_link (
        corpus_id, article_id, span_id, entity_id, alias_id, state, score, base_score, pipeline_id, week
    )
    SELECT %(corpus)s, w.article, w.span, w.entity, w.alias, 'suggested', w.score, w.base, %(pipeline)s, w.week
    FROM unnest(
        %(column0)b::bigint[], %(column1)b::bigint[], %(column2)b::bigint[], %(column3)b::bigint[],
        %(column4)b::float8[], %(column5)b::date[], %(column6)b::float8[]
    ) AS w (article, span, entity, alias, score, week, base)
    ORDER BY w.article, w.span
"""
_NOT_UNLINKED = """
    DELETE FROM entities_unlinked
    WHERE article_id = ANY (%(articles)s::bigint[]) AND span_id <> ALL (%(spans)s::bigint[])
"""
_UNLINKED = """
    INSERT INTO entities_unlinked AS u (corpus_id, span_id, article_id, key, reason, candidates)
    SELECT %(corpus)s, w.span, w.article, w.key, w.reason, w.candidates::bigint[]
    FROM unnest(
        %(column0)b::bigint[], %(column1)b::bigint[], %(column2)b::text[], %(column3)b::text[], %(column4)b::text[]
    ) AS w (span, article, key, reason, candidates)
    ON CONFLICT (span_id) DO UPDATE SET key = excluded.key, reason = excluded.reason, candidates = excluded.candidates
    WHERE (u.key, u.reason, u.candidates) IS DISTINCT FROM (excluded.key, excluded.reason, excluded.candidates)
"""
