"""Mutated files are read or refused, never anything else; and the fuzzer does find what is broken."""

from __future__ import annotations

import pytest

from registry.readers import interpret, storages, torch_files
from tests.readers.fuzz import Mutator, fuzz, seeds
from tests.readers.measure import LIMIT


def test_mutated_files_are_read_or_refused(tmp_path):
    found = fuzz(2000, 11, tmp_path)
    assert found.untyped == []
    assert found.read + found.refused == found.files == 2000
    assert found.read > 20, "mutations that leave a file readable must occur, or nothing deep is reached"
    assert found.growth <= LIMIT


BROKEN = {
    "whole_numbers": (storages, lambda values, what: values),
    "reference_of": (torch_files, lambda pid: torch_files.Reference(storages.torch_type(pid[1], ""), pid[2], pid[4])),
    "strided": (interpret, lambda flat, offset, size, stride, budget: flat.as_strided(size, stride, offset)),
}


@pytest.mark.parametrize("check", BROKEN)
def test_the_fuzzer_finds_a_check_that_is_missing(tmp_path, monkeypatch, check):
    place, broken = BROKEN[check]
    monkeypatch.setattr(place, check, broken)
    assert fuzz(1000, 3, tmp_path).untyped


def test_the_same_seed_draws_the_same_files(tmp_path):
    files = seeds(tmp_path)
    first, again = Mutator(files, 5), Mutator(files, 5)
    assert [first.draw() for _ in range(20)] == [again.draw() for _ in range(20)]
