from annotations.suggestions.models.learned import (
    ArticleLearningRecord,
    ArticleReading,
    CorpusAdaptation,
    NameCount,
    PendingUpdate,
    PossibleSpans,
    ScoreCalibration,
)
from annotations.suggestions.models.runs import Pipeline, Run, RunItem
from annotations.suggestions.models.trained import CorpusSuggester, TrainedModel

__all__ = [
    "ArticleLearningRecord",
    "ArticleReading",
    "CorpusAdaptation",
    "CorpusSuggester",
    "NameCount",
    "PendingUpdate",
    "Pipeline",
    "PossibleSpans",
    "Run",
    "RunItem",
    "ScoreCalibration",
    "TrainedModel",
]
