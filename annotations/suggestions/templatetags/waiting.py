"""Lets the article page, which knows nothing of runs, say that suggestions are on their way."""

from django import template

from annotations.suggestions.queries.runs import article_waits

register = template.Library()
register.simple_tag(article_waits, name="article_waits")
