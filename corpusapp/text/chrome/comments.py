"""Forms and counters for readers' comments. What follows such a heading to the end of the page belongs to it."""

from corpusapp.text.chrome.rule import EDGES, TAIL, Rule, either, whole, within
from corpusapp.text.lines import Line

_HEADING = either(
    r"(?:your|post|leave|write|add|submit|send|make|share)(?: us)?(?: (?:a|an|your|the|new))*"
    r" (?:comments?|reply|opinion|thoughts|feedback|view)s?(?: cancel reply)?(?: here| below| now)?",
    r"leave a (?:reply|comment).{0,40}",
    r"(?:\d+ |no )?comments?(?: \(?\d+\)?| section| policy| are closed| closed)?",
    r"(?:\d+ |no )?comments?(?: \(?\d+\)?)?\s*(?:[|•:]\s*|\s+)(?:log ?in|sign in|reply|view|add|post|hide|show"
    r"|sort)\b.{0,60}",
    r"(?:view|show|see|read|load|hide)(?: all| \d+| more)* comments?(?: \(?\d+)?",
    r"join the (?:conversation|discussion)",
    r"you are (?:replying to|writing as)\b.{0,60}",
    r"(?:you must be )?(?:the first|log(?:ged)? ?in|signed in|sign in|login|register(?:ed)?)(?: or .{0,20})? to"
    r" (?:(?:leave|post|write|add) (?:a |your )?)?(?:comments?|reply)\b.{0,30}",
    r"be the first to (?:comment|reply|leave a comment).{0,30}",
    r"please enter your (?:comment|name).{0,20}",
    r"have your say|reader(?:s'|s’|'s|’s)? comments?|write your (?:comment|opinion).{0,20}",
    r"نظر شما|ارسال نظر|نظرات|دیدگاه شما|التعليقات|أضف تعليق.{0,3}|اترك تعليق.{0,3}",
    r"Оставить комментарий|Комментарии|comments powered by \w+|Lascia un commento.{0,20}",
    r"Deja un comentario|Laisser un commentaire|Schreibe einen Kommentar",
    r"Yorum yap(?:ın)?|发表评论|评论",
)


def is_heading(line: Line) -> bool:
    """Opens a comment form or a list of comments."""
    return len(line.text) <= 90 and _HEADING.fullmatch(line.core) is not None


_FIELD = either(
    r"captcha|\be-?mail\b|\bname\b|replying|writing as|characters|submit|send|security code|log ?in|reply|moderat"
)


def is_field(line: Line) -> bool:
    """Likely a field or a note of a comment form, where one was opened."""
    return len(line.text) <= 120 and _FIELD.search(line.text) is not None


RULES = (
    Rule("comment heading", is_heading, EDGES, longest=90),
    within("captcha", r"\bcaptcha\b", hints="captcha", longest=80),
    within(
        "comment rules",
        r"your e-?mail address will not be (?:published|made public)|required fields are marked",
        r"save my name, e-?mail|notify me of (?:follow-?up|new) |this site uses akismet",
        r"\bcomments? (?:that|which|containing|are|is|must|will be) .{0,60}(?:moderat|offen[sc]ive"
        r"|will be removed|not be published)",
        r"\bcharacters (?:left|remaining)\b|you may use \d+ characters",
        hints="published required e-mail email notify akismet comment characters",
        longest=300,
    ),
    whole(
        "form field",
        r"(?:your )?(?:full )?(?:name|e-?mail(?: address)?|website|comment|message|subject|captcha|security code)",
        where=TAIL,
        longest=40,
    ),
    whole("form button", r"submit|send|reply|cancel reply|post comment|submit comment|reset", where=TAIL, longest=20),
)
