"""The measure of matching: what it counts, and that it can go wrong in every way it should."""

from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from suppliers.matching import quality


def pairs(*given):
    return [(Decimal(str(score)), truth) for score, truth in given]


def test_counts_and_their_rates():
    found = quality.at(
        pairs((0.9, True), (0.9, False), (0.5, True), (0.5, False), (0.8, True)), Decimal("0.75")
    )
    assert (found.hits, found.false_alerts, found.misses) == (2, 1, 1)
    assert (found.precision, found.recall, found.f1) == (2 / 3, 2 / 3, 2 / 3)
    assert quality.judge(pairs(*[(0.9, True)] * 20), rounds=50).validated_interval == (1, 1)
    nothing = quality.at([], Decimal("0.75"))
    assert (nothing.precision, nothing.recall, nothing.f1) == (0, 0, 0)


def test_the_threshold_is_chosen_on_the_other_folds():
    # All true pairs score .60: a threshold of .75 misses them, one learned from the others does not.
    scored = pairs(*[(0.60, True)] * 20, *[(0.40, False)] * 20)
    found = quality.judge(scored, rounds=50)
    assert (found.fixed.f1, found.validated.f1) == (0, 1)


def test_what_is_held_out_is_not_learned_from():
    # One fold's pairs are all alike and contradict the rest: learning from them would make F1 1.
    scored = pairs(*[(0.95, True)] * 30, *[(0.95, False)] * 30)
    assert quality.judge(scored, rounds=50).validated.f1 < 0.7


def test_the_same_question_has_the_same_answer_and_too_few_pairs_none():
    scored = pairs(*[(0.9, True)] * 8, *[(0.8, False)] * 8)
    assert quality.judge(scored) == quality.judge(scored)
    with pytest.raises(ValueError, match="at least 10"):
        quality.judge(scored[:9])


def test_the_command_reads_a_file_and_names_what_is_wrong(tmp_path, capsys):
    good = tmp_path / "pairs.csv"
    lines = "".join(
        f"Hock Works {n} LLC,HOCK WORKS {n},true\nHock Works,Cold Plates,false\n" for n in range(8)
    )
    good.write_text("query,candidate,should_match\n" + lines)
    listed, clean = tmp_path / "list.csv", tmp_path / "clean.csv"
    listed.write_text("record,name\n7,Zyxtrovic Armaments Trust\n")
    clean.write_text("firm\nZyxtrovic Armaments\nHock Works\nCold Plates\nPlain Bearings\n")
    call_command("judge_names", str(good), listed=listed, clean=clean, column="firm")
    said = capsys.readouterr().out
    assert "pairs 16" in said
    assert "cross-validated" in said
    assert "clean names 4 against 1: 250.0 false alerts per thousand" in said
    for name, text, words in (
        ("none.csv", "query,candidate\na,b\n", "no column should_match"),
        ("odd.csv", "query,candidate,should_match\na,b,perhaps\n", "perhaps"),
        ("few.csv", "query,candidate,should_match\na,b,true\n", "at least 10"),
        ("empty.csv", "query,candidate,should_match\n", "no rows"),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(CommandError, match=words):
            call_command("judge_names", str(tmp_path / name))
    with pytest.raises(CommandError, match="Can't read"):
        call_command("judge_names", str(tmp_path / "missing.csv"))
