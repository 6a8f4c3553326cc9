"""A choice among words and what edits have left: what it takes, what it refuses, whom it tells."""

import pytest
import torch

from facet import Artifact, BadInput, Context, KeptChoice
from facet.app import BadSpec
from registry.artifacts import delete, keep
from registry.belongings import Guest, kept_in

KIND = KeptChoice({"plain": "Plain", "bold": "Bold"}, of="brush", doc="Which brush.")


def left(value=1.0, kind="brush", name="Mine"):
    return keep(Artifact(kind, name, {"tip": torch.tensor([value])}, licence="CC0-1.0"))


def test_words_and_whole_or_short_sha256_are_taken():
    kept = left()
    name = f"yours:{kept.sha256}"
    for value in (name, kept.id, kept.id[:12], f"yours:{kept.sha256[:6].upper()}"):
        assert KIND.check(value, "brush") == name
    assert KIND.check("bold", "brush") == "bold"
    assert KIND.labels == {"plain": "Plain", "bold": "Bold", name: "Mine"}
    assert KIND.received({"id": name, "rev": 3}, "brush", None) == name
    assert f"yours:{kept.sha256[:16]}" in KIND.option().metavar


@pytest.mark.parametrize("value", ["thin", "", 7, None, "yours:", "yours:12345", "yours:zzzzzzzz", "yours:../../etc"])
def test_all_else_is_refused_by_name(value):
    left()
    with pytest.raises(BadInput) as refusal:
        KIND.check(value, "brush")
    assert str(refusal.value).startswith("brush: ")
    assert "\n" not in str(refusal.value)


def test_what_is_of_another_kind_or_another_visitors_is_not_offered():
    other, mine = left(2.0, "style"), left(3.0)
    with pytest.raises(BadInput, match="names a brush of yours that is not here"):
        KIND.check(other.id, "brush")
    with kept_in(Guest().belongings), pytest.raises(BadInput, match="not here"):
        KIND.check(mine.id, "brush")
    assert mine.sha256[:8] not in KIND.limits() + KIND.takes()


def test_a_run_gets_its_tensors_and_names_it():
    kept, ctx = left(4.0), Context()
    card, tensors = ctx.kept(f"yours:{kept.sha256}", "brush")
    assert card.name == "Mine"
    assert tensors["tip"].tolist() == [4.0]
    (row,) = ctx.weights_used
    assert (row["sha256"], row["licence"], row["title"]) == (kept.sha256, "CC0-1.0", "Mine")
    delete(kept)
    with pytest.raises(BadInput, match="brush: is not among yours any more"):
        ctx.kept(f"yours:{kept.sha256}", "brush")


def test_declared_wrongly_it_is_refused_at_load():
    for wrong in (KeptChoice({}, of="brush", doc="x"), KeptChoice({"yours:a": "A"}, of="brush", doc="x"),
                  KeptChoice({"a": "A"}, of="Not a kind", doc="x")):  # fmt: skip
        with pytest.raises(BadSpec):
            wrong.verify(str)
