"""Site furniture in scraped text, found by what it is; one kind of furniture a module, one rule a small unit."""

from corpusapp.text.chrome.find import find_chrome

__all__ = ["find_chrome"]
