"""Players, galleries and advertisements, as their labels are scraped."""

from corpusapp.text.chrome.rule import EDGES, whole

_CLOCK = r"(?:\d{1,2}:)?\d{1,2}:\d{2}"

RULES = (
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
        r"(?:image|photo|picture|slide) \d+ (?:of|/) \d+|\d+ (?:of|/) \d+ (?:photos?|images?)|view gallery",
        r"(?:hide|toggle|show) caption|download (?:image|photo)",
        longest=70,
        opens=False,
    ),
)
