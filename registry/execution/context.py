"""`ctx`: what a handler gets besides its inputs. It holds the run's state, so that handlers need no globals."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import torch

from registry.errors import BadInput, EditorFailed, Stopped, WeightsMissing
from registry.execution.stop import StopSignal
from registry.inputs import NO_LATENT
from registry.subjects import GeneratorRef, Subject
from registry.weights import Net, OwnFile, Weights

if TYPE_CHECKING:
    from registry.directions import Direction


class Context:
    """One run's surroundings.

    Attributes:
        device: ``"cuda"``, ``"mps"`` or ``"cpu"``.
        dtype: the floating type to compute in.
        seed: the run's seed.
        generator: a `torch.Generator` on `device`, seeded.
        state: what an earlier slice of the same run left in ``Step.state``, or None at its start.
        strict: networks are refused whose own weights cannot be had, where otherwise others stand in.
        deadline: `time.monotonic()` value at which the run must end, or None.
    """

    def __init__(
        self,
        *,
        device: str = "cpu",
        seed: int = 0,
        nets: tuple[Net, ...] = (),
        stop: StopSignal | None = None,
        deadline: float | None = None,
        state: Mapping[str, Any] | None = None,
        strict: bool = False,
    ) -> None:
        self.device = device
        self.dtype = torch.float32
        self.seed = seed
        self.state = state
        self.deadline = deadline
        self.strict = strict
        self.generator = torch.Generator(device=device).manual_seed(seed)
        self.weights_used: list[dict[str, Any]] = []
        self._nets = {net.name: net for net in nets}
        self._stop = stop

    def net(self, name: str) -> Any:
        """The network declared under that name, on the run's device, from the cache of loaded ones if it is there.

        Raises:
            WeightsMissing, WeightsCorrupt, LicenceNeeded, OutOfMemory: none of its sources can be used.
            Stopped: the run was stopped during a download.
        """
        if name not in self._nets:
            known = ", ".join(self._nets) or "none"
            raise EditorFailed(f"The editor asked for a net called {name!r}, but declares {known}.")
        return self._load(self._nets[name])

    def own_net(self, file: OwnFile, build: Callable[[Any], Any]) -> Any:
        """The network in a file of the user's own, made by `build` from what `registry.readers.read_tensors` returns.

        Raises:
            WeightsCorrupt: the file is no such network; says what it is.
            OutOfMemory: it does not fit.
        """
        from registry.generators import remember

        path = file.path.resolve()
        weights = Weights("", str(path), sha256=file.sha256, licence="unknown", title=path.name, own=True)
        module = self._load(Net("own", build, (weights,)))
        remember(file)
        return module

    def generator_of(self, subject: Subject) -> Any:
        """The network that a subject's latent code belongs to, with the state delta of `GeneratorRef.delta_sha256`.

        It is one of the nets that the editor declares, or a generator out of a file of the user's own that was used on
        this machine before. It is shared: copy it before changing it.

        Raises:
            BadInput: the subject has no latent, or it belongs to a generator that is not declared, not to be had now,
                or of another shape.
            WeightsMissing, WeightsCorrupt, LicenceNeeded, OutOfMemory, Stopped: as `net`; also for the delta.
        """
        from registry.generators import generator_of

        if subject.latent is None or subject.generator is None:
            raise BadInput("subject", "has no latent code, which this editor needs", NO_LATENT)
        loaded = generator_of(subject.generator, self._nets, self.device, self, lambda: self.stopping)
        self._note(loaded.record)
        expected = (loaded.module.config.num_ws, loaded.module.config.w_dim)
        if subject.latent.shape != expected:
            mine, theirs = ("{} × {}".format(*shape) for shape in (subject.latent.shape, expected))
            raise BadInput("subject", f"has a latent code of {mine}, but its generator takes {theirs}")
        return loaded.module

    def direction(self, subject: Subject, name: str) -> Direction:
        """A direction that a subject's generator offers; the recipe names the file that it came from.

        Raises:
            BadInput: it offers none of that name.
        """
        from registry.directions import find
        from registry.inputs import generator_of

        found = find(generator_of(subject), name, "subject")
        self._note(found.weights_row())
        return found

    def true_ref(self, ref: GeneratorRef | None) -> GeneratorRef | None:
        """`ref`, corrected where the net it names fell back on the weights of another one in this run."""
        if ref is None or not any("notice" in row for row in self.weights_used):
            return ref
        from registry.generators import true_ref

        return true_ref(ref, self._nets.values(), self.weights_used)

    def _load(self, net: Net) -> Any:
        from registry.weights import load_net  # reading weights is only paid for by editors that use them

        loaded = load_net(net, self.device, owner=self, stopping=lambda: self.stopping)
        self._note(loaded.record)
        return loaded.module

    def _note(self, record: dict[str, Any]) -> None:
        if self.strict and record.get("notice"):
            raise WeightsMissing(f"{record['net']}: {record['notice']}, which “strict” forbids. Nothing was made.")
        if record not in self.weights_used:
            self.weights_used.append(record)

    @property
    def stopping(self) -> bool:
        """Whether the user pressed stop, or the deadline passed."""
        late = self.deadline is not None and time.monotonic() >= self.deadline
        return late or (self._stop is not None and self._stop.is_set())

    def check_stop(self) -> None:
        """Raise Stopped if the run should end. The picture of the last Step becomes the result; do not catch it."""
        if self.stopping:
            raise Stopped("The edit was stopped.")
