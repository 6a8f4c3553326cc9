"""Hostile pictures for `attack.py`: each alone, and the worst of them by many visitors at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from registry.decoding import shared_pool
from registry.errors import BadInput
from registry.subjects import MOST_PIXELS
from surfaces.page.keeping import LEDGER
from surfaces.page.session import Session
from tests.decoding.hostile_pictures import HOSTILE, LARGE, pages_tiff
from tests.registry.bad_pictures import refused_files

SESSIONS, CALLS = 16, 60


def cases(folder: Path, quick: bool) -> list[tuple[str, Callable[[], object]]]:
    """Every file as a subject and as a mask; then floods of the same file from one address."""
    files = {name: build for name, (build, _) in HOSTILE.items()} | {"pages": pages_tiff}
    found: list[tuple[str, Callable[[], object]]] = []
    for name, build in files.items():
        path = folder / name.replace(" ", "_")
        path.write_bytes(build())
        found.append((name, partial(_chosen, path, "flood")))
        if not quick:
            found.append((f"{name}, as a mask", partial(shared_pool().mask, str(path), "mask", ("flood", ""))))
    for name, (path, _) in refused_files(folder).items():
        found.append((name, partial(_chosen, path, "flood")))
    for name, build in LARGE.items():
        path = folder / f"large-{name}"
        path.write_bytes(build())
        found.append((f"{name} of {MOST_PIXELS // 10**6} megapixels", partial(_chosen, path, "flood")))
    flat, scans = folder / "large-flat.webp", folder / "a_thousand_scans"
    sessions = 3 if quick else SESSIONS
    found.append((f"a flat WebP chosen 3 times in {sessions} sessions", partial(_sessions, flat, sessions)))
    found.append((f"{CALLS} calls with a thousand scans", partial(_calls, scans, CALLS)))
    found.append(("a mask in base64", partial(_mask_text, flat)))
    return found


def _chosen(path: Path, address: str) -> None:
    from registry.saved import subject_with_lineage

    subject_with_lineage(path, "subject", shared_pool().picture(str(path), "subject", (address, "")))


def _sessions(path: Path, count: int) -> None:
    """As many sessions, which all stay; what they keep must stay inside the bound for all."""
    from registry.subjects import Subject

    sessions = [Session() for _ in range(count)]

    def stay(number: int) -> None:
        sessions[number].address = "flood"
        for _ in range(3):
            try:
                seen = shared_pool().picture(str(path), "subject", ("flood", str(number)))
                sessions[number].choose(Subject(seen.pixels, alpha=seen.alpha), "x")
            except BadInput:
                continue

    with ThreadPoolExecutor(count) as crowd:
        list(crowd.map(stay, range(count)))
    kept = sum(session.nbytes for session in sessions)
    if kept > LEDGER.most:
        raise RuntimeError(f"{kept >> 20} MB are kept, {LEDGER.most >> 20} at most")


def _calls(path: Path, count: int) -> None:
    def call(number: int) -> None:
        try:
            shared_pool().picture(str(path), "subject", ("flood", str(number)))
        except BadInput:
            return

    with ThreadPoolExecutor(count) as crowd:
        list(crowd.map(call, range(count)))


def _mask_text(path: Path) -> None:
    shared_pool().mask(path.read_bytes(), "mask", ("flood", ""))
