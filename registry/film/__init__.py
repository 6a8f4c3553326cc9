"""Films: an editor hands out frames, and one of four formats comes back as bytes, marked and replayable."""

from registry.film.animated import GifWriter, WebpWriter
from registry.film.declare import FORMATS, MOST_BYTES, MOST_FRAMES, NO_FILM, Film, FilmFile, Format, has_av, is_film
from registry.film.marks import packet_in, with_packet
from registry.film.video import VideoWriter

__all__ = [
    "FORMATS",
    "Film",
    "FilmFile",
    "Format",
    "GifWriter",
    "MOST_BYTES",
    "MOST_FRAMES",
    "NO_FILM",
    "VideoWriter",
    "WebpWriter",
    "has_av",
    "is_film",
    "packet_in",
    "with_packet",
]
