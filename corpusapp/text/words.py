"""Read word lists from strings."""


def words(text: str) -> frozenset[str]:
    """The words of `text`, separated by white space."""
    return frozenset(text.split())


def phrases(text: str) -> frozenset[str]:
    """The phrases of `text`, separated by commas."""
    return frozenset(" ".join(phrase.split()) for phrase in text.split(",") if phrase.strip())
