"""Metrics: each agrees with its definition, moves the right way, and copes with any two pictures."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from facet import Subject
from metrics import METRICS, Metric, measure, metric

PLAIN = [
    name for name, entry in METRICS.items() if not entry.net and not {"labels", "mask", "further"} & {*entry.needs}
]
"""Metrics that judge without a network; tests/metrics/test_puppet_metrics.py has the others."""

OF_ONE = ("colour_richness",)
"""Metrics that look at the result alone."""


def picture(seed: int, size: tuple[int, int] = (60, 80)) -> np.ndarray:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: size[0], : size[1]] / max(size)
    waves = np.stack([np.sin(9 * x + seed), np.cos(7 * y), np.sin(8 * (x + y))], -1)
    return (127 + 90 * waves + rng.normal(0, 4, waves.shape)).clip(0, 255).astype(np.uint8)


def noisy(pixels: np.ndarray, deviation: float) -> np.ndarray:
    grain = np.random.default_rng(5).normal(0, deviation, pixels.shape)
    return (pixels + grain).clip(0, 255).astype(np.uint8)


def value(name: str, result: np.ndarray, other: np.ndarray) -> float:
    return METRICS[name](**{METRICS[name].needs[0]: result, METRICS[name].needs[1]: other})


@pytest.mark.parametrize("name", [name for name in PLAIN if name not in OF_ONE])
def test_equal_pictures_are_the_best_there_is(name: str) -> None:
    a = picture(1)
    best = value(name, a, a)
    perfect = {"ssim": 1, "psnr": 100, "edge_f1": 1, "sharpness": 1, "untouched": 100, "seam": 1}
    assert best == pytest.approx(perfect.get(name, 0), abs=1e-6)
    worse = value(name, noisy(picture(2), 25), a)
    if name == "seam":  # what is another picture all over has no border
        assert worse == 1
        return
    assert worse < best if METRICS[name].better == "higher" else worse > best


@pytest.mark.parametrize("name", ["ssim", "psnr", "mad", "edge_f1"])
def test_more_noise_is_worse(name: str) -> None:
    a = picture(1)
    values = [value(name, noisy(a, deviation), a) for deviation in (5, 20, 60)]
    assert values == sorted(values, reverse=METRICS[name].better == "higher")
    assert len(set(values)) == 3


def test_ssim_and_psnr_agree_with_scikit_image() -> None:
    reference = pytest.importorskip("skimage.metrics")
    grey = pytest.importorskip("skimage.color").rgb2gray
    a, b = picture(1), noisy(picture(1), 15)
    assert value("ssim", b, a) == pytest.approx(
        reference.structural_similarity(grey(a), grey(b), data_range=1.0), abs=1e-5
    )
    assert value("psnr", b, a) == pytest.approx(reference.peak_signal_noise_ratio(a, b), abs=1e-3)


def test_lab_agrees_with_scikit_image() -> None:
    convert = pytest.importorskip("skimage.color").rgb2lab
    from metrics.colour import lab
    from metrics.pictures import rgb

    a = picture(3)
    ours = lab(rgb(a))[0].permute(1, 2, 0).numpy()
    assert np.abs(ours - convert(a)).max() < 0.05


def test_colour_distance_of_a_shift_is_its_length() -> None:
    dark, light = (np.full((20, 20, 3), level, np.uint8) for level in (50, 200))
    from metrics.colour import lab
    from metrics.pictures import rgb

    move = (lab(rgb(light)) - lab(rgb(dark))).mean((2, 3)).norm().item()
    assert value("colour_distance", light, dark) == pytest.approx(move, rel=0.12)


def test_colour_distance_does_not_see_places() -> None:
    a = picture(1)
    assert value("colour_distance", a[::-1, ::-1].copy(), a) < 0.05


def test_a_blur_is_not_sharp_and_a_corner_is_a_share() -> None:
    a = picture(1)
    soft = np.asarray(Image.fromarray(a).filter(ImageFilter.GaussianBlur(2)))
    assert value("sharpness", soft, a) < 0.7 < value("sharpness", a, a) == 1
    corner = a.copy()
    corner[: a.shape[0] // 2, : a.shape[1] // 2] += 1
    whole = (a.shape[0] // 2) * (a.shape[1] // 2) / (a.shape[0] * a.shape[1])
    assert value("untouched", corner, a) == pytest.approx(100 * (1 - whole))
    assert value("untouched", a[:-1], a) == 0


def test_a_hard_border_is_a_seam_and_a_soft_one_is_none():
    photo = picture(seed=3)
    height, width = photo.shape[:2]
    at = np.hypot(*np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height)))
    hard, soft = photo.astype(float), photo.astype(float)
    hard[at < 0.5] += 60
    soft += 60 * np.clip((0.9 - at) / 0.8, 0, 1)[..., None] ** 2
    patches = [np.clip(each, 0, 255).round().astype(np.uint8) for each in (hard, soft)]
    found = [value("seam", patch, photo) for patch in patches]
    assert found[0] > 1.15
    assert found[1] < found[0] - 0.1
    assert value("seam", photo[:-1], photo) == 1


def test_specks_are_single_pixels_of_colour() -> None:
    clean = Subject.read("sample:fields").pixels
    specked = clean.copy()
    spots = np.random.default_rng(0).random(clean.shape[:2]) < 0.05
    specked[spots] = [255, 0, 200]
    assert value("chroma_speckle", specked, clean) > 2
    assert value("chroma_speckle", clean, specked) == 0


@pytest.mark.parametrize("name", ["style_gabor", "style_random"])
def test_a_piece_of_a_style_is_nearer_than_another_style(name: str) -> None:
    styles = {key: Subject.read(f"sample:{key}").pixels for key in ("mosaic", "tartan", "knife", "woodcut")}
    for key, pixels in styles.items():
        half = np.ascontiguousarray(pixels[:, ::-1])
        distances = {other: value(name, half, against) for other, against in styles.items()}
        assert min(distances, key=distances.get) == key


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize(("one", "two"), [((1, 1), (5, 9)), ((3, 40), (40, 3)), ((17, 23), (64, 31))])
def test_any_two_sizes_give_a_finite_number(name: str, one: tuple[int, int], two: tuple[int, int]) -> None:
    assert np.isfinite(value(name, picture(1, one), picture(2, two)))
    flat = np.zeros((*one, 3), np.uint8)
    assert np.isfinite(value(name, flat, picture(2, two)))
    assert np.isfinite(value(name, picture(2, two), flat))


def test_measure_takes_what_is_there() -> None:
    a, b = picture(1), picture(2)
    everything = measure({"result": a, "subject": b, "style": b})
    assert list(everything) == PLAIN
    kept = measure({"result": a, "subject": b})
    assert set(kept) == {name for name in PLAIN if METRICS[name].needs[1] == "subject"}


def test_homes_and_directions_are_declared() -> None:
    assert METRICS["style_gabor"].home_of == ("neural_style",)
    assert METRICS["style_random"].home_of == ()
    for entry in METRICS.values():
        assert isinstance(entry, Metric)
        assert entry.better in ("lower", "higher")
        assert entry.doc.endswith(".")
        assert entry.needs[0] == "result"


def test_wrong_pictures_and_a_second_metric_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="uint8"):
        METRICS["ssim"](result=picture(1) / 255, subject=picture(1))
    with pytest.raises(ValueError, match="uint8"):
        METRICS["ssim"](result=picture(1)[..., 0], subject=picture(1))
    with pytest.raises(ValueError, match="two metrics"):
        metric("ssim", "Again", better="higher", needs=("result", "subject"))(lambda a, b: 0.0)
