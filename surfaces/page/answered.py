"""What an endpoint answers: the picture, its recipe, what was measured and what else came of the run, and the film.

Files in an answer are Gradio's file objects (`path`, `url`, `meta`): its clients fetch them and put local paths there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gradio.data_classes import FileData

from registry import artifacts
from registry.artifacts import Kept
from registry.plugins import Result
from registry.saved import beside, delta_beside
from surfaces.page.saved import save, save_copy, save_film, served


def answer(result: Result) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Picture, recipe, and what was measured; further results of the run stand in the last."""
    picture = save(result.subject)
    return str(picture), dict(result.recipe), _measured(result) | _left(result, picture)


def film(result: Result) -> str | None:
    """The film's file, if there is one."""
    return str(save_film(result.film, result.subject)) if result.film else None


def _measured(result: Result) -> dict[str, Any]:
    return {
        "seconds": round(result.seconds, 3),
        "peak_memory_bytes": result.peak_memory_bytes,
        "stopped": result.stopped,
        **({"stood_in": result.stood_in} if result.stood_in else {}),
        **result.metrics,
    }


def _left(result: Result, picture: Path) -> dict[str, Any]:
    """What there is besides the picture; each only where the run has it. A mask is a further picture, too."""
    found: dict[str, Any] = {}
    if result.further:
        found["further"] = [
            {"name": name, "file": _file(save(subject)), "recipe": dict(subject.lineage[-1])}
            for name, subject in result.further.items()
        ]
    if result.artifacts:
        found["artifacts"] = [each.describe() | {"file": _file(_exported(each))} for each in result.artifacts]
    if delta := delta_beside(result.subject):
        found["delta"] = _file(served(delta, beside(picture).name))
    if result.text:
        found["text"] = result.text
    return found


def _exported(kept: Kept) -> Path:
    """The artifact as “facet yours export” writes it, where it can be fetched."""
    return save_copy(kept.path, kept.sha256, artifacts.file_name(kept))


def _file(path: Path) -> dict[str, Any]:
    return FileData(path=str(path), orig_name=path.name, size=path.stat().st_size).model_dump()
