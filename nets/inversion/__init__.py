"""GAN inversion: from a picture to w_plus by optimisation, and from there to a generator of its own by pivotal tuning.

Both yield as they go, keep the best so far, and may be left at any step::

    for progress in optimise(generator, image, w_plus, steps=100):
        w_plus = progress.w_plus                      # the best so far
    for progress in pivotal_tuning(generator, image, w_plus, steps=100):
        pass
    tuned = with_delta(generator, progress.delta())   # a copy; the generator itself is never changed
"""

from nets.inversion.delta import state_delta, with_delta
from nets.inversion.distance import Distance, PublishedTuning, PyramidDistance, WeightedSum
from nets.inversion.half import enlarged, half_height, image_at, shrunk
from nets.inversion.optimise import Progress, optimise, schedule
from nets.inversion.tuning import TuningProgress, pivotal_tuning

__all__ = [
    "Distance",
    "Progress",
    "PublishedTuning",
    "PyramidDistance",
    "TuningProgress",
    "WeightedSum",
    "enlarged",
    "half_height",
    "image_at",
    "optimise",
    "pivotal_tuning",
    "schedule",
    "shrunk",
    "state_delta",
    "with_delta",
]
