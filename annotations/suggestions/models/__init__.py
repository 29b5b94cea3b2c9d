from annotations.suggestions.models.learned import ArticleLesson, ArticleReading, NameCount, ScoreCalibration, Unsettled
from annotations.suggestions.models.runs import Pipeline, Run, RunItem
from annotations.suggestions.models.trained import CorpusSuggester, TrainedModel

__all__ = [
    "ArticleLesson",
    "ArticleReading",
    "CorpusSuggester",
    "NameCount",
    "Pipeline",
    "Run",
    "RunItem",
    "ScoreCalibration",
    "TrainedModel",
    "Unsettled",
]
