from annotations.suggestions.models.learned import ArticleLesson, ArticleReading, NameCount, ScoreCalibration, Unsettled
from annotations.suggestions.models.runs import Pipeline, Run, RunItem
from annotations.suggestions.models.suggester import CorpusSuggester
from annotations.suggestions.models.trained import TrainedModel

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
