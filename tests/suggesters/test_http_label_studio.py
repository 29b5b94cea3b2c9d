"""Label Studio's protocol, against a backend built on its package and against the newest form of answers."""

import pytest

from annotations.suggesters import label_studio
from annotations.suggesters.http_client import Limits, ServiceFailed
from annotations.suggesters.http_service import MISQUOTED
from annotations.suggesters.label_studio import LabelStudioService, label_config
from annotations.suggesters.protocol import SourceText
from corpusapp.text.zones import CHROME, ZoneRange
from tests.services import BACKEND, LABEL_STUDIO, get_json, label_studio_python, serving

LABELS = ("GPE", "ORG", "PERSON")
LIMITS = Limits(connect_seconds=2, answer_seconds=20, retries=0, private=True)
MIXED = "👩‍👩‍👧🇸🇾 التقى محمد جواد ظريف في دمشق، قالت 😀 Press. Zarif left."
FOUND = [("محمد جواد ظريف", "PERSON", 0.8), ("دمشق", "GPE", 0.8), ("😀 Press", "ORG", 0.8), ("Zarif", "PERSON", 0.8)]


@pytest.fixture(scope="module")
def address():
    with serving(LABEL_STUDIO, python=label_studio_python()) as found:
        yield found


@pytest.fixture
def service(address):
    return LabelStudioService(address, LABELS, limits=LIMITS, project="7.1")


def propose(service, *texts):
    return list(service.propose(SourceText(text) for text in texts))


def words(text, proposals):
    return [(text[p.start : p.end], p.label, p.score) for p in proposals]


@pytest.mark.slow
@pytest.mark.parametrize("way", ["", "utf16:", "silent:"])
def test_offsets_are_exact_in_any_script(service, way):
    (found,) = propose(service, way + MIXED)
    assert words(way + MIXED, found) == FOUND


@pytest.mark.slow
def test_an_answer_has_a_bounded_number_of_proposals(service, monkeypatch):
    monkeypatch.setattr(label_studio, "MOST_PROPOSALS", 3)
    with pytest.raises(ServiceFailed, match=r"result should be a list of at most 3 regions"):
        propose(service, MIXED)


@pytest.mark.slow
def test_setup_reports_the_model(service):
    assert service.look() == "a Label Studio backend"
    assert service.version == "INITIAL"
    assert len(service.digest) == 64


@pytest.mark.slow
def test_texts_come_back_in_order_with_the_labels_of_the_corpus_alone(service):
    first, empty, second = propose(service, "Zarif left the Vienna Talks.", "Nobody came.", "He is in Damascus.")
    assert (words("Zarif left the Vienna Talks.", first), empty) == ([("Zarif", "PERSON", 0.8)], [])
    assert words("He is in Damascus.", second) == [("Damascus", "GPE", 0.8)]


@pytest.mark.slow
def test_a_backend_that_omits_empty_results_gets_one_text_at_a_time(service):
    texts = ("skip: nobody", "skip: Zarif", "skip: nothing", "skip: in Damascus")
    found = propose(service, *texts)
    assert [[word for word, *_ in words(t, f)] for t, f in zip(texts, found, strict=True)] == [
        [], ["Zarif"], [], ["Damascus"],
    ]  # fmt: skip


@pytest.mark.slow
def test_nothing_is_proposed_in_boilerplate(service):
    text = "Zarif left.\nMore from Damascus"
    (found,) = service.propose([SourceText(text, (ZoneRange(12, 30, CHROME),))])
    assert [word for word, *_ in words(text, found)] == ["Zarif"]


@pytest.mark.slow
def test_an_exception_of_the_backend_is_reported(service):
    with pytest.raises(ServiceFailed, match=r"answers 500 to POST /predict$"):
        propose(service, "fail: now")
    assert len(propose(service, MIXED)[0]) == 4


def test_the_newest_form_of_answers():
    with serving(BACKEND) as address:
        newest = LabelStudioService(f"{address}/backend", LABELS, limits=LIMITS)
        assert newest.look() == "Names"
        found = propose(newest, MIXED, "Nobody.", "Zarif met Muallem.")
        assert [len(proposals) for proposals in found] == [4, 0, 2]
        assert newest.version == "Names-v0.0.1"
        assert get_json(f"{address}/asked/backend/setup")["schema"] == label_config(LABELS)


def test_a_service_that_is_not_a_backend_is_refused():
    with serving(BACKEND) as address:
        other = LabelStudioService(f"{address}/steady", LABELS, limits=LIMITS)
        with pytest.raises(ServiceFailed, match='status should be "UP"'):
            other.look()
        with pytest.raises(ServiceFailed):
            propose(other, MIXED)


def test_labels_are_escaped_in_the_configuration():
    assert '<Label value="A &amp; B &lt;x>"/>' in label_config(["A & B <x>"]).replace("&gt;", ">")


@pytest.mark.slow
def test_a_region_with_a_wrong_quote_is_left_out_and_counted(service):
    assert propose(service, "misquote: Zarif left.", "Zarif left.")[0] == []
    assert service.left_out == {MISQUOTED: 1}


@pytest.mark.slow
def test_a_restarted_backend_is_set_up_again():
    python = label_studio_python()
    with serving(LABEL_STUDIO, python=python) as address:
        service = LabelStudioService(address, LABELS, limits=LIMITS)
        before = propose(service, MIXED)
    with pytest.raises(ServiceFailed, match="connection refused"):
        propose(service, MIXED)
    with serving(LABEL_STUDIO, address.rpartition(":")[2], python=python):
        service.open()
        assert propose(service, MIXED) == before
    with serving(LABEL_STUDIO, address.rpartition(":")[2], python=python):
        with pytest.raises(ServiceFailed, match=r"answers 500 to POST /predict$"):
            propose(service, MIXED)
        assert propose(service, MIXED) == before
