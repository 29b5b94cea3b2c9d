"""Which lines of an article are furniture: first each line by what it is, then what belongs to those found."""

from corpusapp.text.chrome import codes, comments, crumbs, legal, letters, player, share, signoff, teasers
from corpusapp.text.chrome.page import Page
from corpusapp.text.chrome.regions import mark_regions
from corpusapp.text.chrome.rule import ANYWHERE, EDGES, HEAD, TAIL, Rule
from corpusapp.text.lines import Line

RULES: tuple[Rule, ...] = (
    *share.RULES,
    *comments.RULES,
    *teasers.RULES,
    *codes.RULES,
    *letters.RULES,
    *legal.RULES,
    *player.RULES,
    *signoff.RULES,
    *crumbs.RULES,
)
_OF = {where: tuple(rule for rule in RULES if rule.where == where) for where in (ANYWHERE, EDGES, HEAD, TAIL)}
_LONGEST_LINE = 400


def find_chrome(
    lines: list[Line], kept: frozenset[int] = frozenset(), recurring: frozenset[int] = frozenset()
) -> set[int]:
    """The indices of the lines that are furniture.

    `kept` are lines known to be something else (a caption, a byline); `recurring` are lines that stand in many articles
    of the source. A text without a paragraph of running text has no edges, so only what is furniture anywhere is found.
    """
    page = Page(lines, kept, set(recurring), set(recurring))
    for index in range(len(lines)):
        _by_rule(page, index, _OF[ANYWHERE])
    head = page.head_end()
    if head < len(lines):
        for index in range(head):
            _by_rule(page, index, _OF[HEAD] + _OF[EDGES])
        _mark_tail(page, head)
    mark_regions(page)
    return page.chrome


def _mark_tail(page: Page, head: int) -> None:
    """From the end back to the last sentence that no rule explains."""
    rules = _OF[TAIL] + _OF[EDGES]
    for index in range(len(page.lines) - 1, head, -1):
        if page.is_open(index):
            _by_rule(page, index, rules)
            if page.is_open(index) and page.lines[index].sentence and not _in_comment_form(page, index):
                return


def _in_comment_form(page: Page, index: int) -> bool:
    """A sentence that belongs to a comment form: a heading stands within three lines above."""
    line = page.lines[index]
    return comments.is_field(line) and any(
        comments.is_heading(page.lines[above]) for above in range(max(0, index - 3), index)
    )


def _by_rule(page: Page, index: int, rules: tuple[Rule, ...]) -> None:
    line = page.lines[index]
    if len(line) > _LONGEST_LINE or not page.is_open(index):
        return
    length = len(line)
    rule = next((rule for rule in rules if length <= rule.longest and rule.matches(line)), None)
    if rule:
        page.mark(index, opens=rule.opens)
