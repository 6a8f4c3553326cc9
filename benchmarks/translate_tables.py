"""The tables that `benchmarks.translate` prints, each of the parts that were measured."""

from __future__ import annotations

from typing import Any

from benchmarks.tables import table

Rows = dict[str, list[float | None]]
SEEN = ("iou", "same", "psnr", "perceptual")


def show(found: dict[str, Any]) -> None:
    """The tables."""
    rows: Rows = {}
    if best := found.get("parser"):
        rows["true renders (the parser's own score)"] = [best["iou"], best["same"], None, None]
        drawn = [best["generator_psnr"], best["generator_perceptual"]]
        rows["the generator, of the controls"] = [best["generator_iou"], None, *drawn]
    for name in ("labels", "lines"):
        for title, kind in (("", "at one look"), ("mended_", "two rounds from a seed")):
            if one := found.get(name):
                rows[f"{name}, {kind}"] = [one[f"{title}{key}"] for key in SEEN]
    if one := found.get("polished"):
        rows[f"labels, two rounds and Polish ({one['seconds']:.1f} s)"] = [one[key] for key in SEEN]
    if one := found.get("direct"):
        print(f"four colourings, directly: {one['colourings']:.2f} apart\n")
        rows[f"labels, directly ({one['ms']:.0f} ms)"] = [one[key] for key in SEEN]
    _print(f"{found['renders']} renders", ["mIoU parsed again", "same cells", "PSNR, dB", "perceptual"], rows)
    show_unpaired(found.get("unpaired", {}))
    if doubled := found.get("enlarging"):
        rows = {name: list(one.values()) for name, one in doubled["ways"].items()}
        _print(f"halved photographs, doubled ({doubled['ms']:.0f} ms)", ["PSNR of lightness, dB", "perceptual"], rows)
    direct = found.get("direct", {}).get("edits", {})
    changes = {key: found.get(key, {}) for key in ("edits", "edits_polished")} | {"edits, directly": direct}
    for key, edited in changes.items():
        rows = {name: list(row.values()) for name, row in edited.items()}
        _print(key, ["reached", "change inside", "change outside"], rows)
    for name in ("diversity", "colours", "milliseconds"):
        _print(name, [""], {key: [value] for key, value in found.get(name, {}).items()})


def show_unpaired(found: dict[str, dict[str, float]]) -> None:
    """One table for each way."""
    names = ["structure", "colour", "perceptual", "iou"]
    for way in ("ink", "portrait"):
        _print(f"to {way}", names, {method: [row.get(f"{way}_{n}") for n in names] for method, row in found.items()})


def _print(title: str, columns: list[str], rows: Rows) -> None:
    if rows:
        print(table(title, columns, rows), end="\n\n")
