"""A backend built on `label-studio-ml`, served by the package's own WSGI application.

It finds names by a list, as its labels allow, and writes its regions as the package's examples do. How a text begins
says what else it does: `utf16:` offsets in UTF-16 units, `silent:` offsets without the words, `misquote:` with other
words, `skip:` no prediction where nothing is found, `fail:` an exception.
"""

import re
import sys
import tempfile

from label_studio_ml.api import init_app
from label_studio_ml.model import LabelStudioMLBase
from werkzeug.serving import WSGIRequestHandler, make_server

NAMES = {
    "Zarif": "PERSON",
    "Muallem": "PERSON",
    "Damascus": "GPE",
    "محمد جواد ظريف": "PERSON",
    "دمشق": "GPE",
    "😀 Press": "ORG",
    "Vienna Talks": "EVENT",
}
PATTERN = re.compile("|".join(map(re.escape, NAMES)))


class Names(LabelStudioMLBase):
    def predict(self, tasks, **kwargs):
        ((from_name, tag),) = self.parsed_label_config.items()
        (to_name,) = tag["to_name"]
        value = tag["inputs"][0]["value"]
        predictions = []
        for task in tasks:
            text = task["data"][value]
            if text.startswith("fail:"):
                raise ValueError("the model cannot read this")
            regions = [
                {"from_name": from_name, "to_name": to_name, "type": "labels", "score": 0.8, "value": region}
                for region in self.regions(text)
                if region["labels"][0] in tag["labels"]
            ]
            if regions or not text.startswith("skip:"):
                predictions.append({"result": regions, "score": 0.8 if regions else 2.0})
        return predictions

    @staticmethod
    def regions(text):
        def unit(point):
            return len(text[:point].encode("utf-16-le")) // 2 if text.startswith("utf16:") else point

        for match in PATTERN.finditer(text):
            region = {"start": unit(match.start()), "end": unit(match.end()), "labels": [NAMES[match[0]]]}
            quote = "others" if text.startswith("misquote:") else match[0]
            yield region if text.startswith("silent:") else {**region, "text": quote}


class Quiet(WSGIRequestHandler):
    def log(self, *args):
        pass


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
        server = make_server("127.0.0.1", port, init_app(Names, model_dir=folder), request_handler=Quiet)
        print(server.port, flush=True)
        server.serve_forever()
