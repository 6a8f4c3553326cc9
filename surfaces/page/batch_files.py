"""The results of a batch in one ZIP."""

from __future__ import annotations

import uuid
import zipfile
from pathlib import Path

from gradio.utils import get_upload_folder

from registry.errors import BadInput, EditorError
from surfaces.page.batch_view import Shown

REPORTS = ("batch.csv", "batch.json")


def zip_of(shown: Shown | None) -> Path:
    """All results of a batch and its two reports in one file, where the page can serve it.

    Raises:
        BadInput: there are none, or they have been cleared away.
        EditorError: the disk refuses.
    """
    files = [] if shown is None or shown.folder is None else [shown.folder / name for name in (*shown.files, *REPORTS)]
    there = [file for file in files if file.is_file()]
    if shown is None or shown.folder is None or not there:
        raise BadInput("results", "are no longer kept", "Run the batch again.")
    path = Path(get_upload_folder()) / uuid.uuid4().hex / "facet-batch.zip"
    try:
        path.parent.mkdir(parents=True)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:  # pictures are compressed already
            for file in there:
                archive.write(file, file.relative_to(shown.folder).as_posix())
    except OSError as problem:
        path.unlink(missing_ok=True)
        raise EditorError(f"The ZIP could not be written: {problem.strerror or problem}.") from None
    return path
