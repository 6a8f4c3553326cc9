"""A black-and-white portrait is seen as the same one in colour: bare faces are bare, and glasses are glasses."""

import pytest
import torch

from editors.inversion import networks
from facet import Context, Subject
from facet.weights import PUPPETS_JUDGES, card
from nets.align import crop
from nets.carry import Carrier
from nets.carry.landmarks import GREY, seen

pytestmark = pytest.mark.skipif(not card(PUPPETS_JUDGES), reason="the judges are not part of this checkout")
SQUARES = {
    "astronaut": [[132.3, -1.7], [121.5, 194.5], [317.6, 205.3], [328.5, 9.1]],
    "hopper": [[55.5, 0.1], [74.4, 399.0], [473.3, 380.2], [454.4, -18.8]],
}


@pytest.fixture(scope="module")
def judges():
    return networks.judges_of(Context(nets=networks.NETS))


def portrait(name):
    """The bundled photograph in grey, [3, H, W], and the square of its face."""
    photo = Subject.read(f"sample:{name}").tensor()[0]
    grey = (photo * GREY[:, None, None]).sum(0).expand(3, -1, -1)
    return grey, torch.tensor(SQUARES[name], dtype=torch.float64)


@pytest.mark.parametrize("light", [0.7, 1.0, 1.4])
@pytest.mark.parametrize(("name", "worn"), [("astronaut", False), ("hopper", True)])
def test_glasses_are_told_from_shadows_without_colours(judges, name, worn, light):
    grey, square = portrait(name)
    found = seen(judges, crop(grey, square, 256).clamp(0, 1) ** light)
    assert found.wears_glasses == worn


def test_a_bare_face_without_colours_has_lids_that_can_close(judges):
    grey, square = portrait("astronaut")
    over = Carrier(grey, square, crop(grey, square, 256).clamp(0, 1), judges)
    assert not over.ground.glasses
    assert over.ground.lids is not None


def test_a_picture_with_colours_is_looked_at_as_it_is(judges):
    looked = []
    torch.manual_seed(0)
    picture = torch.rand(3, 64, 64)

    def watch(module, given):
        looked.append(given[0])

    hook = judges.register_forward_pre_hook(watch)
    try:
        seen(judges, picture, careful=False)
        seen(judges, picture[:1].expand(3, -1, -1), careful=False)
    finally:
        hook.remove()
    coloured, grey = ((each[0, 0] - each[0, 2]).mean() for each in looked)
    assert abs(float(coloured)) < 0.1
    assert float(grey) > 0.2
