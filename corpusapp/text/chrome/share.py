"""Bars and calls to share, print, send or follow."""

from corpusapp.text.chrome.rule import EDGES, Rule, whole
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
    """Two or more words, all of such bars, and numbers; one at least that tells."""
    return len(_tokens(line)) >= 2


def is_sure_bar(line: Line) -> bool:
    """Such a bar with a call to share and a network: a subhead may be "Facebook and Google", or "Print media"."""
    tokens = _tokens(line)
    return any(token in _CALLS for token in tokens) and any(token in _NETWORKS for token in tokens)


def is_button(line: Line) -> bool:
    """One such word."""
    return len(_tokens(line)) == 1


def _tokens(line: Line) -> list[str]:
    """The words of the line where all are words of such bars, or numbers, and one at least tells; else none."""
    tokens = []
    for word in line.words:
        token = word.strip(_TRIM).casefold()
        if token in _WORDS or token.replace(".", "").rstrip("k").isdecimal():
            tokens.append(token)
        elif any(letter.isalnum() for letter in token):
            return []
    return tokens if any(token in _CORE for token in tokens) else []


RULES = (
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
        "call to share in other tongues",
        r"(?:اشتراک[\u200c ]?گذاری|مشاركة|شارك|ارسال به دوستان|چاپ|طباعة)\b.{0,40}",
        r"(?:Поделиться|Teilen|Compartir|Partager|Paylaş|Condividi)\b.{0,40}",
        where=EDGES,
        longest=60,
        opens=False,
    ),
)
