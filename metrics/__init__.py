"""Numbers that describe an edit, for comparisons and tests.

Each metric takes two uint8 RGB pictures [h, w, 3]: the result and what it is compared with, and gives one float. Where
the sizes differ, the second picture is resized to the first. Read `METRICS` to offer them all. Some judge with a
network, named by `Metric.net`: `NETS` makes it of what was read from its file (`JOINED`: of several parts, `INSTALLED`:
those that Python packages bring along), and whoever measures hands it over.
"""

from metrics import (  # noqa: F401 they register
    colour,
    photographs,
    puppets,
    standard,
    structure,
    style,
    translation,
    trunk,
)
from metrics.puppets import INSTALLED, JOINED, NETS
from metrics.registry import METRICS, Metric, Parts, measure, metric
from metrics.reported import REPORTED, Reported

__all__ = ["INSTALLED", "JOINED", "METRICS", "NETS", "REPORTED", "Metric", "Parts", "Reported", "measure", "metric"]
