from annotations.suggestions.models.learned import (
    ArticleLearningRecord,
    ArticleReading,
    NameCount,
    PendingUpdate,
    ScoreCalibration,
)
from annotations.suggestions.models.runs import Pipeline, Run, RunItem
from annotations.suggestions.models.trained import CorpusSuggester, TrainedModel

__all__ = [
    "ArticleLearningRecord",
    "ArticleReading",
    "CorpusSuggester",
    "NameCount",
    "PendingUpdate",
    "Pipeline",
    "Run",
    "RunItem",
    "ScoreCalibration",
    "TrainedModel",
]
