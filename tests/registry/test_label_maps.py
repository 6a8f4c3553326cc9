"""Label maps: the palette, what pictures say, sizes, recipes, and what is refused."""

import io
import json
import shutil

import numpy as np
import pytest
from PIL import Image, ImageDraw

from facet import BadInput, LabelMap, LabelMapInput, Palette, Subject
from facet.app import finish, load_registry
from registry.conformance.findings import check_editor
from registry.conformance.sample_inputs import small_picture
from registry.errors import BadSpec
from tests.conftest import PLUGINS

PARTS = Palette(
    ("background", "shadow", "skin", "light"), ((58, 62, 70), (96, 64, 130), (222, 160, 124), (250, 232, 150))
)
KIND = LabelMapInput(PARTS, parsed_by="tones", on="subject", needs=("skin",), doc="What is where.")
ALONE = LabelMapInput(PARTS, doc="What is where.")
SKETCH = LabelMapInput(Palette(("paper", "line"), ((255, 255, 255), (20, 20, 20))), doc="Lines.")


@pytest.fixture(scope="module")
def drawn() -> Image.Image:
    """A head with thin strokes, in exact colours."""
    image = Image.new("RGB", (256, 192), PARTS.colours[0])
    pen = ImageDraw.Draw(image)
    pen.ellipse((50, 20, 210, 180), fill=PARTS.colours[2])
    pen.ellipse((90, 60, 120, 90), fill=PARTS.colours[3])
    pen.line((70, 150, 190, 140), fill=PARTS.colours[1], width=1)
    return image


@pytest.fixture(scope="module")
def exact(drawn) -> LabelMap:
    return LabelMap.from_picture(np.array(drawn), PARTS)


def encoded(image: Image.Image, kind: str = "PNG", **how) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **how)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("names", "colours", "why"),
    [
        (("a", "b"), ((0, 0, 0),), "2 names but 1 colours"),
        (("a",), ((0, 0, 0),), "2 to 256 parts, not 1"),
        (("a", "a"), ((0, 0, 0), (1, 1, 1)), "the same name"),
        (("a", "b"), ((0, 0, 0), (0, 0, 0)), "the same colour"),
        (("a", " "), ((0, 0, 0), (1, 1, 1)), "names of 1 to 40 letters"),
        (("a", "b"), ((0, 0, 0), (1, 1, 300)), "no colour"),
        (tuple(map(str, range(257))), tuple((i % 256, i // 256, 0) for i in range(257)), "2 to 256 parts, not 257"),
    ],
)
def test_a_palette_is_checked(names, colours, why):
    with pytest.raises(BadSpec, match=why):
        Palette(names, colours)


def test_the_declaration_is_checked():
    with pytest.raises(BadSpec, match="'nose' is no part of the palette, which has: background, shadow"):
        LabelMapInput(PARTS, needs=("nose",), doc="x").verify(LabelMap)
    with pytest.raises(BadSpec, match="LabelMapInput describes LabelMap, not Subject"):
        ALONE.verify(Subject)
    with pytest.raises(BadSpec, match="uint8 array"):
        LabelMap(np.zeros((4, 4), np.int64), PARTS)
    with pytest.raises(BadSpec, match="the number 4, but its palette has 4 parts"):
        LabelMap(np.full((4, 4), 4, np.uint8), PARTS)


def test_what_it_is_made_of(exact):
    assert (exact.size, exact.parts) == ((256, 192), list(PARTS.names))
    assert exact.mask("light", "shadow").sum() == np.isin(exact.indices, (1, 3)).sum()
    assert exact.one_hot().shape == (4, 192, 256)
    assert (exact.one_hot().argmax(0) == exact.indices).all()
    assert np.array_equal(LabelMap.from_picture(exact.picture(), PARTS).indices, exact.indices)


def test_every_form_says_the_same(drawn, exact, tmp_path):
    drawn.save(tmp_path / "map.png")
    indexed = Image.fromarray(exact.indices).convert("P")
    indexed.putpalette([level for colour in PARTS.colours for level in colour])
    told = KIND.record(exact)
    forms = [
        exact,
        exact.indices,
        exact.indices.astype(np.int64),
        np.array(drawn),
        drawn,
        str(tmp_path / "map.png"),
        tmp_path / "map.png",
        exact.png(),
        encoded(indexed),  # a PNG with a palette
        encoded(Image.fromarray(exact.indices)),  # grey levels that are the numbers
        encoded(drawn, "WEBP", lossless=True),
        told,
        told["png"],
        told["png"].replace("png:", "data:image/png;base64,"),
        json.loads(json.dumps(told)),
    ]
    assert {KIND.check(form, "labels").sha256 for form in forms} == {exact.sha256}
    other = LabelMap(exact.indices, Palette(("a", "b", "c", "d"), PARTS.colours))
    assert other.sha256 != exact.sha256


@pytest.mark.parametrize("how", [{"quality": 95, "subsampling": 0}, {"quality": 85}, {"quality": 60}])
def test_a_jpeg_is_read_with_sharp_rims(drawn, exact, how):
    read = KIND.check(encoded(drawn, "JPEG", **how), "labels")
    wrong = read.indices != exact.indices
    assert wrong.mean() < 0.012
    # what is wrong lies on rims: no flat area of any part has changed
    grown = np.zeros_like(wrong)
    for down in range(-4, 5):
        for right in range(-4, 5):
            grown |= np.roll(exact.indices, (down, right), (0, 1)) != exact.indices
    assert not (wrong & ~grown).any()


def test_a_jpegs_waves_are_no_part_that_nobody_painted():
    parts = Palette(
        ("background", "hair", "skin", "rims", "beard"),
        ((206, 212, 220), (92, 64, 148), (244, 204, 172), (24, 24, 28), (150, 104, 60)),
    )
    image = Image.new("RGB", (256, 256), parts.colours[0])
    pen = ImageDraw.Draw(image)
    pen.ellipse((40, 20, 210, 200), fill=parts.colours[1])
    pen.ellipse((70, 60, 180, 230), fill=parts.colours[2])

    def read() -> LabelMap:
        jpeg = encoded(image, "JPEG", quality=75)
        return LabelMap.from_picture(np.asarray(Image.open(io.BytesIO(jpeg))), parts)

    assert read().mask("rims", "beard").sum() < 4
    pen.ellipse((80, 90, 120, 130), outline=parts.colours[3], width=4)
    exact = (np.asarray(image) == parts.colours[3]).all(2)
    found = read()
    assert (found.mask("rims") & exact).sum() > 0.85 * exact.sum()
    assert found.mask("rims").sum() < 1.4 * exact.sum()
    assert found.mask("beard").sum() < 4


def test_what_is_clear_is_background(drawn, exact):
    cover = np.full(exact.indices.shape, 255, np.uint8)
    cover[:, :30], cover[:20] = 0, 128  # clear, and background half clear
    clear = np.dstack([exact.picture(), cover])
    clear[:20, 30:, :3] = PARTS.colours[0]
    wanted = exact.indices.copy()
    wanted[:, :30] = wanted[:20] = 0
    read = KIND.check(encoded(Image.fromarray(clear, "RGBA")), "labels")
    assert np.array_equal(read.indices, wanted)


@pytest.mark.parametrize("size", [(128, 96), (300, 225), (512, 384)])
@pytest.mark.parametrize("how", [Image.Resampling.LANCZOS, Image.Resampling.BICUBIC])
def test_smooth_edges_are_read_with_sharp_rims(drawn, exact, size, how):
    read = KIND.check(drawn.resize(size, how), "labels")
    assert read.size == size
    assert {"background", "skin", "light"} <= set(read.parts)  # half a pixel of a line may be gone
    assert (read.indices != exact.resized(size).indices).mean() < 0.03


def test_a_smoothly_drawn_sketch(drawn):
    large = Image.new("L", (512, 512), 255)
    ImageDraw.Draw(large).line((40, 60, 470, 400), fill=20, width=8)
    read = SKETCH.check(large.resize((128, 128), Image.Resampling.LANCZOS).convert("RGB"), "sketch")
    assert read.parts == ["paper", "line"]
    assert 0.005 < read.mask("line").mean() < 0.04
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    ImageDraw.Draw(clear).line((4, 4, 60, 50), fill=(20, 20, 20, 255))
    assert SKETCH.check(encoded(clear), "sketch").mask("line").sum() == 57


def test_a_stroke_of_one_pixel_survives(drawn, exact):
    assert exact.mask("shadow").sum() == 121
    assert KIND.check(KIND.record(exact), "labels").mask("shadow").sum() == 121
    small = exact.resized((64, 48), thin=("shadow",))
    assert small.mask("shadow").any(axis=0).sum() == 31  # without a gap from end to end
    assert exact.resized((512, 384)).mask("shadow").sum() == 4 * 121
    dot = np.zeros((48, 40), np.uint8)
    dot[7, 9] = 2
    assert KIND.check(dot, "labels").mask("skin").sum() == 1


def test_other_sizes(exact):
    picture = Subject.read(small_picture(128, 96))
    KIND.check_on(exact, picture, "labels")
    KIND.check_on(exact, Subject.read(small_picture(129, 96)), "labels")  # rounding
    with pytest.raises(BadInput, match="labels: is 256 × 192 pixels, another shape than the picture of 96 × 96"):
        KIND.check_on(exact, Subject.read(small_picture(96, 96)), "labels")
    odd = exact.resized((37, 53))
    assert KIND.check(odd.picture(), "labels").size == (37, 53)
    assert exact.resized((256, 192)) is exact


def stained(drawn, box) -> np.ndarray:
    pixels = np.array(drawn)
    pixels[box] = (255, 136, 0)
    return pixels


@pytest.mark.parametrize("box", [np.s_[100:101, 90:91], np.s_[100:101, 60:200], np.s_[50:120, 60:160]])
def test_an_unknown_colour_is_named_with_its_place(drawn, box):
    with pytest.raises(BadInput) as refusal:
        KIND.check(stained(drawn, box), "labels")
    x, y = box[1].start, box[0].start
    assert str(refusal.value) == (
        f"labels: holds the colour #ff8800 (at x {x}, y {y}), which no part has. "
        "Its colours are background #3a3e46, shadow #604082, skin #dea07c, light #fae896."
    )


@pytest.mark.parametrize(
    ("colour", "box"),
    [
        ((222, 160, 106), np.s_[50:120, 60:160]),  # 18 from skin's
        ((222, 160, 106), np.s_[100:105, 90:130]),  # a stroke of a brush
        ((140, 111, 97), np.s_[100:103, 90:190]),  # half of skin, half of background
    ],
)
def test_an_area_in_a_colour_that_is_only_like_a_part_s_is_named(drawn, colour, box):
    pixels = np.array(drawn)
    pixels[box] = colour
    place = f"at x {box[1].start}, y {box[0].start}"
    with pytest.raises(BadInput, match=f"holds the colour #{bytes(colour).hex()} .{place}., which no part has"):
        KIND.check(pixels, "labels")


def test_rims_and_shifts_are_no_areas(drawn, exact):
    pixels = np.array(drawn)
    pixels[(pixels == PARTS.colours[2]).all(2)] = (224, 158, 126)  # another program's skin
    assert np.array_equal(KIND.check(pixels, "labels").indices, exact.indices)
    half = np.array(drawn)
    half[96, 60:200] = (140, 111, 97)  # an edge between two pixels, along a row
    assert KIND.check(half, "labels").parts == exact.parts
    black = np.full((64, 64, 3), 255, np.uint8)
    black[20:40, 20:40] = 0  # of a sketch that another program drew
    assert SKETCH.check(black, "sketch").mask("line").sum() == 400


def test_an_unknown_colour_is_seen_in_a_jpeg_too(drawn):
    file = encoded(Image.fromarray(stained(drawn, np.s_[50:120, 60:160])), "JPEG", quality=90)
    with pytest.raises(BadInput, match="holds the colour #.* more that no part has"):
        KIND.check(file, "labels")


@pytest.mark.parametrize("source", ["sample:astronaut", "sample:lake"])
def test_a_photograph_is_offered_to_be_parsed(source):
    photograph = Subject.read(source).pixels
    with pytest.raises(BadInput) as refusal:
        KIND.check(photograph, "labels")
    assert str(refusal.value) == (
        "labels: is a photograph or a painting, not a map of labels. "
        "Make its labels first: “From the picture” on the page, or “facet tones”."
    )
    with pytest.raises(BadInput, match="not a map of labels. Its colours are background #3a3e46"):
        ALONE.check(photograph, "labels")


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (np.zeros((48, 40), np.uint8), "shows background alone: nothing is painted in it. Paint skin first."),
        (np.ones((48, 40), np.uint8), "has no skin. Paint it: nothing can be made without."),
        (np.full((48, 40), 4, np.uint8), "holds the number 4, which is no part. Parts are 0 to 3."),
        (np.full((48, 40), -1), "holds the number -1, which is no part. Parts are 0 to 3."),
        (np.ones((4, 4), np.uint8), "is only 4 × 4 pixels. Each side must be at least 16 pixels."),
        (np.zeros((0, 40), np.uint8), "must be a label map"),
        (7, "must be a label map"),
        ("", "must be a label map"),
        ("no such file.png", "no such file"),
        ("png:!!!", "is not the base64 of a PNG."),
        ("png:AAAA", "is not a picture that can be read"),
        ({"png": "map.png"}, "is not recorded as a label map. Choose the file that Facet saved."),
        (LabelMap(np.ones((48, 40), np.uint8), SKETCH.palette), "has another palette than this editor's."),
    ],
)
def test_bad_values_get_one_sentence(value, sentence):
    with pytest.raises(BadInput) as refusal:
        KIND.check(value, "labels")
    assert str(refusal.value).startswith(f"labels: {sentence}")


def test_a_recipe_that_was_tampered_with(exact):
    told = KIND.record(exact) | {"sha256": "0" * 64}
    with pytest.raises(BadInput, match="labels: is not the label map that its sha256 says"):
        KIND.check(told, "labels")
    with pytest.raises(BadInput, match="is not recorded as a label map"):
        KIND.recorded("/etc/passwd", "labels")


def test_what_it_says_of_itself(exact):
    row = KIND.describe()
    assert row["palette"][2] == {"name": "skin", "colour": "#dea07c"}
    assert (row["parsed_by"], row["on"], row["needs"]) == ("tones", "subject", ["skin"])
    assert "skin #dea07c" in KIND.limits()
    assert "“tones” makes one of a picture" in KIND.limits()
    assert (KIND.takes(), SKETCH.takes()) == ("a label map of 4 parts", "a drawing: line on paper")
    assert len(KIND.record(exact)["png"]) < 4000


# ---- with an editor, on the command line ---------------------------------------------------------------------------


@pytest.fixture
def repaint(facet_home):
    shutil.copy(PLUGINS / "repaint" / "repaint.py", facet_home / "editors")
    return load_registry()


def test_editors_with_label_maps_conform(repaint):
    for name in ("tones", "repaint", "inked"):
        found = list(check_editor(repaint.get(name)))
        assert [finding.problem or finding.lacks for finding in found if finding.problem or finding.lacks] == []


def test_what_the_handler_gets(repaint):
    picture = small_picture(64, 48)
    labels = np.zeros((24, 32), np.uint8)
    labels[6:18, 8:24] = 2
    result = finish(repaint.get("repaint"), {"subject": picture, "labels": labels})
    means = [picture[8:20, 30:34], result.subject.pixels[14, 31]]
    assert result.metrics == pytest.approx({"background": 0.75, "skin": 0.25})
    inside = result.subject.pixels[12:36, 16:48].reshape(-1, 3)
    assert (inside == inside[0]).all()
    assert np.abs(inside[0] - picture[12:36, 16:48].mean((0, 1))).max() <= 0.5, means


def test_on_the_command_line_and_back(repaint, cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(small_picture(64, 48)).save("picture.png")
    assert cli("tones", "--subject", "picture.png", "-o", "map.png").code == 0
    given = ("repaint", "--subject", "picture.png", "-o", "out.png")
    ran = cli(*given, "--labels", "map.png", "--json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)["recipe"]["inputs"]["labels"]
    assert (set(told), told["width"]) == ({"sha256", "width", "height", "png"}, 64)
    ran = cli("replay", "out.png", "--subject", "picture.png", "-o", "again.png", "--json")
    assert json.loads(ran.out)["identical"] is True
    ran = cli(*given, "--labels", "picture.png")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert ran.err.startswith("facet: labels: is a photograph or a painting")
    help_text = cli("repaint", "--help").out
    assert "facet tones --subject face.png -o labels.png" in help_text
    assert "--labels labels.png" in help_text
    assert "a label map of 4 parts" in cli("docs").out
    rows = {row["name"]: row for row in repaint.get("repaint").describe()["inputs"]}
    assert rows["labels"]["palette"][0] == {"name": "background", "colour": "#3a3e46"}


def test_a_map_too_large_for_a_recipe_is_refused_before_any_work(repaint):
    noise = np.random.default_rng(0).integers(0, 4, (2600, 2600)).astype(np.uint8)
    with pytest.raises(BadInput, match="labels: would take .* MB of the picture's recipe"):
        finish(repaint.get("repaint"), {"subject": np.zeros((64, 64, 3), np.uint8), "labels": noise})


def test_a_thin_stroke_of_a_drawing_survives_the_smoothing_of_a_smaller_picture():
    sketch = Palette(("paper", "line"), ((255, 255, 255), (20, 20, 20)))
    large = np.full((256, 256, 3), 255, np.uint8)
    large[100, 50:200] = 20  # one pixel
    small = np.asarray(Image.fromarray(large).resize((150, 150), Image.Resampling.LANCZOS))
    assert small.min() > 80  # grey all over
    line = LabelMap.from_picture(small, sketch).mask("line")
    assert line.any(0).sum() >= 80
    assert line.any(1).sum() <= 2
