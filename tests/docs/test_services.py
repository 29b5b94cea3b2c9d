"""The service that the description of the protocol shows does what is described."""

import json
import re

from django.conf import settings

from annotations.suggesters.http_client import Limits
from annotations.suggesters.http_service import PlainService
from annotations.suggesters.protocol import SourceText
from tests.services import serving

PAGE = (settings.BASE_DIR / "annotations" / "suggesters" / "services.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_service_that_is_shown(tmp_path):
    (code,) = [text for kind, text in BLOCKS if kind == "python"]
    script = tmp_path / "service.py"
    begin = 'server = ThreadingHTTPServer(("127.0.0.1", 0), Service)\nprint(server.server_port, flush=True)\nserver'
    script.write_text(code.replace('ThreadingHTTPServer(("127.0.0.1", 9090), Service)', begin))
    said, asked, answered = (json.loads(text) for kind, text in BLOCKS if kind == "json")
    text = asked["texts"][0]["text"]
    with serving(script) as address:
        service = PlainService(address, asked["labels"], limits=Limits(retries=0, private=True))
        ((person, place),) = service.propose([SourceText(text)])
        assert service.version == said["model"] == answered["model"]
    shown = answered["texts"][0]["proposals"][0]
    assert (person.start, person.end, person.label) == (shown["start"], shown["end"], shown["label"])
    assert text[place.start : place.end] == "Tehran"
    assert text[slice(*asked["texts"][0]["furniture"][0])] == "Share this"
