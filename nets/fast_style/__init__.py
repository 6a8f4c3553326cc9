"""Style in one quick pass: palettes, paint and small networks of several styles, and any blend of them."""

from nets.fast_style.config import FastStyleConfig
from nets.fast_style.laying import Laying
from nets.fast_style.lesson import Lesson, Taught
from nets.fast_style.network import REACH, FastStyle
from nets.fast_style.normalisation import Statistics
from nets.fast_style.objective import Objective, Weights
from nets.fast_style.paint import KNOWN, STROKES, known_at_once, laid_of
from nets.fast_style.palette import looked_up, palette_of
from nets.fast_style.published import PublishedFastStyle, published_from_contents
from nets.fast_style.rows import Rows, parameters_by_style, rounded, rows_of, with_styles
from nets.fast_style.states import from_contents, from_state, to_state
from nets.fast_style.teach import Pupil, teach

__all__ = [
    "KNOWN",
    "REACH",
    "STROKES",
    "FastStyle",
    "FastStyleConfig",
    "Laying",
    "Lesson",
    "Objective",
    "PublishedFastStyle",
    "Pupil",
    "Rows",
    "Statistics",
    "Taught",
    "Weights",
    "from_contents",
    "from_state",
    "known_at_once",
    "laid_of",
    "looked_up",
    "palette_of",
    "parameters_by_style",
    "published_from_contents",
    "rounded",
    "rows_of",
    "teach",
    "to_state",
    "with_styles",
]
