"""Starting the page: what goes wrong is said in a sentence."""

import socket


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
