"""Wording of blocks next to a story: pointers to other pages, appeals, credits, captions.

The phrases are common to news sites, in the languages of the sources. The length after an opening is limited in each
pattern, so that no line takes long to match.
"""

import re

from corpusapp.intake.html.blocks import Block
from corpusapp.text.folding import INVISIBLE

# Code points of a block that are matched.
_MATCHED = 600
_LONGEST_LABEL = 80
_LONGEST_POINTER = 120
_POINTER_OPENINGS = (
    r"related( (stor(y|ies)|articles?|coverage|content|links?|news|videos?|reading))?\b\s*[:|–—-]?",
    r"(read|see|watch|listen|more|also)\b[^.]{0,40}[:|–—]",
    r"read (more|also|next)\b",
    r"(see also|also (read|see)|don['’]t miss|must[- ]read|recommended)\b",
    r"more (from|on|about|stories|news|coverage)\b",
    r"you (may|might) (also|like)\b",
    r"click here\b",
    r"(weiterlesen|lesen sie auch|mehr zum thema|siehe auch|lees ook|läs också|læs også|les også)\b",
    r"((à )?lire aussi|voir aussi|leggi anche|le[ae] también|leer más|te puede interesar|leia (também|mais))\b",
    r"(czytaj (też|także)|zobacz też|читайте также|смотрите также|читать далее|اقرأ (أيضا|المزيد))",
    r"(بیشتر بخوانید|همچنین بخوانید|ادامه مطلب|مطالب مرتبط|(ayrıca|devamını) oku|ilgili haber)",
    r"(相关阅读|相關閱讀|延伸阅读|延伸閱讀|推荐阅读|関連記事|あわせて読む|관련기사)",
)
_APPEALS = (
    r"(subscribe|sign up|register)(\s+(now|today|here|to|for|and|below|free)\b|\W|$)",
    r"(follow|like|join|find|support|contact) (us|me|our|him|her|them|the author)\b",
    r"follow @",
    r"download (the|our) (\w+ ){0,3}app\b",
    r"get (the|our|all the|breaking|more) [^.]{0,60}(app|newsletter|inbox|alerts?|updates|on the go)\b",
    r"become an? (member|patron|subscriber|supporter)",
    r"e-?mail (the|this|us|me|him|her|\w+ \w+ at)\b",
    r"(e-?mail|write to|reach) [^.]{0,60}@",
    r"donate (now|today|here|to)\b",
    r"click here",
    r"(abonnieren sie|jetzt abonnieren|abonnez-vous|suivez-nous|iscriviti|seguici)",
    r"(suscríbete|suscríbase|síguenos|inscreva-se|assine|siga|подпис(ывайтесь|аться))",
)
_LETTER_OFFERS = (
    r"\b(our|the|this|free|daily|weekly|morning) ([\w-]+ ){0,3}newsletters?\b.{0,120}\b(subscrib|sign|inbox|e-?mail)",
    r"\bsubscribe to (our|the)\b",
)
_CREDIT_OPENINGS = (
    r"(additional )?(reporting|writing|editing)( and (reporting|writing|editing)){0,2} by\b",
    r"(reported|written|compiled|edited) by\b",
    r"(©|\(c\)|copyright)\s",
    r"all rights reserved",
    r"(e-?mail|contact|reach|write to) [^.]{3,80}@",
    r"follow \S{1,40}( \S{1,40})? on\b",
    r"this (article|story|post|piece) (was )?(originally|first) (appeared|published)",
    r"(photo|image|picture)s?( credits?)?( by)?:",
    r".{0,300}\bcontributed (to this (report|story|article)|reporting)\b",
    r".{0,120}\bis an? .{3,80}(writer|reporter|editor|correspondent|columnist)\b.{0,200}(@|follow|reach|mail)",
)
_DAY_OR_MONTH = r"(\d{1,2}(st|nd|rd|th)?|[^\W\d]{3,10})"
_PHOTO_AGENCIES = "AP|Reuters|AFP|Getty|EPA|Xinhua|TASS|Photo|Image|Picture|Foto|Фото"
_PHOTO_CREDITS = (
    rf"\b({_PHOTO_AGENCIES})\b[^.()]{{0,60}}\)\W*$",
    r"\bgetty images\b[^.]{0,30}$",
    r"^\W*(photo|image|picture|foto|bild|crédit|фото)s?( credits?| courtesy)?( by| of)?\s*[:/]",
)
# Whole lines, in any case.
_INTERRUPTIONS = (
    r"advertisements?|ad|sponsored( content)?|promoted|anzeige|werbung|publicité|publicidad|pubblicità|реклама|reklama",
    r"(story|article|text|content|post) continues( below| after)?.{0,40}",
    r"(continue|keep) reading( below| the main story)?",
    r"(loading|please wait)\W*|scroll (down )?(to|for) .{0,40}|(share|tweet|print|save)( this( story| article)?)?",
    r"(play|watch|pause|mute|replay) (the )?(video|audio)|video player is loading",
)
_BYLINES = (
    r"(by|von|par|por|door|автор)\s*:?\s+\w.{0,80}$",
    r"(published|updated|posted|last (updated|modified)|first published|created|erschienen|publié|publicado)\b.{0,80}$",
    rf"(\w{{3,9}}\W{{1,3}})?{_DAY_OR_MONTH}\W{{1,3}}{_DAY_OR_MONTH}\W{{1,3}}\d{{4}}\b.{{0,40}}$",
)
_NOTICES = (
    r"\b(we|our|this (web)?site|partners|by using|by continuing)\b.{0,120}\bcookies?\b",
    r"\bcookies?\b.{0,80}\b(policy|settings|preferences|consent|accept|your device|your browser)\b",
    r"\b(accept|manage|reject|use) (all )?cookies\b|\byour (privacy|consent) (choices|settings|preferences)\b",
    r"\b(enable|turn on|activate|requires?) javascript\b|\bad[- ]?block(er|ing)?\b.{0,80}\b(disable|turn|detected)\b",
    r"\b(wir|unsere partner|diese (web)?seite)\b.{0,120}\bcookies\b",
    r"\bcookies\b.{0,80}\b(einstellungen|zustimm|akzeptier)",
    r"\b(nous|notre site|ce site|nos partenaires)\b.{0,120}\bcookies\b|\bcookies\b.{0,80}\b(accepter|paramètres)",
    r"\b(utilizamos|usamos|este sitio|nuestros socios|questo sito|utilizziamo|este site)\b.{0,120}\bcookies?\b",
    r"(мы|сайт) использу(ем|ет).{0,60}\bcookie|pliki cookies?|çerez(ler)? (kullan|politika)|使用.{0,12}cookies?",
)


def _any_of(*wordings: str) -> str:
    return "|".join(wordings)


_POINTER = re.compile(rf"\W{{0,5}}({_any_of(*_POINTER_OPENINGS)})", re.IGNORECASE)
_APPEAL = re.compile(
    rf"(^|[.!?:]\s|\n)\W{{0,5}}(please |to )?({_any_of(*_APPEALS)})|{_any_of(*_LETTER_OFFERS)}",
    re.IGNORECASE | re.DOTALL,
)
_CREDIT = re.compile(rf"\W{{0,5}}({_any_of(*_CREDIT_OPENINGS)})", re.IGNORECASE | re.DOTALL)
_INTERRUPTION = re.compile(rf"\W{{0,5}}({_any_of(*_INTERRUPTIONS)})\W{{0,5}}", re.IGNORECASE)
_BYLINE = re.compile(rf"\W{{0,5}}({_any_of(*_BYLINES)})", re.IGNORECASE)
_PHOTO_CREDIT = re.compile(_any_of(*_PHOTO_CREDITS), re.IGNORECASE)
# A pointer without a link: its target follows a colon, and it is not a sentence.
_BARE_POINTER = re.compile(
    rf"\W{{0,5}}(?:{_any_of(*_POINTER_OPENINGS)})[^.!?:：]{{0,30}}[:：][^.!?。！？]*", re.IGNORECASE
)
_NOTICE = re.compile(_any_of(*_NOTICES), re.IGNORECASE)


def _visible(text: str) -> str:
    """The text without invisible characters."""
    return text if text.isascii() else INVISIBLE.sub("", text)


def points_elsewhere(block: Block) -> bool:
    """A pointer to another page: "Related: …", mostly linked, or a link in capitals."""
    if block.link_share >= 0.5 and _POINTER.match(_visible(block.text[:_MATCHED])):
        return True
    return block.link_share >= 0.9 and block.text.isupper() and len(block.text) > 12


def is_bare_pointer(block: Block) -> bool:
    """A short pointer to another page without a link: "Read more: …"."""
    return len(block.text) <= _LONGEST_POINTER and bool(_BARE_POINTER.fullmatch(_visible(block.text)))


def is_notice(block: Block) -> bool:
    """A notice of the site: cookies, consent, required scripts, advert blockers."""
    return bool(_NOTICE.search(_visible(block.text[:_MATCHED])))


def is_appeal(block: Block) -> bool:
    """An appeal to the reader: subscribe, follow, write."""
    return bool(_APPEAL.search(_visible(block.text[:_MATCHED])))


def is_credit(block: Block) -> bool:
    """A credit: reporters, editors, rights, contact."""
    return bool(_CREDIT.match(_visible(block.text[:_MATCHED])))


def is_interruption(block: Block) -> bool:
    """A label of an advert or a player, and nothing else."""
    return len(block.text) < _LONGEST_LABEL and bool(_INTERRUPTION.fullmatch(_visible(block.text)))


def is_byline(block: Block) -> bool:
    """A byline, or a date."""
    return bool(_BYLINE.match(_visible(block.text[:_MATCHED])))


def is_caption(block: Block) -> bool:
    """A caption that ends in the credit of a picture."""
    return bool(_PHOTO_CREDIT.search(_visible(block.text[-_MATCHED:])))
