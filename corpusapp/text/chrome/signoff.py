"""Marks of the desk around a story: its end, its version, the site's section that it ran in."""

from corpusapp.text.chrome.rule import EDGES, TAIL, starts, whole

RULES = (
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
