"""Extraction of pages: main text, metadata, and dropped blocks with reasons."""

import json

import pytest

from corpusapp.intake.draft import Unfit
from corpusapp.intake.html import extract

from .pages import LEAD, PARAGRAPHS, TITLE, page, paragraphs


def kept(html):
    return extract(html).text.split("\n\n")


def reasons(html):
    return {dropped.text: dropped.reason for dropped in extract(html).dropped}


def in_body(*extra):
    return page(f'<div class="article-body">{paragraphs()}{"".join(extra)}</div>')


def test_paragraphs_are_kept_and_dropped_blocks_are_listed():
    found = extract(page())
    assert found.text.split("\n\n") == list(PARAGRAPHS)
    dropped = {block.text for block in found.dropped}
    assert {"Home", "Sport", TITLE, "The Ellery Lantern is printed on Thursdays and may not be copied."} <= dropped
    assert all(block.reason for block in found.dropped)


def test_dropped_blocks_have_positions():
    html = page(f'<div class="article-body">{paragraphs()}<p><a href="/x">Read more: the pier reopens</a></p></div>')
    found = extract(html)
    pointer = next(block for block in found.dropped if block.text.startswith("Read more"))
    assert pointer.position == len(found.text)
    assert next(block for block in found.dropped if block.text == "Home").position == 0


def test_metadata():
    metadata = extract(page(), "https://lantern.example/2021/03/08/dock").metadata
    assert (metadata.title, metadata.author, metadata.date) == (TITLE, "Tove Lindqvist", "2021-03-08")
    assert (metadata.site, metadata.language) == ("The Ellery Lantern", "en")
    assert metadata.url == "https://lantern.example/2021/03/08/dock"


def test_a_page_without_metadata_has_empty_metadata():
    metadata = extract(f"<html><body>{paragraphs()}</body></html>").metadata
    assert (metadata.title, metadata.author, metadata.date, metadata.language, metadata.url) == ("", "", "", "", "")


def test_a_headline_within_the_story_is_dropped():
    found = extract(page(f'<div class="article-body"><h2>{TITLE}</h2>{paragraphs()}</div>'))
    assert found.text.startswith(LEAD)


def test_a_story_in_several_containers_is_one():
    chunks = [f'<div class="chunk"><div class="text">{paragraphs([text] * 1)}</div></div>' for text in PARAGRAPHS]
    assert kept(page(f'<div class="pieces">{"<div>Advertisement</div>".join(chunks)}</div>')) == list(PARAGRAPHS)


def test_subheadings_lists_and_tables_between_paragraphs_stay():
    table = "<table><tr><th>Pier</th><th>Depth</th></tr><tr><td>North</td><td>4.2</td></tr></table>"
    middle = f"<h2>What comes next</h2><ul><li>Dredging</li><li>New lamps</li></ul>{table}"
    body = paragraphs(PARAGRAPHS[:3]) + middle + paragraphs(PARAGRAPHS[3:])
    found = kept(page(f'<div class="article-body">{body}</div>'))
    expected = [*PARAGRAPHS[:3], "What comes next", "Dredging", "New lamps", "Pier | Depth", "North | 4.2"]
    assert found == [*expected, *PARAGRAPHS[3:]]


def test_empty_lines_separate_blocks_without_paragraphs():
    assert kept(page(f'<div class="article-body">{"<br><br>".join(PARAGRAPHS)}</div>')) == list(PARAGRAPHS)
    first, second, *_ = kept(
        page(f'<div class="article-body">One line<br>and the next. {"<p>".join(PARAGRAPHS)}</div>')
    )
    assert first.startswith("One line\nand the next.")
    assert second == PARAGRAPHS[1]


def test_pointers_appeals_and_credits_are_dropped():
    html = in_body(
        '<p><a href="/a">Related: How the north pier was built</a></p>',
        '<p>Subscribe to <a href="https://example.org">our letter</a> and never miss a tide.</p>',
        "<p>Reporting by Tove Lindqvist; editing by Anders Moe</p>",
    )
    found = reasons(html)
    assert "Related: How the north pier was built" in found
    assert found["Subscribe to our letter and never miss a tide."] == "an appeal to the reader"
    assert found["Reporting by Tove Lindqvist; editing by Anders Moe"] == "credits"
    assert kept(html) == list(PARAGRAPHS)


def test_a_sentence_about_subscribers_and_social_media_stays():
    sentences = (
        "The company said it had lost a third of its subscribers after the price of its newsletter rose twice.",
        "Ms Voss wrote on Facebook that the council would donate the old planks to the maritime museum.",
    )
    assert kept(in_body(*(f"<p>{sentence}</p>" for sentence in sentences))) == [*PARAGRAPHS, *sentences]


def test_boxes_named_as_boilerplate_are_dropped():
    offer = "Every morning our editors choose five stories that matter to the coast."
    box = f'<div class="newsletter-signup"><p>{offer}</p></div>'
    body = f'<div class="article-body">{paragraphs(PARAGRAPHS[:3])}{box}{paragraphs(PARAGRAPHS[3:])}</div>'
    assert kept(page(body)) == list(PARAGRAPHS)


def test_a_second_article_below_is_another_story():
    other = [
        f"In Hollin Bay the {word} fair was held in the rain again this year." for word in ("wool", "book", "boat")
    ]
    second = f'</article><article><h1>Fairs of Hollin Bay</h1><div class="article-body">{paragraphs(other)}</div>'
    assert kept(page(f'<div class="article-body">{paragraphs()}</div>{second}')) == list(PARAGRAPHS)


def test_the_declared_text_decides():
    aside = "“The sea does not wait for a second vote,” the oldest of the captains told the council on Monday night."
    declared = json.dumps({"@type": "NewsArticle", "articleBody": "\n".join([*PARAGRAPHS[:2], aside, *PARAGRAPHS[2:]])})
    head = f'<script type="application/ld+json">{declared}</script>'
    body = f"{paragraphs(PARAGRAPHS[:2])}<aside><p>{aside}</p></aside>{paragraphs(PARAGRAPHS[2:])}"
    assert aside in kept(page(f'<div class="article-body">{body}</div>', head=head))


def test_a_declared_text_that_is_truncated_or_of_another_story_does_not_decide():
    for declared in (LEAD, "Nothing of what stands here is found in the page at all. " * 20, ["no text"], 7):
        script = json.dumps({"@graph": [{"articleBody": declared}]})
        head = f'<script type="application/ld+json">{script}</script>'
        assert kept(page(head=head)) == list(PARAGRAPHS)


def test_hidden_text_and_scripts_are_skipped():
    hidden = '<p style="display: none">A trap for machines that no reader of the page ever sees in full.</p>'
    found = extract(in_body(hidden, "<script>var words = 'not for readers';</script>", "<p hidden>Hidden too.</p>"))
    assert found.text.split("\n\n") == list(PARAGRAPHS)
    assert not any("machines" in block.text or "readers" in block.text for block in found.dropped)


def test_the_same_page_twice_is_the_same():
    assert extract(in_body()) == extract(in_body())


def test_bylines_dates_and_labels_of_adverts_are_dropped():
    opening = "<p>By Tove Lindqvist</p><p>Monday, 8 March 2021</p>"
    body = f"{opening}{paragraphs(PARAGRAPHS[:2])}<p>Advertisement</p><p>Story continues below</p>"
    found = extract(page(f'<div class="article-body">{body}{paragraphs(PARAGRAPHS[2:])}</div>'))
    assert found.text.split("\n\n") == list(PARAGRAPHS)
    assert {"By Tove Lindqvist", "Advertisement"} <= {block.text for block in found.dropped}


def test_a_script_without_spaces_between_words():
    sentences = (
        "港口委员会周一投票决定在明年夏天之前扩建旧渡轮码头,工程费用约为四百万克朗。",
        "自二零一七年的风暴将两艘渔船推上防波堤以来,渔民们一直要求进行这项改变。",
        "每天运送约九百人的渡轮公司在此期间将从北码头出发,直到工程完成为止。",
    )
    body = f'<div class="article-body">{paragraphs(sentences[:2])}<h2>北码头</h2>{paragraphs(sentences[2:])}</div>'
    assert kept(page(body, title="港口扩建渡轮码头")) == [*sentences[:2], "北码头", sentences[2]]


PERSIAN = (
    "شورای بندر روز دوشنبه رأی داد که اسکله‌ی قدیمی تا تابستان آینده گسترده‌تر شود و نتیجه به‌زودی اعلام می‌شود.",
    "به‌گفته‌ی سخنگو هزینه‌های ساخت‌وساز چهار میلیون کرون است و کارها پس‌از فصل ماهی‌گیری آغاز می‌شود.",
    "ماهی‌گیران از زمان توفان سال ۲۰۱۷ خواسته‌بودند که موج‌شکن‌ها را بلندتر کنند.",
)
CHINESE = (
    "港口委员会周一\u200b投票决定在明年夏天之前扩建旧渡轮码头，工程费用约为四百万克朗。",
    "渔民们自风暴以来\u200b一直要求进行这项改变，渡轮公司\u200b将从北码头出发。",
    "第二次投票将推迟到工程师\u2060们再次测量海堤之后。",
)


@pytest.mark.parametrize(
    "sentences",
    [
        PERSIAN,
        CHINESE,
        [text.replace("e", "e\u00ad") for text in PARAGRAPHS],
        [text.replace(" the ", " the\u200b ").replace("o", "o\u200d") for text in PARAGRAPHS],
        [text.replace("o", "o\u0308") for text in PARAGRAPHS],
    ],
)
def test_invisible_characters_lose_nothing(sentences):
    title = sentences[0][:20].strip()
    html = page(f'<div class="article-body">{paragraphs(sentences)}</div>', title=title)
    assert kept(html) == list(sentences)
    assert extract(html).metadata.title == title


def test_authors_keep_their_invisible_characters():
    html = page(f'<div class="article-body">{paragraphs(PERSIAN)}</div>').replace("Tove Lindqvist", "مهدی رحیم‌زاده")
    assert extract(html).metadata.author == "مهدی رحیم‌زاده"


def test_a_pointer_without_a_link_at_the_end_is_dropped():
    body = paragraphs((*PERSIAN, "بیش‌تر بخوانید: خبرهای دیگر"))
    assert kept(page(f'<div class="article-body">{body}</div>')) == list(PERSIAN)
    assert kept(in_body("<p>Read also: the herring of 2016</p>")) == list(PARAGRAPHS)
    quoted = "The notice on the pier said: read more: the sea will not wait."
    assert kept(in_body(f"<p>{quoted}</p>"))[-1] == quoted


def test_ruby_is_removed_from_a_page():
    ruby = "<ruby>港湾<rp>(</rp><rt>こうわん</rt><rp>)</rp></ruby>"
    sentences = (
        f"{ruby}委員会は月曜日に、古い<ruby>桟橋<rt>さんばし</rt></ruby>を来年の夏までに広げることを決めた。",
        "漁師たちは二〇一七年の嵐の後、ずっとこの工事を求めていた。",
        f"渡船会社はその間、北の{ruby}から出航すると発表した。",
    )
    first, _, last = kept(page(f'<div class="article-body">{paragraphs(sentences)}</div>'))
    assert first == "港湾委員会は月曜日に、古い桟橋を来年の夏までに広げることを決めた。"
    assert last == "渡船会社はその間、北の港湾から出航すると発表した。"


COOKIES = """<div class="banner"><p>We and our partners store cookies on your device so that the pages you see may be
    paid for by adverts. You can change your mind at any time below.</p></div>"""


def bare(body, head=""):
    return f"<html><head><title>{TITLE}</title>{head}</head><body>{body}</body></html>"


@pytest.mark.parametrize(
    "holder", ['aside class="content"', "footer", 'aside class="sidebar"', 'footer class="story-footer"']
)
def test_a_story_in_an_aside_or_a_footer_is_read_despite_a_notice(holder):
    story = f"<{holder}><h1>{TITLE}</h1>{paragraphs()}</{holder.split()[0]}>"
    for body in (story + COOKIES, COOKIES + story):
        found = extract(bare(f"<div>{body}</div>"))
        assert found.text.split("\n\n") == list(PARAGRAPHS)
        (note,) = found.notes
        assert "disagree" in note


def test_a_page_with_only_a_notice_is_refused():
    with pytest.raises(Unfit, match="no main text"):
        extract(bare(COOKIES))


def test_comments_are_never_the_story():
    comments = "".join(
        f"<p>I do not believe that the council of {n} towns will ever widen its dock.</p>" for n in range(40)
    )
    body = f'<main><h1>{TITLE}</h1>{paragraphs(PARAGRAPHS[:2])}</main><div class="comments">{comments}</div>'
    assert kept(bare(body)) == list(PARAGRAPHS[:2])


def data(value):
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


@pytest.mark.parametrize(
    "value",
    [
        {"@type": "NewsArticle", "headline": TITLE, "articleBody": "\n\n".join(PARAGRAPHS)},
        {"@graph": [{"@type": "WebSite"}, {"@type": "Article", "headline": TITLE, "articleBody": list(PARAGRAPHS)}]},
        [{"@type": "Article", "headline": TITLE, "articleBody": "".join(f"<p>{text}</p>" for text in PARAGRAPHS)}],
    ],
)
@pytest.mark.parametrize("body", ['<div id="root"></div>', COOKIES, f"<p>{LEAD}</p><p>Subscribe to read on.</p>"])
def test_a_text_only_in_the_data_is_used(value, body):
    found = extract(bare(body, data(value)))
    assert found.text.split("\n\n") == list(PARAGRAPHS)
    assert found.metadata.title == TITLE
    assert any("only in the page's data" in note for note in found.notes)


def test_a_short_text_in_the_data_of_a_page_without_text():
    text = "The dock was opened on Monday in the rain, officials of the town said."
    found = extract(bare("<p>Loading…</p>", data({"@type": "NewsArticle", "headline": TITLE, "articleBody": text})))
    assert found.text == text and found.metadata.title == TITLE


def test_a_live_blog_has_all_its_posts_and_its_own_title():
    posts = [{"@type": "BlogPosting", "headline": f"At {n}", "articleBody": text} for n, text in enumerate(PARAGRAPHS)]
    head = data({"@type": "LiveBlogPosting", "headline": "The dock, live", "liveBlogUpdate": posts})
    for body in ('<div id="live"></div>', "<main><h1>The dock, live</h1></main>"):
        found = extract(bare(body, head).replace(TITLE, "The dock, live"))
        assert [text for text in found.text.split("\n\n") if not text.startswith("At ")] == list(PARAGRAPHS)
        assert found.metadata.title == "The dock, live"


def test_a_different_declared_text_is_noted():
    head = data(
        {"@type": "NewsArticle", "headline": "Wool fair", "articleBody": "The wool fair was held in the rain. " * 9}
    )
    found = extract(page(head=head))
    assert found.text.split("\n\n") == list(PARAGRAPHS)
    assert found.notes == ("the page declares another text (72 words) than the one that was read in it",)
    assert extract(page()).notes == ()


def test_invalid_or_wrapped_json_is_read_if_possible():
    value = json.dumps({"headline": TITLE, "articleBody": "\n".join(PARAGRAPHS)})
    for source in (f"<!-- {value} -->", f"//<![CDATA[\n{value}\n//]]>", f"{value};"):
        head = f'<script type="application/ld+json">{source}</script>'
        assert kept(bare("<div></div>", head)) == list(PARAGRAPHS)
    broken = '<script type="application/ld+json">{"articleBody": "The</script>'
    assert kept(page(head=broken + data({"@graph": [[[]], None, 3]}))) == list(PARAGRAPHS)
