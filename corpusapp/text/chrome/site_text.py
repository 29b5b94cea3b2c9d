"""Text of the site around an article: codes, counters, rights, terms, players, sign-offs."""

from corpusapp.text.chrome.rule import EDGES, HEAD, TAIL, Rule, either, starts, whole, within
from corpusapp.text.lines import Line

_DATE = (
    r"(?:(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? )?(?:\d{1,2}(?:st|nd|rd|th)?[ .-])?"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?[ .,-]{1,2}(?:\d{1,2}(?:st|nd|rd|th)?,? )?\d{4}"
    r"|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})"
)
_TIME = (
    r"(?:[,\s|–-]{0,4}(?:at )?\d{1,2}[:.]\d{2}(?::\d{2})?(?:\s?[ap]\.?m\.?)?(?:\s?\(?(?:gmt|utc|[a-z]{1,3}t"
    r"|local time)\)?(?:\s?[+-]\d{1,2}(?::?\d{2})?)?)?)"
)
_STAMP = (
    r"(?:(?:first )?published|posted|publish(?:ed|ing)?(?: date| time)?|publication date|release date|issued"
    r"|created|added"
    r"|last (?:updated?|modified|edited)|updated?|modified|date|time|زمان انتشار|تاریخ انتشار"
    r"|تاريخ النشر)(?: (?:on|at))?"
)
_AGO = r"(?:\d+|an?|one)\s+(?:second|minute|min|hour|day|week|month|year)s?\s+ago"
_NUMBER = r"[\d,.]{1,12}k?"
_COUNTED = r"(?:views?|visits?|hits|reads|shares|likes|followers)"

CODES = (
    whole(
        "code",
        r"(?:news|article|story|item|document|report|post|page)\s?(?:code|id|number|no\.?|#)\s*[:#.]?\s*\d+(?:\D?\d+)*\b"
        r"(?:\s*(?:[|•·,–-]|\s{2,}).{0,160})?",
        longest=240,
    ),
    whole(
        "bare code", r"(?:code|id|کد خبر|شناسه خبر|کد مطلب|رمز الخبر)\s*[:：]?\s*[\d۰-۹]{3,}", where=EDGES, longest=50
    ),
    whole("desk code", r"\d{3,5}(?:\*\*?|/)\d{3,5}|[A-Z]{2}/\d{3,}", where=TAIL, longest=20),
    whole("stamp", rf"{_STAMP}\s*[:：]?\s*{_DATE}{_TIME}?.{{0,60}}", where=EDGES, longest=140),
    whole("stamp by age", rf"(?:{_STAMP}\s*[:：]?\s*)?{_AGO}", where=EDGES, longest=60),
    whole("date and time", rf"{_DATE}{_TIME}", where=HEAD, longest=60),
    whole("source bar", rf"source\s*[:：].{{0,60}}\|.{{0,40}}{_DATE}.{{0,80}}", longest=200),
    whole(
        "tags",
        r"(?:tags?|key ?words?|topics?|labels?|filed under|categor(?:y|ies)|tagged(?: with)?)\s*[:：#]\s*.{0,240}",
        r"(?:برچسب[\u200c ]?ها|كلمات مفتاحية|کلیدواژه(?:[\u200c ]?ها)?|الوسوم|Теги|Etiquetas"
        r"|Schlagworte)\s*[:：#]\s*.{0,240}",
        r"(?:helpful )?key ?words|tags",
        where=EDGES,
    ),
    whole("tags as hashes", r"[\w\u200c-]+(?:[\s,|/•]+#[\w\u200c-]+)+", where=EDGES),
    whole(
        "short address",
        r"(?:short ?(?:url|link|address)|permalink|لینک کوتاه|رابط مختصر)\s*[:：]?\s*\S*",
        r"link\s*[:：]\s*(?:https?://|www\.)\S*",
        where=EDGES,
        longest=200,
    ),
    whole("counter", rf"{_COUNTED}\s*:?\s*{_NUMBER}", rf"{_NUMBER}\s*{_COUNTED}", where=EDGES, longest=40),
    whole(
        "reading time",
        r"\d+\s?-?\s?min(?:ute)?s?\.? (?:read|reading)(?: time)?|(?:estimated )?reading time\s*:?\s*\d.{0,20}",
        r"(?:listen|play).{0,20}\d+\s*min\w*",
        where=EDGES,
        longest=60,
    ),
)


_ALTERNATE = either(
    r"\b(?:website|site|channel|we|agency|portal)\b.{0,40}\b(?:accessed|reached|visited|available|found|followed)\b"
    r".{0,40}\b(?:alternate|alternative|following|other|mirror)\b.{0,30}\b(?:address(?:es)?|links?|urls?|sites?|domains?)\b"
)


def is_alternate_addresses(line: Line) -> bool:
    """Announces a list of other web addresses."""
    return len(line.text) <= 160 and line.text[-1:] in ":：" and _ALTERNATE.search(line.text) is not None


LEGAL = (
    Rule(
        "alternate addresses", is_alternate_addresses, longest=160, hints=("address", "link", "url", "site", "domain")
    ),
    starts(
        "copyright",
        r"\W{0,3}(?:©|ⓒ|\(c\) ?(?:copyright|\d{4}))",
        r"copyright ?(?:©|\(c\)|\d{4}|\w+ \d{4})",
        longest=320,
    ),
    within(
        "rights",
        r"\ball rights (?:are )?reserved\b|\bmay not be (?:published, broadcast|reproduced|redistributed|rewritten)",
        r"\breproduction .{0,60}(?:prohibited|without (?:the )?(?:express |written |prior ){0,3}permission)",
        r"جميع الحقوق محفوظة|تمامی حقوق|Все права защищены|Alle Rechte vorbehalten|Tous droits réservés",
        r"todos los derechos reservados|版权所有",
        hints="reserv not prohibited permission حقوق حقوق права vorbehalten réservés 版权",
    ),
    whole(
        "legal links",
        r"(?:(?:terms|conditions|privacy|cookies?|legal|disclaimer|policy|notice|of|and|use|service|statement|settings|"
        r"preferences|imprint|contact us|about us|advertise(?: with us)?|help|sitemap)\W*){2,8}",
        where=EDGES,
        longest=160,
    ),
    within(
        "cookies",
        r"\b(?:we|this (?:web)?site|our (?:web)?site|our partners)\b.{0,40}\buses? (?:\w+ )?cookies\b",
        r"\baccept (?:all )?cookies\b|^\W{0,3}cookie (?:policy|settings|preferences|consent)\W{0,3}$",
        hints="cookie",
        where=EDGES,
    ),
    within(
        "disclaimer",
        r"\b(?:views?|opinions?)\b.{0,80}\b(?:do(?:es)? not (?:necessarily )?(?:reflect|represent)|are (?:his|her"
        r"|their|the author['’]s) own and)\b",
        hints="view opinion",
        where=EDGES,
    ),
    whole("standards", r"our standards\s*:.{0,80}", longest=120),
)


_CLOCK = r"(?:\d{1,2}:)?\d{1,2}:\d{2}"

PLAYERS = (
    whole(
        "advertisement",
        r"advertisements?|advertising|advert|sponsored|skip ad(?:vertisement)?|ad feedback|إعلان|تبلیغات|реклама",
        r"(?:story|article) continues (?:below|after)\b.{0,30}|scroll (?:down )?(?:for|to) (?:more|continue"
        r"|read).{0,20}",
        longest=60,
        opens=False,
    ),
    whole(
        "player",
        r"video player ?close|loading (?:the )?(?:video|player|audio)|play video|watch video|watch live|play|pause"
        r"|mute|unmute",
        r"no (?:compatible|media) source (?:was |is )?(?:found|currently available).{0,20}|embed(?: share)?"
        r"|auto ?play|full ?screen",
        r"the code has been copied to your clipboard|direct link|pop-out player|your browser does not support.{0,60}",
        rf"{_CLOCK}(?:\s*/?\s*{_CLOCK}){{0,4}}",
        where=EDGES,
        longest=110,
        opens=False,
    ),
    whole(
        "gallery",
        r"(?:click|tap) (?:here )?to (?:enlarge|view|expand|zoom|see|open)\b.{0,40}|enlarge (?:this )?(?:image"
        r"|photo|picture)",
        r"(?:image|photo|picture|slide) \d+ (?:of|/) \d+|\d+ (?:of|/) \d+ (?:photos?|images?)|view gallery"
        r"|slideshow ?\( ?\d+ (?:images?|photos?) ?\)?",
        r"(?:hide|toggle|show) caption|download (?:image|photo)",
        longest=70,
        opens=False,
    ),
)


SIGNOFFS = (
    whole(
        "end",
        r"(?:end(?:s|item|it| item)?|the end|انتهای پیام|پایان پیام|انتهى)\W{0,3}(?:\d{1,4})?",
        where=TAIL,
        longest=24,
        opens=False,
    ),
    starts(
        "version",
        r"\((?:adds?|updates?|updated|corrects?|corrected|recasts?|rewrites?|refiles?|writes? through|releads?|repeats?"
        r"|clarifies|removes|changes|fixes|trims|new throughout)\b[^()]{0,160}\)\.?$",
        longest=180,
        opens=False,
    ),
    whole(
        "section at the end",
        r"(?:the )?(?:[^\W\d_]+ ){1,2}(?:bulletin|edition|section|service|website|newsroom|news ?desk)",
        where=TAIL,
        longest=40,
        opens=False,
    ),
    whole(
        "top of the page",
        r"back to top|go to top|top|home ?page|main menu|skip to (?:main )?(?:content|navigation).{0,20}|search"
        r"|menu|close",
        r"toggle navigation",
        where=EDGES,
        longest=40,
    ),
)
