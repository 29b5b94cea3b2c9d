"""Word lists written as running text."""


def words(text: str) -> frozenset[str]:
    """The words of `text`, which stand apart by white space."""
    return frozenset(text.split())


def phrases(text: str) -> frozenset[str]:
    """The phrases of `text`, which stand apart by commas."""
    return frozenset(" ".join(phrase.split()) for phrase in text.split(",") if phrase.strip())
