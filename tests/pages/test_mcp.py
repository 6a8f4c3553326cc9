"""Every editor as an MCP tool, where the extra `mcp` is installed."""

import asyncio
import base64
import io
import json
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from registry.conformance.sample_inputs import small_picture
from registry.execution.run import finish
from registry.subjects.subject import Subject
from surfaces.settings import mcp_fits
from tests.plugins.good_one import good_one


@pytest.fixture
def session():
    """Talk to the server: `session(url, lambda s: s.list_tools())`."""
    if not mcp_fits():
        pytest.skip("the extra mcp is not installed")
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    def talk(url, ask):
        async def work():
            address = f"{url}gradio_api/mcp/"
            async with streamable_http_client(address) as (read, write, _), ClientSession(read, write) as opened:
                await opened.initialize()
                return await ask(opened)

        with ThreadPoolExecutor(1) as pool:  # the browser of other tests keeps an event loop in this thread
            return pool.submit(asyncio.run, work()).result()

    return talk


def test_tools_say_what_their_arguments_are(server, session):
    tools = {tool.name: tool for tool in session(server.url, lambda one: one.list_tools()).tools}
    ours = {"colour_transfer", "good_one", "creeping", "licensed", "kinds", "pulling", "bouncing", "swaying"}
    assert set(tools) == ours | {"raises_mid_run", "spotlight", "warp_drag", "import_artifact"}
    arguments = tools["good_one"].inputSchema["properties"]
    assert arguments["seed"]["description"] == "Fixes every random choice; -1 draws a new one. Default: 0."
    assert arguments["steps"]["description"].endswith("A whole number from 1 to 1000. Default: 4.")
    assert tools["good_one"].inputSchema["required"] == ["subject"]


def test_a_tool_gives_the_same_picture_and_the_same_refusals(server, session):
    pixels = small_picture(64, 48)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    sent = "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
    answer = session(server.url, lambda one: one.call_tool("good_one", {"subject": sent, "seed": 3}))
    assert not answer.isError
    with urllib.request.urlopen(json.loads(answer.content[1].text)["picture"], timeout=60) as found:
        made = np.asarray(Image.open(io.BytesIO(found.read())))
    alone = finish(good_one, {"subject": Subject(pixels), "seed": 3})
    assert np.array_equal(made, alone.subject.pixels)
    wrong = session(server.url, lambda one: one.call_tool("good_one", {"subject": sent, "steps": 9999}))
    assert wrong.isError
    assert "steps: must be a whole number from 1 to 1000, not 9999." in wrong.content[0].text


def test_the_queue_is_the_visitors_own_by_mcp_too(server, session):
    """Six tools called at once from one address: one runs, three wait, the others are refused with the page's words."""
    buffer = io.BytesIO()
    Image.fromarray(small_picture(32, 32)).save(buffer, "PNG")
    sent = "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()

    async def six(one):
        return await asyncio.gather(*(one.call_tool("creeping", {"subject": sent, "steps": 25}) for _ in range(6)))

    answers = session(server.url, six)
    refused = [answer.content[0].text for answer in answers if answer.isError]
    assert 1 <= len(refused) <= 3
    assert all("3 of your edits are waiting already" in text for text in refused)
    assert len(answers) - len(refused) >= 3
