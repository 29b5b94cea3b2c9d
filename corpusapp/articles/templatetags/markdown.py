"""The template filter `markdown`."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

register = template.Library()
_LOWEST_HEADING = 6


def _renderer() -> MarkdownIt:
    """CommonMark with tables; without raw HTML and images, and with links that cannot run scripts.

    A line break stays one, and an indented line is no code: guidelines are often written as plain text.
    """
    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    markdown.disable(["image", "code"])
    markdown.add_render_rule("link_open", _link)
    return markdown


def _link(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: dict[str, Any]) -> str:
    tokens[at].attrSet("rel", "noopener noreferrer nofollow")
    return renderer.renderToken(tokens, at, options, env)


_MARKDOWN = _renderer()


@register.filter
def markdown(text: str, level: int = 3) -> SafeString:
    """Markdown as HTML. Headings begin at `level`, below those of the page: `{{ corpus.guidelines|markdown:2 }}`."""
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + level - 1, _LOWEST_HEADING)}"
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return mark_safe(f'<div class="markdown">{html}</div>')
