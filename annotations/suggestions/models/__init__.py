from annotations.suggestions.models.knowledge import ArticleLesson, ArticleReading, NameCount, Unsettled
from annotations.suggestions.models.runs import Pipeline, Run, RunItem
from annotations.suggestions.models.suggester import CorpusSuggester

__all__ = [
    "ArticleLesson",
    "ArticleReading",
    "CorpusSuggester",
    "NameCount",
    "Pipeline",
    "Run",
    "RunItem",
    "Unsettled",
]
