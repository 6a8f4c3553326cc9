"""A course of training where memory is short, with a person of one's own, killed half-way, and in a comparison."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from editors.adapt import adapt
from editors.adapt.course import Course, People
from editors.inversion import invert
from editors.latent import latent
from facet import BadInput, Context, EditorError, Subject
from facet.app import finish, load_registry
from facet.stylegan import GeneratorRef
from nets.adapt import Plan
from nets.stylegan2.sampling import codes
from registry.artifacts import load_delta
from surfaces.compare import compare
from tests.conftest import ROOT

QUICK = {"style": "sample:ink", "model": "puppets", "steps": 1, "gallery": 1}


class Hungry:
    """An objective that runs out of memory with two people a step, or with pictures of the full size."""

    def __init__(self, most_people, most_pixels):
        self.most_people, self.most_pixels, self.seen = most_people, most_pixels, []

    def begin(self, synthesis):
        """Nothing."""

    def people(self, w_plus):
        return w_plus

    def __call__(self, made, w_plus, step, share):
        if len(made) > self.most_people or made.shape[2] > self.most_pixels:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        self.seen.append((step, len(made), made.shape[2]))
        return made.square().mean()

    def state(self):
        return {}

    def resume(self, state):
        """Nothing."""


def course(steps=4):
    ctx = Context(nets=adapt.nets)
    generator, ref = ctx.load_generator("puppets")
    people = People(["seed 1"], codes(generator, [1], 0.8), generator, ref)
    leaves = {"name": "x", "facts": {}, "licence": "Apache-2.0", "attribution": ""}
    return Course(ctx, generator, ref, Plan(steps=steps, small=0.5), 1.0, leaves), people


def test_where_memory_is_short_it_goes_on_with_less_and_says_so():
    run_of, people = course()
    hungry = Hungry(1, 64)
    steps = list(run_of.run(hungry, people))
    assert hungry.seen == [(1, 1, 64), (2, 1, 64), (3, 1, 64), (4, 1, 64)]
    assert steps[0].note == "step 1 of 4; one person a step, as memory is short"
    assert steps[-1].note == "step 4 of 4; pictures of half the size, as memory is short"
    assert steps[-1].delta()


def test_where_even_the_least_does_not_fit_it_says_what_to_do():
    run_of, people = course()
    with pytest.raises(EditorError, match="not enough memory to train.*fewer layers"):
        list(run_of.run(Hungry(1, 32), people))


def test_any_other_fault_is_not_taken_for_a_lack_of_memory():
    run_of, people = course()
    broken = Hungry(2, 999)
    broken.people = lambda w_plus: w_plus[:, :1, :1]
    with pytest.raises((RuntimeError, IndexError, ValueError)):
        list(run_of.run(broken, people))


def test_a_photograph_that_was_brought_in_is_shown_and_keeps_what_was_learned_of_it(facet_home):
    source = finish(latent, {"model": "puppets", "seed": 3, "gallery": 1}).subject
    lighter = np.clip(source.pixels.astype(int) + 40, 0, 255).astype(np.uint8)
    values = {"subject": Subject(lighter), "model": "puppets", "align": "none", "start": "encoder", "steps": 1}
    me = finish(invert, values | {"tuning": 2}).subject
    result = finish(adapt, QUICK | {"person": me, "steps": 1})
    assert list(result.further) == ["the person"]
    both, mine = (load_delta(each.generator.delta_sha256) for each in (result.subject, me))
    (kept,) = result.artifacts
    learned = load_delta(kept.sha256)
    name = next(name for name in mine if name in learned)
    assert torch.allclose(both[name], mine[name] + learned[name], atol=2e-3)
    assert np.array_equal(result.subject.latent, me.latent)
    with pytest.raises(BadInput, match="person: was brought in with a tuned 'puppets'"):
        finish(adapt, QUICK | {"person": me, "model": "puppets_256"})


def test_a_person_of_another_world_is_refused(facet_home):
    stranger = Subject(np.zeros((64, 64, 3), np.uint8), np.zeros((16, 512), np.float32), GeneratorRef("lions_512"))
    with pytest.raises(BadInput, match="person: belongs to the generator 'lions_512'"):
        finish(adapt, QUICK | {"person": stranger})


def test_killed_half_way_it_leaves_nothing_half_written(facet_home, tmp_path):
    """The process dies after some steps: no artifact, no delta, no part of a file; a new run works as ever."""
    script = (
        "import os\n"
        "from editors.adapt import adapt\n"
        "from facet.app import run\n"
        f"for number, event in enumerate(run(adapt, {QUICK | {'steps': 50}!r})):\n"
        "    if number == 2:\n"
        "        os._exit(9)\n"
    )
    home = {**os.environ, "FACET_HOME": str(tmp_path / "home")}
    done = subprocess.run([sys.executable, "-c", script], env=home, cwd=ROOT, capture_output=True, timeout=300)
    assert done.returncode == 9, done.stderr.decode()[-500:]
    left = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert not [path for path in left if path.suffix in (".safetensors", ".part", ".tmp")]


def test_a_comparison_has_both_spaces_of_style_and_what_was_kept(facet_home):
    values = {"style": "sample:ink", "model": "puppets", "steps": 1, "gallery": 2}
    methods = ["adapt:stroke=1", "adapt:stroke=2"]
    *_, last = compare(load_registry(), "adapt", values, methods)
    assert last.result is not None
    assert {"style_random", "style_gabor", "style_trunk", "diversity_kept", "identity_kept"} <= last.measures.keys()
    assert last.measures["style_trunk"].home
    assert not last.measures["style_random"].home
    assert last.measures["diversity_kept"].better == "higher"
