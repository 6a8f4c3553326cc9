"""Visitors at once, beside one who floods: the benchmark in small."""

import json
import os

import pytest


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="memory is read from /proc")
def test_visitors_take_turns_beside_one_who_floods_and_leaves(process):
    ran = process("benchmarks/load.py", "--visitors", 5, "--edits", 3, "--seconds", 0.5, "--quick", "--json")
    assert ran.code == 0, ran.err
    figures = json.loads(ran.out.splitlines()[-1])
    assert (figures["errors"], figures["crossed"]) == (0, 0), ran.out
    assert figures["turns_difference"] <= 1
    assert figures["flood_refused"] >= 28 - 5  # one or two run, three wait
    assert figures["flood_runs"] <= 5
    assert figures["sessions_kept"] == 5
    assert figures["memory_grew_mb"] < 40
    assert figures["downloads"] > 0
    assert figures["downloads_torn"] == 0
