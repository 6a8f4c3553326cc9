"""Plain text that comes with weights, such as a vocabulary."""

from __future__ import annotations

from pathlib import Path

from registry.readers.contents import Tensors
from registry.readers.limits import Refused
from registry.readers.reading import named_errors

LARGEST_BYTES = 16 << 20
AGAIN = "Download it again"


def read_text(path: str | Path) -> Tensors:
    """A file of text in UTF-8, as ``plain["text"]`` without any tensors; its line ends stay as they are.

    Raises:
        WeightsCorrupt: it is damaged, no text, or larger than 16 MiB.
    """
    path = Path(path)
    with named_errors(path.name):
        with path.open("rb") as file:
            body = file.read(LARGEST_BYTES + 1)
        if len(body) > LARGEST_BYTES:
            raise Refused("it is too large for a text that comes with weights", AGAIN)
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError as problem:
            raise Refused(f"it is no text in UTF-8 from byte {problem.start}", AGAIN) from None
    return Tensors({}, {"text": text}, "text", name=path.name)
