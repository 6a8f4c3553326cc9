"""What can go wrong, and who is told.

`EditorError` and its children carry one plain sentence for the person using Facet; every surface shows that sentence
and nothing else. `BadSpec` is for the author of an editor and is never shown as the result of an edit.
"""

from __future__ import annotations


class EditorError(Exception):
    """An edit could not be made. `str(error)` is a sentence for the user: what is wrong and what to do."""


class BadInput(EditorError):
    """One input is wrong.

    Args:
        field: the input's name as the surfaces show it, e.g. ``"steps"``.
        why: what is wrong, without a full stop, e.g. ``"must be a number from 1 to 500, not 9000"``.
        fix: what the user can do about it, one sentence or empty.
    """

    def __init__(self, field: str, why: str, fix: str = "") -> None:
        super().__init__(field, why, fix)  # the arguments, so that the error survives pickling
        self.field, self.why, self.fix = field, why, fix

    def __str__(self) -> str:
        return f"{self.field}: {self.why}." + (f" {self.fix}" if self.fix else "")


class NoFace(EditorError):
    """An editor needs a face and found none (or several, or one it cannot use)."""


class WeightsMissing(EditorError):
    """Weights are neither in the cache nor to be had: says which, from where, how large, and what to do."""


class StandIn(WeightsMissing):
    """Weights cannot be had, and others may stand in for them only if the user agrees.

    Args:
        net: the declared net, as a surface names it when the user has agreed.
        wanted: what people call the weights that cannot be had, with their size where it is known.
        why: why they cannot be had, without a full stop.
        instead: what people call those that would stand in.
    """

    def __init__(self, net: str, wanted: str, why: str, instead: str) -> None:
        super().__init__(net, wanted, why, instead)  # the arguments, so that the error survives pickling
        self.net, self.wanted, self.why, self.instead = net, wanted, why, instead

    def __str__(self) -> str:
        return f"{self.net}: {self.why}: using {self.instead}, which “strict” forbids. Nothing was made."


class WeightsCorrupt(EditorError):
    """A weight file is damaged, hostile or not what it claims to be. Nothing in it was executed."""


class LicenceNeeded(EditorError):
    """Weights come under a licence the user has not yet accepted.

    Args:
        sentence: for the user.
        repo, licence: which weights, so that a surface can ask and remember the answer.
    """

    def __init__(self, sentence: str, repo: str = "", licence: str = "") -> None:
        super().__init__(sentence, repo, licence)  # the arguments, so that the error survives pickling
        self.repo, self.licence = repo, licence

    def __str__(self) -> str:
        return str(self.args[0])


class OutOfMemory(EditorError):
    """The edit does not fit into the memory of the device; says how much was needed if that is known."""


class Stopped(EditorError):
    """The user stopped the run, or its deadline passed, before there was anything to keep."""


class EditorFailed(EditorError):
    """An editor broke its contract or raised something unexpected: a fault of the editor, not of the user."""


class BadSpec(Exception):
    """An editor's declaration is wrong; shown to its author at load, on the Add-ons page and in ``facet list``."""


class Moved(ImportError):
    """A plugin imports a name from where it no longer is; the text says where it is now."""
