"""Films: an editor hands out frames, and one of four formats comes back as bytes, marked and replayable."""

from registry.film.declare import FORMATS, MOST_FRAMES, Film, FilmFile, FilmFormat, Format

__all__ = ["FORMATS", "MOST_FRAMES", "Film", "FilmFile", "FilmFormat", "Format"]
