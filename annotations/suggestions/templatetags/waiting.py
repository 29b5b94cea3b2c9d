"""Lets the article page, which does not depend on this app, show that suggestions are pending."""

from django import template

from annotations.suggestions.queries.runs import article_waits

register = template.Library()
register.simple_tag(article_waits, name="article_waits")
