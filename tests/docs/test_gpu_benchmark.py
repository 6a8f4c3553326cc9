"""The benchmark on a GPU, as far as it can be held to account without one."""

import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import gpu
from benchmarks.gpu import Row, drag_rate, editors, figures, measured
from facet.app import load_registry
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def specs():
    return {spec.id: spec for spec in load_registry()}


def test_without_a_gpu_it_says_so_and_ends_well(process):
    ran = process(ROOT / "benchmarks" / "gpu.py", "--quick", "--json", CUDA_VISIBLE_DEVICES="")
    assert ran.code == 0, ran.err
    sentence, last = ran.out.splitlines()
    assert sentence == gpu.NO_GPU
    assert json.loads(last) == {"gpu": None}


def test_an_editor_is_compared_with_itself(specs):
    rows = measured([specs["latent"]], ("cpu", "cpu"), float("inf"))
    row = rows["latent"]
    assert isinstance(row, Row)
    assert (row.mean, row.p99, row.agrees) == (0, 0, True)
    assert min(row.seconds) > 0
    found = figures("none", rows | {"other": "left out"}, {"256": 4.0})
    assert found["agrees_latent"] is True
    assert found["left_out"] == ["other"]
    assert found["drag_steps_per_s_256"] == 4.0


def test_pictures_that_differ_do_not_agree(specs, monkeypatch):
    real, calls = gpu.finish, []

    def finish(spec, values, **how):
        result = real(spec, values, **how)
        calls.append(how["device"])
        if len(calls) == 4:
            brighter = np.clip(result.subject.pixels.astype(int) + 3, 0, 255).astype(np.uint8)
            result = replace(result, subject=replace(result.subject, pixels=brighter))
        return result

    monkeypatch.setattr(gpu, "finish", finish)
    row = measured([specs["latent"]], ("cpu", "cpu"), float("inf"))["latent"]
    assert row.mean == pytest.approx(3, abs=0.5)
    assert not row.agrees


def test_what_does_not_fit_into_the_time_is_named(specs):
    assert measured([specs["latent"]], ("cpu", "cpu"), 0.0) == {"latent": "left out: the time is over"}


def test_quick_takes_one_editor_of_each_task(specs):
    chosen, all_of_them = list(editors(specs.values(), True)), list(editors(specs.values(), False))
    assert len({spec.task for spec in chosen}) == len(chosen)
    assert {spec.task for spec in chosen} == {spec.task for spec in all_of_them}
    assert len(all_of_them) > len(chosen)


def test_the_steps_of_a_drag_are_counted():
    assert drag_rate("puppets", "cpu", 0.5) > 0
