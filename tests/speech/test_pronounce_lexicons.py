"""Measuring against the open lexicons, on small ones of the same form."""

from __future__ import annotations

from pathlib import Path

import pytest

from speech.training.lexicons import SOURCES, agreement, fault, measure, read, unreserved_words

INDSP, IPA, _ = SOURCES


def test_their_phones_become_ours(tmp_path: Path) -> None:
    indsp = tmp_path / INDSP.file
    indsp.write_text("BESAR\tB E2 S A R \nSUNGAI\tS U NG AY\n.\tsil\nMURID-MURID\tM U R I D M U R I D\n")
    assert read(indsp, INDSP) == {"besar": {tuple("b@sar")}, "sungai": {("s", "u", "ng", "ay")}}
    ipa = tmp_path / IPA.file
    ipa.write_text("nyanyi\tɲ a ɲ i\nrusak\tr u s a ʔ\n-nya\t- ɲ a\nqari\tɣ a r i\n")
    assert read(ipa, IPA) == {"nyanyi": {("ny", "a", "ny", "i")}, "rusak": {tuple("rusak")}}


def test_agreement_counts_first_and_any_reading_and_one_e() -> None:
    lexicon = {
        "meja": {tuple("meja")},
        "sudah": {tuple("suda")},  # our second reading
        "besar": {tuple("besar")},  # right but for the e
        "kuda": {tuple("kudu")},
    }
    found = agreement(lexicon, narrow=True)
    assert (found.words, found.first, found.first_one_e) == (4, 1, 2)
    assert found.any >= 2
    assert found.wrong["a for u"] == ["kuda: k u d a, theirs k u d u"]


def test_a_lexicon_without_glides_is_not_held_against_us() -> None:
    assert agreement({"pakai": {tuple("pakai")}, "kencang": {("k", "@", "n", "c", "a", "ng")}}, narrow=False).first == 2
    assert agreement({"pakai": {tuple("pakai")}}, narrow=True).first == 0


@pytest.mark.parametrize(
    ("ours", "theirs", "kind"),
    [("meja", "m@ja", "e for @"), ("suda", "sudah", "nothing for h"), ("soto", "sotok", "nothing for k")],
)
def test_kinds_of_fault(ours: str, theirs: str, kind: str) -> None:
    assert fault(tuple(ours), tuple(theirs)) == kind


def test_words_of_reserved_sentences_alone_stay_unseen(tmp_path: Path) -> None:
    transcript, reserved = tmp_path / "norm_transcript", tmp_path / "reserved.csv"
    transcript.write_text("U1\tBAPAK MERESMIKAN JEMBATAN\nU2\tJEMBATAN RUSAK\n")
    reserved.write_text("corpus,kind,id\nnews,utterance,U1\n")
    may_see = unreserved_words(transcript, reserved)
    assert [word for word in ("bapak", "jembatan", "rusak", "lain") if may_see(word)] == ["jembatan", "rusak", "lain"]


def test_the_report_names_what_is_missing_and_lists_faults(tmp_path: Path) -> None:
    (tmp_path / IPA.file).write_text("kuda\tk u d u\nmeja\tm e dʒ a\n")
    lines = list(measure(tmp_path, tmp_path / "out"))
    assert any("INDspeech" in line and "not found" in line and "word_phoneme.lex" in line for line in lines)
    assert any(IPA.name in line and "50.0 %" in line for line in lines)
    assert "1 x a for u\n    kuda" in (tmp_path / "out" / "lexicon_id.txt").read_text()
