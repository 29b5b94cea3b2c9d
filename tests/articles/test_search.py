"""Full-text search over names, words and scripts."""

import pytest

from annotations.review.queries import HIT_END, HIT_START, ArticleFilter, list_articles
from corpusapp.core.errors import Invalid
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus():
    corpus = factories.make_corpus()
    factories.make_article(corpus, "The WHO sent aid to Idlib.", title="Aid")
    factories.make_article(corpus, "Ministers were meeting in Tehran.", title="Talks", published_on="2018-09-03")
    factories.make_article(corpus, "وزیر خارجه در تهران", title="Visit", source="Wire")
    return corpus


def titles(corpus, **filter_):
    return [row.article.title for row in list_articles([corpus], ArticleFilter(**filter_)).rows]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("WHO", ["Aid"]),
        ("meets", ["Talks"]),
        ("minister tehran", ["Talks"]),
        ('"aid to idlib"', ["Aid"]),
        ("tehran or idlib", ["Talks", "Aid"]),
        ("تهران", ["Visit"]),
        ("visit", ["Visit"]),
        ("nothing", []),
        ("& | ! ( '", []),
    ],
)
def test_found(corpus, query, found):
    assert sorted(titles(corpus, query=query)) == sorted(found)


def test_filters(corpus):
    assert titles(corpus) == ["Visit", "Talks", "Aid"]
    assert titles(corpus, source="Wire") == ["Visit"]
    assert titles(corpus, stage="new") == ["Visit", "Talks", "Aid"]
    assert titles(corpus, stage="done") == []
    assert titles(corpus, query="tehran", source="Wire") == []


def test_refused(corpus):
    with pytest.raises(Invalid, match="is not a stage"):
        titles(corpus, stage="ready")
    with pytest.raises(Invalid, match="NUL"):
        titles(corpus, query="a\0")
    with pytest.raises(Invalid, match="the limit is 500"):
        titles(corpus, query="a" * 501)
    with pytest.raises(Invalid, match="cursor"):
        list_articles([corpus], ArticleFilter(), cursor="xyz")


@pytest.mark.parametrize("query", ["", "report"])
def test_pages_have_every_match_once(query):
    corpus = factories.make_corpus("many")
    for n in range(7):
        factories.make_article(corpus, f"A report of day {n}. " + "report " * (n % 3))
    seen, cursor = [], ""
    while cursor is not None:
        page = list_articles([corpus], ArticleFilter(query=query), cursor=cursor, size=3)
        seen += [row.article.pk for row in page.rows]
        cursor = page.next_cursor
    assert len(seen) == len(set(seen)) == 7


def test_a_snippet_marks_its_hits(corpus):
    (row,) = list_articles([corpus], ArticleFilter(query="idlib")).rows
    assert f"{HIT_START}Idlib{HIT_END}" in row.snippet


def test_words_within_markup_are_found(corpus):
    factories.make_article(corpus, "<script>alert(Astana)</script> <b>Sochi</b>", title="<i>Tags</i>")
    for query in ("astana", "sochi", "tags"):
        assert titles(corpus, query=query) == ["<i>Tags</i>"]


# (language, text, {query: the marked words, or None for no match})
FOLDED = {
    "soft hyphens": (
        "de", "Die Verhand\xadlungen der Bundes\xadregierung stocken. Sie war in Zürich.",
        {"verhandlungen": ["Verhand\xadlungen"], "Bundesregierung": ["Bundes\xadregierung"], "Verhandlung":
         ["Verhand\xadlungen"], "zurich": ["Zürich"], "ZÜRICH": ["Zürich"],
         "verhand": ["Verhand\xadlungen"], "lung": None},
    ),
    "decomposed letters": (
        "en", "Rene\u0301 flew to Zu\u0308rich, \ufb01nally.",
        {"rené": ["Rene\u0301"], "Rene": ["Rene\u0301"], "zürich": ["Zu\u0308rich"], "finally": ["\ufb01nally"]},
    ),
    "letters without a decomposition": (
        "pl", "Łódź, Straße, Ærø and Đakovo.",
        {"lodz strasse": ["Łódź", "Straße"], "aero": ["Ærø"], "dakovo": ["Đakovo"]},
    ),
    "Arabic": (
        "ar", "وصل أحمد إلى إيران، وقال مُحَمَّد إنه سيزور الأردن في ٢٠٢٤.",
        {"احمد": ["أحمد"], "أحمد": ["أحمد"], "ايران": ["إيران"], "محمد": ["مُحَمَّد"], "الاردن": ["الأردن"],
         "2024": ["٢٠٢٤"]},
    ),
    "Persian": (
        "fa", "گفت‌وگوهای یک‌شنبه در ايران", {"گفتوگوهای": ["گفت‌وگوهای"], "گفت‌وگوهای": ["گفت‌وگوهای"],
        "گفت": ["گفت‌وگوهای"], "ایران": ["ايران"], "یکشنبه": ["یک‌شنبه"]},
    ),
    "Turkish": (
        "tr", "İstanbul'da IŞIK, Iğdır'dan İZMİR'e giden kitapları okudu.",
        {"istanbul": ["İstanbul"], "ıstanbul": ["İstanbul"], "ışık": ["IŞIK"], "isik": ["IŞIK"], "ığdır": ["Iğdır"],
         "IGDIR": ["Iğdır"], "izmir": ["İZMİR"], "kitap": ["kitapları"]},
    ),
    "Chinese": (
        "zh", "中国外交部发言人王\u200b丽周一在北京表示，AI代表团将访问大马士革。",
        {"外交部": ["外交部"], "王丽": ["王\u200b丽"], "王": ["王"], "革": ["革"],
         "大马士革 北京": ["北京", "大马士革"], "ai": ["AI"], '"外交部发言人"': ["外交部发言人"], "京北": None,
         "-北京": None, "-京": None, "上海 or 王丽": ["王\u200b丽"]},
    ),
    "Japanese": (
        "ja", "東京都知事は２０２４年にﾃﾍﾗﾝを訪れ、か\u3099くせいと話した。",
        {"東京": ["東京"], "知事": ["知事"], "テヘラン": ["ﾃﾍﾗﾝ"], "がくせい": ["か\u3099くせい"],
         "2024": ["２０２４"]},
    ),
    "Thai": (
        "th", "นายกรัฐมนตรีเดินทางไปกรุงเทพมหานครเมื่อวันจันทร์",
        {"กรุงเทพ": ["กรุงเทพ"], "จันทร์": ["จันทร์"], "เชียงใหม่": None},
    ),
    "words side by side": (
        "en", "Reuters/AFP: al-Assad's envoy said.Gaza <b>Rafah</b>; co-operation at x@example.org, -16 and 3.5",
        {"afp": ["AFP"], "assad": ["Assad"], "al-assad": ["al-Assad"], "gaza": ["Gaza"], "rafah": ["Rafah"],
         '"operation co"': None, "co-operation": ["co-operation"], "16": ["16"], "x@example.org":
         ["x@example.org"], "envoy -gaza": None, "envoys -paris": ["envoy"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FOLDED)
def test_other_forms_of_a_letter_are_found_and_marked_as_written(case):
    language, text, queries = FOLDED[case]
    corpus = factories.make_corpus(language=language)
    factories.make_article(corpus, text, language=language)
    found = {query: marked(corpus, query) for query in queries}
    assert found == queries


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Die Ver\xadhand\xadlungen in Bern be\xadgannen gestern.", '"verhandlungen in bern begannen gestern"'),
        ("نشست گفت\u200cوگوهای یک\u200cشنبه در تهران", '"گفت\u200cوگوهای یک\u200cشنبه در"'),
        ("نشست گفت\u200cوگوهای یک\u200cشنبه در تهران", '"نشست گفت وگوهای یک شنبه در"'),
    ],
)
def test_a_phrase_matches_words_with_invisible_characters(text, query):
    corpus = factories.make_corpus()
    factories.make_article(corpus, text, title="Found")
    assert titles(corpus, query=query) == ["Found"]


def marked(corpus, query):
    rows = list_articles([corpus], ArticleFilter(query=query)).rows
    return [piece.split(HIT_END)[0] for piece in rows[0].snippet.split(HIT_START)[1:]] if rows else None


def test_a_snippet_shows_the_place_with_most_words(corpus):
    filler = "Nothing of note happened on that day either. " * 20
    text = f"Zarif spoke. {filler}Zarif met Lavrov in Sochi. {filler}Sochi slept."
    factories.make_article(corpus, text, title="Far")
    (row,) = list_articles([corpus], ArticleFilter(query="zarif sochi")).rows
    first, second = row.snippet.split(" … ")
    assert f"{HIT_START}Zarif{HIT_END} met Lavrov in {HIT_START}Sochi{HIT_END}" in first
    assert f"{HIT_START}Sochi{HIT_END} slept." in second


def test_texts_of_rare_letters_fit_the_vector():
    corpus = factories.make_corpus(language="en")
    han = "".join(chr(0x20000 + n * 7 % 40_000) for n in range(100_000))
    ligatures = "".join(f"{chr(0x1200 + n % 300)}\ufdfa" for n in range(60_000))
    joined = " ".join(f"{chr(0x12000 + n // 900)}\u200c{chr(0x12000 + n % 900)}" for n in range(25_000))
    for text in (han, ligatures, joined):
        assert factories.make_article(corpus, text).length == len(text)
