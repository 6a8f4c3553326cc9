"""What the environment says about requests that leave: offline is offline for every library, and proxies must work."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import MutableMapping
from importlib.util import find_spec
from urllib.parse import urlsplit

from registry.settings import offline, set_here

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def prepare(environ: MutableMapping[str, str], stay_offline: bool = False) -> None:
    """Set what libraries read from the environment when they are imported. For every command; costs next to nothing.

    A proxy that cannot be used would end in a traceback, and going round it would not be what its user wants: then
    nothing is downloaded, and a sentence says so. `stay_offline`: make no request at all.
    """
    if stay_offline:
        set_here("OFFLINE", "1", environ)
    unusable = {name: why for name in (*_PROXIES, *map(str.lower, _PROXIES)) if (why := _unusable(environ.get(name)))}
    for name in unusable:
        del environ[name]
    if unusable and not (environ.get("HTTPS_PROXY") or environ.get("https_proxy")):
        name, why = next(iter(unusable.items()))
        print(f"facet: {name} {why} Nothing is downloaded until then.", file=sys.stderr)
        set_here("OFFLINE", "1", environ)
    if any(environ.get(name) for name in (*_PROXIES, *map(str.lower, _PROXIES))):
        said = [environ[name] for name in ("no_proxy", "NO_PROXY") if environ.get(name)]
        parts = [part.strip() for text in said for part in text.split(",") if part.strip()]
        environ["NO_PROXY"] = environ["no_proxy"] = ",".join(dict.fromkeys([*parts, *_LOOPBACK]))
    if offline():
        environ["HF_HUB_OFFLINE"] = "1"


def anonymous() -> None:
    """Keep the Hub's client from asking the Hub which programs it might be run by, before its first request.

    Gradio's MCP server uses that client only to reach this very page.
    """
    with contextlib.suppress(ImportError):
        from huggingface_hub.utils import _detect_agent

        if getattr(_detect_agent, "_registry", ()) is None:
            _detect_agent._registry = {"standardEnvVars": [], "harnesses": {}}


def _unusable(address: str | None) -> str:
    """Why a proxy cannot be used, and what would help; empty if it can."""
    if not address:
        return ""
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        scheme, host, _ = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError:
        scheme, host = "", None
    if scheme in ("socks5", "socks5h"):
        return (
            ""
            if find_spec("socksio")
            else "names a SOCKS proxy, which needs the package socksio: install httpx[socks]."
        )
    if scheme not in ("http", "https") or not host:
        return "is no proxy that can be used: write http://HOST:PORT or socks5://HOST:PORT."
    return ""
