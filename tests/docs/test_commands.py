"""Every command line of README and docs does what the page says it does."""

import json
import re
import shlex
import shutil

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from facet.app import load_registry
from registry.weights.local import file_sha256
from surfaces.cli.examples import example
from surfaces.cli.main import COMMANDS
from surfaces.cli.options import editor_parser
from tests.conftest import ROOT
from tests.docs.command_lines import PAGES, Line, command_lines, inline

ALL = [line for page in PAGES for line in command_lines(page)]
FACET = {page: [line for line in ALL if line.page == page and line.words[0] == "facet"] for page in
         dict.fromkeys(line.page for line in ALL)}  # fmt: skip

QUICK = {
    "neural_style": ["--size", "64", "--effort", "4"],
    "adapt": ["--model", "puppets", "--steps", "2", "--gallery", "1"],
    "teach_style": ["--steps", "2"],
    "drag": ["--steps", "2"],
    "free_drag": ["--steps", "2"],
    "walk": ["--seconds", "0.4", "--fps", "6"],
    "animation": ["--seconds", "1.2", "--fps", "4"],
    "invert": ["--model", "puppets", "--start", "mean", "--steps", "3", "--tuning", "2"],
    "nearest_seed": ["--among", "600"],
    "compare": ["--methods", "colour_transfer"],
}
"""What is appended, so that a command is quick: the last value of an option counts."""

OTHERWISE = {
    "key_frames": ["--fps", "6"],  # the times of key frames set the length
}

SKIPPED = {
    "facet serve": "serves until it is stopped",
    "facet password": "asks for a password; its redirection is the shell's",
    "facet weights fetch": "downloads",
    "facet weights verify": "asks the live Hub",
    "facet weights prune": "asks before it deletes",
    "facet direction fit --words": "needs CLIP from the Hub",
    "facet text_direction": "needs CLIP from the Hub",
    "facet fit_words": "needs CLIP from the Hub",
    "facet translate_model": "needs AnimeGANv2 or a file",
    "facet attributes --subject face.png --strength smile_text": "moves along what text_direction made",
    "cd": "changes the folder",
    "pip": "installs",
    "make": "installs and serves; the Makefile's targets are looked up below",
    "pytest": "is what runs this",
    "hf": "uploads",
    "git": "uploads",
    "twine": "uploads",
}
"""Commands that are not run here, by how they begin, and why; their options are read all the same."""


def skipped(line: Line) -> str:
    """Why a command is not run, or an empty text."""
    words = set(re.split(r"[\s=]", " ".join(line.words)))
    found = [why for start, why in SKIPPED.items() if set(start.split()) <= words and start.split()[0] == line.words[0]]
    return found[0] if found and "--offline" not in words else ""


@pytest.fixture
def workplace(tmp_path, monkeypatch, facet_home):
    """A folder with what the pages take for granted: a photograph, marked pictures, a published direction."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FACET_OFFLINE", "1")
    with Image.open(ROOT / "assets" / "samples" / "astronaut.webp") as photo:
        photo = photo.convert("RGB").resize((288, 288))  # every command runs, and none of them takes long
        photo.save("photo.jpg", quality=95)
        Image.linear_gradient("L").resize(photo.size).point(lambda level: 255 * (level > 127)).save("mask.png")
    (tmp_path / "shots").mkdir()
    for number in range(2):
        Image.linear_gradient("L").resize((60 + number, 40)).convert("RGB").save(tmp_path / "shots" / f"{number}.png")
    np.save("boundary.npy", np.random.default_rng(0).standard_normal((1, 512)).astype(np.float32))
    torch.save(torch.randn(1, 512, generator=torch.Generator().manual_seed(0)), "age.pt")
    known = {"name": "age", "generator": "ffhq_1024", "title": "Age"}
    monkeypatch.setattr("surfaces.cli.direction.PUBLISHED", {file_sha256(tmp_path / "age.pt"): known})
    seeds = "".join(f"{seed},{'yes' if seed % 2 else 'no'}\n" for seed in range(12))
    (tmp_path / "labels.csv").write_text(f"seed,label\n{seeds}")
    return tmp_path


def quick(words):
    if words[1] == "animation" and "key_frames" in words:
        return OTHERWISE["key_frames"]
    if words[1] == "compare" and "--task" not in words:
        return []  # it names its columns
    return QUICK.get(words[1].replace("-", "_"), [])


def prepare(cli, words, workplace, home):
    """What a page says in words or in a command that is not run here: whose picture anna.png is, what was installed."""
    if words[1] == "posterise":
        module = workplace / "facet-posterise" / "facet_posterise" / "__init__.py"
        shutil.copy(module, home / "editors" / "posterise.py")
    if words[1] == "halftone":
        editor = re.search(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
        (home / "editors" / "halftone.py").write_text(editor[1])
    if "anna.png" in words and not (workplace / "anna.png").exists() and words[1] != "latent":
        assert cli("latent", "--seed", 11, "--gallery", 1, "-o", "anna.png").code == 0
    if "folder_with_yes_and_no" in words:
        for seed in range(8):
            folder = workplace / "folder_with_yes_and_no" / ("yes" if seed % 2 else "no")
            folder.mkdir(parents=True, exist_ok=True)
            assert cli("latent", "--model", "puppets", "--seed", seed, "-o", folder / f"{seed}.png").code == 0


def is_whole(path):
    """What was written can be opened."""
    if path.suffix in (".png", ".jpg", ".webp", ".gif"):
        with Image.open(path) as image:
            image.load()
    return path.stat().st_size > 0


@pytest.mark.parametrize("page", [page for page, lines in FACET.items() if lines])
def test_the_commands_of_a_page_one_after_the_other(page, cli, workplace, facet_home):
    for line in FACET[page]:
        words = list(line.words)
        if skipped(line):
            continue
        prepare(cli, words, workplace, facet_home)
        ran = cli(*words[1:], *quick(words))
        assert ran.code == 0, f"{line}: {ran.err}"
        if "-o" in words:
            assert is_whole(workplace / words[words.index("-o") + 1]), line


def test_the_examples_of_help_work_as_they_stand(cli, workplace):
    done = set()
    for spec in load_registry():
        *before, last = [Line("--help", tuple(shlex.split(line))) for line in example(spec).splitlines()[1:]]
        assert last.words[1] == spec.id
        if skipped(last):
            editor_parser(spec).parse(last.words[2:])
            continue
        if last.words[1] == "sketch_portrait":  # what it is given is one's own drawing
            drawn = Image.new("RGB", (128, 128), "white")
            ImageDraw.Draw(drawn).ellipse((30, 20, 98, 112), outline=(20, 20, 20), width=2)
            drawn.save(workplace / last.words[last.words.index("--sketch") + 1])
        for line in [*(line for line in before if line not in done), last]:
            ran = cli(*line.words[1:], *quick(line.words))
            assert ran.code == 0, f"{line}: {ran.err}"
        done = set(before)  # the next one may make another picture of that name
        assert is_whole(workplace / last.words[-1])


def test_commands_that_are_not_run_are_read():
    registry = load_registry()
    for line in ALL:
        if line.words[0] != "facet" or not skipped(line):
            continue
        name = line.words[1].replace("-", "_")
        assert name == "serve" or line.words[1] in COMMANDS or name in registry.editors, str(line)
        if name in registry.editors:
            editor_parser(registry.get(name)).parse(line.words[2:])


def test_every_reason_to_skip_is_needed():
    used = {skipped(line) for line in ALL if skipped(line)}
    unused = [start for start, why in SKIPPED.items() if why not in used]
    assert set(unused) <= {"hf", "git", "twine"}, unused


@pytest.mark.parametrize(
    "line", dict.fromkeys([line for line in ALL if line.words[0] == "python"]
                          + [line for page in PAGES for line in inline(page, "python")]), ids=str
)  # fmt: skip
def test_programs_and_their_options_exist(line):
    """Trainings and benchmarks take minutes to hours: that the file is there and knows the options is tested."""
    words = [word for word in line.words[1:] if word not in ("…", "...")]
    if words[:1] == ["-m"]:
        module = ROOT / words[1].replace(".", "/")
        files = [module.with_suffix(".py"), module / "__main__.py", module / "__init__.py"]
    else:
        files = [ROOT / words[0]]
    found = [file for file in files if file.is_file()]
    if words[:2] in (["-m", "build"], ["-m", "pip"], ["-m", "venv"]):
        return
    assert found, str(line)
    source = "".join(file.read_text(encoding="utf-8") for file in found)
    around = ROOT / "surfaces" if found[0].parent == ROOT else found[0].parent
    nearby = "".join(file.read_text(encoding="utf-8") for file in around.rglob("*.py"))
    for option in [word.partition("=")[0] for word in words if word.startswith("--")]:
        assert f'"{option}"' in source or f'"{option}"' in nearby, f"{line}: {option}"


def test_targets_of_make_exist():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    lines = [line for line in ALL if line.words[0] == "make"] + [
        line for page in PAGES for line in inline(page, "make")
    ]
    assert lines
    for line in lines:
        assert {word for word in line.words[1:] if "=" not in word} <= targets, str(line)


def test_commands_are_found_where_they_stand():
    text = {line.page for line in ALL}
    assert {"README.md", "docs/drag.md", "docs/weights.md", "docs/animation.md", "docs/research/puppets.md"} <= text
    keys = next(line for line in ALL if "key_frames" in line.words)
    assert keys.words[-2:] == ("-o", "keys.mp4")  # it goes on over the line's end
    assert json.loads(next(line.words[line.words.index("--pairs") + 1] for line in ALL if "--pairs" in line.words))
