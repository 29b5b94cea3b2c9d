"""The command `corpusapp-client`. The token is read from the environment, and never shown."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .corpus import Corpus
from .desk import TOKEN, URL, Desk
from .errors import DeskError
from .export import LINES
from .sqlite_store import SQLiteStore
from .version import VERSION

# What was asked for was done in part: something failed or was left out.
DONE, FAILED, USAGE, IN_PART = 0, 1, 2, 3
# Reasons of the report, in more words.
_REASONS = {
    "stage": "of another stage; --stage any includes them",
    "undecided": "undecided, which the format cannot say",
}
_FILTERS = ("state", "stage", "label", "source", "published-from", "published-to", "updated-since")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0, 1 if it failed, 2 if it was called wrongly, 3 if articles failed."""
    options = _parser().parse_args(arguments)
    try:
        with Desk(options.url) as desk:
            status: int = options.run(desk.corpus(options.corpus), options)
            return status
    except BrokenPipeError:
        return DONE
    except KeyboardInterrupt:
        return 130
    except ValueError as error:
        print(f"corpusapp-client: {error}", file=sys.stderr)
        return USAGE
    except (DeskError, OSError) as error:
        print(f"corpusapp-client: {error}", file=sys.stderr)
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="corpusapp-client", description=f"Labelled articles of a desk. The token is read from {TOKEN}."
    )
    parser.add_argument("--version", action="version", version=VERSION or "checkout")
    parser.add_argument("--url", help=f"address of the desk; default: {URL}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_export(_command(commands, "export", "write the labelled articles of a corpus into a file", _export))
    follow = _command(commands, "follow", "keep a copy of a corpus in a SQLite file up to date", _follow)
    follow.add_argument("--store", required=True, type=Path, help="the SQLite file, new or of an earlier run")
    follow.add_argument("--once", action="store_true", help="end when the copy is up to date")
    follow.add_argument("--quiet", action="store_true", help="print no events")
    add = _command(commands, "add", "import articles from JSON Lines", _add)
    add.add_argument("files", nargs="+", metavar="FILE", help="a file of an article a line; - for standard input")
    add.add_argument("--upsert", action="store_true", help="update articles that are known by external id or URL")
    add.add_argument("--add-labels", action="store_true", help="create labels that the corpus does not have")
    add.add_argument("--done", action="store_true", help="mark articles with decided spans as done")
    add.add_argument("--source", help="source of articles that name none")
    releases = _command(commands, "releases", "list the releases of a corpus, or fetch one", _releases)
    releases.add_argument("--download", type=int, metavar="NUMBER", help="fetch this release")
    releases.add_argument("--output", type=Path, help="path of the file; default: CORPUS-NUMBER.jsonl.gz")
    return parser


def _command(commands: Any, name: str, help: str, run: Any) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.")
    command.add_argument("corpus", metavar="CORPUS", help="the slug of the corpus")
    command.set_defaults(run=run)
    return command


def _add_export(command: argparse.ArgumentParser) -> None:
    command.add_argument("--format", default="jsonl", help="default: jsonl")
    command.add_argument("--output", type=Path, help="path of the file; default: standard output, for JSON Lines")
    for name in _FILTERS:
        command.add_argument(f"--{name}", help="as in the API; several with commas")
    command.add_argument("--chrome", action="store_true", default=None, help="include spans in boilerplate")
    command.add_argument("--strict", action="store_true", default=None, help="refuse if anything would be left out")


def _export(corpus: Corpus, options: argparse.Namespace) -> int:
    names = [*(name.replace("-", "_") for name in _FILTERS), "chrome", "strict"]
    export = corpus.export(options.format, **{name: getattr(options, name) for name in names})
    if options.output:
        export.save(options.output)
        print(_summary(export.report()), file=sys.stderr)
        return DONE
    if options.format in LINES:
        for article in export:
            print(json.dumps(article, ensure_ascii=False))
    else:
        raise ValueError(f"{options.format} is not written to standard output: name a file by --output")
    if export.left_out_articles:
        print(f"{export.left_out_articles} articles are not done and were left out", file=sys.stderr)
    return DONE


def _summary(report: Mapping[str, Any]) -> str:
    """What the file contains, and what not and why, so that no export is less than it seems."""
    written, left_out = report["written"], report["left_out"]
    reasons = {
        "articles": left_out["articles"],
        "spans": {reason: sum(labels.values()) for reason, labels in left_out["spans"].items()},
    }
    lines = [f"{written['articles']} articles with {written['spans']} spans were written"]
    for what, counts in reasons.items():
        lines += [f"left out: {count} {what} ({_REASONS.get(reason, reason)})" for reason, count in counts.items()]
    return "\n".join(lines)


def _follow(corpus: Corpus, options: argparse.Namespace) -> int:
    store = SQLiteStore(options.store)
    try:
        if options.once:
            count = corpus.catch_up(store)
            print(f"{count} events", file=sys.stderr)
            return DONE
        for event in corpus.follow(store):
            if not options.quiet:
                print(json.dumps(event, ensure_ascii=False), flush=True)
        return DONE
    finally:
        store.close()


def _add(corpus: Corpus, options: argparse.Namespace) -> int:
    report = corpus.add(
        _articles(options.files),
        upsert=options.upsert,
        add_labels=options.add_labels,
        done=options.done,
        source=options.source,
    )
    print(
        f"{report.added} added, {report.updated} updated, {report.duplicates} duplicates, "
        f"{report.changed} new versions, {report.failed} failed"
    )
    for problem in report.problems:
        where = f" ({problem['field']})" if problem.get("field") else ""
        print(f"article {problem['item'] + 1}{where}: {problem['reason']}", file=sys.stderr)
    return DONE if report.is_complete else IN_PART


def _articles(files: Sequence[str]) -> Iterator[dict[str, Any]]:
    for name in files:
        with sys.stdin if name == "-" else open(name, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    article = json.loads(line)
                except ValueError as error:
                    raise ValueError(f"{name}, line {number}: {error}") from error
                if not isinstance(article, dict):
                    raise ValueError(f"{name}, line {number}: an article is an object with a text")
                yield article


def _releases(corpus: Corpus, options: argparse.Namespace) -> int:
    if options.download is not None:
        path = options.output or Path(f"{corpus.slug}-{options.download}.jsonl.gz")
        print(corpus.release(options.download).download(path))
        return DONE
    for release in corpus.releases():
        record = release.record
        print(f"{release.number}\t{record.get('job_state')}\t{record.get('articles')} articles\t{record.get('name')}")
    return DONE


if __name__ == "__main__":
    sys.exit(main())
