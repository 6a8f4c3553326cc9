"""The parser: sizes, colours, agreement with exact labels, refusals."""

import functools
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from editors.latent import latent
from editors.translate import parse_portrait
from editors.translate.palettes import PARTS
from editors.translate.parsing import agreement, cells
from facet import BadInput, LabelMap, Subject
from facet.app import finish
from facet.testing import Conformance
from nets.judges import JudgesConfig
from training.judges.export import read_judges
from training.puppets import Renderer, sample
from training.puppets.paint import PART
from training.translation.card import WEIGHTS


@functools.cache
def puppet() -> Subject:
    return finish(latent, {"model": "puppets_256", "seed": 6, "gallery": 1}).subject


class TestParse(Conformance):
    """The house rules. The kit's own pictures show no puppet, so it gets the same sorts of files of one."""

    editor = parse_portrait

    def _values(self, **changed: Any) -> dict[str, Any]:
        return {"subject": puppet()} | changed

    def _picture(self, name: str, picture: object, seed: int = 0) -> object:
        face = puppet().image if seed % 2 else Image.fromarray(puppet().pixels[:, ::-1])
        if not isinstance(picture, bytes):
            return np.asarray(face)
        buffer = io.BytesIO()
        with Image.open(io.BytesIO(picture)) as sort:
            image, turned = face.resize(sort.size).convert(sort.mode), sort.getexif()
            image = image.rotate(90, expand=False) if turned else image
            image.save(buffer, sort.format, exif=turned)
        return buffer.getvalue()


def test_the_palette_is_in_the_judges_order() -> None:
    config: JudgesConfig = read_judges(WEIGHTS / "puppets_judges").config
    same = {"eye": "eye white"}
    assert tuple(same.get(name, name.replace("_", " ")) for name in config.parts) == PARTS.names
    assert tuple(PART) == config.parts


@pytest.mark.parametrize("size", [(256, 256), (97, 131), (300, 200)])
def test_the_map_has_the_pictures_size_and_only_the_palettes_colours(size: tuple[int, int]) -> None:
    picture = np.asarray(puppet().image.resize(size))
    made = finish(parse_portrait, {"subject": picture})
    assert made.subject.size == size
    colours = {tuple(row) for row in np.unique(made.subject.pixels.reshape(-1, 3), axis=0).tolist()}
    assert colours <= set(PARTS.colours)
    assert {"skin", "hair", "iris"} <= set(LabelMap.from_picture(made.subject.pixels, PARTS).parts)


def test_a_render_is_parsed_as_its_exact_labels_say() -> None:
    frame = Renderer("cpu", False, 1)(sample(31, 1), 128)
    found, _, sure = cells(read_judges(WEIGHTS / "puppets_judges"), frame.rgb * 2 - 1)
    exact = frame.parts[0, ::2, ::2].numpy()
    same, iou = agreement(exact, found[0].byte().numpy())
    assert sure > 0.5
    assert same > 0.9
    assert iou > 0.5


@pytest.mark.parametrize("picture", ["sample:coffee", "sample:lake"])
def test_a_photograph_is_refused_with_what_to_do(picture: str) -> None:
    with pytest.raises(BadInput, match="Bring a photograph") as refusal:
        finish(parse_portrait, {"subject": picture})
    assert refusal.value.field == "subject"


def test_agreement_counts_parts_not_pixels_alone() -> None:
    one = np.zeros((10, 10), np.uint8)
    one[0, 0] = 1
    assert agreement(one, np.zeros_like(one)) == (0.99, pytest.approx(0.495))
    assert agreement(one, one) == (1.0, 1.0)
