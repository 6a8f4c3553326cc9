"""The docs are held to the code: the example, the reference, the hook, the variables, the links, the front-matter."""

import re

import pytest

import facet
from registry.inputs import marks
from registry.inputs import plain as inputs
from registry.inputs.files import WeightsFile
from registry.plugins import hookspecs
from surfaces.cli.docs import render
from surfaces.cli.plugin_files import plugin_files
from tests.conftest import PLUGINS, ROOT

GUIDE = (ROOT / "docs" / "adding_an_editor.md").read_text()
README = (ROOT / "README.md").read_text()
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_the_example_of_the_guide_is_a_real_project():
    blocks = dict(re.findall(r"### (\S+)\n.*?```\w+\n(.*?)```", GUIDE, re.DOTALL))
    assert sorted(blocks) == ["facet_posterise/__init__.py", "pyproject.toml", "test_facet_posterise.py"]
    for name, text in blocks.items():
        assert text == (PLUGINS / "facet_posterise" / name).read_text(), name


def test_new_plugin_writes_that_very_project():
    files = plugin_files("posterise")
    there = PLUGINS / "facet_posterise"
    paths = [path for path in there.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert sorted(files) == sorted(path.relative_to(there).as_posix() for path in paths)
    for name, text in files.items():
        assert text == (PLUGINS / "facet_posterise" / name).read_text(), name


def test_the_reference_is_up_to_date(cli):
    ran = cli("docs", "--check", ROOT / "docs" / "editors.md", "--built-in")
    assert ran.code == 0, ran.err


def test_the_page_of_the_api_is_up_to_date(cli):
    ran = cli("docs", "--api", "--check", ROOT / "docs" / "api.md", "--built-in")
    assert ran.code == 0, ran.err


def test_a_stale_reference_is_noticed(cli, tmp_path):
    (tmp_path / "old.md").write_text("# Editors\n")
    ran = cli("docs", "--check", tmp_path / "old.md")
    assert (ran.code, "run “make docs”" in ran.err) == (1, True)


def test_every_hook_has_a_heading_and_a_test():
    hooks = [name for name, made in vars(hookspecs).items() if hasattr(made, f"{hookspecs.PROJECT}_spec")]
    assert hooks == ["register_editors", "register_widgets"]
    tests = "".join(path.read_text() for path in (ROOT / "tests" / "registry").glob("test_*.py"))
    for name in hooks:
        assert re.search(rf"^#+ .*{name}", GUIDE, re.MULTILINE), f"no heading for {name}"
        assert f"def test_hook_{name}" in tests, f"no test for {name}"


def test_every_kind_of_input_is_in_the_guide():
    kinds = [made for module in (inputs, marks) for made in vars(module).values() if isinstance(made, type)]
    names = {kind.__name__ for kind in kinds if issubclass(kind, inputs.Kind)} - {"Kind"} | {WeightsFile.__name__}
    for name in names:
        assert f"{name}(" in GUIDE, name
        assert name in facet.__all__, name


def test_every_public_name_is_there():
    assert sorted(facet.__all__) == sorted(set(facet.__all__))
    for name in facet.__all__:
        assert hasattr(facet, name), name


def test_every_variable_is_documented():
    sources = [path for folder in ("registry", "surfaces", "editors") for path in (ROOT / folder).rglob("*.py")]
    used = set(re.findall(r"FACET_[A-Z_]*[A-Z]", "".join(path.read_text() for path in sources)))
    documented = "".join(path.read_text() for path in PAGES)
    assert [name for name in sorted(used) if name not in documented] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_front_matter_is_what_a_space_needs():
    front = README.split("---")[1]
    fields = dict(line.split(": ", 1) for line in front.strip().splitlines() if ": " in line)
    assert fields["sdk"] == "gradio"
    assert (ROOT / fields["app_file"]).is_file()
    assert fields["license"] == "apache-2.0"
    assert re.fullmatch(r'"3\.1[02]"', fields["python_version"])
    assert len(fields["short_description"]) <= 60
    requirement = re.search(r"^gradio>=([\d.]+),<(\d+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    version = tuple(int(part) for part in fields["sdk_version"].split("."))
    assert tuple(int(part) for part in requirement[1].split(".")) <= version < (int(requirement[2]),)


def test_the_commands_in_the_readme_exist(cli):
    known = cli("--help").out
    for command in re.findall(r"^    facet (\S+)", README, re.MULTILINE):
        assert command in known or f'@editor("{command}"' in README, command


def test_the_reference_names_files_not_folders_and_small_sizes(tmp_path):
    net = facet.Net("small", lambda tensors: None, (facet.Weights("", str(tmp_path / "a.safetensors"), size=2_900),))

    @facet.editor("with_weights", "With weights", task="restyle", nets=(net,), gpu_seconds=0)
    def with_weights(ctx, *, subject: facet.Subject):
        """As it was."""
        yield facet.Step(subject.pixels, done=1.0)

    page = render([with_weights])
    assert "| `small` | embedded `a.safetensors`, licence unknown, 2.9 kB |" in page
    assert str(tmp_path) not in page


def test_the_reference_names_weights_once_and_editors_point_there():
    lines = (ROOT / "docs" / "editors.md").read_text().splitlines()
    table = lines[lines.index("## Weights") :]
    rows = [line for line in table if line.startswith("| `")]
    assert len(rows) == len(set(rows))
    known = {row.split("`")[1] for row in rows}
    used = [re.findall(r"`(\w+)`", line) for line in lines if line.startswith("[Weights](#weights): ")]
    assert used
    assert set().union(*used) == known
