"""The classes of cityscapes, which pix2pixHD's and SPADE's networks of streets draw, as a palette to paint with."""

from __future__ import annotations

from facet import Palette

STREETS = Palette(
    (
        "unlabelled", "own car", "rectified rim", "out of region", "static thing", "moving thing", "ground", "road",
        "sidewalk", "parking", "rail track", "building", "wall", "fence", "guard rail", "bridge", "tunnel", "pole",
        "group of poles", "traffic light", "traffic sign", "vegetation", "terrain", "sky", "person", "rider", "car",
        "lorry", "bus", "caravan", "trailer", "train", "motorcycle", "bicycle",
    ),
    (
        (236, 236, 236), (40, 40, 44), (12, 12, 12), (70, 70, 76), (120, 100, 84), (116, 76, 0), (88, 0, 84),
        (128, 64, 128), (244, 36, 232), (236, 160, 150), (230, 150, 140), (90, 84, 80), (102, 102, 156),
        (190, 153, 153), (180, 165, 180), (150, 100, 100), (150, 120, 90), (153, 146, 153), (170, 160, 150),
        (250, 170, 30), (220, 220, 0), (107, 142, 35), (152, 251, 152), (70, 130, 180), (220, 20, 60),
        (255, 80, 0), (0, 20, 142), (0, 60, 100), (0, 110, 140), (60, 0, 90), (110, 0, 110), (0, 80, 60),
        (0, 0, 230), (119, 11, 32),
    ),
)  # fmt: skip
"""In the order of cityscapes' label ids, 0 to 33."""
