"""The JSONL export over HTTP beside two flat COPYs: `python -m tests.benchmarks.export_speed --articles 2000 --json`.

A desk of its own runs as `make run` starts it; `make_corpus` fills its corpus, first with `--articles`, then with ten
times as many. `ratio` is the export's rows a second (spans and texts) to those of the two COPYs out of the same tables
in the same run; both are taken as they come and thrown away. `gzip` is the compressed export's share of the bytes and
of the seconds of the plain one, and when its first byte came. `peak_mb` is the most that a process of the web server
held meanwhile (Linux).
"""

import argparse
import json
import statistics
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.benchmarks.over_http.desk import Desk, measured_desk

if TYPE_CHECKING:
    from tests.benchmarks.over_http.export import Exported

ROUNDS, TIMES, LEAST = 3, 10, 0.25


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--spans", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with measured_desk() as desk:
        figures = measure(desk, options.articles, options.spans)
    print(json.dumps(figures, indent=None if options.json else 4))


def measure(desk: Desk, articles: int, spans: int) -> list[dict[str, Any]]:
    from tests.benchmarks.over_http.filling import fill

    figures = []
    for total, seed in ((articles, 1), (TIMES * articles, 2)):
        stored = figures[-1]["articles"] if figures else 0
        fill(desk.corpus, total - stored, spans=spans, seed=seed)
        figures.append({"articles": total, **_measured(desk, total)})
    return figures


def _measured(desk: Desk, articles: int) -> dict[str, Any]:
    from corpusapp.articles.models import Corpus
    from tests.benchmarks.over_http import copying
    from tests.benchmarks.over_http.export import exported, forget_peaks, peak_megabytes, web_processes

    corpus = Corpus.objects.get(slug=desk.corpus).pk
    web = web_processes(urlsplit(desk.url).port or 80)
    copies, heard, compressed = [], [], []
    exported(desk, "state=suggested&stage=any")
    forget_peaks(web)
    for _ in range(ROUNDS):
        copies.append(copying.read_out(corpus))
        heard.append(exported(desk, "state=suggested&stage=any"))
        compressed.append(exported(desk, "state=suggested&stage=any", encoding="gzip"))
    assert all(one.lines == articles for one in heard)
    rows = copies[0][0]
    copied = rows / statistics.median(seconds for _, seconds in copies)
    out = rows / _seconds(heard)
    return {
        "rows": rows,
        "export_rows_per_second": round(out),
        "copy_rows_per_second": round(copied),
        "ratio": round(out / copied, 3),
        "asked": LEAST,
        "megabytes": round(heard[0].size / 1e6, 1),
        "first_byte_s": round(max(one.first_byte for one in heard), 3),
        "gzip": {
            "bytes": round(compressed[0].size / heard[0].size, 3),
            "seconds": round(_seconds(compressed) / _seconds(heard), 2),
            "first_byte_s": round(max(one.first_byte for one in compressed), 3),
        },
        "peak_mb": round(peak_megabytes(web), 1),
    }


def _seconds(exports: list["Exported"]) -> float:
    return statistics.median(one.seconds for one in exports)


if __name__ == "__main__":
    main()
