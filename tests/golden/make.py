"""Makes the golden pictures again: `python -m tests.golden.make [NAME …]`, after an editor's version was raised.

Look at each before it is committed: from then on it is what the editor is held to.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from facet import Subject
from facet.app import Registry, finish, load_registry
from registry.belongings import Belongings, kept_in
from registry.saved import png_bytes
from tests.golden.cases import CASES, HERE, MACHINE, MOST_BYTES, PHOTO, Step, machine


def make(registry: Registry, steps: list[Step]) -> bytes:
    """The PNG of a case, with its recipes; of one thread, and without latent and delta, which would be large."""
    photo = subject = Subject.read(PHOTO, "subject")
    for name, values in steps:
        spec = registry.get(name)
        given = {"subject": subject} if spec.takes_subject else {}
        origins = {"source": photo} if name == "paste_back" else {}
        subject = finish(spec, {**values, **given, **origins}, threads=1).subject
    return png_bytes(subject.pixels, subject.lineage, (), subject.alpha)


def main(names: list[str]) -> None:
    """Write the files of these cases, or of all, and what machine made each of them."""
    registry = load_registry()
    machines = json.loads(MACHINE.read_text()) if MACHINE.exists() else {}
    for name in names:
        with tempfile.TemporaryDirectory() as folder, kept_in(Belongings(Path(folder))):
            content = make(registry, CASES[name])
        if len(content) > MOST_BYTES:
            sys.exit(f"{name} has {len(content)} bytes; {MOST_BYTES} are the most.")
        (HERE / f"{name}.png").write_bytes(content)
        print(f"{name}: {len(content) // 1000} KB")
        machines[name] = machine()
    MACHINE.write_text(json.dumps({name: machines[name] for name in CASES}, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:] or list(CASES))
