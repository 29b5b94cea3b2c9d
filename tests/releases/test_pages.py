"""The pages of releases: form, data sheet and comparison; and the commands."""

import json

import pytest
from django.core.management import CommandError, call_command

from annotations.exports.models import Export
from annotations.releases import store
from annotations.releases.actions.make import make_release
from annotations.releases.models import Release
from annotations.releases.split import Part, Split
from annotations.review.actions.stages import finish
from corpusapp.articles.models import Article, Role
from tests import factories
from tests.exports.cast import ALL, finish_all, make_desk
from tests.pages.reading import tags
from tests.releases import cast

PAGE = "/corpora/desk/releases/"
ORDER = {"name": "May", "state": ["confirmed"], "stage": ["any"], "train": "80", "dev": "10", "test": "10", "seed": "1"}
PAGES = ("", "1/", "1/?check=1", "1/compare/?with=1", "1/file/", "1/manifest/")
ROLES = (*Role, None)


@pytest.fixture
def corpus(db):
    return make_desk()


@pytest.fixture
def browser(client, corpus):
    """A client with a role in the corpus, or without one."""

    def of(role):
        client.force_login(factories.make_member(corpus, role) if role else factories.make_user("stranger"))
        return client

    return of


def test_from_the_form_to_the_data_sheet(browser, corpus):
    client = browser(Role.MANAGER)
    assert "No releases yet" in client.get(PAGE).text
    finish(user=factories.make_superuser(), article=Article.objects.get(external_id="e-1"))
    asked = ORDER | {"notes": "One.\r\nTwo.", "label": ["PERSON"], "stage": [], "anyway": "1"}
    answer = client.post(PAGE, asked)
    assert (answer.status_code, answer["Location"]) == (303, f"{PAGE}1/")
    # A second click.
    assert client.post(PAGE, asked)["Location"] == f"{PAGE}1/"
    release = Release.objects.get()
    assert (release.notes, release.chosen.labels) == ("One.\nTwo.", ("PERSON",))
    assert "Waiting for a worker" in client.get(PAGE).text and "No worker is running" in client.get(f"{PAGE}1/").text
    make_release(release_id=release.pk)
    sheet = client.get(f"{PAGE}1/").text
    assert "Release 1 “May”" in sheet and "<strong>1</strong> article with <strong>2</strong> spans" in sheet
    assert "1 article left out because of its stage." in sheet
    assert 'aria-label="Spans by label and part"' in sheet and "Not measured" in sheet
    assert "the file is unchanged" in client.get(f"{PAGE}1/?check=1").text
    store.path_of(Release.objects.get().sha256).unlink()
    assert "The file is missing" in client.get(f"{PAGE}1/?check=1").text


def test_the_preview_says_what_the_file_and_its_parts_will_hold(browser, corpus):
    client = browser(Role.MANAGER)
    finish(user=factories.make_superuser(), article=Article.objects.get(external_id="e-1"))
    page = client.post(PAGE, ORDER | {"preview": "1", "stage": ["done"]})
    assert page.status_code == 200 and not Release.objects.exists()
    assert "The file will contain 1 article with 3 confirmed spans." in page.text
    for phrase in ("<li>1 article with the stage", "<li>1 rejected span</li>", "<li>1 suggested span</li>"):
        assert phrase in page.text
    both = client.post(PAGE, ORDER | {"preview": "1", "stage": ["any"], "state": ["confirmed", "rejected"]}).text
    assert "The file will contain 2 articles with 4 confirmed spans and 1 rejected span." in both
    labels = client.post(PAGE, ORDER | {"preview": "1", "stage": ["done"], "label": ["PERSON"]}).text
    assert "with 2 confirmed spans." in labels and "<li>1 span with other labels</li>" in labels
    nothing = client.post(PAGE, ORDER | {"preview": "1", "published_from": "2030-01-01"}).text
    assert "The file will contain 0 articles with 0 confirmed spans." in nothing


def test_empty_parts_are_warned_about_with_the_share_that_helps(browser, corpus):
    client = browser(Role.MANAGER)
    finish_all(corpus)
    warned = client.post(PAGE, ORDER | {"train": "100", "dev": "0", "test": "0"})
    assert warned.status_code == 303, "a part without a share may be empty"
    digests = [bytes(article.text_sha256) for article in Article.objects.all()]
    split = Split("1", train=98, dev=1, test=1)
    assert {split.part_of(digest) for digest in digests} == {Part.TRAIN}
    answer = client.post(PAGE, ORDER | {"train": "98", "dev": "1", "test": "1", "seed": "1"})
    assert answer.status_code == 400 and Release.objects.count() == 1
    helps = split.share_for(Part.TEST, digests)
    assert f"Test will be empty. With {helps} % or more it has an article." in answer.text
    with_it, below = (Split("1", train=100 - share, dev=0, test=share) for share in (helps, helps - 1))
    assert Part.TEST in map(with_it.part_of, digests) and Part.TEST not in map(below.part_of, digests)
    assert "Create release with empty parts" in answer.text
    created = client.post(PAGE, ORDER | {"train": "98", "dev": "1", "test": "1", "seed": "1", "anyway": "1"})
    assert created.status_code == 303 and Release.objects.count() == 2


def test_each_empty_part_has_its_own_share_that_helps():
    digests = [bytes([number]) * 32 for number in range(40)]
    for seed in "abc":
        for part, split in ((Part.DEV, Split(seed, 79, 1, 20)), (Part.TRAIN, Split(seed, 1, 19, 80))):
            helps = split.share_for(part, digests)
            test = split.test if part == Part.DEV else 100 - helps
            shares = (100 - test - helps, helps) if part == Part.DEV else (helps, 0)
            assert part in map(Split(seed, *shares, test).part_of, digests)
    assert Split("a", 0, 50, 50).share_for(Part.TRAIN, []) is None
    assert Split("a", 0, 0, 100).share_for(Part.DEV, digests) is None


WRONG = [
    {"train": "90"},
    {"train": ""},
    {"dev": "1000"},
    {"seed": ""},
    {"name": "x" * 201},
    {"source": "Nobody"},
    {"label": ["PORT"]},
    {"state": ["sure"]},
]


def test_an_invalid_form_shows_errors_and_creates_nothing(browser):
    client = browser(Role.MANAGER)
    for fields in WRONG:
        answer = client.post(PAGE, ORDER | fields)
        assert answer.status_code == 400 and "refusal" in answer.text, fields
    assert not Release.objects.exists()


def test_an_export_of_a_release_is_listed_with_the_exports(browser, corpus):
    cast.make(corpus)
    client = browser(Role.READER)
    answer = client.post(f"{PAGE}1/export/", {"format": "conll", "part": "train", "strict": "on"})
    assert (answer.status_code, answer["Location"]) == (303, "/corpora/desk/export/#made")
    export = Export.objects.get()
    assert (export.release.number, export.part, export.strict) == (1, "train", True)
    assert "release 1, train" in client.get("/corpora/desk/export/").text
    assert client.post(f"{PAGE}1/export/", {"format": "csv"}).status_code == 400


def test_the_page_of_changes(browser, corpus):
    cast.make(corpus)
    factories.make_article(corpus, "Assad stayed.", title="He stayed", spans=[[0, 5, "PERSON"]])
    cast.make(corpus, selection=ALL)
    client = browser(Role.READER)
    assert "From release" in client.get(f"{PAGE}2/compare/?with=1").text
    page = client.get(f"{PAGE}1/compare/?with=2").text
    assert "He stayed" in page and "Assad" in page
    assert "No differences" in client.get(f"{PAGE}1/compare/?with=1").text
    for wrong, status in (("", 400), ("x", 400), ("9", 404)):
        assert client.get(f"{PAGE}1/compare/?with={wrong}").status_code == status


def test_permissions(browser, corpus):
    cast.make(corpus)
    for role in ROLES:
        client = browser(role)
        assert {client.get(f"{PAGE}{path}").status_code for path in PAGES} == ({404} if role is None else {200}), role
        asked = client.post(PAGE, ORDER | {"anyway": "1"}).status_code
        assert asked == {None: 404, Role.MANAGER: 303}.get(role, 403)
        assert client.post(f"{PAGE}1/export/", {"format": "jsonl"}).status_code == (404 if role is None else 303)
        assert role is None or ("Create release" in client.get(PAGE).text) == (role == Role.MANAGER)
    client.logout()
    assert {client.get(f"{PAGE}{path}").status_code for path in PAGES} == {302}


def test_no_page_needs_inline_script_or_style(browser, corpus):
    cast.make(corpus, selection=ALL)
    client = browser(Role.MANAGER)
    for path in PAGES[:4]:
        for tag, attributes in tags(client.get(f"{PAGE}{path}").text):
            assert tag != "style" and (tag != "script" or "src" in attributes)
            assert not [key for key in attributes if key == "style" or key.startswith("on")]


def test_the_commands(corpus, tmp_path, capsys):
    call_command("release_corpus", "desk", "--name", "May", "--stage", "any", "--shares", "100", "0", "0", "--json")
    manifest = json.loads(capsys.readouterr().out)
    assert (manifest["number"], manifest["made_by"], manifest["counts"]["spans"]) == (1, "command-line", 4)
    finish(user=factories.make_superuser(), article=Article.objects.get(external_id="e-2"))
    call_command("release_corpus", "desk")
    said = capsys.readouterr().out
    assert "release 2: 1 articles (1 train, 0 dev, 0 test), 1 spans" in said
    assert "1 other articles were left out: --stage any includes all" in said
    out = tmp_path / "train.jsonl"
    call_command("export_corpus", "desk", "--release", "1", "--part", "train", "--output", str(out))
    assert out.read_bytes() == b"".join(store.lines(Release.objects.get(number=1).sha256))
    call_command("check_releases")
    assert capsys.readouterr().out.count(": whole") == 2
    path = store.path_of(Release.objects.get(number=2).sha256)
    path.chmod(0o600)
    path.write_bytes(b"other")
    with pytest.raises(CommandError, match="1 changed or missing"):
        call_command("check_releases", "desk")
    assert "desk release 2: altered" in capsys.readouterr().out


# Command, and its error.
REFUSED = [
    (["release_corpus", "nowhere"], "no corpus 'nowhere'"),
    (["release_corpus", "desk", "--shares", "1", "2", "3"], "add up to 6"),
    (["release_corpus", "desk", "--label", "PORT"], "no label 'PORT'"),
    (["check_releases", "nowhere"], "no corpus 'nowhere'"),
    (["export_corpus", "desk", "--release", "1"], "no release 1"),
    (["export_corpus", "desk", "--part", "train"], "only a release has parts"),
    (["export_corpus", "desk", "--release", "1", "--source", "SANA"], "leave the filters out"),
    (["export_corpus", "desk", "--release", "1", "--stage", "done"], "leave the filters out"),
    (["release_corpus", "desk"], "it matches only done articles"),
]


def test_the_commands_refuse_invalid_options(corpus):
    for command, reason in REFUSED:
        with pytest.raises(CommandError, match=reason):
            call_command(*command)
