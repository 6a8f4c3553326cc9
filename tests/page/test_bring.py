"""The ways to a latent code that the page offers, and pictures it finds again in the session."""

from dataclasses import replace

import pytest

from facet.app import Registry, load_registry
from registry.conformance.sample_inputs import small_picture
from registry.subjects.placement import Placement
from registry.subjects.subject import Subject
from surfaces.page.bring import WAYS, needs_latent, way_of
from surfaces.page.gallery import drawer_of
from surfaces.page.origins import origin_of, with_origins
from surfaces.page.session import Session
from surfaces.page.views import stage_view


@pytest.fixture(scope="module")
def registry():
    return load_registry()


def cut_from(source):
    placed = Placement.of(source, [(0, 0), (0, 20), (20, 20), (20, 0)])
    return Subject(small_picture(20, 20), lineage=({"facts": {"placement": placed.record()}},))


def test_both_ways_lead_to_a_code_and_ask_for_nothing(registry):
    assert [way_of(registry, task).id for task in WAYS] == ["invert", "latent"]
    for task, (_, inputs) in WAYS.items():
        spec = way_of(registry, task)
        assert set(inputs) <= {entry.name for entry in spec.inputs}
        subject = {"subject": small_picture(40, 40)} if spec.takes_subject else {}
        assert spec.check({**subject, **inputs})
    assert needs_latent(registry.get("drag"))
    assert not needs_latent(registry.get("invert"))
    assert not needs_latent(registry.get("latent"))


def test_surfaces_find_editors_by_task(registry):
    """Another editor of that task does as well: no surface asks for one by its id."""
    (marked,) = [entry for entry in registry.get("fit_direction").inputs if entry.kind.drawn_by]
    assert drawer_of(registry, marked.kind.drawn_by).id == "latent"
    others = Registry({f"my_{spec.id}": replace(spec, id=f"my_{spec.id}") for spec in registry})
    assert [way_of(others, task).id for task in WAYS] == ["my_invert", "my_latent"]
    assert drawer_of(others, marked.kind.drawn_by).id == "my_latent"
    assert way_of(Registry(), "invert") is None


def test_the_photograph_is_found_in_the_visit(registry):
    spec, session = registry.get("paste_back"), Session()
    source, other = (Subject.read(small_picture(60, 50, seed)) for seed in (1, 2))
    session.choose(other, "other")
    session.choose(source, "photograph")
    cut = cut_from(source)
    session.choose(cut, "cut out")
    assert with_origins(spec, session, {"subject": cut, "source": None})["source"] is source
    assert with_origins(spec, session, {"subject": cut})["source"] is source
    assert with_origins(spec, session, {"subject": cut, "source": other})["source"] is other
    assert with_origins(spec, session, {"subject": other})["source"] is None


def test_what_the_visit_never_had_is_not_found():
    session = Session()
    session.choose(Subject.read(small_picture(60, 50, 2)), "other")
    assert origin_of(cut_from(Subject.read(small_picture(60, 50, 1))), session) is None


def test_the_stage_says_whether_there_is_a_code():
    import numpy as np

    session = Session()
    session.choose(Subject.read(small_picture(40, 40)), "plain")
    assert stage_view(session)["latent"] is False
    session.choose(Subject(small_picture(40, 40), np.zeros((2, 2), np.float32)), "coded")
    assert stage_view(session)["latent"] is True
