"""What editors share stays as it was, and who changed it is named; pictures they are given are copies."""

import sys

import numpy as np
import pytest
import torch
from PIL import Image

from facet.app import finish, load_registry
from registry.plugins import faults
from registry.plugins.faults import faults_of
from registry.process.surroundings import Lease, put_back
from registry.subjects.pixels import pixels_sha256
from registry.subjects.subject import Subject
from tests.plugins.broken import leaves_state

PICTURE = np.full((32, 40, 3), 90, np.uint8)
NAMED = {
    "dtype": "torch's default type",
    "mkldnn": "torch.backends.mkldnn.enabled",
    "matmul": "torch's precision of products",
    "deterministic": "torch's deterministic mode",
    "grad": "torch's gradient mode",
    "threads": "torch's number of threads",
    "folder": "the working folder",
    "umask": "the umask",
    "environ": "environment variables (FACET_OFFLINE)",
    "stdout": "sys.stdout",
    "stderr": "sys.stderr",
    "recursion": "the recursion limit",
    "pixels": "Image.MAX_IMAGE_PIXELS",
    "truncated": "ImageFile.LOAD_TRUNCATED_IMAGES",
    "warnings": "filters of warnings (ignore Warning)",
    "errstate": "NumPy's handling of errors",
    "locale": "the locale",
    "pillow": "functions of others (PIL.Image.open)",
    "random": "",
}


@pytest.fixture
def load(drop_in):
    def loaded(*names):
        drop_in("good_one", *(f"broken/{name}" for name in names))
        for name in names:
            faults._faults.pop(name, None)
        return load_registry()

    return loaded


def test_every_leak_of_the_plugin_is_tried():
    assert set(NAMED) == set(leaves_state.LEAKS)


@pytest.mark.parametrize("what", NAMED)
def test_what_a_run_changes_is_put_back_and_named(what, load, cli):
    registry = load("leaves_state")
    for _ in range(2):  # also when nothing is new
        with put_back() as left:
            finish(registry.get("leaves_state"), {"subject": PICTURE, "what": what})
        assert left == []
    faults = faults_of("leaves_state")
    assert [fault.partition(" (")[0].partition(";")[0] for fault in faults] == (
        [f"changed {NAMED[what].partition(' (')[0]}"] if NAMED[what] else []
    )
    assert all(NAMED[what] in fault and fault.endswith("; it was put back") for fault in faults)
    assert all(fault in cli("list").out for fault in faults)


def test_what_an_import_changes_is_put_back_and_named(load):
    with put_back() as left:
        registry = load("state_at_import")
    assert left == []
    told = "\n".join(faults_of("state_at_import"))
    for what in ("dtype", "threads", "folder", "umask", "environ", "recursion", "warnings", "pixels", "pillow"):
        assert f"changed {NAMED[what]} while it was imported; it was put back" in told
    assert registry.get("state_at_import").id == "state_at_import"
    assert finish(registry.get("good_one"), {"subject": PICTURE}).subject.size == (40, 32)


def test_a_patched_pillow_is_not_blamed_on_the_user(load, tmp_path):
    load("state_at_import")
    Image.fromarray(PICTURE).save(tmp_path / "mine.png")
    assert Subject.read(tmp_path / "mine.png").size == (40, 32)


def test_a_patch_of_a_librarys_own_is_none():
    own = torch.Storage
    with put_back() as left:
        torch.Storage = torch.FloatStorage  # as torch does itself when it first compiles
    torch.Storage = own
    assert left == []


def test_random_states_are_the_runs_own(load):
    """Authors who draw from global random states get the same numbers for the same seed, and nobody else does."""
    registry, states = load("leaves_state"), []
    for _ in range(2):
        states.append((np.random.get_state()[1].tobytes(), torch.random.get_rng_state().numpy().tobytes()))
        finish(registry.get("leaves_state"), {"subject": PICTURE, "what": "random"})
    assert states[0] == states[1]


def test_a_lease_ends_once():
    limit = sys.getrecursionlimit()
    lease = Lease()
    lease.begin(lambda: sys.setrecursionlimit(limit + 1))
    sys.setrecursionlimit(limit + 2)
    assert lease.end() == ("the recursion limit",)
    assert sys.getrecursionlimit() == limit
    sys.setrecursionlimit(limit + 3)  # somebody else's by now
    assert lease.end() == ()
    assert sys.getrecursionlimit() == limit + 3
    sys.setrecursionlimit(limit)


@pytest.mark.filterwarnings("ignore:The given NumPy array is not writable")
def test_an_editor_that_writes_into_its_picture_changes_only_its_own_copy(load):
    registry = load("writes_into_subject")
    subject = Subject(PICTURE.copy())
    subject.pixels.setflags(write=False)
    result = finish(registry.get("writes_into_subject"), {"subject": subject})
    assert np.array_equal(subject.pixels, PICTURE)
    assert result.recipe["inputs"]["subject"]["sha256"] == pixels_sha256(PICTURE)
    (fault,) = faults_of("writes_into_subject")
    assert fault.startswith("wrote into the pixels of “subject”")


def test_a_result_cannot_be_changed_afterwards():
    from facet import Step, editor

    kept = []

    @editor("keeping", "Keeping", task="restyle", gpu_seconds=0)
    def keeping(ctx, *, subject: Subject):
        """Keep a way into its result."""
        picture = np.full((32, 40, 3), 50, np.uint8)
        kept.append(torch.from_numpy(picture))
        yield Step(picture, done=1, images={"more": picture})

    result = finish(keeping, {"subject": PICTURE})
    kept[0].fill_(1)
    assert result.subject.pixels.min() == result.images["more"].min() == 50
    with pytest.raises(ValueError, match="read-only"):
        result.subject.pixels[0, 0] = 1
