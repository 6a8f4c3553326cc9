"""Memory that was freed goes back to the system."""

import platform
from pathlib import Path

import numpy as np
import pytest

from nets.freed import give_back


def resident():
    """Pages of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1])


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps what is freed")
def test_gaps_between_what_is_kept_are_handed_back():
    pieces = [np.ones(100_000, np.uint8) for _ in range(2000)]  # too small for a mapping of their own
    kept = pieces[::50]
    del pieces
    before = resident()
    give_back()
    assert before - resident() > 20_000  # of 49,000 pages
    assert all(each.all() for each in kept)
