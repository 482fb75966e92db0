"""Downloads that are cut off: at any byte, by kill -9 at any step, by a newer version, by rot."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_server import COMMIT, ID, WEIGHTS, Drop, Hub, Stall, hang_up, until_closed
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.errors import DownloadFailed
from engine.jobs import drain
from engine.vision import download as downloads
from engine.vision.download import begun, download
from engine.vision.models import ModelStore
from engine.vision.patience import Clock

CHECKOUT = Path(__file__).resolve().parents[3]
VICTIM = Path(__file__).with_name("download_victim.py")
DATA = f"data:{WEIGHTS}"


def whole(hub: Hub, store: ModelStore) -> bool:
    files = {p.name: p.read_bytes() for p in store.place(ID).iterdir()}
    assert json.loads(files.pop("photosift.json")) == {"id": ID, "revision": hub.commit}
    assert begun(ID, store) == 0
    return files == {name: hub.files[name] for name in hub.wanted}


# ---- at any byte -------------------------------------------------------------------------------


def cut_everywhere(hub: Hub, store: ModelStore, clock: Clock, name: str, cuts: list[int]) -> None:
    """One download whose connection breaks at each of these bytes of one file, in this order."""
    hub.fault(f"data:{name}", *(Drop(cut) for cut in cuts))
    drain(download(ID, store, clock))
    assert whole(hub, store)


@pytest.mark.parametrize("ranges", [True, False], ids=["ranges", "no-ranges"])
def test_a_connection_may_break_at_any_byte(ranges: bool, hub: Hub, tmp_path: Path, clock: Clock):
    """Each offset of a small file, and the edges of a large one, in a download of its own."""
    hub.ranges = ranges
    size, large = len(hub.files["preprocessor_config.json"]), len(hub.files[WEIGHTS])
    for cut in [*range(0, size + 1, 41), 1, size - 1, size]:
        store = ModelStore(tmp_path / f"small-{cut}")
        cut_everywhere(hub, store, clock, "preprocessor_config.json", [cut])
    for cut in (0, 1, 65_535, 65_536, 65_537, large - 1, large):
        store = ModelStore(tmp_path / f"large-{cut}")
        cut_everywhere(hub, store, clock, WEIGHTS, [cut])


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example(cuts=[49_407], ranges=True)  # "407" in a sentence of the network is no proxy's refusal
@given(cuts=st.lists(st.integers(0, 150_000), max_size=4), ranges=st.booleans())
def test_a_connection_may_break_again_and_again(
    cuts: list[int],
    ranges: bool,
    hub: Hub,
    clock: Clock,
    tmp_path_factory: pytest.TempPathFactory,
):
    hub.heal()
    hub.ranges = ranges
    store = ModelStore(tmp_path_factory.mktemp("store"))
    cut_everywhere(hub, store, clock, WEIGHTS, cuts)


def test_many_runs_that_each_bring_a_little(hub: Hub, store: ModelStore, clock: Clock):
    """Every run ends for good, and each goes on where the one before ended."""
    for turn in range(8):
        hub.fault(DATA, Drop(3_000), *[hang_up] * 20)
        with pytest.raises(DownloadFailed):
            drain(download(ID, store, clock))
        assert f"bytes={3_000 * turn}-" in ("bytes=0-", *hub.ranges_of())
    hub.heal()
    drain(download(ID, store, clock))
    assert hub.ranges_of() == ["bytes=24000-"]
    assert whole(hub, store)


# ---- what lies there is not what should --------------------------------------------------------


def interrupted(hub: Hub, store: ModelStore, clock: Clock) -> Path:
    """The part of the weights after a run that ended in their middle."""
    hub.fault(DATA, Drop(30_000), *[hang_up] * 20)
    with pytest.raises(DownloadFailed):
        drain(download(ID, store, clock))
    hub.heal()
    (part,) = (store.folder / ".someone--tiny-clip.part").glob(f"{WEIGHTS}.*")
    assert part.stat().st_size == 30_000
    return part


@pytest.mark.parametrize("damage", ["zeros", "one-bit", "cut", "too-long", "empty", "link"])
def test_a_part_that_was_damaged_is_fetched_anew(
    damage: str, hub: Hub, store: ModelStore, clock: Clock, tmp_path: Path
):
    part = interrupted(hub, store, clock)
    data = part.read_bytes()
    (tmp_path / "precious").write_bytes(b"irreplaceable")
    if damage == "link":
        part.unlink()
        part.symlink_to(tmp_path / "precious")
    else:
        part.write_bytes(
            {
                "zeros": bytes(30_000),
                "one-bit": data[:999] + bytes([data[999] ^ 1]) + data[1000:],
                "cut": data[:20_000],
                "too-long": data + bytes(2_000_000),
                "empty": b"",
            }[damage]
        )
    drain(download(ID, store, clock))
    assert whole(hub, store)
    assert len(hub.ranges_of()) == (2 if damage in ("zeros", "one-bit") else 1)
    assert (tmp_path / "precious").read_bytes() == b"irreplaceable"


def test_a_whole_file_that_was_damaged_is_fetched_anew(hub: Hub, store: ModelStore, clock: Clock):
    part = interrupted(hub, store, clock)
    config = part.with_name("config.json")
    config.write_bytes(config.read_bytes().replace(b"clip", b"clap"))
    drain(download(ID, store, clock))
    assert whole(hub, store)
    assert len(hub.ranges_of("config.json")) == 1
    assert len(hub.ranges_of("merges.txt")) == 0


def test_two_versions_never_mix(hub: Hub, store: ModelStore, clock: Clock):
    """The remote moved on in the middle: what is equal stays, what changed comes anew."""
    interrupted(hub, store, clock)
    hub.commit = "f" * 40
    data = bytearray(hub.files[WEIGHTS])
    data[-1] ^= 1
    hub.files[WEIGHTS] = bytes(data)
    drain(download(ID, store, clock))
    assert whole(hub, store)
    assert hub.ranges_of() == [""]
    assert hub.ranges_of("merges.txt") == []
    assert store.resolve(ID).space.revision == "f" * 40


def test_a_version_with_the_same_weights_goes_on(hub: Hub, store: ModelStore, clock: Clock):
    interrupted(hub, store, clock)
    hub.commit = "f" * 40
    drain(download(ID, store, clock))
    assert whole(hub, store)
    assert hub.ranges_of() == ["bytes=30000-"]


def test_a_server_that_changes_its_bytes_in_the_middle(hub: Hub, store: ModelStore, clock: Clock):
    """Same name, other bytes, an honest server but for that: the hash tells, once."""
    interrupted(hub, store, clock)
    good = hub.files[WEIGHTS]
    listing = hub.describe(blobs=True)
    hub.always["api"] = lambda handler, data: handler.reply(200, listing, {})
    hub.files[WEIGHTS] = bytes(len(good))
    with pytest.raises(DownloadFailed, match="arrived damaged twice"):
        drain(download(ID, store, clock))
    hub.files[WEIGHTS] = good
    drain(download(ID, store, clock))
    assert whole(hub, store)


# ---- kill -9 -----------------------------------------------------------------------------------


class Victim:
    """A process that forks downloads to be killed."""

    def __init__(self, store: ModelStore) -> None:
        path = os.pathsep.join([str(CHECKOUT), str(VICTIM.parent)])
        self._process = subprocess.Popen(
            [sys.executable, str(VICTIM), str(store.folder), ID],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT,
            env={**os.environ, "PYTHONPATH": path, "HF_HUB_OFFLINE": "0"},
        )  # fmt: skip

    def start(self, die_at: int = 0) -> int:
        """Fork one download; its process id."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{die_at}\n")
        self._process.stdin.flush()
        return self._answer()["pid"]

    def end(self) -> int:
        """How the last one ended: 0, or the signal as a negative number."""
        return self._answer()["status"]

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture
def victim(hub: Hub, store: ModelStore) -> Iterator[Victim]:
    if not hasattr(os, "fork"):
        pytest.skip("no fork on this system")
    process = Victim(store)
    yield process
    process.close()


def test_kill_9_at_any_step(victim: Victim, hub: Hub, store: ModelStore):
    """Killed before its n-th touch of the folder, for every n there is; then one more run."""
    killed = 0
    while True:
        victim.start(killed + 1)
        if victim.end() == 0:
            break
        killed += 1
        place = store.place(ID)
        if place.exists():  # whole or not at all
            assert whole_files(hub, place)
        hub.asked.clear()
        victim.start()
        assert victim.end() == 0
        assert whole(hub, store)
        assert downloads.remove(ID, store) > 0
    assert killed >= 20
    assert whole(hub, store)


def whole_files(hub: Hub, place: Path) -> bool:
    return all((place / name).read_bytes() == hub.files[name] for name in hub.wanted)


def test_kill_9_while_a_broken_model_is_replaced(victim: Victim, hub: Hub, store: ModelStore):
    """Between the two renames of the swap too: then all is here, and no request is made."""
    drain(download(ID, store))
    die_at, unasked = 1, 0
    while True:
        (store.place(ID) / WEIGHTS).write_bytes(b"broken")
        victim.start(die_at)
        if victim.end() == 0:
            break
        hub.asked.clear()
        victim.start()
        assert victim.end() == 0
        unasked += not hub.asked
        die_at += 3
        assert whole(hub, store)
    assert die_at > 30
    assert unasked


@pytest.mark.parametrize("sent", [0, 1, 20_000, 100_000])
def test_kill_9_in_the_middle_of_the_bytes(sent: int, victim: Victim, hub: Hub, store: ModelStore):
    hub.fault(DATA, Stall(sent))
    pid = victim.start()
    assert hub.stalled.wait(20)
    # the child has the bytes when they are in its file
    until = time.monotonic() + 20
    while sent and begun_weights(store) < sent:
        assert time.monotonic() < until
    os.kill(pid, signal.SIGKILL)
    assert victim.end() == -signal.SIGKILL
    hub.asked.clear()
    drain(download(ID, store))  # the dead process's lock blocks nobody
    assert whole(hub, store)
    assert hub.ranges_of() == [f"bytes={sent}-" if sent else ""]


def begun_weights(store: ModelStore) -> int:
    folder = store.folder / ".someone--tiny-clip.part"
    return sum(path.stat().st_size for path in folder.glob(f"{WEIGHTS}.*"))


def test_a_second_process_is_told(victim: Victim, hub: Hub, store: ModelStore, clock: Clock):
    hub.fault(DATA, Stall(1_000))
    pid = victim.start()
    assert hub.stalled.wait(20)
    for _ in range(2):
        with pytest.raises(DownloadFailed, match=r"someone/tiny-clip is being downloaded already"):
            drain(download(ID, store, clock))
    os.kill(pid, signal.SIGKILL)
    victim.end()
    drain(download(ID, store, clock))
    assert whole(hub, store)


def test_two_windows_of_one_process(hub: Hub, store: ModelStore):
    hub.fault(DATA, Stall(1_000))
    first = download(ID, store)
    next(event for event in first if hub.stalled.is_set())
    with pytest.raises(DownloadFailed, match="being downloaded already"):
        drain(download(ID, ModelStore(store.folder)))
    first.close()
    drain(download(ID, store))
    assert whole(hub, store)


def test_the_bytes_of_a_body_without_length_are_counted(hub: Hub, store: ModelStore, clock: Clock):
    hub.always[DATA] = until_closed
    drain(download(ID, store, clock))
    assert whole(hub, store)
    assert hub.commit == COMMIT
