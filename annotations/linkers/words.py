"""Lists of words that say nothing by themselves in names, by what they are."""

import json
from pathlib import Path

WORDS: dict[str, frozenset[str]] = {
    kind: frozenset(words) for kind, words in json.loads(Path(__file__).with_name("words.json").read_text()).items()
}
