"""Names of agencies and papers in datelines."""

import re

from corpusapp.text.words import words

KNOWN = words("""
    aa afp agi aina ana anp ansa antara ap apa aps belga bernama bna bta cihan cna cnn ctk cp cns dapd dha dpa efe ecns
    epd fars fna iana iba icana ilna ina interfax irib irna isna itar-tass jana kcna kna kuna kyodo lusa map mehr mena
    mna mti nan nna npa ntb ntv oana pap petra pti presstv qna ria reuters rferl rt sana sapa sid sna spa sputnik sta
    stt tanjug tap tasnim tass tt ukrinform uni unn upi voa vna wafa wam xinhua xinhuanet yonhap ynet ians ani rudaw
    рейтер тасс интерфакс риа سانا واع وكالات رويترز إرنا ارنا ایرنا ایسنا مهر فارس تسنیم 新华社 中新社
""")
_KNOWN_NAMES = frozenset(
    (
        "the associated press",
        "associated press",
        "agence france-presse",
        "press tv",
        "risi",
        "ria novosti",
        "риа новости",
    )
)
_NOT_AGENCIES = words("""
    us uk uae eu un usa ussr nato dprk drc ksa prc iaea who imf opec opcw isis isil pkk plo fbi cia idf irgc brics
    asean unesco unicef unhcr icc jcpoa hiv aids tv ii iii iv gop mp mps ngo ngos ceo gdp covid l r c
""")
_REMARKS = words("""
    photo photos video updated update file archive adds live analysis opinion exclusive left right
""")
_PRESS_WORDS = re.compile(
    r"\b(?:news|agency|agencies|press|post|times|herald|tribune|gazette|daily|ledger|dispatch|wire|journal|chronicle|"
    r"monitor|observer|online|network|net|tv|radio|bulletin|bureau|mirror|telegraph|correspondent|service|media)\b",
    re.IGNORECASE,
)
_ACRONYM = re.compile(r"[^\W\d_](?:[^\W\d_]|\.[^\W\d_]|-){1,8}\.?")


def is_known(name: str) -> bool:
    """Whether a news agency has this name."""
    key = name.casefold().strip(" .")
    return key in KNOWN or key in _KNOWN_NAMES or key.removesuffix(".com").removesuffix(" news") in KNOWN


def is_agency_shaped(name: str) -> bool:
    """A known agency, an acronym that is not a state or an organisation, or a name with a press word; or several."""
    parts = [part.strip() for part in re.split(r"[/,+&]", name)]
    return bool(parts) and all(_is_one_agency(part) for part in parts)


def is_parenthesised_agency(name: str) -> bool:
    """May be an agency in parentheses: agency-shaped, or at most four capitalised words."""
    if is_agency_shaped(name):
        return True
    words = name.replace("/", " ").split()
    return 1 <= len(words) <= 4 and len(name) >= 3 and all(_capital(word) for word in words) and not _is_excluded(name)


def _is_one_agency(name: str) -> bool:
    if not name or len(name) > 40 or _is_excluded(name):
        return False
    if is_known(name):
        return True
    if _ACRONYM.fullmatch(name) and name == name.upper() and name != name.lower():
        return True
    words = name.split()
    return len(words) <= 5 and _PRESS_WORDS.search(name) is not None and all(_capital(w) or w == "of" for w in words)


def _is_excluded(name: str) -> bool:
    return name.casefold().replace(".", "") in _NOT_AGENCIES or name.casefold() in _REMARKS


def _capital(word: str) -> bool:
    return word[:1].isupper() or (word[:1].isalpha() and word[:1].lower() == word[:1].upper())
