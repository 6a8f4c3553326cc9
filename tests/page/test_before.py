"""What the stage shows the current picture beside, when it was cut out of another one or put back."""

import numpy as np

from facet import Placement, Subject
from surfaces.page.views import picture_url, stage_view
from surfaces.page.visit import Visit


def picture(size, shade, lineage=()):
    return Subject(np.full((size, size, 3), shade, np.uint8), lineage=lineage)


def test_a_square_lies_over_nothing_and_a_whole_picture_over_its_photograph():
    photograph = picture(64, 10)
    square = Placement.of(photograph, [(8, 8), (8, 40), (40, 40), (40, 8)])
    cut = {"editor": "invert", "facts": {"placement": square.record()}}
    visit = Visit()
    visit.choose(photograph, "garden.png")
    visit.edited(picture(32, 20, (cut,)), "Bring in", visit.current, {})
    view = stage_view(visit)
    assert (view["elsewhere"], view["before"]) == (True, None)

    edit = {"editor": "attributes"}
    visit.edited(picture(32, 30, (cut, edit)), "Attributes", visit.current, {})
    view = stage_view(visit)
    assert (view["elsewhere"], view["before"]) == (False, picture_url(visit.before.pixels))

    back = {"editor": "paste_back", "facts": {"placement": None}}
    visit.edited(picture(64, 40, (cut, edit, back)), "Paste back", visit.current, {})
    view = stage_view(visit)
    assert (view["elsewhere"], view["before"]) == (True, picture_url(photograph.pixels))
    del visit.entries[1]
    assert stage_view(visit)["before"] is None
