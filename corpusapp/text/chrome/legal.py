"""Rights, terms, cookies, disclaimers, and the other addresses of a site."""

from corpusapp.text.chrome.rule import EDGES, Rule, either, starts, whole, within
from corpusapp.text.lines import Line

_ALTERNATE = either(
    r"\b(?:website|site|channel|we|agency|portal)\b.{0,40}\b(?:accessed|reached|visited|available|found|followed)\b"
    r".{0,40}\b(?:alternate|alternative|following|other|mirror)\b.{0,30}\b(?:address(?:es)?|links?|urls?|sites?|domains?)\b"
)
_ADDRESS = either(r"(?:https?://|www\.)\S+", r"\w[\w-]*(?:\.[\w-]+)*\.[a-z]{2,6}(?:/\S*)?", r"@\w+")


def is_alternate_addresses(line: Line) -> bool:
    """Announces a list of other addresses."""
    return len(line.text) <= 160 and line.text[-1:] in ":：" and _ALTERNATE.search(line.text) is not None


def is_address(line: Line) -> bool:
    """An address on the web and nothing else."""
    return len(line.text) <= 300 and " " not in line.text and _ADDRESS.fullmatch(line.text) is not None


RULES = (
    Rule("alternate addresses", is_alternate_addresses, longest=160),
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
