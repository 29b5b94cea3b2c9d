"""What the walk of every page calls misplaced, on pages that are made for it."""

import pytest

from tests.browser.geometry import WINDOWS, misplaced

pytestmark = pytest.mark.browser

LONG = "a_word_of_two_hundred_letters_" * 7
CUT = "width: 200px; overflow: hidden"
FAULTS = {
    "scrolls sideways": f"<p style='white-space: nowrap'>{LONG}</p>",
    "text leaves the window": f"<p style='position: fixed; white-space: nowrap'>{LONG * 2}</p>",
    "text is clipped at the side": f"<p style='{CUT}'>{LONG}</p>",
    "text is clipped below": f"<p style='{CUT}; height: 30px'>One line<br>another<br>and one</p>",
    "the button is too small": f"<button style='width: 90px; overflow: visible'>{LONG[:30]}</button>",
    "covered by": "<p style='height: 3000px'><input></p><p style='position: fixed; inset: 0; margin: 0'>A bar</p>",
}
SOUND = {
    "a line that says that it is cut": f"<p style='{CUT}; text-overflow: ellipsis'>{LONG}</p>",
    "a table that scrolls": f"<div style='overflow-x: auto'><table><tr><td>{LONG * 3}</table></div>",
    "words for screen readers": f"<p style='position: absolute; clip-path: inset(50%); {CUT}'>{LONG}</p>",
    "what is closed": f"<details><summary>More</summary><p style='position: fixed'>{LONG * 3}</p></details>",
    "plain text": "<p>In Damascus, nothing is cut.</p><a href='#'>Read on</a>",
}
HTML = "<!doctype html><meta name=viewport content='width=device-width'><body style='margin: 0'>"


def test_what_leaves_its_place_is_found_and_what_is_meant_is_not(chromium):
    page = chromium.new_page()
    for fault, body in FAULTS.items():
        page.set_content(HTML + body)
        lines = misplaced(page)
        assert {window for window, line in lines if line.startswith(fault)}, (fault, lines)
    for name, body in SOUND.items():
        page.set_content(HTML + body)
        assert misplaced(page) == [], name
    page.set_content(HTML + "<p style='width: 700px'>Wider than half a window.</p>")
    assert [window for window, _ in misplaced(page)] == ["360", "200 %"]
    assert list(WINDOWS) == ["1440", "1024", "360", "200 %"]
    page.close()
