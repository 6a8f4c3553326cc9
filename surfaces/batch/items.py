"""What a batch works on: a folder, a pattern, or a table with a row for each picture; and names that never change."""

from __future__ import annotations

import csv
import glob
import io
import os
import re
import stat
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from facet import BadInput
from registry.bounds import shown
from registry.paths import existing_file, is_folder, short

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".avif", ".heic", ".heif")
MOST = 5_000_000  # rows; more is a mistake
_SIGNS = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class Item:
    """One picture of a batch, or one row of a table.

    Attributes:
        name: of the result, without its ending: the place in the folder it came from, with ``/`` between folders. It
            depends on the whole list and on nothing else, so that a resumed batch and every shard mean the same.
        subject: path of the picture, or empty where a table gives none.
        values: further inputs by name, as text, which go before those of the batch.
    """

    name: str
    subject: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


def read_items(where: str) -> list[Item]:
    """The items of a folder (with its folders), a pattern such as ``shots/*.png``, or a CSV; in the order of names.

    A CSV has a heading with the names of inputs; paths of pictures in it count from its folder; ``name`` names results.

    Raises:
        BadInput: there is nothing of that name, or nothing in it; a table that is none.
    """
    if not where:
        raise BadInput("in", "is missing", "Name a folder, a pattern in quotes, or a .csv.")
    if is_folder(Path(where)):
        root = Path(where)
        files = [Path(folder, file) for folder, _, found in os.walk(root) for file in found]
        hidden = [file for file in files if not any(part.startswith(".") for part in file.relative_to(root).parts)]
        return _named(root, [file for file in hidden if file.suffix.lower() in PICTURES and not _waits(file)], where)
    if Path(where).suffix.lower() == ".csv":
        return _rows(existing_file(where, "in", "table"))
    if _SIGNS.search(where):
        still = re.split(r"[/\\](?=[^/\\]*[*?\[])", where, maxsplit=1)
        root = Path(still[0]) if len(still) == 2 else Path()
        return _named(root, [Path(file) for file in glob.glob(where, recursive=True) if Path(file).is_file()], where)
    return _named(Path(where).parent, [existing_file(where, "in", "folder")], where)


def items_of_files(files: Sequence[tuple[str, str]]) -> list[Item]:
    """Uploaded pictures, in their order: pairs of a path and the name that its owner knows it by.

    Names that there are already get a number: two pictures of two folders may be called alike.
    """
    items, taken = [], set[str]()
    for path, called in files:
        stem = _plain(_stem(Path(called.replace("\\", "/")).name)).strip(". ") or "picture"
        name, number = stem, 2
        while name.casefold() in taken:
            name, number = f"{stem}-{number}", number + 1
        taken.add(name.casefold())
        items.append(Item(name, path))
    return items


def sharded(items: Sequence[Item], shard: str) -> list[Item]:
    """Every n-th item for ``k/n``: all shards together have each item once. Raises BadInput."""
    if not shard:
        return list(items)
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", shard)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise BadInput("shard", f"must be k/n with 1 ≤ k ≤ n, not {shown(shard)}", "E.g. 3/8.")
    return list(items[int(found[1]) - 1 :: int(found[2])])


def _waits(file: Path) -> bool:
    """Whether it is a pipe or a device, which may never end; a link to nothing is no such, and fails by its name."""
    try:
        return not stat.S_ISREG(os.stat(file).st_mode)
    except OSError:
        return False


def _written(name: str) -> str:
    """A name as reports can hold it: one that is no text, or has line breaks in it, gets ``_`` there."""
    return name if name.isprintable() else "/".join(_plain(part) for part in name.split("/"))


def _named(root: Path, files: Sequence[Path], where: str) -> list[Item]:
    if not files:
        raise BadInput("in", f"has no pictures: {short(where)}", f"Known endings: {' '.join(PICTURES)}.")
    if len(files) > MOST:
        raise BadInput("in", f"has {len(files)} pictures, the most is {MOST}", "Make several batches of it.")
    plain = {file: _written(file.relative_to(root).as_posix()) for file in files}
    stems = Counter(_stem(name).casefold() for name in plain.values())
    items, taken = [], set[str]()
    for file, name in sorted(plain.items()):
        stem = _stem(name)
        if stems[stem.casefold()] > 1:  # a.png and a.jpg: their endings go into the names
            folder, _, last = name.rpartition("/")
            stem = "/".join(filter(None, (folder, last.replace(".", "_"))))
        found, number = stem, 2
        while found.casefold() in taken:  # only where names were no text
            found, number = f"{stem}-{number}", number + 1
        taken.add(found.casefold())
        items.append(Item(found, str(file)))
    return sorted(items, key=lambda item: item.name)


def _stem(name: str) -> str:
    return name[: len(name) - len(Path(name).suffix)]


def _rows(file: Path) -> list[Item]:
    try:
        text = file.read_text(encoding="utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as problem:
        raise BadInput("in", f"is no table: {short(file.name)} ({problem})", "Save it as CSV in UTF-8.") from None
    if not rows or len(rows) > MOST:
        raise BadInput("in", f"has {len(rows)} rows: {short(file.name)}", f"1 to {MOST} below a heading of names.")
    items, digits = [], len(str(len(rows)))
    for number, row in enumerate(rows, 1):
        if None in row or None in row.values():
            raise BadInput("in", f"has another number of fields than its heading in row {number}", "Mend the table.")
        values = {str(key).strip(): value.strip() for key, value in row.items() if value.strip()}
        subject, name = values.pop("subject", ""), values.pop("name", "")
        if subject and not subject.startswith("sample:"):
            subject = str(file.parent / subject)
        stem = _stem(Path(subject).name) if subject else ""
        items.append(
            Item(_kept(name, number) or f"{number:0{digits}}{'_' * bool(stem)}{_plain(stem)}", subject, values)
        )
    twice = [name for name, count in Counter(item.name.casefold() for item in items).items() if count > 1]
    if twice:
        raise BadInput("in", f"names two results “{short(twice[0])}”", "Make the column “name” different in each row.")
    return items


def _kept(name: str, number: int) -> str:
    """A name from a table: it must stay inside the folder of results."""
    parts = Path(name.replace("\\", "/")).parts
    if name and (Path(name).is_absolute() or ".." in parts or _plain(name, "/") != name or name.startswith(".")):
        raise BadInput("in", f"has a name in row {number} that is none: {shown(name)}", "Letters, digits, - _ . and /.")
    return "/".join(parts)


def _plain(text: str, more: str = "") -> str:
    return "".join(letter if letter.isalnum() or letter in "=._- " + more else "_" for letter in text)[:120]
