"""From a painted label map, or from lines, to w of the embedded generator: `LabelEncoder`, and what it looks at."""

from nets.label_encoder.looks import Look, colours_of, lines_of, look_at_labels, look_at_lines
from nets.label_encoder.network import (
    LabelEncoder,
    LabelEncoderConfig,
    from_contents,
    from_state,
    to_state,
)

__all__ = [
    "LabelEncoder",
    "LabelEncoderConfig",
    "Look",
    "colours_of",
    "from_contents",
    "from_state",
    "lines_of",
    "look_at_labels",
    "look_at_lines",
    "to_state",
]
