"""The conformance kit: what every editor must do, as checks that plugin authors run in their own tests.

    from facet.testing import Conformance
    from my_plugin import my_editor

    class TestMyEditor(Conformance):
        editor = my_editor

Each method ``test_*`` is one rule. ``facet check`` runs the same rules over every loaded editor. Inputs come from the
declaration's defaults and its `trial` values; pictures are small and made here.
"""

from __future__ import annotations

import copy
import math
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import closing
from typing import Any, ClassVar
from unittest import SkipTest  # pytest takes it for its own

import numpy as np

from registry.conformance.sample_inputs import coded, small_picture, sorts_of_picture, trial_values
from registry.errors import BadInput
from registry.execution import Context, finish, new_stop, run, written_into
from registry.plugins import REQUIRED, EditorSpec, Preview, Result
from registry.process import put_back
from registry.subjects import Pixels, to_pixels
from registry.weights import embedded_sha256


class Broken(AssertionError):
    """A rule is broken; the text says which and how."""


class Conformance:
    """The rules. Set `editor`; override `trial` for values that only the tests need."""

    editor: ClassVar[EditorSpec]
    trial: ClassVar[dict[str, Any]] = {}

    def test_trial_is_whole(self) -> None:
        """`trial` has a value for every input that has no default; pictures are made here."""
        _require(not self._lacking(), _untried(self._lacking()))

    def test_imports_without_page_or_gpu(self) -> None:
        """Importing the editor's module imports no Gradio, starts no CUDA and opens no connection."""
        module = self.editor.handler.__module__
        if module == "__main__" or module.startswith("facet_file_"):
            return  # a dropped-in file cannot be imported by name; the loader has just done so
        done = subprocess.run(
            [sys.executable, "-c", _LOAD_ALONE, module, *sys.path], capture_output=True, text=True, timeout=300
        )
        _require(done.returncode == 0, done.stderr.strip().rpartition("\n")[2] or "the import failed")

    def test_handles_every_sort_of_picture(self) -> None:
        """The smallest, odd-sized, grey, transparent and rotated pictures all give an RGB picture."""
        if not self.editor.takes_subject:
            return self._sound(self._finish())
        for name, picture in sorts_of_picture().items():
            try:
                self._sound(self._finish(subject=self._picture("subject", picture)))
            except BadInput as refusal:  # an editor may need more pixels, if it says so about the right input
                mend = "" if refusal.field == "subject" else " What trial says must suit pictures of 16 × 16 pixels."
                fine = refusal.field == "subject" and name == "smallest"
                _require(fine, f"a {name} picture was refused: {refusal}{mend}")
        return None

    def test_reports_progress(self) -> None:
        """`done` grows to exactly 1, and every step has a picture."""
        *previews, result = self._events()
        shares = [event.done for event in previews if isinstance(event, Preview)]
        _require(isinstance(result, Result) and bool(shares), "it yielded no step")
        _require(shares == sorted(shares), f"done went backwards: {shares}")
        _require(shares[-1] == 1, f"the last step has done={shares[-1]:g} where 1 is due")

    def test_same_seed_same_picture(self) -> None:
        """The same inputs and seed give the same bytes; nothing else in a run is random."""
        first, second = self._finish(), self._finish()
        _require(first.subject.sha256 == second.subject.sha256, "two runs with the same inputs differ")

    def test_stop_keeps_the_best(self) -> None:
        """Stopping after the first step gives that step's picture and leaves no thread behind."""
        stop, before = new_stop(), set(threading.enumerate())
        events = run(self.editor, self._values(), stop=stop)
        next(events)
        stop.set()
        result = list(events)[-1]
        _require(isinstance(result, Result), "a stopped run gave no result")
        left = [thread.name for thread in set(threading.enumerate()) - before if not _ends(thread)]
        _require(not left, f"a stopped run left threads behind: {', '.join(left)}")

    def test_sessions_do_not_mix(self) -> None:
        """Two runs in turns, on different pictures, give what each gives alone: no state outside `ctx`."""
        if not self.editor.takes_subject:
            return
        pictures = (self._picture("subject", small_picture(40, 48, seed), seed) for seed in (101, 102))
        one, two = (self._values(subject=picture) for picture in pictures)
        with put_back(), closing(self._steps(one)) as first, closing(self._steps(two)) as second:
            together = list(zip(first, second, strict=False))
        mixed = [_pixels(step.image) for step in together[-1]]
        for index, values in enumerate((one, two)):
            with put_back(), closing(self._steps(values)) as steps:
                fresh = [step for _, step in zip(together, steps, strict=False)][-1]
            same = np.array_equal(mixed[index], _pixels(fresh.image))
            _require(same, "a run changes when another one takes turns with it")

    def test_refuses_wrong_values(self) -> None:
        """Values out of range, unknown or of another type are refused, and the sentence names the input."""
        for entry in self.editor.inputs:
            for wrong in [*entry.kind.wrong_values(), *([] if entry.optional else [None])]:
                try:
                    run(self.editor, self._values() | {entry.name: wrong})
                except BadInput as refusal:
                    _require(refusal.field == entry.name, f"{entry.name}={wrong!r} was blamed on {refusal.field}")
                else:
                    raise Broken(f"{entry.name}={wrong!r} was accepted")

    def test_works_at_the_ends_of_its_ranges(self) -> None:
        """Each slider's ends and each choice give a picture (inputs in `trial` keep their value)."""
        for entry in self.editor.inputs:
            if entry.name in self._trial():
                continue
            for value in entry.kind.end_values():
                try:
                    self._sound(self._finish(**{entry.name: value}))
                except BadInput as refusal:  # combinations may exclude each other, in a sentence
                    _require(refusal.field in {e.name for e in self.editor.inputs}, f"{entry.name}={value}: {refusal}")

    def test_recipe_makes_it_again(self) -> None:
        """Running the recipe's own inputs, steps and threads gives the same bytes."""
        first = self._finish()
        given = self._values()
        contents = {e.name: given.get(e.name) for e in self.editor.inputs if e.kind.by_sha256}
        values = {**first.recipe["inputs"], **contents}
        again = finish(
            self.editor, values, threads=first.recipe["threads"], last_step=first.recipe["steps"], device="cpu"
        )
        _require(first.subject.sha256 == again.subject.sha256, "its recipe gives another picture")
        films = [result.film.sha256 if result.film else "" for result in (first, again)]
        _require(films[0] == films[1], "its recipe gives another film")

    def test_leaves_everything_as_it_was(self) -> None:
        """Torch's modes and threads, folder, environment, output, warnings, Pillow's limits … are untouched."""
        with put_back() as changed:
            list(self._steps(self._values()))
        _require(not changed, f"it changed {', '.join(changed)}")

    def test_leaves_its_pictures_alone(self) -> None:
        """Pictures and codes it is given are the same afterwards: torch can write where NumPy may not."""
        given = self.editor.check(self._values())
        own = copy.deepcopy(given)
        with put_back():
            list(self._steps(own))
        written = written_into(given, own)
        _require(not written, "; ".join(written))

    def test_weights_are_accounted_for(self) -> None:
        """Every source of every net has a licence, and embedded ones have a sha256."""
        for net in self.editor.nets:
            _require(bool(net.sources), f"net {net.name!r} has no source")
            for source in net.sources:
                _require(bool(source.licence), f"{source.file}: no licence")
                known = not source.embedded or embedded_sha256(source)
                _require(bool(known), f"{source.file}: embedded weights need a sha256, declared or in their card")

    def _trial(self) -> dict[str, Any]:
        return {**self.editor.trial, **self.trial}

    def _lacking(self) -> list[str]:
        """Inputs that a run needs and that neither `trial` nor this kit has a value for."""
        needed = (entry for entry in self.editor.inputs if entry.default is REQUIRED and not entry.optional)
        left = [e for e in needed if not e.kind.is_picture and e.name not in self._trial()]
        return [e.name for e in left if e.kind.example() is None]

    def _values(self, **changed: Any) -> dict[str, Any]:
        if self._lacking():  # told once, by test_trial_is_whole
            raise SkipTest(_untried(self._lacking()))
        return trial_values(self.editor, self._trial(), changed)

    def _picture(self, name: str, picture: object, seed: int = 0) -> object:
        """A picture for that input, with a latent code if it needs one."""
        wants_code = self.editor.input(name).kind.needs_latent
        return coded(picture, self.editor.nets, seed) if wants_code else picture

    def _events(self, **changed: Any) -> list[Preview | Result]:
        return list(run(self.editor, self._values(**changed), device="cpu", threads=1))

    def _finish(self, **changed: Any) -> Result:
        return finish(self.editor, self._values(**changed), device="cpu", threads=1)

    def _steps(self, values: dict[str, Any]) -> Generator[Any, None, None]:
        checked = self.editor.check(values)
        seed = checked.get(self.editor.seed_input) or 0
        yield from self.editor(Context(seed=seed, nets=self.editor.nets), **checked)

    def _sound(self, result: Result) -> None:
        pixels = result.subject.pixels
        _require(pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3, "the result is no RGB picture")
        numbers = [name for name, value in result.metrics.items() if not math.isfinite(value)]
        _require(not numbers, f"metrics are not finite: {', '.join(numbers)}")


_LOAD_ALONE = """
import sys
sys.path[:] = sys.argv[2:]
def watch(event, args):
    if event == "socket.connect":
        sys.exit("importing it opens a network connection")
sys.addaudithook(watch)
import importlib
importlib.import_module(sys.argv[1])
if "gradio" in sys.modules:
    sys.exit("importing it imports gradio")
torch = sys.modules.get("torch")
if torch is not None and torch.cuda.is_initialized():
    sys.exit("importing it starts CUDA")
"""


def _untried(names: list[str]) -> str:
    """What to write where inputs have neither a default nor a value for a trial."""
    words = " and ".join(f"“{name}”" for name in names)
    given = ", ".join(f'"{name}": …' for name in names)
    none = "has no default and no value" if len(names) == 1 else "have no defaults and no values"
    return f"{words} {none} in trial: write @editor(…, trial={{{given}}}), or set trial in the test class"


def _require(holds: bool, problem: str) -> None:
    if not holds:
        raise Broken(problem)


def _pixels(image: Any) -> Pixels:
    return to_pixels(image)


def _ends(thread: threading.Thread) -> bool:
    thread.join(5)
    return not thread.is_alive()
