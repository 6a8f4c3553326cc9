"""`ctx`: what a handler gets besides its inputs. It holds the run's state, so that handlers need no globals."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch

from registry.errors import BadInput, EditorFailed, StandIn, Stopped, WeightsCorrupt, WeightsMissing
from registry.execution.stop import StopSignal
from registry.inputs import NO_LATENT
from registry.subjects import GeneratorRef, Subject
from registry.weights import Net, OwnFile, Weights, size_text

if TYPE_CHECKING:
    from registry.artifacts import Kept
    from registry.directions import Direction

_GLANCE_SECONDS = 0.05


class Context:
    """One run's surroundings.

    Attributes:
        device: ``"cuda"``, ``"mps"`` or ``"cpu"``.
        dtype: the floating type to compute in.
        seed: the run's seed.
        generator: a `torch.Generator` on `device`, seeded.
        state: what an earlier slice of the same run left in ``Step.state``, or None at its start.
        strict: networks are refused whose own weights cannot be had, where otherwise others stand in.
        agreed: nets for which others may stand in even so.
        deadline: `time.monotonic()` value at which the run must end, or None.
        rough: whether it is a look whose movement counts more than its detail: a generator may draw less, a warp be
            coarser.
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
        agreed: Collection[str] = (),
        rough: bool = False,
    ) -> None:
        self.device = device
        self.rough = rough
        self.dtype = torch.float32
        self.seed = seed
        self.state = state
        self.deadline = deadline
        self.strict = strict
        self.agreed = agreed
        self.generator = torch.Generator(device=device).manual_seed(seed)
        self.weights_used: list[dict[str, Any]] = []
        self._nets = {net.name: net for net in nets}
        self._stop = stop
        self._glanced = 0.0
        self._whole = False

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

    def load_generator(
        self, what: str | Subject | OwnFile, build: Callable[[Any], Any] | None = None
    ) -> tuple[Any, GeneratorRef]:
        """A StyleGAN2 and what latent codes of it are to say about it.

        It is shared: copy it before changing it. An editor that declares `facet.stylegan.generator_nets` gets whatever
        a `GeneratorChoice` gave, what a picture with a code belongs to (with the state delta of
        `GeneratorRef.delta_sha256`), or a file of the user's own.

        Args:
            what: the id of a generator, a picture with a latent code, or a file.
            build: how to make the generator in a file; by default as the declared ones are made.

        Raises:
            BadInput: there is no such generator; or the subject has no latent, or it belongs to a generator that is
                not declared, not to be had now, or of another shape.
            WeightsMissing, WeightsCorrupt, LicenceNeeded, OutOfMemory, Stopped: as `net`; also for the delta.
        """
        if isinstance(what, Subject):
            return self._of_subject(what)
        if isinstance(what, OwnFile):
            from registry.generators import own_id

            builders = [net.build for net in self._nets.values() if net.generator]
            if build is None and not builders:
                raise EditorFailed("The editor takes a generator's file, but declares no generator.")
            return self.own_net(what, build or builders[0]), GeneratorRef(own_id(what))
        return self._of_id(what)

    def _of_id(self, name: str) -> tuple[Any, GeneratorRef]:
        from registry.generators import generator_entry, network_of

        entry = generator_entry(name)
        if entry is None or entry.ref.delta_sha256 is None:
            module = self.net(name)
            return module, self.true_ref(GeneratorRef(name)) or GeneratorRef(name)
        loaded = network_of(entry.ref, self._nets, self.device, self, lambda: self.stopping, "model")
        self._note(loaded.record)
        return loaded.module, entry.ref

    def _of_subject(self, subject: Subject) -> tuple[Any, GeneratorRef]:
        from registry.generators import network_of

        if subject.latent is None or subject.generator is None:
            raise BadInput("subject", "has no latent code, which this editor needs", NO_LATENT)
        loaded = network_of(subject.generator, self._nets, self.device, self, lambda: self.stopping)
        self._note(loaded.record)
        expected = (loaded.module.config.num_ws, loaded.module.config.w_dim)
        if subject.latent.shape != expected:
            mine, theirs = ("{} × {}".format(*shape) for shape in (subject.latent.shape, expected))
            raise BadInput("subject", f"has a latent code of {mine}, but its generator takes {theirs}")
        return loaded.module, subject.generator

    def kept(self, name: str, field: str) -> tuple[Kept, dict[str, torch.Tensor]]:
        """What a `KeptChoice` gave if it is one of yours: its card and its tensors, verified. The recipe names it.

        Args:
            name: ``yours:`` and its sha256.
            field: the input that a refusal names.

        Raises:
            BadInput: it is not here, or damaged.
        """
        from registry.artifacts import found, tensors_of

        sha256 = name.removeprefix("yours:")
        known = next((each for each in found() if each.sha256 == sha256), None)
        if known is None:
            raise BadInput(field, "is not among yours any more", "Import its file, or choose another one.")
        try:
            card, tensors = tensors_of(known.path)
        except (WeightsCorrupt, WeightsMissing) as problem:
            raise BadInput(field, f"cannot be used: {problem}", "Import it again, or choose another one.") from None
        self._note(card.weights_row())
        return card, tensors

    def direction(self, subject: Subject, name: str) -> Direction:
        """A direction that a subject's generator offers; the recipe names the file that it came from.

        Raises:
            BadInput: it offers none of that name.
        """
        from registry.directions import find
        from registry.inputs import generator_id

        found = find(generator_id(subject), name, "subject")
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
        if self.strict and record.get("notice") and record["net"] not in self.agreed:
            raise self._stand_in(record["net"], str(record["notice"]))
        if record not in self.weights_used:
            self.weights_used.append(record)

    def _stand_in(self, name: str, notice: str) -> StandIn:
        wanted = self._nets[name].sources[0] if name in self._nets else None
        size = f" ({size_text(wanted.size)})" if wanted and wanted.size else ""
        why, _, instead = notice.rpartition(": using ")
        return StandIn(name, f"{wanted.label}{size}" if wanted else name, why, instead)

    @property
    def stopping(self) -> bool:
        """Whether the user pressed stop, or the deadline passed."""
        late = self.deadline is not None and time.monotonic() >= self.deadline
        return late or (self._stop is not None and self._stop.is_set())

    def check_stop(self) -> None:
        """Raise Stopped if the run should end. The picture of the last Step becomes the result; do not catch it."""
        if self.stopping:
            raise Stopped("The edit was stopped.")

    def glance(self) -> None:
        """As `check_stop`, at most every 50 ms and not within `whole`; called by all networks."""
        now = time.monotonic()
        if not self._whole and now - self._glanced > _GLANCE_SECONDS:
            self._glanced = now
            self.check_stop()

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Within it networks do not look at the Stop: for an editor that looks itself, and ends in its own way."""
        before, self._whole = self._whole, True
        try:
            yield
        finally:
            self._whole = before
