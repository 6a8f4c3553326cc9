"""The commands beside the editors: list, compare, replay, check, docs, new-plugin, and no command at all."""

import json
import os
import subprocess
import sys

import pytest
from PIL import Image

from facet import Subject
from registry.conformance.sample_inputs import small_picture
from registry.saved.lineage import read_lineage
from surfaces.cli.plugin_files import plugin_files


@pytest.fixture(autouse=True)
def editors(drop_in):
    drop_in("good_one", "broken/misspelt_hook", "broken/raises_mid_run")


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "picture.png"
    Image.fromarray(small_picture(64, 48)).save(path)
    return path


class TestList:
    def test_json(self, cli):
        listed = json.loads(cli("list", "--json").out)
        rows = {row["id"]: row for row in listed["editors"]}
        style = rows["neural_style"]
        assert (style["task"], style["plugin"], style["licence"]) == ("restyle", "built-in", "Apache-2.0")
        assert style["load_seconds"] >= 0
        assert {"subject", "style", "size"} <= {entry["name"] for entry in style["inputs"]}
        assert "vgg16_edges" in [net["name"] for net in style["weights"]]
        assert rows["colour_transfer"]["weights"] == []
        plugins = {row["name"]: row for row in listed["plugins"]}
        assert "hook that does not exist" in plugins["misspelt_hook"]["reason"]
        assert not plugins["misspelt_hook"]["loaded"]

    def test_text(self, cli):
        ran = cli("list")
        assert "restyle\n" in ran.out
        assert "good_one" in ran.out
        assert "misspelt_hook (misspelt_hook.py): " in ran.out

    def test_brings_neither_gradio_nor_cuda(self, process, tmp_path):
        code = (
            "import app, sys, torch\napp.main(['list', '--json'])\n"
            "print('gradio' in sys.modules, torch.cuda.is_initialized(), file=sys.stderr)"
        )
        ran = process("-c", code, cwd=tmp_path)
        assert ran.err.split() == ["False", "False"]
        assert json.loads(ran.out)["editors"]

    def test_head_may_close_the_pipe(self, process):
        piped = f"{sys.executable} -c \"from surfaces.cli import main; main(['list', '--json'])\" | head -c 1"
        done = subprocess.run(piped, shell=True, capture_output=True, text=True, timeout=300)
        assert (done.stdout, "Traceback" in done.stderr) == ("{", False)


class TestUsage:
    def test_help_names_commands_and_editors(self, cli):
        ran = cli("--help")
        assert ran.code == 0
        for name in ("serve", "list", "compare", "replay", "new-plugin", "docs", "check", "weights", "good_one"):
            assert f"  {name} " in ran.out

    def test_an_option_before_a_command_is_refused(self, cli):
        ran = cli("--jsn")
        assert (ran.code, ran.err.count("\n")) == (2, 1)

    @pytest.mark.parametrize("command", ["list", "compare", "replay", "check", "docs", "new-plugin", "weights"])
    def test_every_command_explains_itself(self, command, cli):
        ran = cli(command, "--help")
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.startswith(f"usage: facet {command} ")

    def test_nothing_at_all(self, cli):
        assert (cli().code, "usage: facet" in cli().out) == (2, True)


class TestCompare:
    def test_a_sheet(self, cli, picture, tmp_path):
        out = tmp_path / "sheet.png"
        ran = cli(
            *("compare", "--task", "restyle", "--methods", "good_one,good_one:strength=0.1,steps=2"),
            *("--subject", picture, "-o", out, "--json"),
        )
        assert ran.code == 0, ran.err
        columns = json.loads(ran.out)["columns"]
        assert [column["method"] for column in columns] == ["good_one", "good_one:strength=0.1,steps=2"]
        assert columns[1]["recipe"]["inputs"]["steps"] == 2
        assert columns[0]["measures"]["ssim"]["value"] < columns[1]["measures"]["ssim"]["value"]
        assert Subject.read(str(out)).size[0] > 1000

    def test_a_folder_of_pictures_with_recipes(self, cli, picture, tmp_path):
        out = tmp_path / "columns"
        ran = cli("compare", "--task=restyle", "--methods=good_one,raises_mid_run", "--subject", picture, "-o", out)
        assert ran.code == 0
        assert "raises_mid_run: " in ran.err
        assert sorted(path.name for path in out.iterdir()) == ["1_good_one.png", "compare.csv", "compare.json"]
        assert read_lineage(out / "1_good_one.png")
        failed = json.loads((out / "compare.json").read_text())["columns"][1]
        assert (failed["state"], failed["recipe"]) == ("failed", None)

    @pytest.mark.parametrize(
        ("arguments", "why"),
        [
            ([], "task: is missing. There are: restyle"),
            (["--task=nothing"], "task: no editor does 'nothing'"),
            (["--task=restyle", "--methods=goodone"], "editor: there is none called 'goodone'"),
            (["--task=restyle", "--methods=good_one"], "out: is missing"),
            (["--task=restyle", "--methods=good_one", "-o", "a.jpg"], "out: must end in .png"),
            (["--task=restyle", "--methods=good_one", "-o", "a.png"], "subject: is missing"),
            (
                ["--task=restyle", "--methods=good_one:steps=0", "-o", "a.png", "--subject=sample:lake"],
                "steps: must be",
            ),
            (["--task=restyle", "--methods=good_one", "--size=5"], "--size: facet compare has no such option"),
            (["--column=goodone"], "editor: there is none called 'goodone'"),
            (["--column=good_one:colour=2"], "colour: is no input of good_one"),
            (["--column=good_one:subject=a.png"], "subject: is the same for all columns"),
            (["--sweep=good_one"], "sweep: names no setting"),
            (["--sweep=good_one.subject=a,b"], "sweep: subject of good_one cannot be swept"),
            (["--sweep=good_one.strength=0:1:100"], "sweep: asks for 100 columns, the most is 12"),
            (["--sweep=good_one.strength=0:1"], "sweep: cannot count with"),
            (["--sweep=good_one.strength=0:much:3"], "sweep: cannot count with"),
            (["--sweep=good_one.steps=1:2:5"], "sweep: has no 5 different values from 1 to 2"),
            (["--sweep=good_one.strength"], "sweep: strength of good_one has no list of values"),
            (["--again=none.json", "--task=restyle"], "task: cannot be given with --again"),
            (["--again=none.json"], "again: no such file"),
        ],
    )
    def test_refusals(self, arguments, why, cli, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        ran = cli("compare", *arguments)
        assert (ran.code, ran.err.count("\n")) == (2, 1), ran.err
        assert ran.err.startswith(f"facet: {why}")

    def test_columns_sweeps_order_and_again(self, cli, picture, tmp_path):
        out, again = tmp_path / "columns", tmp_path / "again"
        asked = ("--column", "good_one:strength=0.5,steps=2", "--sweep", "good_one.strength=0:1:2", "--sort", "ssim")
        ran = cli("compare", *asked, "--subject", picture, "--seed", "-1", "--difference", "-o", out)
        assert ran.code == 0, ran.err
        saved = json.loads((out / "compare.json").read_text())
        labels = [row["method"] for row in saved["columns"]]
        assert labels == ["good_one:strength=0", "good_one:strength=0.5,steps=2", "good_one:strength=1"]
        assert len(list(out.glob("*_difference.png"))) == 3
        ran = cli("compare", "--again", out / "compare.json", "--subject", picture, "-o", again, "--json")
        assert ran.code == 0, ran.err
        columns = json.loads(ran.out)["columns"]
        assert [(row["method"], row["identical"]) for row in columns] == [(label, True) for label in labels]
        ran = cli("compare", "--again", out / "compare.json", "-o", again)
        assert (ran.code, ran.err.count("\n")) == (2, 1)
        assert ran.err.startswith(
            "facet: again column 1: subject is needed: the recipe was made with an uploaded picture"
        )

    def test_every_method_failed(self, cli, picture, tmp_path):
        arguments = ("compare", "--task=restyle", "--methods=raises_mid_run", "--subject", picture)
        ran = cli(*arguments, "-o", tmp_path / "a.png")
        assert (ran.code, ran.err.startswith("facet: No method gave a picture")) == (1, True)


class TestReplay:
    def test_bit_equal(self, cli, picture, tmp_path):
        first, again = tmp_path / "first.png", tmp_path / "again.png"
        assert cli("good_one", "--subject", picture, "--seed", "-1", "-o", first).code == 0
        ran = cli("replay", first, "--subject", picture, "-o", again, "--json")
        assert json.loads(ran.out)["identical"] is True
        assert again.read_bytes() == first.read_bytes()

    def test_in_another_process_and_folder(self, cli, process, picture, tmp_path, facet_home):
        first = tmp_path / "first.png"
        assert cli("good_one", "--subject", picture, "--seed", "3", "-o", first).code == 0
        arguments = ("-m", "surfaces.cli", "replay", first, "--subject", picture, "-o", "again.png")
        ran = process(*arguments, cwd=tmp_path, FACET_HOME=str(facet_home))
        assert ran.code == 0, ran.err
        assert (tmp_path / "again.png").read_bytes() == first.read_bytes()

    def test_a_real_editor_on_two_samples(self, cli, tmp_path):
        first, again = tmp_path / "first.png", tmp_path / "again.png"
        made = cli("colour_transfer", "--subject=sample:chelsea", "--style=sample:waves", "-o", first)
        assert made.code == 0, made.err
        assert cli("replay", first, "-o", again).code == 0
        assert again.read_bytes() == first.read_bytes()

    def test_the_wrong_source(self, cli, picture, tmp_path):
        first, other = tmp_path / "first.png", tmp_path / "other.png"
        cli("good_one", "--subject", picture, "-o", first)
        Image.fromarray(small_picture(64, 48, seed=3)).save(other)
        ran = cli("replay", first, "--subject", other, "-o", tmp_path / "again.png")
        assert (ran.code, ran.err.startswith("facet: subject: is not the picture")) == (2, True)
        ran = cli("replay", first, "-o", tmp_path / "again.png")
        assert (ran.code, "Give it as --subject" in ran.err) == (2, True)

    def test_a_picture_without_recipe(self, cli, picture, tmp_path):
        ran = cli("replay", picture, "-o", tmp_path / "again.png")
        assert (ran.code, ran.err.startswith("facet: file: holds no recipe")) == (2, True)

    def test_a_picture_that_was_changed_since(self, cli, picture, tmp_path):
        first = tmp_path / "first.png"
        cli("good_one", "--subject", picture, "-o", first)
        lineage = read_lineage(first)
        from registry.saved.lineage import png_bytes

        first.write_bytes(png_bytes(small_picture(64, 48, seed=9), lineage))
        ran = cli("replay", first, "--subject", picture, "-o", tmp_path / "again.png", "--json")
        assert json.loads(ran.out)["identical"] is False
        assert "The result differs from the file" in ran.err


class TestCheck:
    def test_a_good_editor(self, cli):
        ran = cli("check", "good_one", "--json")
        findings = json.loads(ran.out)
        assert ran.code == 0, [row for row in findings if row["problem"]]
        assert len(findings) >= 10

    def test_a_broken_one(self, cli):
        ran = cli("check", "raises_mid_run")
        assert ran.code == 1
        assert "BROKEN  raises_mid_run: " in ran.out

    def test_an_unknown_one(self, cli):
        assert cli("check", "nobody").code == 2


class TestNewPlugin:
    def test_a_project_that_passes_its_own_tests(self, cli, process, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        ran = cli("new-plugin", "soft-glow")
        assert ran.code == 0, ran.err
        project = tmp_path / "facet-soft-glow"
        written = [path.relative_to(project).as_posix() for path in project.rglob("*") if path.is_file()]
        assert sorted(written) == sorted(plugin_files("soft_glow"))
        tested = process("-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir=.", cwd=project)
        assert tested.code == 0, tested.out
        lint = ("-m", "ruff", "check", "--isolated", "--select", "E,F,I,UP,B", "--line-length", "120", ".")
        linted = process(*lint, cwd=project)
        assert linted.code == 0, linted.out

    @pytest.mark.parametrize("name", ["Bad Name", "1st", "x", "class", "compare", "../up", "a" * 41])
    def test_names_that_cannot_be(self, name, cli, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        ran = cli("new-plugin", name)
        assert (ran.code, ran.err.startswith("facet: name: must be 2 to 40")) == (2, True)
        assert list(tmp_path.iterdir()) == []

    def test_names_and_folders_that_are_taken(self, cli, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert "there is an editor called 'good_one' already" in cli("new-plugin", "good_one").err
        (tmp_path / "facet-fresh").mkdir()
        ran = cli("new-plugin", "fresh")
        assert (ran.code, "exists already" in ran.err) == (2, True)


class TestDocs:
    def test_printed_and_written_alike(self, cli, tmp_path):
        printed = cli("docs").out
        assert cli("docs", "-o", tmp_path / "editors.md").code == 0
        assert (tmp_path / "editors.md").read_text() == printed
        assert "| `steps` | whole number, 1 to 1000 | 4 | How many steps it takes. |" in printed

    def test_only_built_in_ones(self, cli):
        printed = cli("docs", "--built-in").out
        assert "good_one" not in printed
        assert "`colour_transfer`" in printed


def test_offline_is_taken_with_every_command(monkeypatch):
    import app

    monkeypatch.delenv("FACET_OFFLINE", raising=False)
    monkeypatch.setattr("surfaces.cli.main", lambda arguments: [arguments == ["list", "--json"]].count(False))
    monkeypatch.setenv("FACET_OFFLINE", "0")  # so that the test's own change is undone
    assert app.main(["list", "--offline", "--json"]) == 0
    assert os.environ["FACET_OFFLINE"] == "1"


def test_a_new_project_says_what_to_install_first_where_only_the_packages_are(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("surfaces.cli.newplugin._is_installed", lambda: False)
    said = cli("new-plugin", "soft_glow").out
    assert "First, once: pip install -e " in said
    assert "not yet" in (tmp_path / "facet-soft-glow" / "README.md").read_text()
