"""What the page says about how a picture was made. Gradio-free."""

from __future__ import annotations

from collections.abc import Mapping

from registry.plugins import Result
from surfaces.page.films import film_facts


def facts_of(result: Result) -> dict[str, str]:
    """Time, memory and the editor's own numbers, as text."""
    facts = {"time": f"{result.seconds:.2f} s" if result.seconds < 10 else f"{result.seconds:.0f} s"}
    if result.stopped:
        facts["stopped"] = "the best so far"
    if result.text:
        facts["says"] = result.text
    if result.artifacts:
        facts["kept"] = ", ".join(f"“{each.name}”" for each in result.artifacts) + " (see Yours)"
    facts |= film_facts(result.film)
    facts |= {name.replace("_", " "): number(value) for name, value in result.metrics.items()}
    facts |= {name: text for name, text in result.recipe.get("facts", {}).items() if isinstance(text, str)}
    for row in result.recipe.get("weights", ()):
        line = " · ".join(filter(None, (row["title"], row["licence"], row.get("attribution"))))
        facts["weights"] = f"{facts['weights']}; {line}" if "weights" in facts else line
        if "left_out" in row:
            facts["not read"] = "; ".join(text.removeprefix("left out ") for text in row["left_out"][:4])
        if "notice" in row:
            facts["notice"] = row["notice"]
    seed = result.recipe.get("seed")
    if isinstance(result.recipe.get("inputs"), Mapping) and "seed" in result.recipe["inputs"]:
        facts["seed"] = str(seed)
    return facts


def number(value: float) -> str:
    """Four significant digits."""
    return f"{value:.4g}"
