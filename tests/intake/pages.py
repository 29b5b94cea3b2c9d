"""Pages like those of news sites, with invented sentences."""

LEAD = "The harbour council of Port Ellery voted on Monday to widen the old ferry dock by next summer."
PARAGRAPHS = (
    LEAD,
    "Councillor Maren Voss said the work would cost four million crowns and begin once the herring season ends.",
    "Fishermen had asked for the change since a storm in 2017 pushed two of their boats onto the breakwater.",
    "The ferry company, which carries about nine hundred people a day, will run from the north pier meanwhile.",
    "A second vote on the lighting of the quay was put off until the engineers have measured the sea wall again.",
)
TITLE = "Port Ellery widens its ferry dock for the summer"


def paragraphs(texts=PARAGRAPHS, tag="p"):
    return "\n".join(f"<{tag}>{text}</{tag}>" for text in texts)


def page(body=None, *, head="", title=TITLE):
    """A page with a story and the usual boilerplate around it."""
    body = f'<div class="article-body">{paragraphs()}</div>' if body is None else body
    return f"""<!DOCTYPE html><html lang="en-GB"><head><title>{title} | The Ellery Lantern</title>
        <meta property="og:title" content="{title}"><meta property="og:site_name" content="The Ellery Lantern">
        <meta name="author" content="Tove Lindqvist">
        <meta property="article:published_time" content="2021-03-08T09:30:00+00:00">{head}</head><body>
        <nav class="menu"><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav>
        <main><article><h1>{title}</h1>{body}</article></main>
        <footer><p>The Ellery Lantern is printed on Thursdays and may not be copied.</p></footer></body></html>"""
