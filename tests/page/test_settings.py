"""Every setting of surfaces/settings.py, as far as it can be seen without a running server."""

import json
import platform
import subprocess
import sys

import pytest

from surfaces import settings
from tests.conftest import ROOT

ARENAS = """
import ctypes, threading
{before}
held = [bytearray(1 << 16) for _ in range(4)]
def work():
    held.append([bytearray(1000) for _ in range(100)])
for _ in range(6):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
libc.malloc_info(0, ctypes.c_void_p(libc.fopen(b"/dev/stdout", b"w")))
libc.fflush(None)
"""

BUILT = """
import json
from surfaces.settings import prepare, QUEUE
prepare()
import os, gradio, PIL.Image
from gradio.routes import App
from registry.plugins import load_registry
from surfaces.doors.listening import checked_port
from surfaces.page.build import build
from pathlib import Path
asked = []
described = gradio.blocks.BlocksConfig.get_config
gradio.blocks.BlocksConfig.get_config = lambda self, *_: asked.append(self) or described(self, *_)
made, create = [], App.create_app
App.create_app = staticmethod(lambda *_, **how: made.append(1) or create(*_, **how))
Path("own.py").write_text("import gradio\\nclass Own(gradio.HTML):\\n    pass\\n")
import sys; sys.path.insert(0, "."); import own
demo = build(load_registry())
while_built = [len(made), len(asked)]
demo.launch(prevent_thread_lock=True, quiet=True, server_port=checked_port("127.0.0.1", 0))
demo.close()
print(json.dumps({
    "stubs": [path.name for path in Path(".").glob("*.pyi")],
    "while_built": while_built, "when_launched": [len(made), len(asked)],
    "max_size": demo._queue.most, "api_open": demo.api_open, "limit": demo._queue.default_concurrency_limit,
    "analytics": demo.analytics_enabled, "delete_cache": demo.delete_cache, "pixels": PIL.Image.MAX_IMAGE_PIXELS,
    "vibe": "GRADIO_VIBE_MODE" in os.environ, "folder": os.environ["GRADIO_TEMP_DIR"],
    "public": [fn.api_name for fn in demo.fns.values() if fn.api_visibility != "private"],
    "concurrency": [[fn.concurrency_id, fn.concurrency_limit] for fn in demo.fns.values() if fn.queue],
    "ttl": [b.time_to_live for b in demo.blocks.values() if type(b).__name__ == "State"],
}))
"""


@pytest.fixture
def built(process, drop_in, tmp_path):
    drop_in("good_one")
    ran = process("-c", BUILT, cwd=tmp_path, FACET_EDITORS="good_one,colour_transfer", GRADIO_VIBE_MODE="1")
    assert ran.code == 0, ran.err
    return json.loads(ran.out.splitlines()[-1])


def test_what_the_page_is_built_with(built):
    assert (built["max_size"], built["api_open"], built["limit"]) == (64, False, 4)
    assert built["analytics"] is False
    assert built["delete_cache"] == [600, 3600]
    assert built["pixels"] == 25_000_000
    assert not built["vibe"]
    assert "facet-files-" in built["folder"]
    assert sorted(built["public"]) == ["colour_transfer", "good_one", "import_artifact"]
    assert built["concurrency"]
    assert {tuple(row) for row in built["concurrency"]} == {("edit", 4), ("batch", 4), ("import_artifact", 2)}
    assert built["ttl"] == [settings.SESSION_SECONDS]
    assert built["stubs"] == []
    assert built["while_built"] == [0, 0], "nothing is made before it can be served"
    assert built["when_launched"] == [1, 1], "and then once"


def test_what_it_is_launched_with():
    given = settings.launch_settings({})
    assert (given["server_name"], given["server_port"]) == ("127.0.0.1", 7860)
    assert given["run_history"] is given["show_error"] is given["enable_monitoring"] is given["ssr_mode"] is False
    assert given["share"] is given["pwa"] is False
    assert given["strict_cors"] is True
    assert given["max_file_size"] == settings.UPLOAD_BYTES == 48 * 2**20
    assert given["state_session_capacity"] == 200
    assert given["allowed_paths"] == []
    assert str(settings.ROOT) in given["blocked_paths"]


def test_a_space_listens_to_the_world_and_the_environment_wins():
    assert settings.launch_settings({"SPACE_ID": "me/facet"})["server_name"] == "0.0.0.0"
    given = settings.launch_settings({"SPACE_ID": "x/y", "GRADIO_SERVER_NAME": "127.0.0.2", "PORT": "9000"})
    assert (given["server_name"], given["server_port"]) == ("127.0.0.2", 9000)


def test_prepare_keeps_what_the_user_set():
    environ = {"GRADIO_TEMP_DIR": "/somewhere", "GRADIO_ANALYTICS_ENABLED": "True", "GRADIO_VIBE_MODE": "1"}
    settings.prepare(environ)
    assert environ == {"GRADIO_TEMP_DIR": "/somewhere", "GRADIO_ANALYTICS_ENABLED": "True"}


@pytest.mark.parametrize(
    ("mcp", "pydantic", "fits"),
    [("1.30.0", "2.12.5", True), ("2.3.0", "2.12.5", False), ("1.30.0", "2.14.3", False), (None, "2.12.5", False)],
)
def test_mcp_needs_fitting_versions(monkeypatch, mcp, pydantic, fits):
    def version(name):
        found = {"mcp": mcp, "pydantic": pydantic}[name]
        if found is None:
            raise settings.metadata.PackageNotFoundError(name)
        return found

    monkeypatch.setattr(settings.metadata, "version", version)
    assert settings.mcp_fits() is fits


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc")
def test_all_threads_share_one_pool_of_memory():
    def pools(before: str) -> int:
        code = [sys.executable, "-c", ARENAS.format(before=before)]
        return subprocess.run(code, cwd=ROOT, capture_output=True, text=True, check=True).stdout.count("<heap nr=")

    assert pools("") > 1
    assert pools("from surfaces.settings import share_freed_memory; share_freed_memory()") == 1
