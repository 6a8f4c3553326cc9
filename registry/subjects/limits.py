"""The limits of what a picture's file may ask of a decoder; honest files stay far below all of them."""

from __future__ import annotations

MOST_FILE_BYTES = 256 << 20  # 25 megapixels of 64 bits are 200 MB
MOST_SCANS = 100  # a progressive JPEG has about ten
MOST_SCANNED = 500_000_000  # pixels times scans
MOST_PARTS = 100_000  # chunks of a PNG, strips or tiles of a TIFF
MOST_SEGMENTS = 1_000  # of a JPEG before its picture begins
MOST_EXIF_SEGMENTS = 64
MOST_ENTRIES = 4_000  # of a TIFF's table of contents
MOST_STRAY_BYTES = 1 << 16  # between the parts of a file, where nothing belongs
MOST_REMARKS = 2 << 20  # bytes of comments in a GIF, whose decoder joins them piece by piece
MOST_FRAMES = 10_000  # that are counted in a GIF
MOST_PIECES = 400_000  # of a GIF; full ones would be 100 MB
MOST_RUNS = 4 << 20  # bytes of a BMP packed in runs, which Pillow unpacks one by one in Python

AGAIN = "Open it in another program and save it again as a plain PNG or JPEG."
ONE_FRAME = "Choose one frame and save it as a PNG."


class Costly(Exception):
    """The file asks for too much: what goes behind the field's name, and what helps."""

    def __init__(self, why: str, fix: str = AGAIN) -> None:
        super().__init__(why, fix)
        self.why, self.fix = why, fix
