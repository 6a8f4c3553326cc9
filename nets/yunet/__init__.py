"""YuNet, a small face detector, read from its ONNX file."""

from nets.yunet.faces import OVERLAP, Detection, detect
from nets.yunet.network import HEADS, STRIDES, YuNet, from_contents

__all__ = ["Detection", "HEADS", "OVERLAP", "STRIDES", "YuNet", "detect", "from_contents"]
