"""Opening strangers' pictures within bounds: what a file would cost, and a pool of processes that a server decodes in.

`costs` judges a file by its structure before anything decodes it; every reader of pictures asks it. `pool` is for
surfaces that many people share: there a file is decoded in a process of its own, with limits for memory and time, a few
at once, fair between visitors.
"""

from registry.decoding.pool import shared_pool
from registry.decoding.turns import Who

__all__ = [
    "Who",
    "shared_pool",
]
