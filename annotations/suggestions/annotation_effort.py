"""What editors really spent, by week: actions for each span that they confirmed."""

from dataclasses import dataclass
from datetime import date

from django.db import connection


@dataclass(frozen=True)
class Week:
    """`actions`: one to confirm all that was shown, to reject, to relabel, to take back; two to move or to add. A
    correction of all that is alike costs what one of it costs."""

    monday: date
    actions: int
    spans: int

    @property
    def each(self) -> float | None:
        """Actions for a confirmed span; None where none was confirmed."""
        return self.actions / self.spans if self.spans else None


def spent_by_week(corpus_id: int, weeks: int = 26) -> list[Week]:
    """The last `weeks` in which something was decided, oldest first. Imports cost nobody anything."""
    with connection.cursor() as cursor:
        cursor.execute(_SPENT, {"corpus": corpus_id, "weeks": weeks})
        return [Week(*row) for row in reversed(cursor.fetchall())]


_SPENT = """
    WITH strokes AS (
        SELECT decision.id, decision.verb, date_trunc('week', decision.created_at)::date AS monday,
            count(*) FILTER (WHERE NOT change.implicit AND change.after_state = 'confirmed') AS spans,
            coalesce(sum(CASE WHEN change.verb IN ('move', 'add') THEN 2 ELSE 1 END)
                FILTER (WHERE NOT change.implicit), 0) AS singly
        FROM review_decision decision JOIN review_change change ON change.decision_id = decision.id
        WHERE decision.corpus_id = %(corpus)s AND decision.verb <> 'import'
        GROUP BY decision.id
    )
    SELECT monday,
        sum(CASE WHEN verb = 'several' THEN singly WHEN verb IN ('move', 'add') THEN 2 ELSE 1 END)::int, sum(spans)::int
    FROM strokes GROUP BY monday ORDER BY monday DESC LIMIT %(weeks)s
"""
