"""axe-core, as its package on PyPI brings it, run in a page."""

from importlib.resources import files

_SOURCE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
# Without `preload`: it would write styles into the page, which the policy of this site refuses.
_RUN = """only => axe.run(document, {
    resultTypes: ["violations"], preload: false, ...(only ? { runOnly: only } : {}),
})"""
# The one rule whose outcome hangs on the colour scheme.
_COLOURS = ["color-contrast"]


def violations(page, only=None):
    """(rule, the first elements) of each violation on the page; of all rules, or `only` of these."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_SOURCE)
    found = page.evaluate(_RUN, only)["violations"]
    return [(one["id"], [node["html"][:160] for node in one["nodes"][:3]]) for one in found]


def light_up(page, scheme):
    """Turn to a colour scheme, and wait until the colours have passed over to it."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate("() => document.getAnimations().forEach(animation => animation.finish())")


def both_ways(page):
    """Violations in the light, and those of colours in the dark too."""
    light_up(page, "light")
    found = violations(page)
    light_up(page, "dark")
    return found + [("dark", *one) for one in violations(page, _COLOURS)]
