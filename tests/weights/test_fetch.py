"""Files come from the Hub whole and right, or not at all; the real client against a Hub on loopback."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from registry.errors import LicenceNeeded, WeightsCorrupt, WeightsMissing
from registry.weights import hub, licence, lock, progress
from registry.weights.fetch import fetch
from registry.weights.locations import hub_cache, own_copy
from tests.weights.conftest import BODY, FETCHING, PINNED, SHA256, UNPINNED
from tests.weights.fake_hub import COMMIT, FakeHub, Fault, Repo, SilentHost, dead_address

FILE = PINNED.file
MIRRORED = replace(PINNED, mirrors=("other/copy:net.bin",))


def left_over() -> list[Path]:
    """Files in the cache that are neither the wanted content nor bookkeeping."""
    blobs = [path for path in hub_cache().glob("models--*/blobs/*") if path.is_file()]
    return [path for path in blobs if path.read_bytes() != BODY]


def test_a_pinned_file_arrives_and_is_cached_without_further_requests(fake: FakeHub) -> None:
    first = fetch(PINNED)
    assert first.path.read_bytes() == BODY
    assert (first.repo, first.revision, first.sha256) == ("owner/nets", COMMIT, SHA256)
    asked = len(fake.log)
    assert fetch(PINNED).path == first.path
    assert len(fake.log) == asked, "a pinned cached file costs no request"


def test_an_unpinned_file_costs_no_request_the_second_time_either(fake: FakeHub) -> None:
    fetch(UNPINNED)
    asked = len(fake.log)
    again = fetch(UNPINNED)
    assert again.revision == COMMIT
    assert len(fake.log) == asked


def test_a_file_of_known_content_on_a_branch_costs_no_request_the_second_time(fake: FakeHub) -> None:
    branch = replace(PINNED, revision="main")
    fetch(branch)
    asked = len(fake.log)
    fake.repos["owner/nets"] = Repo({FILE: b"the branch moved on"}, "7" * 40)
    assert fetch(branch).path.read_bytes() == BODY
    lock.lock_file().unlink()
    assert fetch(branch).path.read_bytes() == BODY, "the content is known, so the lock is not needed"
    assert len(fake.log) == asked


def test_large_files_that_the_hub_redirects_arrive(fake: FakeHub) -> None:
    fake.redirect = True
    assert fetch(PINNED).path.read_bytes() == BODY
    assert any("/stored/" in request.path for request in fake.log)


def test_progress_is_told_in_order_and_to_its_end(fake: FakeHub) -> None:
    seen: list[progress.Progress] = []
    running: list[int] = []

    def listener(now: progress.Progress) -> None:
        seen.append(now)
        running.append(len(progress.in_flight()))
        raise RuntimeError("a listener that breaks")

    with progress.listen(listener):
        fetch(PINNED)
    assert [now.state for now in seen][-2:] == ["checking", "done"]
    assert [now.done for now in seen] == sorted(now.done for now in seen)
    assert seen[-1].done == seen[-1].total == len(BODY)
    assert max(running) == 1
    assert progress.in_flight() == ()
    assert seen[0].text == "net.safetensors 0 %"


def test_after_listening_nobody_is_called(fake: FakeHub) -> None:
    seen: list[progress.Progress] = []
    with progress.listen(seen.append):
        pass
    fetch(PINNED)
    assert seen == []


def test_a_hub_that_is_busy_once_is_asked_again(fake: FakeHub) -> None:
    fake.faults[FILE] = Fault("busy", times=1)
    assert fetch(PINNED).sha256 == SHA256
    assert fake.count("GET") == 2


def test_a_hub_that_is_always_busy_is_given_up_after_the_last_pause(fake: FakeHub) -> None:
    fake.faults[FILE] = Fault("busy")
    with pytest.raises(WeightsMissing, match="busy.*503"):
        fetch(PINNED)
    assert fake.count("GET") == 1 + len(FETCHING.BACK_OFF_SECONDS)


def test_a_body_that_is_cut_once_is_completed(fake: FakeHub) -> None:
    fake.faults[FILE] = Fault("cut", times=1, at=1000)
    assert fetch(PINNED).path.read_bytes() == BODY


def test_an_answer_that_is_too_short_is_asked_again(fake: FakeHub) -> None:
    fake.faults[FILE] = Fault("short", times=1, at=1000)
    assert fetch(PINNED).path.read_bytes() == BODY


def test_a_flipped_bit_is_noticed_and_the_file_asked_again(fake: FakeHub) -> None:
    fake.faults[FILE] = Fault("flip", times=1)
    assert fetch(PINNED).path.read_bytes() == BODY
    assert fake.count("GET") == 2
    assert left_over() == []


@pytest.mark.parametrize("weights", [PINNED, UNPINNED], ids=["pinned", "unpinned"])
def test_a_bit_that_is_always_flipped_gives_no_file(fake: FakeHub, weights: object) -> None:
    fake.faults[FILE] = Fault("flip")
    with pytest.raises(WeightsCorrupt, match="damaged"):
        fetch(weights)  # type: ignore[arg-type]
    assert fake.count("GET") == 2, "a large file is not downloaded again and again"
    assert left_over() == []
    assert not lock.lock_file().exists(), "nothing damaged is trusted"
    fake.faults.clear()
    assert fetch(weights).path.read_bytes() == BODY  # type: ignore[arg-type]


def test_a_wrong_size_is_refused_before_the_download(fake: FakeHub) -> None:
    fake.faults[FILE] = Fault("size", value=12)
    fake.repos["owner/nets"].files[FILE] = b"small"
    with pytest.raises(WeightsCorrupt, match="another file"):
        fetch(PINNED)
    assert fake.count("GET") == 0


def test_a_size_that_the_body_does_not_have_gives_no_file(fake: FakeHub) -> None:
    fake.faults[FILE] = Fault("size", value=len(BODY) + 7)
    with pytest.raises(WeightsMissing, match="ended too early"):
        fetch(UNPINNED)
    assert left_over() == []


def test_another_etag_is_refused_before_the_download(fake: FakeHub) -> None:
    fake.faults[FILE] = Fault("etag", value="f" * 64)
    with pytest.raises(WeightsCorrupt, match="another file"):
        fetch(PINNED)
    assert fake.count("GET") == 0


def test_an_etag_that_the_body_does_not_have_is_noticed_without_a_pin(fake: FakeHub) -> None:
    fake.faults[FILE] = Fault("etag", value="f" * 64)
    with pytest.raises(WeightsCorrupt, match="damaged"):
        fetch(UNPINNED)
    assert left_over() == []


@pytest.mark.parametrize("etag", ["../../../escape", "", "a/b"])
def test_an_etag_that_is_no_name_is_no_hub(fake: FakeHub, etag: str) -> None:
    fake.faults[FILE] = Fault("etag", value=etag)
    with pytest.raises(WeightsMissing, match="no Hub"):
        fetch(UNPINNED)
    assert fake.count("GET") == 0


def test_a_login_page_is_no_hub(fake: FakeHub) -> None:
    fake.faults[FILE] = Fault("login_page")
    with pytest.raises(WeightsMissing, match="no Hub.*log in to the network"):
        fetch(PINNED)


def test_refused_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", dead_address())
    with pytest.raises(WeightsMissing, match="can't be reached. Check the connection"):
        fetch(PINNED)


def test_a_silent_host_is_asked_once_and_not_waited_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    host = SilentHost()
    monkeypatch.setenv("HF_ENDPOINT", host.url)
    monkeypatch.setenv("FACET_HUB_SECONDS", "0.2")
    asked: list[str] = []
    really = hub._metadata
    monkeypatch.setattr(hub, "_metadata", lambda place, *rest: asked.append(place.repo) or really(place, *rest))
    for weights in (MIRRORED, PINNED):
        with pytest.raises(WeightsMissing, match="can't be reached"):
            fetch(weights)
    host.close()
    assert asked == ["owner/nets"], "neither the mirror on the same host nor the next file is asked for"


def test_a_hub_that_falls_silent_after_the_first_answer(fake: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "RESPONSE_SECONDS", 0.3)
    fake.faults[FILE] = Fault("silent", skip=1)
    with pytest.raises(WeightsMissing, match="the Hub stopped answering. Check the connection"):
        fetch(MIRRORED)
    assert fake.count("GET") == 0
    fake.faults.clear()
    fake.closing.set()
    assert fetch(PINNED).sha256 == SHA256


def test_a_body_that_falls_silent(fake: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "STALL_SECONDS", 0.3)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DOWNLOAD_TIMEOUT", 0.5)  # the client's own, else 10 s
    fake.faults[FILE] = Fault("stall", times=1, at=1000)
    with pytest.raises(WeightsMissing, match="the Hub stopped answering"):
        fetch(PINNED)
    assert fetch(PINNED).sha256 == SHA256, "and the next one works at once"


def test_the_hub_is_asked_again_after_the_outage(fake: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "OUTAGE_SECONDS", 0.0)
    monkeypatch.setenv("FACET_HUB_SECONDS", "0.2")
    fake.faults[FILE] = Fault("silent", times=1)
    with pytest.raises(WeightsMissing, match="can't be reached"):
        fetch(PINNED)
    monkeypatch.setenv("FACET_HUB_SECONDS", "60")
    assert fetch(PINNED).sha256 == SHA256


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        (replace(PINNED, repo="nobody/nothing"), "no such repository, or it is private"),
        (replace(PINNED, file="a/other.safetensors"), "no such file"),
        (replace(PINNED, revision="3" * 40), "no longer has this revision"),
    ],
)
def test_what_is_not_there_is_told_apart(fake: FakeHub, weights: object, sentence: str) -> None:
    with pytest.raises(WeightsMissing, match=sentence):
        fetch(weights)  # type: ignore[arg-type]
    assert fetch(PINNED).sha256 == SHA256


def test_a_refused_token_is_told_apart(fake: FakeHub) -> None:
    fake.faults[FILE] = Fault("denied")
    with pytest.raises(WeightsMissing, match=r"denies access \(it answers 401\).*hf auth login"):
        fetch(PINNED)


def test_a_gated_repository_says_to_log_in(fake: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.repos["owner/nets"].gated = True
    with pytest.raises(WeightsMissing, match="on request only.*log in"):
        fetch(PINNED)
    monkeypatch.setenv("HF_TOKEN", "hf_something")
    assert fetch(PINNED).sha256 == SHA256


def test_the_mirror_is_used_when_the_repository_is_gone(fake: FakeHub) -> None:
    del fake.repos["owner/nets"]
    found = fetch(MIRRORED)
    assert (found.repo, found.file, found.revision) == ("other/copy", "net.bin", "2" * 40)
    asked = len(fake.log)
    assert fetch(MIRRORED).path == found.path
    assert len(fake.log) == asked


def test_a_mirror_with_another_file_is_refused(fake: FakeHub) -> None:
    del fake.repos["owner/nets"]
    fake.repos["other/copy"].files["net.bin"] = b"something else"
    with pytest.raises(WeightsMissing, match="owner/nets.*no such repository"):
        fetch(MIRRORED)
    assert left_over() == []


def test_offline_makes_no_request(fake: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACET_OFFLINE", "1")
    with pytest.raises(WeightsMissing, match="offline and the file is not in the cache"):
        fetch(MIRRORED)
    monkeypatch.delenv("FACET_OFFLINE")
    fetch(PINNED)
    asked = len(fake.log)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert fetch(PINNED).sha256 == SHA256
    assert len(fake.log) == asked


def test_a_damaged_copy_in_the_cache_is_replaced(fake: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    blob = fetch(PINNED).path.resolve()
    blob.write_bytes(b"x" * len(BODY))
    monkeypatch.setenv("FACET_OFFLINE", "1")
    with pytest.raises(WeightsCorrupt, match="copy in the cache is damaged"):
        fetch(PINNED)
    monkeypatch.delenv("FACET_OFFLINE")
    assert fetch(PINNED).path.read_bytes() == BODY


def test_another_revision_in_the_shared_cache_is_left_alone(fake: FakeHub) -> None:
    fake.repos["owner/nets"] = Repo({FILE: b"another version"}, "4" * 40)
    theirs = fetch(replace(UNPINNED, revision="4" * 40)).path
    fake.repos["owner/nets"] = Repo({FILE: BODY})
    assert fetch(PINNED).path.read_bytes() == BODY
    assert theirs.read_bytes() == b"another version"


def test_a_file_that_a_person_puts_into_the_home_is_used(fake: FakeHub) -> None:
    mine = own_copy(PINNED)
    mine.parent.mkdir(parents=True)
    mine.write_bytes(BODY)
    assert fetch(PINNED).path == mine
    mine.write_bytes(BODY[:-1] + b"?")
    assert fetch(PINNED).path != mine, "a copy with another content is not used"
    assert mine.exists()
    assert fake.count("GET") == 1


def test_the_first_use_is_locked_and_a_later_change_refused(fake: FakeHub) -> None:
    first = fetch(UNPINNED)
    row = lock.rows()["owner/nets/a/net.safetensors@main"]
    assert (row.revision, row.sha256, row.size) == (COMMIT, SHA256, len(BODY))
    changed = b"changed upstream"
    fake.repos["owner/nets"] = Repo({FILE: changed}, "5" * 40)
    assert fetch(UNPINNED).path == first.path, "what is cached stays in use"
    first.path.resolve().unlink()
    with pytest.raises(WeightsMissing, match="--update"):
        fetch(UNPINNED)  # the locked commit is gone
    fake.repos["owner/nets"] = Repo({FILE: changed}, COMMIT)
    with pytest.raises(WeightsCorrupt, match="changed since its first use.*--update"):
        fetch(UNPINNED)  # the same commit with another content
    lock.forget(UNPINNED)
    assert fetch(UNPINNED).path.read_bytes() == changed
    assert [row.sha256 for row in lock.superseded()] == [SHA256]


def test_what_a_host_put_into_the_cache_is_locked_without_a_request(fake: FakeHub) -> None:
    from huggingface_hub import hf_hub_download

    hf_hub_download("owner/nets", FILE, endpoint=fake.url, cache_dir=hub_cache())
    asked = len(fake.log)
    assert fetch(UNPINNED).sha256 == SHA256
    assert len(fake.log) == asked
    assert lock.rows()["owner/nets/a/net.safetensors@main"].revision == COMMIT


def test_a_damaged_lock_file_is_a_sentence(fake: FakeHub) -> None:
    lock.lock_file().parent.mkdir(parents=True)
    lock.lock_file().write_text("{half")
    with pytest.raises(WeightsCorrupt, match="weights.lock.json is damaged. Delete it"):
        fetch(PINNED)


def test_a_licence_is_asked_for_before_the_first_request(fake: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = replace(PINNED, non_commercial=True, licence="Only for fun")
    with pytest.raises(LicenceNeeded, match="Only for fun.*--accept-licence"):
        fetch(weights)
    assert fake.log == []
    licence.accept(weights)
    assert fetch(weights).sha256 == SHA256
    answers = json.loads((lock.lock_file().parent / "licences.json").read_text())
    assert answers["owner/nets Only for fun"]["accepted"] is True


@pytest.mark.parametrize("value", ["owner/nets", "other, only for FUN ,x"])
def test_a_licence_can_be_accepted_by_the_environment(
    fake: FakeHub, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("FACET_ACCEPT_LICENCES", value)
    assert fetch(replace(PINNED, non_commercial=True, licence="Only for fun")).sha256 == SHA256
