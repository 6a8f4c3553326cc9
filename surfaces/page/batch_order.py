"""What a visitor asks of the Batch room: pictures, edits, and where results go. Judged here, before the work."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder

from registry.errors import BadInput
from registry.film import FORMATS
from registry.inputs import WeightsFile
from registry.paths import is_folder, short
from registry.plugins import EditorSpec, Registry
from registry.saved import read_lineage
from registry.settings import listed, number
from registry.weights import OwnFile
from surfaces.batch import Chain, Item, chain_of_options, chain_of_recipes, check_items, items_of_files, read_items
from surfaces.outputs.files import ENDINGS, checked_folder
from surfaces.outputs.films import film_input
from surfaces.page.calls import from_owner
from surfaces.page.controls import UPLOADS, received
from surfaces.page.origins import picked
from surfaces.page.session import Session
from surfaces.page.uploads import uploaded


@dataclass(frozen=True)
class Order:
    """A batch that can be begun.

    Attributes:
        chain: the edits.
        items: the pictures.
        folder: where results go.
        ending: of their names.
        served: whether the folder is one that the page hands files out of.
    """

    chain: Chain
    items: Sequence[Item]
    folder: Path
    ending: str
    served: bool


@dataclass(frozen=True)
class Asked:
    """What the fields above the edit's own controls sent, unjudged."""

    pictures: Any
    folder: Any = ""
    out: Any = ""
    ending: Any = ".png"


def order_of_editor(
    registry: Registry, spec: EditorSpec, session: Session, asked: Asked, raw: Mapping[str, Any]
) -> Order:
    """One editor with the same settings for all pictures. Raises BadInput for whatever is wrong."""
    items = _items(asked)
    sent = picked(session, raw)
    values = {each.name: received(each, sent[each.name]) for each in spec.inputs if each.name in sent}
    chain = chain_of_options(spec, {name: value for name, value in values.items() if value is not None})
    return _order(registry, chain, items, asked, spec.id)


def order_of_recipes(registry: Registry, asked: Asked, recipes: Any, files: Any) -> Order:
    """The edits of saved pictures; `files`: what they were made with besides. Raises BadInput."""
    items = _items(asked)
    sent = _listed(recipes)
    if not sent:
        raise BadInput("recipes", "are missing", "Choose a picture that Facet saved, or its recipe as JSON.")
    lineages = [read_lineage(uploaded(each, "recipes"), "recipe") for each in sent]
    given = {str(place): _own_file(each) for place, each in enumerate(_listed(files))}
    try:
        chain = chain_of_recipes(registry, lineages, given)
    except BadInput as refusal:
        fix = "Add that file below the recipes." if refusal.fix.startswith("Give it as --") else refusal.fix
        raise BadInput(refusal.field, refusal.why, fix) from None
    if not registry.get(chain.links[0].editor).takes_subject:
        why = "begin without a picture, so that all results would be alike"
        raise BadInput("recipes", why, "Choose edits of a picture.")
    return _order(registry, chain, items, asked, "edited")


def _own_file(raw: Any) -> Any:
    """A picture, or weights, that a recipe names by its sha256."""
    path = Path(uploaded(raw, "files"))
    return OwnFile(path) if path.suffix.lower() in WeightsFile().suffixes else UPLOADS.picture(raw, "files")


def _order(registry: Registry, chain: Chain, items: Sequence[Item], asked: Asked, name: str) -> Order:
    try:
        check_items(registry, chain, items)
    except BadInput as refusal:
        raise BadInput(refusal.field, refusal.why, "Choose it in the settings.") from None
    ending = _ending(registry, chain, asked.ending)
    if not _text(asked.folder):
        return Order(chain, items, Path(get_upload_folder()) / uuid.uuid4().hex, ending, True)
    return Order(chain, items, _results(asked, name), ending, False)


def _ending(registry: Registry, chain: Chain, asked: Any) -> str:
    last = chain.links[-1]
    entry = film_input(registry.get(last.editor))
    film = last.values.get(entry.name, entry.default) if entry is not None else None
    if film in FORMATS:
        return f".{film}"
    if asked not in ENDINGS:
        raise BadInput("format", f"must be one of {', '.join(ENDINGS)}", "Choose one of the list.")
    return str(asked)


def _items(asked: Asked) -> list[Item]:
    """The uploaded pictures, or those of the owner's folder."""
    sent = _listed(asked.pictures)
    if _text(asked.folder):
        source = _place(asked.folder, "folder")
        if sent:
            raise BadInput("pictures", "are uploaded, and a folder is named, too", "Use one of the two.")
        return read_items(str(source))
    if not sent:
        raise BadInput("pictures", "are missing", "Choose as many as you like.")
    files = [(uploaded(each, "pictures"), str(each.get("orig_name") or Path(each["path"]).name)) for each in sent]
    if not from_owner():
        _check_share([path for path, _ in files])
    return items_of_files(files)


def _check_share(paths: Sequence[str]) -> None:
    """What a stranger may have edited in one batch."""
    most, most_mb = int(number("BATCH_PICTURES")), number("BATCH_MB")
    if len(paths) > most:
        raise BadInput("pictures", f"are {len(paths)}, and a batch here takes {most}", "Make several batches of them.")
    size = sum(Path(path).stat().st_size for path in paths) / 1e6
    if size > most_mb:
        why = f"have {size:.0f} MB together, and a batch here takes {most_mb:g}"
        raise BadInput("pictures", why, "Make several batches of them, or smaller pictures.")


def _results(asked: Asked, name: str) -> Path:
    """Where the results of a folder go: a folder that was named, or one beside it."""
    source = _place(asked.folder, "folder")
    wanted = _text(asked.out) or str(source.with_name(f"{source.name}-{name}"))
    folder = _place(wanted, "results", there=False)
    if folder == source or folder.is_relative_to(source):
        raise BadInput("results", "may not lie among the pictures", "Name another folder, or leave it empty.")
    return checked_folder(str(folder), "results")


def places() -> list[Path]:
    """Folders under which the owner of a page may name one (``FACET_FOLDERS``)."""
    return [Path(each).expanduser().resolve() for each in listed("FOLDERS")] or [Path.home().resolve()]


def _place(text: Any, field: str, there: bool = True) -> Path:
    """A folder on this machine, without links on its way. Raises BadInput for everybody but the owner of the page."""
    if not from_owner():
        raise BadInput(field, "may be named by the owner of this machine only", "Upload the pictures.")
    try:
        path = Path(_text(text)).expanduser().resolve()
    except (OSError, ValueError, RuntimeError):  # letters that no name has, a loop of links, a home of nobody
        raise BadInput(field, f"is no folder's name: {short(_text(text))}", "Correct it.") from None
    if not any(path.is_relative_to(place) for place in places()):
        allowed = ", ".join(short(str(place)) for place in places())
        why = f"lies outside of what this page may use ({allowed})"
        raise BadInput(field, why, "Copy it there, or start the page with FACET_FOLDERS set.")
    if there and not is_folder(path):
        raise BadInput(field, f"is not there: {short(str(path))}", "Correct the name.")
    return path


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _listed(raw: Any) -> list[Any]:
    return list(raw) if isinstance(raw, list) else [raw] if raw else []
