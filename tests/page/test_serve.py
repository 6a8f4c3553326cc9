"""Starting the page: what goes wrong is said in a sentence."""

import socket

import pytest

from surfaces.page.serve import others_reach


def test_a_port_that_is_taken(process):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = process("app.py", "serve", "--port", port, FACET_EDITORS="colour_transfer")
    assert ran.code == 1
    assert f"Facet cannot listen on port {port}" in ran.err
    assert "Traceback" not in ran.err


def test_a_port_that_is_no_port(process):
    ran = process("app.py", PORT="eighty")
    assert (ran.code, ran.err.strip()) == (1, "PORT must be a number from 0 to 65535, not 'eighty'.")


def test_on_zero_gpu_spaces_comes_before_gradio(process, tmp_path):
    (tmp_path / "spaces.py").write_text(
        "import sys\nassert 'gradio' not in sys.modules\nprint('spaces first')\nGPU = lambda **_: lambda f: f\n"
    )
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import surfaces.page.serve as s, types\n"
        "sys.modules['surfaces.page.build'] = types.SimpleNamespace(build=lambda *_, **how: sys.exit('built'))\n"
        "s.serve(['--port', '0'])"
    )
    ran = process("-c", code, tmp_path, SPACES_ZERO_GPU="true", FACET_EDITORS="colour_transfer")
    assert ran.out.strip() == "spaces first"
    assert ran.err.strip() == "built"


@pytest.mark.parametrize(
    ("own", "root_path", "env", "reached"),
    [
        (True, None, {}, False),
        (False, None, {}, True),
        (True, "https://example.org/facet", {}, True),
        (True, None, {"GRADIO_ROOT_PATH": "/facet"}, True),
        (True, None, {"SPACE_ID": "me/facet"}, True),
    ],
)
def test_who_can_reach_the_page(own, root_path, env, reached):
    assert others_reach(own, root_path, env) is reached


@pytest.mark.parametrize(("env", "deadline"), [({}, "120"), ({"FACET_DEADLINE_SECONDS": "0"}, "0")])
def test_a_deadline_where_others_can_reach_the_page(process, env, deadline):
    code = (
        "import sys, types, os; import surfaces.page.serve as s\n"
        "def build(*_, **how): print(os.environ.get('FACET_DEADLINE_SECONDS', 'none')); sys.exit(0)\n"
        "sys.modules['surfaces.page.build'] = types.SimpleNamespace(build=build)\n"
        "s.serve(['--port', '0', '--host', '0.0.0.0'])"
    )
    ran = process("-c", code, FACET_EDITORS="colour_transfer", **env)
    assert ran.out.strip() == deadline, ran.err
