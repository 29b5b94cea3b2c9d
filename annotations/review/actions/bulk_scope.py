"""The articles that one stroke may change, a ledger each, and what keeps a choice from being applied in them."""

from collections.abc import Iterable, Mapping

from annotations.review.actions.choices import Choice
from annotations.review.actions.ledger import Ledger, article_stub
from annotations.review.actions.rows import holders
from annotations.review.actions.verbs import target_of
from annotations.review.models import Label, Review, Stage


class Reach:
    """Over reviews that are locked: articles that are done, or not among them, are closed to the stroke."""

    def __init__(self, labels: Mapping[str, Label], reviews: Mapping[int, Review]) -> None:
        self.labels, self.reviews = labels, reviews
        self.ledgers: dict[int, Ledger] = {}

    def closed(self, article: int) -> str | None:
        """Why nothing may change in the article; None where it may."""
        review = self.reviews.get(article)
        if review is None:
            return f"there is no article {article} in this corpus: it may be withdrawn"
        return f"article {article} is done" if review.stage == Stage.DONE else None

    def open(self, articles: Iterable[int]) -> None:
        """Open a ledger for each article that has none."""
        for pk in articles:
            if pk not in self.ledgers:
                review = self.reviews[pk]
                self.ledgers[pk] = Ledger(article_stub(pk, review.corpus_id, review.length))

    def read_targets(self, choices: Iterable[tuple[int, Choice]]) -> None:
        """Read the rows that hold what choices aim at: one query. The rows that they name were read before."""
        wanted = []
        for article, choice in choices:
            ledger = self.ledgers[article]
            if target := target_of(choice, ledger, self.labels, ledger.article.length):
                wanted.append((article, target))
        for span in holders(wanted):
            self.ledgers[span.article_id].read([span])

    def obstacle_at_target(self, article: int, choice: Choice) -> str | None:
        """Why a choice cannot have what it aims at: the stroke changed that row before."""
        ledger = self.ledgers[article]
        target = target_of(choice, ledger, self.labels, ledger.article.length)
        holder = ledger.holder(target) if target else None
        return "a span that it would become has changed with it" if holder and ledger.has_changed(holder) else None
