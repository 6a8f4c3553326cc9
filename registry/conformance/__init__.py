"""The conformance kit: what every editor must do."""

from registry.conformance.findings import check_editor
from registry.conformance.kit import Conformance
from registry.conformance.sample_inputs import small_picture, trial_values

__all__ = [
    "Conformance",
    "check_editor",
    "small_picture",
    "trial_values",
]
