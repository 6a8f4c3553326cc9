"""Films through the registry: formats, colours, progress, stop, replay, limits, and a machine without PyAV."""

import hashlib
import io
import json
import sys
from typing import Annotated

import numpy as np
import pytest
from PIL import Image

from facet import BadInput, EditorError, Step, Subject, editor
from facet.app import Preview, Registry, Result, Stop, finish, replay, run
from registry.errors import EditorFailed
from registry.execution import shoot as shooting
from registry.film.declare import FORMATS, Film
from registry.inputs.films import FilmFormat
from registry.saved.lineage import film_bytes, read_lineage
from tests.film.conftest import PICTURE, filming, frame

EVERY = list(FORMATS)
VIDEO = [name for name, row in FORMATS.items() if row.needs_av]


def made(**values):
    return finish(filming, {"subject": PICTURE, **values}, threads=1)


@pytest.mark.parametrize("format", EVERY)
def test_frames_come_back_out_of_the_film(format, decoded):
    result = made(format=format)
    film = result.film
    pixels, seconds = decoded(film.content, format)
    even = format in VIDEO
    assert len(pixels) == film.frames == 8
    assert pixels[0].shape == ((34, 42, 3) if even else (33, 41, 3)) == (film.height, film.width, 3)
    for index, seen in enumerate(pixels):
        difference = np.abs(seen[:33, :41].astype(int) - frame(index))
        assert difference.mean() < 6, f"frame {index}"
    assert np.nansum(seconds) == pytest.approx((8 - even) / 12, abs=0.005)
    assert (film.media_type, film.extension, film.seconds) == (FORMATS[format].media_type, f".{format}", 8 / 12)


@pytest.mark.parametrize("format", EVERY)
def test_a_colour_stays_the_colour_it_was(format, decoded):
    pixels, _ = decoded(made(format=format).film.content, format)
    assert np.abs(pixels[3][2:9, 2:9].astype(int) - (200, 90, 40)).mean() < 5


def test_an_odd_edge_is_repeated_not_black(decoded):
    pixels, _ = decoded(made().film.content, "mp4")
    assert np.abs(pixels[0][33].astype(int) - pixels[0][32]).mean() < 8


def test_mp4_starts_playing_before_it_is_whole_and_names_its_colours():
    av = pytest.importorskip("av")
    content = made().film.content
    assert 0 < content.find(b"moov") < content.find(b"mdat")
    with av.open(io.BytesIO(content)) as container:
        context = container.streams.video[0].codec_context
        assert (context.name, context.pix_fmt, int(context.colorspace), int(context.color_primaries)) == (
            "h264",
            "yuv420p",
            1,
            1,
        )


@pytest.mark.parametrize("format", EVERY)
def test_the_same_film_again(format):
    first = made(format=format)
    again = replay(Registry(editors={"filming": filming}), first.subject.lineage, {"subject": Subject.read(PICTURE)})
    assert again.film.content == first.film.content
    assert dict(again.recipe) == dict(first.recipe)
    assert first.recipe["film"] == {
        "format": format,
        "frames": 8,
        "fps": 12.0,
        "width": first.film.width,
        "height": first.film.height,
        "sha256": hashlib.sha256(first.film.content).hexdigest(),
    }


@pytest.mark.parametrize("format", EVERY)
def test_a_film_carries_its_recipe_and_its_mark(format, decoded, tmp_path):
    result = made(format=format)
    whole = film_bytes(result.film, result.subject.lineage)
    (tmp_path / "a").write_bytes(whole)
    assert read_lineage(tmp_path / "a") == [json.loads(json.dumps(result.recipe))]
    assert b"digitalsourcetype/algorithmicallyEnhanced" in whole
    marked, plain = decoded(whole, format), decoded(result.film.content, format)
    assert len(marked[0]) == len(plain[0])
    assert all(np.array_equal(one, other) for one, other in zip(marked[0], plain[0], strict=True))


def test_a_film_of_somebody_else_holds_no_recipe(tmp_path):
    (tmp_path / "a.mp4").write_bytes(made().film.content)
    with pytest.raises(BadInput, match="holds no recipe"):
        read_lineage(tmp_path / "a.mp4")


@pytest.mark.parametrize(("format", "place"), [("webp", b"XMP "), ("gif", b"XMP DataXMP"), ("mp4", b"uuid\xbe\x7a")])
def test_the_mark_lies_where_readers_of_xmp_look(format, place):
    result = made(format=format)
    whole = film_bytes(result.film, result.subject.lineage)
    start = whole.rfind(place)
    assert 0 < start < whole.find(b"<?xpacket begin") < start + 40
    if format == "webp":
        with Image.open(io.BytesIO(whole)) as image:
            assert b"facet:lineage" in image.info["xmp"]


def test_webm_lists_the_mark_among_its_tags():
    av = pytest.importorskip("av")
    result = made(format="webm")
    whole = film_bytes(result.film, result.subject.lineage)
    with av.open(io.BytesIO(whole)) as container:
        assert "facet:lineage" in container.metadata.get("XMP", "")


def test_progress_goes_from_the_step_to_one_and_shows_frames():
    *previews, result = run(filming, {"subject": PICTURE, "frames": 6})
    shares = [event.done for event in previews]
    assert all(isinstance(event, Preview) for event in previews)
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.25, 1.0)
    assert previews[1].jpeg.startswith(b"\xff\xd8")
    assert previews[1].note == "frame 1 of 6"
    assert previews[-1].note == "film of 6 frames, 0.5 s"
    assert isinstance(result, Result)
    assert not result.stopped


def stopped_after(frames, **values):
    """Stop once that many frames were asked for."""
    stop, asked = Stop(), []

    @editor("stopping", "Stopping", task="animate", gpu_seconds=0)
    def stopping(ctx, *, format: "Annotated[str, FilmFormat()]" = "mp4"):
        """Press stop while the film is made."""

        def drawn():
            for index in range(500):
                asked.append(index)
                if index == frames:
                    stop.set()
                ctx.check_stop()
                yield frame(index)

        yield Step(frame(0), 0.0, film=Film(drawn(), 10, format, 500))

    return stopping, finish(stopping, values, stop=stop, threads=1), asked


@pytest.mark.parametrize("format", EVERY)
def test_stop_keeps_a_valid_shorter_film_and_replay_ends_there_too(format, decoded):
    spec, result, asked = stopped_after(7, format=format)
    assert result.stopped
    assert result.film.frames == 7
    assert len(asked) == 8
    assert len(decoded(result.film.content, format)[0]) == 7
    again = replay(Registry(editors={"stopping": spec}), result.subject.lineage)
    assert again.film.content == result.film.content
    assert again.stopped


def test_stop_before_the_first_frame_keeps_the_still_and_no_film():
    spec, result, _ = stopped_after(0)
    assert result.film is None
    assert result.stopped
    assert "film" not in result.recipe
    assert replay(Registry(editors={"stopping": spec}), result.subject.lineage).film is None


def test_a_film_ends_at_the_size_limit_and_says_so(monkeypatch, decoded):
    monkeypatch.setattr(shooting, "MOST_BYTES", 3000)
    result = made(format="webp", frames=400)
    assert 1 < result.film.frames < 20
    assert "ends where it reached" in result.film.note
    assert result.stopped
    assert len(decoded(result.film.content, "webp")[0]) == result.film.frames


@pytest.mark.parametrize(
    ("frames", "said"), [(0, "1 to 3600 frames, not 0"), (100_000, "1 to 3600 frames, not 100000")]
)
def test_a_film_of_no_or_too_many_frames_is_refused(frames, said):
    with pytest.raises(EditorError, match=said):
        made(frames=frames)


def test_a_gif_too_large_to_be_kept_is_refused_before_it_is_made(monkeypatch):
    monkeypatch.setattr("registry.film.animated.MOST_GIF_PIXELS", 10 * 41 * 33)
    with pytest.raises(EditorError, match="A GIF of 41 × 33 has at most 10 frames, not 11. Choose mp4 or webp"):
        made(format="gif", frames=11)


def test_without_pyav_gif_and_webp_work_and_the_others_say_what_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    assert made(format="gif", frames=3).film.frames == 3
    assert made(format="webp", frames=3).film.frames == 3
    with pytest.raises(BadInput, match=r"format: mp4 needs the package “av”, which is not installed\. Install it"):
        run(filming, {"subject": PICTURE, "format": "mp4"})


def film_of(frames, **how):
    @editor("odd", "Odd", task="animate", gpu_seconds=0)
    def odd(ctx):
        """Hand out whatever the test says."""
        yield Step(frame(0), 0.0, film=Film(frames, **how))

    return finish(odd, {})


def test_frames_of_two_sizes_and_no_frames_are_the_editors_fault():
    with pytest.raises(EditorFailed, match="of one size, not 41 × 33 and 40 × 33"):
        film_of([frame(0), frame(1)[:, :40]])
    with pytest.raises(EditorFailed, match="no frames"):
        film_of(iter([]))
    with pytest.raises(EditorFailed, match="must be one of mp4"):
        film_of([frame(0)], format="avi")
    with pytest.raises(EditorFailed, match="more than 0"):
        film_of([frame(0)], fps=0)


def test_frames_may_be_of_unknown_number_or_a_list(decoded):
    assert film_of(iter([frame(0)] * 5)).film.frames == 5
    assert film_of([frame(0)] * 4, format="gif").film.frames == 4
    assert film_of([frame(0)] * 9, count=3).film.frames == 3


def test_an_optional_format_offers_no_film():
    kind = FilmFormat(optional=True)
    assert next(iter(kind.labels)) == "none"
    assert kind.check("none", "format") == "none"
    kind.check_ready("none", "format")
    with pytest.raises(BadInput, match="must be one of none, mp4, webm, gif, webp"):
        kind.check("avi", "format")


def test_a_gif_keeps_the_colours_of_small_things(decoded):
    """Lips take a hundredth of a portrait: they must not get the skin's colour."""
    portrait = np.full((64, 64, 3), (205, 150, 120), np.uint8)
    portrait[:20] += (np.mgrid[:20, :64][1] // 2)[..., None].astype(np.uint8)  # a gradient that asks for many colours
    portrait[40:46, 28:36] = (190, 80, 95)
    pixels, _ = decoded(film_of([portrait] * 3, format="gif").film.content, "gif")
    assert np.abs(pixels[0][41:45, 29:35].astype(int) - (190, 80, 95)).max() <= 5
    assert np.abs(pixels[0].astype(int) - portrait).mean() < 2.5
