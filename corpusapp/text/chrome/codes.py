"""What a site's database prints about an article: codes, times, counters, tags and short addresses."""

from corpusapp.text.chrome.rule import EDGES, HEAD, TAIL, whole

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

RULES = (
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
