"""What the forms of the admin site send."""


def inline(prefix, *rows, stored=0):
    """The fields of an inline: first those of the `stored` rows, then those of new ones."""
    sent = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": stored}
    return sent | {f"{prefix}-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}


NO_ROWS = {**inline("memberships"), **inline("labels")}
