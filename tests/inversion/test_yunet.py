"""YuNet out of its ONNX file: the graph is followed, faces are decoded, and other files are refused."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from nets.yunet import OVERLAP, Detection, YuNet, detect, from_contents
from nets.yunet.faces import _apart, _overlap
from registry.readers.reading import read_tensors
from tests.inversion.yunet_file import FACE, HEADS, STRIDES, random_weights, spot_weights, written


def read(tmp_path, weights) -> YuNet:
    path = tmp_path / "yunet.onnx"
    path.write_bytes(written(weights))
    return from_contents(read_tensors(path))


def by_the_paper(weights, pictures):
    """The network again, written out."""

    def unit(x, name, relu=True):
        x = F.conv2d(x, weights[f"{name}.conv1.weight"], weights[f"{name}.conv1.bias"])
        x = F.conv2d(x, weights[f"{name}.conv2.weight"], weights[f"{name}.conv2.bias"], padding=1, groups=x.shape[1])
        return x.relu() if relu else x

    x = F.conv2d(pictures, weights["model0.conv1.weight"], weights["model0.conv1.bias"], 2, 1).relu()
    x = F.max_pool2d(unit(x, "model0.conv2"), 2)
    levels = []
    for stage in range(1, 6):
        x = unit(unit(x, f"model{stage}.conv1"), f"model{stage}.conv2")
        levels += [x] if stage >= 3 else []
        x = F.max_pool2d(x, 2) if stage in (2, 3, 4) else x
    for level in (2, 1):
        levels[level] = unit(levels[level], f"lateral.{level}")
        levels[level - 1] = levels[level - 1] + levels[level].repeat_interleave(2, 2).repeat_interleave(2, 3)
    levels[0] = unit(levels[0], "lateral.0")
    found = {}
    for head, count in HEADS.items():
        for level, stride in enumerate(STRIDES):
            said = unit(levels[level], f"{head}.{level}", relu=False)
            found[f"{head}_{stride}"] = said.sigmoid() if count == 1 else said
    return found


def test_the_graph_of_the_file_is_followed(tmp_path):
    weights = random_weights(3)
    pictures = torch.rand(2, 3, 64, 96, generator=torch.Generator().manual_seed(0)) * 255
    found, expected = read(tmp_path, weights)(pictures), by_the_paper(weights, pictures)
    assert found.keys() == expected.keys()
    for name, said in found.items():
        torch.testing.assert_close(said, expected[name], atol=1e-5, rtol=1e-4)
        assert said.std() > 1e-4, "a dead network would equal anything"


def test_strides_are_those_of_the_file(tmp_path):
    weights = random_weights(3)
    path = tmp_path / "yunet.onnx"
    path.write_bytes(written(weights, first=1))
    net = from_contents(read_tensors(path))
    pictures = torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(0)) * 255
    plain = F.conv2d(pictures, weights["model0.conv1.weight"], weights["model0.conv1.bias"], 1, 1)
    found = {"": pictures}
    for op, inputs, output, window in net.nodes[:2]:
        found[output] = net._step(op, found.get(inputs[0], pictures), inputs, window, found)
    assert [node.op for node in net.nodes[:2]] == ["Conv", "MaxPool"]
    torch.testing.assert_close(found["pooled.first"], F.max_pool2d(plain, 2))


@pytest.mark.parametrize(
    ("output", "wrong"),
    [
        ("model0.conv1.out", {"strides": [0, 1]}),
        ("model0.conv1.out", {"pads": [9, 9, 9, 9]}),
        ("model0.conv1.out", {"pads": [0, 0, 1, 1]}),
        ("model0.conv1.out", {"dilations": [2, 2]}),
        ("model0.conv1.out", {"auto_pad": "SAME_UPPER"}),
        ("model0.conv1.out", {"group": "all"}),
        ("pooled.0", {"kernel_shape": 2}),
        ("pooled.0", {"ceil_mode": 1}),
    ],
)
def test_a_window_that_no_yunet_has_is_refused(output, wrong, tmp_path):
    nodes, tensors = nodes_and_tensors(tmp_path)
    (at,) = (number for number, node in enumerate(nodes) if node["outputs"] == [output])
    nodes[at]["attributes"] = nodes[at]["attributes"] | wrong
    with pytest.raises(ValueError, match=f"it is no YuNet: it computes {output} by (Conv|MaxPool) with"):
        YuNet(nodes, tensors)


def spots(*places, size=(160, 200), half=10):
    picture = torch.full((3, *size), -0.8)
    for x, y in places:
        picture[:, y - half : y + half, x - half : x + half] = 1
    return picture


def test_faces_lie_where_the_picture_shows_them(tmp_path):
    net = read(tmp_path, spot_weights())
    places = [(60, 50), (140, 100)]
    found = sorted(detect(net, spots(*places)), key=lambda face: float(face.box[0]))
    assert len(found) == 2
    for face, (x, y) in zip(found, places, strict=True):
        shape = (face.points - face.points.mean(0)).numpy()
        expected = 8 * (np.array(FACE) - np.mean(FACE, 0))
        assert np.allclose(shape, expected, atol=0.1)
        assert np.abs(face.points[2].numpy() - (x + 4, y + 4)).max() <= 16  # the spot is two cells wide
        assert (face.box[2:] - face.box[:2]).tolist() == pytest.approx([80, 96], abs=0.5)
        assert face.score > 0.9
    assert detect(net, spots()) == []


def test_a_large_picture_is_looked_at_smaller_and_told_in_its_own_pixels(tmp_path):
    net = read(tmp_path, spot_weights())
    picture = F.interpolate(spots((60, 50), size=(160, 160), half=3)[None], scale_factor=8.0)[0]
    found = detect(net, picture)
    widths = sorted(float(face.box[2] - face.box[0]) for face in found)
    assert widths == pytest.approx([80 * 1280 / 640, 80 * 1280 / 288], rel=0.01)  # both looks see the spot
    for face in found:
        cell = float(face.box[2] - face.box[0]) / 10
        assert np.abs(face.points[2].numpy() - (8 * 60 + cell / 2, 8 * 50 + cell / 2)).max() < 2.5 * cell


def test_of_boxes_that_mean_one_face_the_surest_stays():
    def face(left, score):
        return Detection(torch.tensor([left, 0.0, left + 10, 10.0]), torch.zeros(5, 2), score)

    assert _overlap(face(0, 1).box, face(5, 1).box) == pytest.approx(1 / 3)
    assert OVERLAP < 1 / 3
    kept = _apart([], [face(5, 0.7), face(0, 0.9), face(30, 0.8)])
    assert [each.score for each in kept] == [0.9, 0.8]
    assert [each.score for each in _apart(kept, [face(2, 0.95), face(60, 0.6)])] == [0.9, 0.8, 0.6]
    broken = face(90, 0.9)._replace(points=torch.full((5, 2), float("nan")))
    assert _apart([], [broken]) == []


def nodes_and_tensors(tmp_path):
    path = tmp_path / "yunet.onnx"
    path.write_bytes(written(random_weights()))
    contents = read_tensors(path)
    return [dict(node) for node in contents.plain["nodes"]], dict(contents.tensors[""])


def test_what_is_no_yunet_is_refused(tmp_path):
    nodes, tensors = nodes_and_tensors(tmp_path)
    with pytest.raises(ValueError, match="does not give cls_8"):
        YuNet([node for node in nodes if node["outputs"] != ["cls_8"]], tensors)
    with pytest.raises(ValueError, match="computes cls_8 by Softmax"):
        YuNet([node | {"op": "Softmax"} if node["outputs"] == ["cls_8"] else node for node in nodes], tensors)
    with pytest.raises(ValueError, match="lacks the weights model0"):
        YuNet(nodes, {name: value for name, value in tensors.items() if name != "model0.conv1.weight"})
    weights = random_weights()
    weights["model2.conv1.conv1.weight"] = torch.zeros(8, 5, 1, 1)
    with pytest.raises(ValueError, match="it is no YuNet"):
        read(tmp_path, weights)
    weights = random_weights()
    weights |= {"bbox.0.conv1.weight": torch.zeros(5, 8, 1, 1), "bbox.0.conv1.bias": torch.zeros(5)}
    weights |= {"bbox.0.conv2.weight": torch.zeros(5, 1, 3, 3), "bbox.0.conv2.bias": torch.zeros(5)}
    with pytest.raises(ValueError, match="bbox_8 is"):
        read(tmp_path, weights)
    with pytest.raises(ValueError, match="expected \\[3, H, W\\]"):
        detect(read(tmp_path, random_weights()), torch.zeros(1, 40, 40))
