"""MTCNN, three small networks that find faces and their eyes, noses and mouths, each looking closer than the last.

``detect(net, picture)`` lists the faces of a photograph. Zhang et al. 2016, "Joint Face Detection and Alignment using
Multi-task Cascaded Convolutional Networks"; the weights that come along have a card with their origin.
"""

from nets.mtcnn.cascade import Detection, detect
from nets.mtcnn.network import Mtcnn, from_contents, from_state, to_state

__all__ = ["Detection", "Mtcnn", "detect", "from_contents", "from_state", "to_state"]
