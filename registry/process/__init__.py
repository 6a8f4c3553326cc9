"""What editors of one process share, kept as it was: settings, patched functions, what a run may change."""

from registry.process.surroundings import Lease, import_state, lease, put_back, thread_state

__all__ = [
    "Lease",
    "import_state",
    "lease",
    "put_back",
    "thread_state",
]
