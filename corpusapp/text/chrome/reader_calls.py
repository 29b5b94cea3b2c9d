"""Calls to the reader: share, print, sign up, pay, comment."""

from corpusapp.text.chrome.rule import EDGES, TAIL, Rule, either, starts, whole, within
from corpusapp.text.lines import Line
from corpusapp.text.words import words

_WORDS = words("""
    a a+ a- aa an and app article bluesky bookmark button buttons by channel clipboard close comment comments copied
    copy download email e-mail facebook feed feeds flipboard follow font for friend friends friendly full gift google
    icon instagram it later like likes line link linkedin listen logo mail mastodon media menu messenger more networks
    news now ok on open options or our page pdf pin pinterest plus post print printable printer reddit retweet rss save
    screen send share shares sharing size skype snapchat social story subscribe telegram text the this threads tiktok
    to tumblr tweet tweets twitter url us version via viber vk wechat weibo whatsapp with x your youtube
""")
_CORE = words(
    "share shares tweet facebook twitter whatsapp telegram print pinterest linkedin email e-mail a+ follow send"
)
_CALLS = words("share shares tweet print send follow a+")
_NETWORKS = words("tweet facebook twitter whatsapp telegram linkedin pinterest reddit email e-mail instagram")
_TRIM = "|/•·,;:!()[]<>«»→←›‹*&. "
_NETWORK = (
    r"(?:facebook|twitter|telegram|instagram|google(?: news)?|whatsapp|youtube|linkedin|threads|tiktok|x|social media)"
)


def is_bar(line: Line) -> bool:
    """A share bar: two or more words, all typical of such bars."""
    return len(_tokens(line)) >= 2


def is_sure_bar(line: Line) -> bool:
    """A share bar with a verb and a network: a subhead may be "Facebook and Google", or "Print media"."""
    tokens = _tokens(line)
    return any(token in _CALLS for token in tokens) and any(token in _NETWORKS for token in tokens)


def is_button(line: Line) -> bool:
    """A single word of a share bar."""
    return len(_tokens(line)) == 1


def _tokens(line: Line) -> list[str]:
    """The words of the line if all are typical of share bars, or numbers, and at least one is in _CORE; else none."""
    tokens = []
    for word in line.words:
        token = word.strip(_TRIM).casefold()
        if token in _WORDS or token.replace(".", "").rstrip("k").isdecimal():
            tokens.append(token)
        elif any(letter.isalnum() for letter in token):
            return []
    return tokens if any(token in _CORE for token in tokens) else []


SHARING = (
    Rule("sure share bar", is_sure_bar, opens=False, longest=200, hints=tuple(_NETWORKS)),
    Rule("share bar", is_bar, EDGES, opens=False, longest=200),
    Rule("share button", is_button, EDGES, opens=False, longest=20),
    whole(
        "follow us",
        rf"(?:please )?(?:follow|find|join|like|connect with|contact) (?:us|me|[@\w .’'-]{{2,40}}) (?:on"
        rf"|via) {_NETWORK}\b.*",
        where=EDGES,
        longest=140,
        opens=False,
    ),
    whole(
        "call to share",
        r"(?:you can |please )?share (?:this|on|via|with (?:your )?friends)\b[^.]{0,60}",
        where=EDGES,
        longest=90,
        opens=False,
    ),
    whole(
        "call to share in other languages",
        r"(?:اشتراک[\u200c ]?گذاری|مشاركة|شارك|ارسال به دوستان|چاپ|طباعة)\b.{0,40}",
        r"(?:Поделиться|Teilen|Compartir|Partager|Paylaş|Condividi)\b.{0,40}",
        where=EDGES,
        longest=60,
        opens=False,
    ),
)


_GOODS = r"(?:newsletters?|briefings?|e-?mails?|alerts?|updates|channel|inbox|digest|mailing list)"

LETTERS = (
    starts(
        "terms of a sign-up",
        r"by (?:signing up|subscribing|registering|submitting|clicking|continuing|providing|entering|using this)\b"
        r".{0,80}\b(?:you|i) (?:agree|accept|consent|confirm|acknowledge)",
        r"you can unsubscribe at any time|we['’]ll never share your (?:e-?mail|details)|this form is protected by",
    ),
    within(
        "sign-up",
        rf"^\W{{0,4}}(?:sign up|subscribe|register)\b.{{0,20}}\b(?:for|to|here|now|today|with)\b.{{0,100}}\b{_GOODS}\b",
        r"(?:delivered|straight|direct|directly|sent) (?:straight |directly |direct |right )?(?:in)?to your"
        r" (?:inbox|e-?mail|mailbox|phone)",
        r"^get (?:the|our|all|daily|breaking|today['’]s|more) .{0,80}\b(?:newsletters?|briefing|inbox|by e-?mail"
        r"|app store)\b",
        r"\[\s*(?:sign up|subscribe|submit|register|log ?in|join|search|send)\s*\]",
        hints="sign subscribe register your get [",
        longest=260,
    ),
    whole(
        "sign-up heading",
        r"(?:(?:daily|weekly|our|free|the|morning|evening) )*(?:newsletters?|e-?mail (?:newsletter|alerts?)"
        r"|mailing list)"
        r"(?: sign-?up| subscription)?",
        where=EDGES,
        longest=60,
    ),
    whole("sign-up field", r"(?:enter )?your e-?mail(?: address)?\b.{0,40}", where=EDGES, longest=80),
    whole(
        "sign-up words",
        r"sign up|subscribe(?: now)?|log ?in|sign in|register|become a member|join now|donate(?: now)?|support us"
        r"|my account",
        where=EDGES,
        longest=40,
    ),
    within(
        "call for support",
        r"^\W{0,4}(?:please )?(?:support|fund|donate to|contribute to) (?:us|our|independent|quality) ?"
        r"(?:journalism|work|reporting|from\b.{1,40}[→»>]|.{0,40}[→»>]$)",
        r"\bis free to read\b|\b(?:readers like you|help us keep|our independent journalism|power our reporting)\b",
        hints="support fund donate contribute free readers help independent power",
        where=EDGES,
        longest=160,
    ),
    within(
        "subscription note",
        r"already (?:a )?(?:subscriber|a member|subscribed|registered)\?",
        r"(?:to|for) (?:read|continue reading|unlimited access|full access).{0,60}(?:subscribe|sign in|log ?in"
        r"|register|subscription)",
        r"subscri(?:be|ption)\b.{0,40}\b(?:to (?:read|continue|unlock|access)|only \W?\d|per (?:month|week)"
        r"|for as little)",
        r"you have (?:\d+|reached|read) .{0,30}free articles?|contact us for subscription"
        r"|news stories offered to subscribers",
        r"this (?:article|content|story) is (?:for|only|reserved) .{0,30}(?:subscribers|members)",
        hints="subscri member register access articles",
        where=EDGES,
        longest=320,
    ),
)


def is_sign_up(line: Line) -> bool:
    """Part of a sign-up form, by any rule of LETTERS."""
    return any(len(line) <= rule.longest and rule.matches(line) for rule in LETTERS)


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
    """Heads a comment form or a list of comments."""
    return len(line.text) <= 90 and _HEADING.fullmatch(line.core) is not None


_FIELD = either(
    r"captcha|\be-?mail\b|\bname\b|replying|writing as|characters|submit|send|security code|log ?in|reply|moderat"
)


def is_field(line: Line) -> bool:
    """A field or note of a comment form, if it follows the heading of one."""
    return len(line.text) <= 120 and _FIELD.search(line.text) is not None


COMMENTS = (
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
