"""The parts that suggestions are made of, to be switched off one at a time."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from unittest.mock import patch

from annotations.suggesters import article, candidates, evidence, reading


@dataclass(frozen=True)
class Part:
    """`features` are the beginnings of the names of its evidence; `instead` what stands in for its code, by place."""

    features: tuple[str, ...] = ()
    instead: dict[tuple[object, str], object] = field(default_factory=dict)

    def owns(self, feature: str) -> bool:
        return bool(self.features) and feature.startswith(self.features)

    @contextmanager
    def switched_off(self) -> Iterator[None]:
        with ExitStack() as stack:
            for (place, name), other in self.instead.items():
                stack.enter_context(patch.object(place, name, other))
            yield


def _only_candidates(words, found, surfaces):
    return {span: article.surface_of(words.text[slice(*span)]) for span in (*found.proposed, *found.written)}


def _unwritten(options):
    return {**options, "by_writing": False}


_CUES_OF_ALL = ("mean cue:", "strongest cue:", "cue against:")
PARTS = {
    "consistency in the article": Part(
        ("article", "proposed", "sport:", "first name", "surname", "abbreviates", *_CUES_OF_ALL),
        {(article, "_mentions"): _only_candidates},
    ),
    "cues of the context": Part(("cue:", *_CUES_OF_ALL)),
    "writing and word lists": Part(
        (
            *evidence._WORDS,
            *evidence._LISTS,
            *evidence._TESTS,
            "ends in organisation",
            "capitals",
            "opens",
            "after capital",
            "before ",
            "the",
        )
    ),
    "names by their writing": Part(
        ("written:",),
        {(article, "find_candidates"): lambda *given, **more: candidates.find_candidates(*given, **_unwritten(more))},
    ),
    "form of news": Part((), {(reading, "structural_proposals"): lambda *_: (), (reading, "DATELINE"): None}),
    "bylines and credits": Part((), {(reading, "credited_names"): lambda *_: []}),
    "edges": Part((), {(candidates, "names_within"): lambda _, start, end, label: [(start, end, label)]}),
    "certainty of the base": Part(("base:", "article base:", "exact")),
    "vectors of words": Part((), {(evidence.Weights, "with_vector"): lambda _, vector, scores: scores}),
    "the corpus": Part(("corpus",)),
    "decisions, as evidence": Part(("decided", "found")),
}
