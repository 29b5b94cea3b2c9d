"""The protocol of corpusapp, with a process that follows it or not."""

from dataclasses import replace

import pytest

from annotations.suggesters import http_service
from annotations.suggesters.http_client import Limits, ServiceFailed, address_fault
from annotations.suggesters.http_service import PlainService
from annotations.suggesters.protocol import SourceText
from corpusapp.text.zones import CHROME, ZoneRange
from tests.services import BACKEND, get_json, serving

PATIENT = Limits(answer_seconds=20, retries=1, backoff=0, answer_bytes=1_000_000, private=True)
QUICK = replace(PATIENT, answer_seconds=0.3)
MIXED = "👩‍👩‍👧🇸🇾 التقى محمد جواد ظريف في دمشق، قالت 😀 Press. Zarif left."
PLAIN = "Zarif met Muallem in Damascus."


@pytest.fixture(scope="module")
def address():
    with serving(BACKEND) as found:
        yield found


def service(address, name, **values):
    limits = QUICK if name in ("slow", "dripping") else PATIENT
    return PlainService(f"{address}/{name}", ("PERSON", "GPE"), limits=limits, **values)


def words(text, proposals):
    return [(text[p.start : p.end], p.label, p.score) for p in proposals]


def propose(service, *texts):
    return list(service.propose(SourceText(text) for text in texts))


@pytest.mark.parametrize("name", ["steady", "utf16", "moved"])
def test_offsets_are_exact_in_order_and_in_any_script(address, name):
    first, empty, second = propose(service(address, name), MIXED, " ", PLAIN)
    assert words(MIXED, first) == [
        ("محمد جواد ظريف", "PERSON", 0.9),
        ("دمشق", "GPE", 0.9),
        ("😀 Press", "ORG", 0.9),
        ("Zarif", "PERSON", 0.9),
    ]
    assert empty == []
    assert [word for word, *_ in words(PLAIN, second)] == ["Zarif", "Muallem", "Damascus"]


def test_the_request_has_the_documented_form(address):
    furnished = SourceText(PLAIN + " Share in Tehran", (ZoneRange(len(PLAIN), len(PLAIN) + 16, CHROME),))
    (found,) = service(address, "steady/sent").propose([furnished])
    assert "Tehran" not in [word for word, *_ in words(furnished.text, found)]
    assert get_json(f"{address}/asked/steady/sent") == {
        "version": 1,
        "labels": ["PERSON", "GPE"],
        "texts": [{"id": "0", "text": furnished.text, "furniture": [[30, 46]]}],
    }


def test_many_texts_go_in_batches_and_long_ones_in_pieces(address, monkeypatch):
    several = service(address, "steady/batches", texts_at_once=2)
    assert len(propose(several, *[PLAIN] * 5)) == 5
    assert get_json(f"{address}/count/steady/batches") == 3
    monkeypatch.setattr(http_service, "LONGEST_TEXT", 40)
    monkeypatch.setattr("annotations.suggesters.protocol.MAX_PIECE", 40)
    long = "\n".join([PLAIN] * 4)
    (found,) = propose(service(address, "steady/pieces"), long)
    assert [word for word, *_ in words(long, found)] == ["Zarif", "Muallem", "Damascus"] * 4


@pytest.mark.parametrize(("name", "reason"), [("lying", http_service.OUTSIDE), ("misquoting", http_service.MISQUOTED)])
def test_invalid_offsets_are_left_out_and_counted(address, name, reason):
    lying = service(address, name)
    assert propose(lying, PLAIN) == [[]]
    assert lying.left_out == {reason: 3}


@pytest.mark.parametrize(
    ("name", "message", "answered"),
    [
        ("failing", "answers 500 to POST /failing", True),
        ("slow", "does not answer: no complete answer in 0.3 s", False),
        ("dripping", "does not answer: no complete answer in 0.3 s", False),
        ("dropping", "does not answer: the connection was cut off", False),
        ("huge", "answers POST /huge with more than 1,000,000 bytes", True),
        ("elsewhere", "answers 307, a redirect: use the URL", True),
        ("broken-json", "answers POST /broken-json with invalid JSON", True),
        ("broken-list", "the answer should be an object", True),
        ("broken-version", "version should be 1, the version of the protocol", True),
        ("broken-offsets", 'offsets should be "code points" or "utf16"', True),
        ("broken-texts", "texts should be an answer for each of the 1 texts", True),
        ("broken-start", "texts[0].proposals[0].start should be a whole number", True),
        ("broken-label", "texts[0].proposals[0].label should be a label of at most 64 characters", True),
        ("broken-score", "texts[0].proposals[0].score should be a number from 0 to 1", True),
    ],
)
def test_errors_say_what_is_wrong(address, name, message, answered):
    with pytest.raises(ServiceFailed) as failure:
        # The version is valid: only the responses are wrong.
        faulty = service(address, name)
        faulty.answered_by("any")
        propose(faulty, PLAIN)
    told_ = str(failure.value)
    assert message in told_
    # The response may come from a private server, so that nothing of it is shown.
    assert not any(secret in told_ for secret in ("no memory", "localhost", "bytes'", "'0'", "87", "Expecting"))
    assert failure.value.answered == answered


def test_offsets_are_converted_once_per_text_and_proposals_are_bounded(address, monkeypatch):
    plain, looked = http_service.Utf16, []
    monkeypatch.setattr(http_service, "Utf16", lambda text: looked.append(text) or plain(text))
    text = f"{MIXED} Once."
    assert len(propose(service(address, "utf16"), text)[0]) == 4
    assert looked == [text]
    monkeypatch.setattr(http_service, "MOST_PROPOSALS", 3)
    with pytest.raises(ServiceFailed, match=r"texts\[0\].proposals should be a list of at most 3") as failure:
        propose(service(address, "steady"), MIXED)
    assert failure.value.answered


def test_temporary_failures_are_retried(address):
    assert len(propose(service(address, "busy-1"), PLAIN)[0]) == 3
    assert get_json(f"{address}/count/busy-1") == 2
    with pytest.raises(ServiceFailed, match="answers 503"):
        propose(service(address, "busy-2"), PLAIN)


def test_an_unreachable_service_is_reported():
    with pytest.raises(ServiceFailed, match="does not answer: connection refused") as failure:
        propose(PlainService("http://127.0.0.1:9", limits=PATIENT), PLAIN)
    assert not failure.value.answered


def test_the_digest_follows_the_address_the_labels_and_the_model(address):
    steady = service(address, "steady")
    assert (steady.look(), steady.version) == ("names 1.0", "names 1.0")
    assert steady.digest == service(address, "steady").digest != service(address, "utf16").digest
    assert steady.digest != PlainService(f"{address}/steady", ("ORG",), limits=PATIENT).digest
    changing = service(address, "changing")
    propose(changing, PLAIN)
    before = changing.digest
    propose(changing, PLAIN)
    assert (changing.version, changing.digest != before) == ("names 2", True)


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("ftp://host/", "with http or https"),
        ("file:///etc/passwd", "with http or https"),
        ("127.0.0.1:9090", "with http or https"),
        ("http://", "with http or https"),
        ("http://host:99999", "Port out of range"),
        ("http://user:secret@host", "put them in ~/.netrc"),
        ("http://host/?key=1", "leave the rest out"),
        ("http://ho st/", "leave the rest out"),
        ("http://hôst/", "with http or https"),
        ("http://host:9090/v1", ""),
        ("https://[2606:4700::1111]:9090", ""),
        ("https://[::1]:9090", "SERVICE_HOSTS"),
        ("http://localhost:9090", "SERVICE_HOSTS"),
        ("http://169.254.169.254/", "SERVICE_HOSTS"),
        ("http://[64:ff9b::10.0.0.1]/", "SERVICE_HOSTS"),
    ],
)
def test_valid_and_invalid_urls(address, fault):
    assert (fault in address_fault(address)) if fault else not address_fault(address)


def test_only_allowed_hosts_are_accepted():
    assert address_fault("http://other:9090", ["host:9090"]).startswith("the host 'other' is not allowed")
    assert not address_fault("http://HOST:9090", ["host:9090"])
    assert not address_fault("http://host:9090", ["host"])
    assert not address_fault("http://127.0.0.1:9090", ["127.0.0.1:9090"])


def test_names_of_private_addresses_are_refused(address):
    for within in (address, address.replace("127.0.0.1", "localhost")):
        with pytest.raises(ServiceFailed, match=r"is a private address: .* SERVICE_HOSTS") as failure:
            PlainService(f"{within}/steady/within", limits=replace(PATIENT, private=False)).look()
        assert not failure.value.answered
    assert get_json(f"{address}/looks/steady/within") == 0
