"""Template tag for the comments on an article."""

from django import template

from annotations.review.queries.comments import comments_of

register = template.Library()
register.simple_tag(comments_of, name="comments_of")
