"""Every fault of a download: one sentence with the remedy, no half model, and the next try works.

The ids of the tests are the table of faults.
"""

from __future__ import annotations

import errno
import io
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hub_server import (
    COMMIT,
    ID,
    WEIGHTS,
    Drop,
    Handler,
    Hub,
    Instead,
    Play,
    Status,
    chunked,
    hang_up,
    packed,
    page,
    until_closed,
)

from engine.errors import DownloadFailed
from engine.jobs import Event, Progress, drain
from engine.vision.download import begun, download
from engine.vision.models import ModelStore
from engine.vision.patience import Clock

DATA = f"data:{WEIGHTS}"
_REMEDIES = re.compile(
    r"[Tt]ry again|try again|HF_ENDPOINT|choose a folder|Choose another|reinstall|Make room|unset"
)


def whole(hub: Hub, store: ModelStore) -> bool:
    files = {p.name: p.read_bytes() for p in store.place(ID).iterdir()}
    assert json.loads(files.pop("photosift.json")) == {"id": ID, "revision": hub.commit}
    return files == {name: hub.files[name] for name in hub.wanted}


# ---- what ends a download ---------------------------------------------------------------------

Break: TypeAlias = Callable[[Hub, pytest.MonkeyPatch], None]
FAULTS: dict[str, tuple[Break, str]] = {}
BY_ITSELF: dict[str, tuple[Break, int]] = {}
"""What passes within one download: how to break it, and how often the weights are asked for."""


def always(where: str, play: Play) -> Break:
    return lambda hub, patch: hub.always.update({where: play})


def variable(name: str, value: str) -> Break:
    return lambda hub, patch: patch.setenv(name, value)


def entry(listing: dict[str, Any], name: str = WEIGHTS) -> dict[str, Any]:
    return next(e for e in listing["siblings"] if e["rfilename"] == name)


def listed(edit: Callable[[dict[str, Any]], object]) -> Break:
    return lambda hub, patch: setattr(hub, "edit", edit)


def add(name: str) -> Callable[[dict[str, Any]], object]:
    blob = {"size": 3, "blobId": "a" * 40}
    return lambda listing: listing["siblings"].append({"rfilename": name, **blob})


def named(name: str) -> Callable[[dict[str, Any]], object]:
    """The weights under another name."""
    return lambda listing: entry(listing).update(rfilename=name)


def wrong_bytes(handler: Handler, data: bytes) -> None:
    handler.send_part(bytes(len(data)))


def longer(handler: Handler, data: bytes) -> None:
    handler.send_part(data + b"more")


def shorter(handler: Handler, data: bytes) -> None:
    handler.send_part(data[:-7])


def unending(handler: Handler, data: bytes) -> None:
    until_closed(handler, data + b"more" * 10)


def cut_short(handler: Handler, data: bytes) -> None:
    until_closed(handler, data[:-7])


def in_a_circle(handler: Handler, data: bytes) -> None:
    handler.reply(302, b"", {"Location": handler.path})


def to_a_file(handler: Handler, data: bytes) -> None:
    handler.reply(302, b"", {"Location": "file:///etc/passwd"})


def no_weights(listing: dict[str, Any]) -> None:
    listing["siblings"].remove(entry(listing))


_TOO_LONG = {"Retry-After": "7200"}
_GONE = {"X-Error-Code": "RevisionNotFound"}
_GATED = {"X-Error-Code": "GatedRepo", "X-Error-Message": "Access to this model is restricted."}
FAULTS.update({
    "listing-500": (always("api", Status(500)), "answered with error 500"),
    "listing-502": (always("api", Status(502)), "answered with error 502"),
    "listing-503": (always("api", Status(503)), "answered with error 503"),
    "listing-418": (always("api", Status(418)), "answered with error 418"),
    "listing-429": (always("api", Status(429)), "too many requests"),
    "listing-429-for-hours": (always("api", Status(429, _TOO_LONG)), "no time for us for 2 hours"),
    "listing-404": (always("api", Status(404)), "has no model someone/tiny-clip, or is no mirror"),
    "listing-404-revision": (always("api", Status(404, _GONE)), "no longer has the version"),
    "listing-401": (always("api", Status(401)), "private or does not exist"),
    "listing-403-gated": (always("api", Status(403, _GATED)), "accepted its terms"),
    "listing-401-gated": (always("api", Status(401, _GATED)), "accepted its terms"),
    "listing-closed": (always("api", hang_up), "connection .* broke off"),
    "listing-cut": (always("api", lambda h, d: h.reply(200, d, {}, cut=100)), "broke off"),
    "listing-login-page": (always("api", page), "log in to this network"),
    "listing-page-as-json": (always("api", Instead(b"\n <html>")), "log in to this network"),
    "listing-nonsense": (always("api", Instead(b"[]")), "does not answer as the hub"),
    "listing-deep": (always("api", Instead(b"[" * 100_000)), "does not answer as the hub"),
    "listing-not-utf8": (always("api", Instead(b'{"sha": "\xff"}')), "does not answer as the hub"),
    "listing-empty": (always("api", Instead(b"")), "does not answer as the hub"),
    "listing-circle": (always("api", in_a_circle), "around in a circle"),
    "listing-bad-gzip": (
        always("api", Instead(b"no gzip", headers={"Content-Encoding": "gzip"})), "broke off"),
    "listing-other-version": (
        listed(lambda told: told.update(sha="")), "does not tell which version"),
    "listing-no-hash": (
        listed(lambda told: [entry(told).pop(k) for k in ("lfs", "blobId")]), "lists no hash"),
    "listing-no-size": (listed(lambda told: entry(told).update(size=None)), "not tell the size"),
    "listing-bad-size": (listed(lambda told: entry(told).update(size=-1)), "not tell the size"),
    "listing-pickled-only": (listed(no_weights), "without safetensors"),
    "listing-half-of-shards": (
        listed(named("model-00001-of-00002.safetensors")), "without safetensors"),
    "listing-no-config": (
        listed(lambda told: told["siblings"].remove(entry(told, "config.json"))), "no config.json"),
    "listing-huge": (listed(lambda told: entry(told).update(size=10**17)), "Make room"),
    "name-up": (listed(add("../evil.json")), "not safe to save"),
    "name-up-below": (listed(add("onnx/../../evil.json")), "not safe to save"),
    "name-absolute": (listed(add("/etc/evil.json")), "not safe to save"),
    "name-backslash": (listed(add("..\\evil.json")), "not safe to save"),
    "name-drive": (listed(add("C:evil.json")), "not safe to save"),
    "name-device": (listed(add("NUL.json")), "not safe to save"),
    "name-control": (listed(add("a\nb.json")), "not safe to save"),
    "name-twice": (listed(add("config.json")), "not safe to save"),
    "name-other-case": (listed(add("Config.JSON")), "not safe to save"),
    "file-404": (always("file", Status(404, {"X-Error-Code": "EntryNotFound"})), "but has it not"),
    "file-403-gated": (always("file", Status(403, _GATED)), "accepted its terms"),
    "file-500": (always("file", Status(500)), "answered with error 500"),
    "file-circle": (always("file", in_a_circle), "around in a circle"),
    "file-to-unsafe": (always("file", to_a_file), "unsafe address"),
    "file-closed": (always("file", hang_up), "broke off"),
    "store-403": (always("cdn", Status(403)), "localhost.* error 403"),
    "store-closed": (always("cdn", hang_up), "broke off"),
    "store-login-page": (always("cdn", page), "log in to this network"),
    "data-wrong": (always(DATA, wrong_bytes), "arrived damaged twice"),
    "data-wrong-small": (always("data:config.json", wrong_bytes), "config.json arrived damaged"),
    "data-longer": (always(DATA, longer), "bytes for model.safetensors, but the hub lists"),
    "data-unending": (always(DATA, unending), "sends more .* than announced"),
    "data-shorter": (always(DATA, shorter), "bytes for model.safetensors, but the hub lists"),
    "data-cut": (always(DATA, cut_short), "ends model.safetensors (too )?early"),
    "data-nothing": (always(DATA, Drop(0)), "broke off"),
    "endpoint-word": (variable("HF_ENDPOINT", "mirror"), "is no web address"),
    "endpoint-no-host": (variable("HF_ENDPOINT", "https://"), "is no web address"),
    "endpoint-brackets": (variable("HF_ENDPOINT", "http://[::1"), "is no web address"),
    "endpoint-port": (variable("HF_ENDPOINT", "http://a:99999"), "is no web address"),
    "endpoint-scheme": (variable("HF_ENDPOINT", "ftp://a.example"), "is no web address"),
    "endpoint-query": (variable("HF_ENDPOINT", "http://a.example/?x"), "is no web address"),
    "endpoint-nobody": (variable("HF_ENDPOINT", "http://127.0.0.1:9"), "cannot be reached"),
    "endpoint-no-https": (
        lambda hub, patch: patch.setenv("HF_ENDPOINT", hub.address.replace("http:", "https:")),
        "does not speak https"),
    "endpoint-bad-name": (variable("HF_ENDPOINT", f"http://{'a' * 70}.example"), "cannot be reach"),
    "proxy-nobody": (variable("HTTP_PROXY", "http://127.0.0.1:9"), "proxy 127.0.0.1:9 is between"),
    "proxy-nonsense": (variable("HTTP_PROXY", "gopher://a.example"), "proxy .* cannot be used"),
    "proxy-password": (always("api", Status(407)), "proxy wants a user name"),
})  # fmt: skip


# ---- what the disk does ------------------------------------------------------------------------


class _Full(io.FileIO):
    """Takes a few thousand bytes, the last write only in part."""

    def write(self, data: Any, /) -> int:
        if self.tell() > 40_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(memoryview(data)[:5_000])


def full_disk(part: str) -> Break:
    def arrange(hub: Hub, patch: pytest.MonkeyPatch) -> None:
        real = io.open

        def opened(file: Any, mode: str = "r", *rest: Any, **more: Any) -> Any:
            if part in str(file) and mode == "ab":
                return _Full(file, mode)
            if part in str(file) and mode == "w":
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(file, mode, *rest, **more)

        patch.setattr(io, "open", opened)

    return arrange


def failing(owner: Any, call: str, code: int, part: str = "") -> Break:
    """A system call that fails, for paths that contain `part`."""

    def arrange(hub: Hub, patch: pytest.MonkeyPatch) -> None:
        real = getattr(owner, call)

        def fails(first: Any, *rest: Any, **more: Any) -> Any:
            if part in str(first):
                raise OSError(code, os.strerror(code))
            return real(first, *rest, **more)

        patch.setattr(owner, call, fails)

    return arrange


def little_room(hub: Hub, patch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")._replace(free=64 * 2**20 + 1000)
    patch.setattr(shutil, "disk_usage", lambda path: usage)  # pyright: ignore[reportUnknownLambdaType]


def vanishing(hub: Hub, patch: pytest.MonkeyPatch) -> None:
    def gone(handler: Handler, data: bytes) -> None:
        shutil.rmtree(os.environ["STORE"])
        handler.send_part(data)

    hub.always["cdn"] = gone


FAULTS.update({
    "disk-no-room": (little_room, "needs .* MB more .* has 0.0 MB"),
    "disk-full-while-writing": (full_disk(f"{WEIGHTS}."), "no space left"),
    "disk-full-at-manifest": (full_disk("photosift.json"), "no space left"),
    "disk-full-at-fsync": (failing(os, "fsync", errno.ENOSPC), "no space left"),
    "disk-full-at-accept": (failing(Path, "replace", errno.ENOSPC, "incomplete"), "no space left"),
    "disk-full-at-swap": (failing(Path, "rename", errno.ENOSPC), "no space left"),
    "disk-quota": (failing(os, "fsync", errno.EDQUOT), "quota"),
    "disk-broken": (failing(os, "fsync", errno.EIO), "input/output"),
    "disk-read-only": (failing(Path, "mkdir", errno.EROFS), "read-only"),
    "disk-no-permission": (failing(os, "open", errno.EPERM, ".lock"), "permission was denied"),
    "disk-vanishes": (vanishing, "not there any more"),
})  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_sentence_and_the_next_try_works(
    name: str, hub: Hub, store: ModelStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    arrange, says = FAULTS[name]
    monkeypatch.setenv("STORE", str(store.folder))
    with monkeypatch.context() as patch:
        arrange(hub, patch)
        with pytest.raises(DownloadFailed, match=says) as caught:
            drain(download(ID, store, clock))
    told = str(caught.value)
    assert _REMEDIES.search(told), told
    assert not re.search(r"Errno|Traceback|0x[0-9a-f]{6}|hf_secret|s3cret|\n", told), told
    assert not store.place(ID).exists()
    fetched = {asked.name for asked in hub.asked if asked.place == "cache"}
    kept = begun(ID, store)
    hub.heal()
    drain(download(ID, store, clock))
    assert whole(hub, store)
    assert begun(ID, store) == 0
    if kept and name != "disk-vanishes":  # what is here is not asked for again
        again = {asked.name for asked in hub.asked if asked.place == "cache"}
        assert not again & (fetched - {"config.json"})


# ---- what passes -------------------------------------------------------------------------------


def once(where: str, *plays: Play) -> Break:
    return lambda hub, patch: hub.fault(where, *plays)


def other_part(handler: Handler, data: bytes) -> None:
    """A part, but not the one that was asked for."""
    handler.reply(206, data[5:], {"Content-Range": f"bytes 5-{len(data) - 1}/{len(data)}"})


def other_file(handler: Handler, data: bytes) -> None:
    start = int(handler.headers["Range"][6:-1])
    handler.reply(206, data[start:], {"Content-Range": f"bytes {start}-99/100"})


def no_range_told(handler: Handler, data: bytes) -> None:
    handler.reply(206, data[7:], {})


def no_ranges(hub: Hub, patch: pytest.MonkeyPatch) -> None:
    hub.ranges = False
    hub.fault(DATA, Drop(30_000))


_DATE = {"Retry-After": "Tue, 14 Nov 2023 22:13:50 GMT"}  # half a minute after the clock's start
_LIMIT = {"RateLimit": '"api";r=0;t=55'}
BY_ITSELF.update({
    "dropped-once": (once(DATA, Drop(40_000)), 2),
    "dropped-often": (once(DATA, *[Drop(9_000)] * 9), 10),
    "dropped-without-a-word": (once(DATA, hang_up, hang_up), 3),
    "dropped-and-no-ranges": (no_ranges, 2),
    "store-busy": (once(DATA, Status(503), Status(500), Status(502)), 4),
    "store-address-too-old": (once(DATA, Drop(5_000), Status(403)), 3),
    "hub-busy": (once("api", Status(500), Status(503), Status(504)), 1),
    "hub-asks-to-wait": (once("api", Status(429, {"Retry-After": "60"})), 1),
    "hub-asks-to-wait-until": (once("api", Status(503, _DATE)), 1),
    "hub-tells-its-limit": (once("file", Status(429, _LIMIT)), 1),
    "login-too-old": (once("api", Status(401)), 1),
    "wrong-part": (once(DATA, Drop(9_000), other_part), 3),
    "part-of-another-file": (once(DATA, Drop(9_000), other_file), 3),
    "part-without-its-place": (once(DATA, Drop(9_000), no_range_told), 3),
    "refused-part": (once(DATA, Drop(9_000), Status(416)), 3),
    "wrong-bytes-once": (once(DATA, wrong_bytes), 2),
    "too-long-once": (once(DATA, longer), 2),
    "unending-once": (once(DATA, unending), 2),
    "too-short-once": (once(DATA, cut_short), 2),
    "login-page-once": (once(DATA, page), 2),
    "packed": (once(DATA, packed), 1),
    "packed-badly": (once(DATA, Instead(b"x", headers={"Content-Encoding": "gzip"})), 2),
    "packed-after-a-part": (once(DATA, Drop(9_000), packed), 2),
    "no-length": (once(DATA, until_closed), 1),
    "chunked": (once(DATA, chunked), 1),
})  # fmt: skip


@pytest.mark.parametrize("name", BY_ITSELF)
def test_what_passes_is_waited_for(
    name: str, hub: Hub, store: ModelStore, clock: Any, monkeypatch: pytest.MonkeyPatch
):
    arrange, times = BY_ITSELF[name]
    if name == "login-too-old":
        monkeypatch.setattr("engine.vision.hub.HUB", hub.address)
    arrange(hub, monkeypatch)
    events: list[Event] = []
    drain(download(ID, store, clock), events.append)
    assert whole(hub, store)
    assert len(hub.ranges_of()) == times
    told = [event for event in events if isinstance(event, Progress)]
    done = [event.done for event in told]
    assert done == sorted(done)
    assert told[-1].done == told[-1].total
    if "asks-to-wait" in name or "limit" in name:
        waited = {"hub-asks-to-wait": 60, "hub-asks-to-wait-until": 30, "hub-tells-its-limit": 55}
        assert clock.waited == pytest.approx(waited[name], abs=1)
        assert any(re.match(r"trying again in \d+ s", event.note) for event in told)


def test_the_pinned_version_is_the_only_one_taken(
    hub: Hub, store: ModelStore, monkeypatch: pytest.MonkeyPatch
):
    from engine.vision import hub as rules

    data = hub.describe(blobs=True)
    assert rules.read_listing("http://a.example", ID, COMMIT, data)[0] == COMMIT
    with pytest.raises(DownloadFailed, match=r"a\.example has another version"):
        rules.read_listing("http://a.example", ID, "1" * 40, data)
