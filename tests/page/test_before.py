"""What the stage shows the current picture beside, when it was cut out of another one or put back."""

import numpy as np

from facet import Placement, Subject
from surfaces.page.session import Session
from surfaces.page.views import picture_url, stage_view


def picture(size, shade, lineage=()):
    return Subject(np.full((size, size, 3), shade, np.uint8), lineage=lineage)


def test_a_square_lies_over_nothing_and_a_whole_picture_over_its_photograph():
    photograph = picture(64, 10)
    square = Placement.of(photograph, [(8, 8), (8, 40), (40, 40), (40, 8)])
    cut = {"editor": "invert", "facts": {"placement": square.record()}}
    session = Session()
    session.choose(photograph, "garden.png")
    session.edited(picture(32, 20, (cut,)), "Bring in", session.current, {})
    view = stage_view(session)
    assert (view["elsewhere"], view["before"]) == (True, None)

    edit = {"editor": "attributes"}
    session.edited(picture(32, 30, (cut, edit)), "Attributes", session.current, {})
    view = stage_view(session)
    assert (view["elsewhere"], view["before"]) == (False, picture_url(session.before.pixels))

    back = {"editor": "paste_back", "facts": {"placement": None}}
    session.edited(picture(64, 40, (cut, edit, back)), "Paste back", session.current, {})
    view = stage_view(session)
    assert (view["elsewhere"], view["before"]) == (True, picture_url(photograph.pixels))
    del session.entries[1]
    assert stage_view(session)["before"] is None
