from annotations.suggestions.models.learned import (
    ArticleLearningRecord,
    ArticleReading,
    CorpusAdaptation,
    NameCount,
    PendingUpdate,
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
    "Run",
    "RunItem",
    "ScoreCalibration",
    "TrainedModel",
]
