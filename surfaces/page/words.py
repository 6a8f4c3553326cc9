"""What the page says: of a result, a film, a refusal, weights that are not here yet. Gradio-free."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from registry.errors import BadInput, EditorError, LicenceNeeded, StandIn
from registry.film import FilmFile
from registry.plugins import EditorSpec, Input, Result
from registry.weights import needs, size_text

NEAR = 2.5
"""Pixels from its target at which a point counts as arrived."""

UNITS: Mapping[str, str] = {"px": "px", "percent": "%", "db": "dB", "mb": "MB", "degrees": "°"}
"""Last word of a metric's name → what stands behind its number."""

VERBS = (
    *("is", "are", "was", "were", "has", "have", "had", "must", "needs", "need", "names", "name", "holds", "hold"),
    *("cannot", "may", "moves", "move", "makes", "make", "takes", "asks", "says", "lies", "lie", "belongs", "does"),
    *("do", "leaves", "adds", "means", "mean", "shows", "no", "gives", "comes", "uses", "fits", "would", "could"),
)
"""How a reason begins that goes on where the name of an input ends."""

_COMMAND = re.compile(r",? or (?:now )?by “facet [^”]*”")
_OPTION = re.compile(r" ?\(--[a-z-]+(?: [a-z_]+)?\)|(?<=\()--[a-z-]+: ")


def facts_of(result: Result) -> dict[str, str]:
    """Time, memory and the editor's own numbers, as text."""
    facts = {"time": f"{result.seconds:.2f} s" if result.seconds < 10 else f"{result.seconds:.0f} s"}
    if result.stopped:
        facts["stopped"] = "the best so far"
    if (left := result.metrics.get("distance_left_px", 0.0)) >= NEAR:
        facts["points"] = f"did not arrive: {left:.0f} px left"
    if result.text:
        facts["says"] = result.text
    if result.artifacts:
        facts["kept"] = ", ".join(f"“{each.name}”" for each in result.artifacts) + " (see Yours)"
    facts |= film_facts(result.film)
    facts |= dict(measured(name, value) for name, value in result.metrics.items())
    facts |= {name: text for name, text in result.recipe.get("facts", {}).items() if isinstance(text, str)}
    for row in result.recipe.get("weights", ()):
        line = " · ".join(filter(None, (row["title"], row["licence"], row.get("attribution"))))
        facts["weights"] = f"{facts['weights']}; {line}" if "weights" in facts else line
        if "left_out" in row:
            facts["not read"] = "; ".join(text.removeprefix("left out ") for text in row["left_out"][:4])
    if result.stood_in:
        facts["notice"] = " ".join(result.stood_in)
    seed = result.recipe.get("seed")
    if isinstance(result.recipe.get("inputs"), Mapping) and "seed" in result.recipe["inputs"]:
        facts["seed"] = str(seed)
    return facts


def number(value: float) -> str:
    """Four significant digits."""
    return f"{value:.4g}"


def measured(name: str, value: float) -> tuple[str, str]:
    """A metric in words: ``distance_left_px`` 9.07 is “distance left”, “9.07 px”."""
    words, _, last = name.rpartition("_")
    if words and last in UNITS:
        return words.replace("_", " "), f"{number(value)} {UNITS[last]}"
    return name.replace("_", " "), number(value)


def film_view(film: FilmFile | None, path: Path | None, title: str) -> dict[str, Any] | None:
    """A film for the stage, which lies at `path` for the browser to fetch; None where there is none."""
    if film is None or path is None:
        return None
    return {
        "path": path.as_posix(),
        "name": path.name,
        "media_type": film.media_type,
        "title": f"{title}, a film of {film.seconds:.1f} s",
        "label": f"Save {film.extension[1:].upper()} · {size_text(len(film.content))}",
    }


def film_facts(film: FilmFile | None) -> dict[str, str]:
    """How long it is, and why it is shorter than asked for."""
    if film is None:
        return {}
    return {"film": ", ".join(filter(None, (f"{film.frames} frames", f"{film.seconds:.1f} s", film.note)))}


def sentence(error: EditorError, entries: Iterable[Input] = ()) -> str:
    """A refusal in whole sentences: inputs are called as the page calls them, and nothing is to be typed."""
    if isinstance(error, LicenceNeeded):
        return f"{str(error).partition(' Accept the licence')[0]} The owner of this machine has to accept it first."
    if isinstance(error, StandIn):
        return f"{error.wanted} cannot be downloaded now: {error.why}."
    if not isinstance(error, BadInput):
        return plain(str(error))
    name, _, rest = error.field.partition(" ")  # “pairs 2” is the second of the input called pairs
    if (name, error.why) == ("subject", "is missing"):
        return "Choose a picture first: upload one, or take one of the samples."
    label = next((entry.label for entry in entries if entry.name == name), "")
    called = f"“{label}” {rest}".rstrip() if label else error.field.replace("_", " ").capitalize()
    called = "The picture" if name == "subject" else called
    joint = " " if error.why.partition(" ")[0] in VERBS else ": "
    return plain(f"{called}{joint}{error.why}." + (f" {error.fix}" if error.fix else ""))


def plain(text: str) -> str:
    """A sentence without options and commands of a terminal, where the page has buttons for the same."""
    return _OPTION.sub("", _COMMAND.sub("", text))


def origin_html(spec: EditorSpec) -> str:
    """Who brought an editor that is not Facet's own, with the home that its distribution names; empty for our own."""
    if spec.plugin in ("", "built-in"):
        return ""
    about, home = _distribution(spec.plugin.partition(" ")[0])
    link = f' · <a href="{html.escape(home)}" target="_blank" rel="noopener noreferrer">{html.escape(home)}</a>'
    told = html.escape(" · ".join(filter(None, (f"Add-on: {spec.plugin}", about))))
    return f'<p class="ft-doc ft-origin">{told}{link if home else ""}</p>'


def _distribution(name: str) -> tuple[str, str]:
    """What an installed distribution says of itself in a line, and where its home is; only addresses of the web."""
    try:
        told = metadata.metadata(name)
    except (metadata.PackageNotFoundError, ValueError):
        return "", ""
    rows = [told.get("Home-page") or "", *(row.partition(",")[2] for row in told.get_all("Project-URL") or ())]
    homes = (row.strip() for row in rows)
    return (told.get("Summary") or "")[:200], next(
        (row for row in homes if row.startswith(("https://", "http://"))), ""
    )


def needed_html(spec: EditorSpec) -> str:
    """One paragraph per net that has to be downloaded; empty where all is here. The run says the same if it cannot."""
    return "".join(f'<p class="ft-doc ft-needs">{html.escape(plain(text))}</p>' for text in needs(spec.nets))
