"""Recipes: the JSON from which an edit can be made again, kept inside every saved PNG.

A recipe holds no path and no pixels: a picture is named by the sha256 of its pixels, or by its id if it is one of the
bundled samples. The lineage of a picture is the list of its recipes, oldest first.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, unescape

from PIL.PngImagePlugin import PngInfo

from registry.errors import BadInput
from registry.film import MOST_BYTES, MOST_FRAMES, FilmFile, is_film, packet_in, with_packet
from registry.paths import existing_file
from registry.saved.png_payload import chunks_of, read_carried
from registry.subjects import Alpha, Layers, Pixels, Subject, is_png, text_of, with_alpha

FORMAT = 1
KEY = "facet"
_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_MOST_BYTES = 4_000_000
_SOURCES = "Choose a PNG or a film that Facet saved, or a recipe's JSON."


def digital_source_type(lineage: Sequence[Mapping[str, Any]]) -> str:
    """The IPTC term for what was done: trained weights or not, from a picture or from nothing."""
    if not lineage:
        return ""
    from_picture = "subject" in lineage[0].get("inputs", {})
    if not any(recipe.get("weights") for recipe in lineage):
        return _IPTC + ("algorithmicallyEnhanced" if from_picture else "algorithmicMedia")
    return _IPTC + ("compositeWithTrainedAlgorithmicMedia" if from_picture else "trainedAlgorithmicMedia")


def source_mark(lineage: Sequence[Mapping[str, Any]], inner: str = "") -> str:
    """XMP that says how a picture was made (IPTC DigitalSourceType), around `inner`; empty for one that is as taken."""
    if not lineage:
        return ""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        f'xmlns:facet="urn:facet:{FORMAT}" Iptc4xmpExt:DigitalSourceType="{digital_source_type(lineage)}">{inner}'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def png_bytes(
    pixels: Pixels,
    lineage: Sequence[Mapping[str, Any]],
    chunks: Sequence[tuple[bytes, bytes]] = (),
    alpha: Alpha | None = None,
) -> bytes:
    """A PNG with the lineage in a text chunk, the IPTC DigitalSourceType mark in its XMP, and further chunks.

    `alpha` is the coverage, uint8 [h, w], if it has any.
    """
    info = PngInfo()
    if lineage:
        info.add_itxt(KEY, _lineage_json(lineage), zip=True)
        info.add_itxt("XML:com.adobe.xmp", source_mark(lineage))
    for name, content in chunks:
        info.add(name, content)
    buffer = io.BytesIO()
    with_alpha(pixels, alpha).save(buffer, "PNG", pnginfo=info, compress_level=4)
    return buffer.getvalue()


def film_bytes(film: FilmFile, lineage: Sequence[Mapping[str, Any]]) -> bytes:
    """The film with the lineage and the IPTC DigitalSourceType mark in its XMP."""
    if not lineage:
        return film.content
    xmp = source_mark(lineage, f"<facet:lineage>{escape(_lineage_json(lineage))}</facet:lineage>")
    return with_packet(film.content, film.format, xmp)


def subject_png(subject: Subject) -> bytes:
    """A PNG with all there is to a subject: lineage, latent, and the delta of its generator unless that is large."""
    return png_bytes(subject.pixels, subject.lineage, chunks_of(subject), subject.alpha)


def read_lineage(path: str | Path, field: str = "file") -> list[dict[str, Any]]:
    """The lineage in a PNG or a film that Facet saved, or in a JSON file of one recipe or of a lineage.

    Raises:
        BadInput: there is no such file, it is too large, or it holds no recipe.
    """
    file = existing_file(path, field)
    with file.open("rb") as stream:
        head = stream.read(16)
    if is_png(head):
        text = _png_text(file, field)
    elif is_film(head):
        text = _film_text(file)
    else:
        text = file.read_text(encoding="utf-8", errors="replace") if file.stat().st_size <= _MOST_BYTES else ""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise BadInput(field, "holds no recipe", _SOURCES) from None
    return as_lineage(found, field)


def subject_with_lineage(path: str | Path, field: str = "subject", layers: Layers | None = None) -> Subject:
    """A picture, with its lineage and its latent if it is a PNG that Facet saved and nobody has changed since.

    `layers`: what the file shows, where that was decoded already.
    """
    plain = Subject.read(str(path), field) if layers is None else Subject.of(layers)
    latent, generator = read_carried(Path(path), plain.sha256) or (None, None)
    try:
        lineage = tuple(read_lineage(path, field))
    except BadInput:
        lineage = ()
    if lineage and lineage[-1].get("result") != plain.sha256:  # another program kept our text and changed the pixels
        lineage = ()
    return replace(plain, latent=latent, generator=generator, lineage=lineage)


def _png_text(file: Path, field: str) -> str:
    try:
        with file.open("rb") as stream:
            return text_of(stream, KEY, _MOST_BYTES)
    except (OSError, ValueError):
        raise BadInput(field, "is a damaged PNG", "Save or download it again.") from None


def _film_text(file: Path) -> str:
    content = file.read_bytes() if file.stat().st_size <= MOST_BYTES + _MOST_BYTES else b""
    found = re.search(r"<facet:lineage>([^<]*)</facet:lineage>", packet_in(content))
    return unescape(found.group(1)) if found and len(found.group(1)) <= _MOST_BYTES else ""


def as_lineage(found: Any, field: str) -> list[dict[str, Any]]:
    """A lineage, from JSON of one or of a recipe. Raises BadInput if it is none, or not whole."""
    rows: Any = found.get("lineage", [found]) if isinstance(found, dict) else found
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) and "editor" in row for row in rows):
        raise BadInput(field, "holds no recipe", _SOURCES)
    if any(row.get("facet") != FORMAT for row in rows):
        raise BadInput(field, "holds a recipe of another version of Facet", f"This one reads format {FORMAT}.")
    if not all(map(_is_whole, rows)):
        raise BadInput(field, "holds a recipe that was changed or cut short", "Choose the file that Facet saved.")
    return list(rows)


def _is_whole(row: Mapping[str, Any]) -> bool:
    """Whether the parts that a replay relies on are there; inputs are judged by the editor itself."""
    sound = isinstance(row["editor"], str) and isinstance(row.get("inputs"), dict)
    film = row.get("film", {"frames": 1})
    counts = [row.get("threads"), row.get("steps"), film.get("frames") if isinstance(film, dict) else None]
    limits = (1024, 10**9, MOST_FRAMES)
    weights = row.get("weights", [])
    known = ("net", "repo", "file", "sha256")
    sound = sound and isinstance(weights, list) and all(_says(entry, known) for entry in weights)
    sound = sound and isinstance(row.get("further", ""), str)
    return sound and all(type(count) is int and 1 <= count <= most for count, most in zip(counts, limits, strict=True))


def _says(entry: Any, names: Sequence[str]) -> bool:
    """Whether an entry is an object that has a text under each of the names."""
    return isinstance(entry, dict) and all(isinstance(entry.get(name), str) for name in names)


def _lineage_json(lineage: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps({"facet": FORMAT, "lineage": list(lineage)}, separators=(",", ":"))
