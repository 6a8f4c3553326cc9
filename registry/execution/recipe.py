"""The recipe of a finished run: the JSON from which it can be made again."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from typing import Any

from registry.execution.job import Job, Outcome
from registry.execution.recipe_size import fitting
from registry.plugins import EditorSpec
from registry.saved import FORMAT
from registry.subjects import pixels_sha256


def make_recipe(spec: EditorSpec, job: Job, outcome: Outcome) -> dict[str, Any]:
    """The recipe of a finished run."""
    import torch

    optional: dict[str, Any] = {"film": outcome.film.record()} if outcome.film else {}
    optional |= {"facts": fitting(outcome.facts)} if outcome.facts else {}
    if outcome.artifacts:
        optional["artifacts"] = [
            {"kind": row.kind, "name": row.name, "sha256": row.sha256} for row in outcome.artifacts
        ]
    if outcome.text:
        optional["text"] = outcome.text
    return {
        "facet": FORMAT,
        "editor": spec.id,
        "version": spec.version,
        "plugin": spec.plugin,
        "inputs": spec.record(job.values),
        "seed": job.seed,
        "weights": [dict(row) for row in outcome.weights],
        "device": job.device,
        "dtype": "float32",
        "threads": job.threads,
        "steps": outcome.steps,
        "stopped": outcome.stopped,
        "result": pixels_sha256(outcome.pixels, outcome.alpha),
        **optional,
        "software": {"facet": installed_version(), "torch": torch.__version__, "machine": platform.machine()},
    }


def further_recipe(
    spec: EditorSpec, job: Job, outcome: Outcome, recipe: Mapping[str, Any], name: str
) -> dict[str, Any]:
    """The recipe of a further picture: of its own inputs where it has any, else the result's with its name."""
    result, variant = pixels_sha256(outcome.images[name]), outcome.variants.get(name)
    if variant is None or not variant.inputs:
        return {**recipe, "further": name, "result": result}
    values = {**job.values, **variant.inputs}
    seed = int(values.get(spec.seed_input) or 0)
    own = {key: value for key, value in recipe.items() if key not in ("film", "facts", "artifacts", "text")}
    return {**own, "inputs": spec.record(values), "seed": seed, "steps": 1, "stopped": False, "result": result}


@cache
def installed_version() -> str:
    """Facet's version, or ``"uninstalled"``."""
    try:
        return metadata.version("facet-editors")
    except metadata.PackageNotFoundError:  # a Space runs app.py without installing the distribution
        return "uninstalled"
