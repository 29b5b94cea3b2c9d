"""Fill an empty home with data of every kind, for a backup that later code has to restore and upgrade.

    CORPUSAPP_HOME=new CORPUSAPP_POSTGRES_HASTY=true python -m tests.upgrade.make_desk
    CORPUSAPP_HOME=new python manage.py backup tests/upgrade/desk-YYYY-MM.tar

It uses commands and REST only, which do not change, so that it runs with any version.
"""

import os
import tempfile
from pathlib import Path


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corpusapp.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    # The host of Django's test client.
    settings.ALLOWED_HOSTS.append("testserver")

    for command in (["migrate", "--verbosity=0"], ["load_sample"], ["run_worker", "--until-idle"]):
        call_command(*command)
    _add_model()
    _work()
    call_command("run_worker", "--until-idle")
    call_command("release_corpus", "sample", "--name", "first", "--stage", "any")


def _add_model() -> None:
    """Add a tiny trained pipeline, so that there are weights."""
    import spacy
    from django.core.management import call_command

    nlp = spacy.blank("en", meta={"name": "tiny", "version": "1.0.0"})
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "ORG", "pattern": "Larkin Quay"}])
    with tempfile.TemporaryDirectory() as folder:
        nlp.to_disk(Path(folder) / "tiny")
        call_command("add_pipeline", str(Path(folder) / "tiny"), "--corpus", "sample", "--promote")


def _work() -> None:
    """Two people decide, undo, comment, and finish an article."""
    from corpusapp.accounts.models import User
    from tests.api.client import Rest

    root = Rest(User.objects.create_superuser("root", password="kept for the tests alone"))
    anna = Rest(User.objects.create_user("anna", password="kept for the tests alone"))
    call = _checked
    call(root.send("PUT", "corpora/sample/members/anna/", {"role": "editor"}))
    ids = [article["id"] for article in call(root.get("articles/", corpus="sample"))["results"]]
    for number, pk in enumerate(ids[:4]):
        who = (root, anna)[number % 2]
        spans = call(who.get(f"articles/{pk}/"))["spans"]
        for position, span in enumerate(spans[:9]):
            place, match = f"spans/{span['id']}/", f'"{span["revision"]}"'
            body = ({"state": "confirmed"}, {"state": "rejected"}, {"label": "EVENT"})[position % 3]
            call(who.patch(place, body, if_match=match))
    result = call(anna.post(f"articles/{ids[4]}/spans/", {"start": 0, "end": 4, "label": "ORG"}))
    call(anna.post(f"articles/{ids[4]}/comments/", {"text": "Is this one?"}))
    call(root.post(f"articles/{ids[0]}/finish/", {}))
    call(root.post("corpora/sample/webhooks/", {"url": "http://1.1.1.1/hook"}))
    call(root.post("corpora/sample/exports/", {"format": "jsonl", "stage": ["any"]}))
    print(result)


def _checked(answer):
    assert answer.status_code < 300, answer.content[:500]
    return answer.json() if answer.content else None


if __name__ == "__main__":
    main()
