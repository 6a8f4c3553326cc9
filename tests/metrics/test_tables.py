"""The tables that benchmarks print."""

import pytest

from benchmarks.tables import table


def test_columns_line_up_and_gaps_stay_gaps():
    text = table("way", ["dB", "seconds"], {"plain": [23.456789, 1], "by the encoder": [7.0, None]})
    assert text.splitlines() == [
        "way                dB  seconds",
        "plain           23.46        1",
        "by the encoder      7         ",
    ]


def test_a_row_that_is_too_short_is_refused():
    with pytest.raises(ValueError, match="2 figures"):
        table("", ["a", "b"], {"one": [1.0]})
