"""The file of directions beside a generator's weights."""

from __future__ import annotations

DIRECTIONS = "directions.safetensors"
