"""The arithmetic of the benchmarks of speed: what is compared, and how it is counted."""

from __future__ import annotations

import pytest

from benchmarks.drag import compared, drags, summary
from benchmarks.drag_live import rate
from benchmarks.drag_masks import DRAGS
from benchmarks.drag_page import Log
from benchmarks.drag_team import apart, may_change


def report(seconds: float, handle: tuple[int, int], megabytes: float = 100.0):
    return seconds, 2 * seconds, megabytes, [(5, 5), handle], False


def test_drags_stay_in_the_image_and_reach_its_corners_and_borders():
    found = drags(256)
    assert len(found) >= 20
    assert {len(handles) for handles, *_ in found} >= {1, 2, 3, 8}
    points = {point for handles, targets, *_ in found for point in (*handles, *targets)}
    assert all(0 <= n < 256 for point in points for n in point)
    assert points >= {(0, 0), (255, 255), (0, 255), (255, 0), (0, 128), (128, 255)}


def test_steps_are_compared_without_the_first():
    steps = [
        {"plain": report(9, (7, 7)), "quick": report(3, (7, 7), 50)},
        {"plain": report(4, (8, 7)), "quick": report(0.2, (8, 7), 80)},
        {"plain": report(5, (9, 7)), "quick": report(0.1, (11, 7), 60)},
    ]
    row = compared(steps)
    assert (row["plain_s"], row["quick_s"], row["ratio"]) == (4, 0.1, 40)
    assert (row["quick_mb"], row["plain_mb"]) == (80, 100)
    assert (row["steps"], row["equal"], row["apart_px"]) == (3, 2, 2)
    assert "prefix_ratio" not in row
    assert apart(steps[2]["plain"], steps[2]["quick"]) == 2
    named = summary([{"generator": "256", "pairs": 2, "mask": "none", "device": "cpu"} | row], [])
    assert named["ratio_256_2_none_cpu"] == 40


def test_a_step_of_unequal_cost_takes_the_mean_of_its_cycle():
    steps = [{"plain": report(4, (7, 7)), "quick": report(0.1, (7, 7))}] * 3
    row = compared(steps, [report(2, (7, 7)), report(0.2, (7, 7)), report(0.2, (7, 7)), report(0.2, (7, 7))])
    assert (row["quick_s"], row["quick_wall_s"]) == pytest.approx((0.65, 1.3))
    assert row["ratio"] == pytest.approx(4 / 0.65)
    named = summary([], [{"generator": "x", "device": "cpu", "steps": 8, "equal": 4, "near": 6, "apart_px": 2.0}])
    assert named == {"equal_x_cpu": 0.5, "most_apart_px_x_cpu": 2.0, "near_x_cpu": 0.75}


@pytest.mark.parametrize("region", sorted({region for region, *_ in DRAGS}))
def test_the_masks_of_the_masked_drags_let_their_handles_move(region):
    may = may_change(region, 128, 128)
    assert may.any()
    assert not may.all()
    handles = [handle for where, handles, _ in DRAGS if where == region for handle in handles]
    assert all(may[y, x] for x, y in handles)


def test_a_rate_is_between_the_first_and_the_last():
    assert rate([1.0, 1.5, 3.0]) == pytest.approx(1)
    assert rate([2.0]) == 0


def test_the_log_gives_each_event_once(tmp_path):
    path = tmp_path / "log"
    path.write_text("step 1.5\nset 2\n")
    log = Log(path)
    assert log.fresh() == [("step", 1.5), ("set", 2.0)]
    with path.open("a") as lines:
        lines.write("step 3\n")
    assert log.fresh() == [("step", 3.0)]
