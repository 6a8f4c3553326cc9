"""The example plugin, installed with pip: in every surface, with no edit in Facet."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
import torch
from safetensors.torch import save_file

from tests.conftest import PLUGINS, ROOT, Ran

PROBE = """
import json, warnings
warnings.simplefilter("ignore")
from surfaces.settings import prepare
prepare()
from facet.app import load_registry
from surfaces.page.build import build
demo = build(load_registry())
seen = {"endpoints": list(demo.get_api_info()["named_endpoints"]), "tools": None}
parts = demo.get_config_file()["components"]
seen["tabs"] = [part["props"].get("label") for part in parts if part["type"] == "tabitem"]
seen["choices"] = [part["props"].get("choices") or [] for part in parts if part["type"] == "checkboxgroup"]
try:
    from gradio.mcp import GradioMCPServer
    seen["tools"] = list(GradioMCPServer(demo).tool_to_endpoint)
except ImportError:
    pass
print(json.dumps(seen))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder on the path with the plugin in it, installed by pip; no network, nothing outside the folder changed."""
    folder = tmp_path_factory.mktemp("installed")
    project, site = folder / "project", folder / "site"
    shutil.copytree(PLUGINS / "facet_posterise", project)
    save_file({"tint": torch.ones(3)}, project / "facet_posterise" / "tint.safetensors")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [*pip, "--disable-pip-version-check", "--target", str(site), str(project)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def elsewhere(installed, process, tmp_path):
    """Run Python with the plugin installed, from a folder that is not Facet's."""

    def command(*arguments: object, **env: str) -> Ran:
        return process(*arguments, cwd=tmp_path, PYTHONPATH=f"{ROOT}:{installed / 'site'}", **env)

    return command


def test_list_command_docs_row_and_compare(elsewhere, tmp_path):
    listed = json.loads(elsewhere("-m", "surfaces.cli", "list", "--json").out)
    row = next(row for row in listed["editors"] if row["id"] == "posterise")
    assert (row["plugin"], row["licence"]) == ("facet-posterise 0.1.0", "Apache-2.0")
    assert [entry["name"] for entry in row["inputs"]] == ["subject", "levels", "dither", "seed"]
    made = elsewhere("-m", "surfaces.cli", "posterise", "--subject", "sample:chelsea", "--levels", "3", "-o", "a.png")
    assert made.code == 0, made.err
    assert (tmp_path / "a.png").is_file()
    assert "## Posterise\n" in elsewhere("-m", "surfaces.cli", "docs").out
    compared = elsewhere(
        *("-m", "surfaces.cli", "compare", "--task", "restyle", "--methods", "posterise,posterise:levels=2"),
        *("--subject", "sample:chelsea", "-o", "sheet.png", "--json"),
    )
    columns = json.loads(compared.out)["columns"]
    assert [column["method"] for column in columns] == ["posterise", "posterise:levels=2"]
    assert all(column["measures"]["ssim"]["value"] > 0 for column in columns)


def test_weights_beside_the_module_are_installed_with_it(installed):
    beside = installed / "site" / "facet_posterise"
    assert sorted(path.name for path in beside.glob("*.*")) == ["__init__.py", "tint.safetensors"]


def test_conformance(elsewhere, installed):
    ran = elsewhere("-m", "surfaces.cli", "check", "posterise")
    assert ran.code == 0, ran.out
    assert re.search(r"\d+ rules hold, 0 are broken", ran.out)


def test_its_own_tests(installed, process):
    ran = process(
        *("-m", "pytest", "-q", "-p", "no:cacheprovider"),
        cwd=installed / "project",
        PYTHONPATH=f"{ROOT}:{installed / 'project'}",
    )
    assert ran.code == 0, ran.out
    assert " passed" in ran.out


def test_tab_endpoint_tool_and_compare_column(elsewhere):
    pytest.importorskip("gradio")
    ran = elsewhere("-c", PROBE)
    assert ran.code == 0, ran.err
    seen = json.loads(ran.out.strip().rpartition("\n")[2])
    assert "/posterise" in seen["endpoints"]
    assert "Posterise" in seen["tabs"]
    assert any(["Posterise", "posterise"] in choices for choices in seen["choices"])
    if seen["tools"] is not None:
        assert "posterise" in seen["tools"]


def test_it_is_gone_where_it_is_not_installed(process, tmp_path):
    listed = json.loads(process("-m", "surfaces.cli", "list", "--json", cwd=tmp_path).out)
    assert all(row["id"] != "posterise" for row in listed["editors"])
