"""Calls to sign up, subscribe or pay, and notes about them."""

from corpusapp.text.chrome.rule import EDGES, starts, whole, within
from corpusapp.text.lines import Line

_GOODS = r"(?:newsletters?|briefings?|e-?mails?|alerts?|updates|channel|inbox|digest|mailing list)"

RULES = (
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
    """Part of a form to sign up, by any rule here."""
    return any(len(line) <= rule.longest and rule.matches(line) for rule in RULES)
