"""What a misbehaving Hub costs: for every fault, what a run gets, after how many seconds and requests.

    python benchmarks/hub.py [--quick] [--json]

The real Hub client against a Hub on the loopback interface, once for weights with an embedded fallback and once for
weights without. Afterwards the fault is mended and the same net is loaded again: every fault must leave a state from
which the next load succeeds. --quick uses a file of 4 MB instead of 32 MB, leaves out the stalled body, for which the
client itself waits a minute, and tries what takes long only with a fallback.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from safetensors.torch import save

from registry.errors import EditorError
from registry.weights import Net, NetCache, Weights, hub, load_net, loaded, net_budget_bytes
from tests.weights.fake_hub import COMMIT, FakeHub, Fault, Repo, SilentHost, dead_address, wait_until

ROOT = Path(__file__).resolve().parents[1]
FILE = "net.safetensors"


@dataclass
class HubCheck:
    """A Hub, a cache and the weights of one round."""

    hub: FakeHub
    folder: Path
    remote: Weights
    embedded: Weights

    def net(self, fallback: bool) -> Net:
        """The net to load, with or without the embedded source."""
        return Net("net", _weight, (self.remote, self.embedded) if fallback else (self.remote,))


def _weight(tensors: Any) -> torch.Tensor:
    return tensors.group("")["weight"]


Break = Callable[[HubCheck], None]


def fault(kind: str, **how: Any) -> Break:
    return lambda stage: stage.hub.faults.update({FILE: Fault(kind, **how)})


def address(url: str) -> Break:
    return lambda stage: os.environ.update(HF_ENDPOINT=url)


def declare(**fields: Any) -> Break:
    def change(stage: HubCheck) -> None:
        stage.remote = replace(stage.remote, **fields)

    return change


def gate(stage: HubCheck) -> None:
    stage.hub.repos["owner/nets"].gated = True


def vanish(stage: HubCheck) -> None:
    stage.hub.repos["moved/nets"] = stage.hub.repos.pop("owner/nets")


def mirrored(stage: HubCheck) -> None:
    declare(mirrors=("moved/nets",))(stage)
    vanish(stage)


def offline(stage: HubCheck) -> None:
    os.environ["FACET_OFFLINE"] = "1"


def changed(stage: HubCheck) -> None:
    declare(sha256="", size=0, revision="main")(stage)
    load_net(stage.net(False))
    repo = stage.hub.repos["owner/nets"]
    stage.hub.repos["owner/nets"] = Repo({FILE: repo.files[FILE][:-4] + b"\0\0\0\1"}, repo.commit)
    shutil.rmtree(stage.folder / "hf")
    loaded.nets = NetCache(net_budget_bytes)


def damaged(stage: HubCheck) -> None:
    load_net(stage.net(False))
    loaded.nets = NetCache(net_budget_bytes)
    blob = next((stage.folder / "hf").rglob("blobs/*"))
    blob.write_bytes(bytes(blob.stat().st_size))


def killed(stage: HubCheck) -> None:
    stage.hub.faults[FILE] = Fault("stall", times=1, at=1000)
    code = f"from registry.weights import Weights; from registry.weights.fetch import fetch; fetch({stage.remote!r})"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    stage.hub.arrived.wait(60)
    wait_until(lambda: list((stage.folder / "hf").rglob("*.incomplete")))
    process.kill()
    process.wait()


def full(stage: HubCheck) -> None:
    disk = stage.folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], check=True, capture_output=True)
    os.environ["HF_HUB_CACHE"] = str(disk)


def faults(quick: bool, size: int, silent: str) -> dict[str, Break]:
    rows: dict[str, Break] = {
        "none": lambda stage: None,
        "connection refused": address(dead_address()),
        "silent host": address(silent),
        "offline": offline,
        "503 once": fault("busy", times=1),
        "503 always": fault("busy"),
        "body cut once": fault("cut", times=1, at=size * 3 // 4),
        "body cut always": fault("cut", at=1000),
        "body too short once": fault("short", times=1, at=1000),
        "one bit flipped once": fault("flip", times=1),
        "one bit flipped always": fault("flip"),
        "wrong size told": fault("size", value=size + 1),
        "wrong ETag told": fault("etag", value="f" * 64),
        "401 for the token": fault("denied"),
        "401: no such repository": vanish,
        "404: no such file": declare(file="other.safetensors"),
        "404: no such revision": declare(revision="9" * 40),
        "gated": gate,
        "login page of a network": fault("login_page"),
        "gone, mirror has it": mirrored,
        "changed since its first use": changed,
        "damaged in the cache": damaged,
        "killed half-way": killed,
        "disk full": full,
    }
    if not quick:
        rows["body stalls"] = fault("stall", at=size // 2)
    return rows


@contextmanager
def stage(size: int) -> Iterator[HubCheck]:
    """A fresh Hub with one file of about `size` bytes, an empty cache, and embedded weights."""
    torch.manual_seed(0)
    body, small = save({"weight": torch.randn(size // 4)}), save({"weight": torch.zeros(4)})
    settings = dict(os.environ)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "puppets.safetensors").write_bytes(small)
        server = FakeHub({"owner/nets": Repo({FILE: body})})
        os.environ.update(HF_ENDPOINT=server.url, HF_HOME=str(folder / "hf"), FACET_HOME=str(folder / "facet"))
        remote = Weights("owner/nets", FILE, COMMIT, hashlib.sha256(body).hexdigest(), len(body), "MIT")
        digest = hashlib.sha256(small).hexdigest()
        embedded = Weights("", str(folder / "puppets.safetensors"), sha256=digest, licence="MIT", title="Puppets")
        try:
            yield HubCheck(server, folder, remote, embedded)
        finally:
            server.close()
            os.environ.clear()
            os.environ.update(settings)
            if (folder / "disk").is_mount():
                subprocess.run(["umount", folder / "disk"], check=True)


def one(name: str, break_it: Break, size: int, fallback: bool) -> dict[str, Any] | None:
    """One fault: the outcome, its seconds and requests, and whether the next load works once all is mended."""
    loaded.nets = NetCache(net_budget_bytes)
    hub.forget_outage()
    with stage(size) as here:
        whole, mended = here.remote, dict(os.environ)
        try:
            break_it(here)
        except (OSError, subprocess.CalledProcessError):
            return None  # mounting a disk takes rights that this user does not have
        here.hub.log.clear()
        started = time.perf_counter()
        outcome, text = attempt(here.net(fallback))
        seconds = time.perf_counter() - started
        requests = len(here.hub.log)
        here.hub.faults.clear()
        body = here.hub.repos.get("owner/nets", here.hub.repos.get("moved/nets")).files[FILE]  # type: ignore[union-attr]
        if hashlib.sha256(body).hexdigest() == whole.sha256:
            here.hub.repos["owner/nets"] = Repo({FILE: body})
        else:
            whole = replace(whole, sha256=hashlib.sha256(body).hexdigest())
        os.environ.clear()
        os.environ.update(mended)
        hub.forget_outage()
        here.remote = whole
        recovered = attempt(here.net(False))[0] == "right file"
    row = {"fault": name, "outcome": outcome, "seconds": round(seconds, 2), "requests": requests}
    return {**row, "recovered": recovered, "text": text}


def attempt(net: Net) -> tuple[str, str]:
    try:
        got = load_net(net)
    except EditorError as problem:
        return type(problem).__name__, str(problem)
    return ("embedded" if got.notice else "right file"), got.notice


def cached_start(size: int) -> dict[str, Any]:
    """A second start of the program: a new process that finds the file in the cache."""
    code = "import sys, time\nfrom registry.weights import Weights\nfrom registry.weights.fetch import fetch\n"
    with stage(size) as here:
        code += f"t = time.perf_counter()\nfetch({here.remote!r})\nprint(time.perf_counter() - t)"
        run = [sys.executable, "-c", code]
        times = []
        for _ in range(2):
            here.hub.log.clear()
            settings = {**os.environ, "PYTHONPATH": str(ROOT)}
            done = subprocess.run(run, cwd=ROOT, env=settings, check=True, capture_output=True, text=True)
            times.append(float(done.stdout))
        return {
            "cached_start_requests": len(here.hub.log),
            "cached_start_seconds": round(times[1], 3),
            "first_start_seconds": round(times[0], 3),
        }


def table(quick: bool, size: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Print the table; the rows with an embedded fallback and those without. The first row of each has no fault."""
    rows, bare, silent = [], [], SilentHost()
    print(f"{'fault':28} {'with an embedded fallback':26} {'s':>6} {'requests':>8}   {'without':16} next load")
    for name, break_it in faults(quick, size, silent.url).items():
        row = one(name, break_it, size, True)
        if row is None:
            print(f"{name:28} not tried: a small disk can only be mounted by root")
            continue
        rows.append(row)
        other = None if quick and row["seconds"] > 1 else one(name, break_it, size, False)
        bare += [other] if other else []
        good = all(each["recovered"] for each in (row, other) if each)
        print(
            f"{name:28} {row['outcome']:26} {row['seconds']:6.2f} {row['requests']:8}   "
            f"{other['outcome'] if other else '(not tried)':16} {'works' if good else 'FAILS'}",
            flush=True,
        )
    silent.close()
    return rows, bare


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object of the figures")
    found = parser.parse_args()
    size = (4 << 20) if found.quick else (32 << 20)
    rows, bare = table(found.quick, size)
    by_name = {row["fault"]: row for row in rows}
    longest = max(rows, key=lambda row: row["seconds"])
    figures = {
        "faults": len(rows) - 1,
        "right_file": sum(row["outcome"] == "right file" for row in rows[1:]),
        "embedded": sum(row["outcome"] == "embedded" for row in rows[1:]),
        "recovered": sum(row["recovered"] for row in rows[1:]),
        "without_fallback": len(bare) - 1,
        "without_fallback_right_file": sum(row["outcome"] == "right file" for row in bare[1:]),
        "without_fallback_named_error": sum(row["outcome"].startswith("Weights") for row in bare[1:]),
        "without_fallback_recovered": sum(row["recovered"] for row in bare[1:]),
        "refused_to_embedded_seconds": by_name["connection refused"]["seconds"],
        "silent_to_embedded_seconds": by_name["silent host"]["seconds"],
        "longest_seconds": longest["seconds"],
        "longest_fault": longest["fault"],
        **cached_start(size),
    }
    for row in bare[1:]:
        if row["text"]:
            print(f"\n{row['fault']}: {row['outcome']}\n  {row['text']}")
    print()
    for name, value in figures.items():
        print(f"{name:32} {value}")
    if found.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
