"""Whether a page fits its window: nothing scrolls sideways, leaves the window, is cut, or lies under a bar."""

from pathlib import Path

_SCRIPT = Path(__file__).with_name("geometry.js").read_text()
# A desktop, a tablet, a telephone, and a desktop of 1280 by 800 at a zoom of 200 %, which halves the CSS pixels.
WINDOWS = {"1440": (1440, 900), "1024": (1024, 768), "360": (360, 740), "200 %": (640, 400)}


def misplaced(page, without=None):
    """What leaves its place, at each size of the window, `without` lines that begin so. The last size stays."""
    found = []
    for name, (width, height) in WINDOWS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function("wide => innerWidth === wide", arg=width)
        found += [(name, line) for line in page.evaluate(_SCRIPT) if not (without and line.startswith(without))]
    return found
