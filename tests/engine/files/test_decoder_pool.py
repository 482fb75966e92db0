"""Whatever a photo does to its decoder, the pool answers, names the culprit and goes on."""

from __future__ import annotations

import gc
import io
import os
import select
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.errors import PhotoError, PhotoTooLarge, PhotoUndecodable, PhotoUnreadable
from engine.files import picture, source
from engine.files.decode import DecodedPhoto, DecodeRequest, DecoderPool
from engine.files.decoder_process import CannotStart, Deadlines, DecoderProcess, TookTooLong
from engine.types import Box, InputSpec

SPEC = InputSpec(64, 64)
STUBBORN = (sys.executable, str(Path(__file__).with_name("stubborn_decoder.py")))
CHECKOUT = Path(__file__).resolve().parents[3]

posix = pytest.mark.skipif(not hasattr(select, "poll"), reason="no poll")
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's processes")


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    pool = DecoderPool(2)
    yield pool
    pool.close()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return draw(tmp_path / "photo.jpg")


def draw(path: Path, size: tuple[int, int] = (120, 80)) -> Path:
    Image.linear_gradient("L").resize(size).convert("RGB").save(path)
    return path


def decode(pool: DecoderPool, path: Path) -> DecodedPhoto:
    return pool.submit(DecodeRequest(path, SPEC)).result(timeout=60)


def wait_for_end(pid: int, seconds: float = 20) -> bool:
    """Whether a process ends in time (it may be one that we did not start)."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


def test_one_decode_gives_all_that_indexing_needs(pool: DecoderPool, photo: Path) -> None:
    found = decode(pool, photo)
    assert found.content.content_hash == blake2b(photo.read_bytes(), digest_size=32).digest()
    assert (found.content.width, found.content.height, found.content.format) == (120, 80, "JPEG")
    info = photo.stat()
    assert (found.seen.size, found.seen.mtime_ns) == (info.st_size, info.st_mtime_ns)
    assert (found.seen.dev, found.seen.ino) == (info.st_dev, info.st_ino)
    assert found.read_ns >= info.st_mtime_ns
    assert found.pixels is not None
    assert found.pixels.shape == (64, 64, 3)
    assert found.thumbnail is not None
    with Image.open(io.BytesIO(found.thumbnail)) as thumbnail:
        assert thumbnail.size == (120, 80)


def test_only_what_was_asked_for_is_made(pool: DecoderPool, photo: Path) -> None:
    found = pool.submit(DecodeRequest(photo, None, thumbnail=False)).result(timeout=60)
    assert found.pixels is None
    assert found.thumbnail is None
    assert found.content.width == 120


def test_a_box_is_cropped_before_resizing(pool: DecoderPool, tmp_path: Path) -> None:
    path = draw(tmp_path / "a.png", (200, 256))
    request = DecodeRequest(path, SPEC, box=Box(0, 0, 128, 128))
    found = pool.submit(request, urgent=True).result(timeout=60).pixels
    assert found is not None
    with Image.open(path) as image:
        expected = np.asarray(image.crop((0, 0, 128, 128)).resize((64, 64), 3))
    assert np.array_equal(found, expected)


def test_a_picture_to_look_at(pool: DecoderPool, photo: Path) -> None:
    full = pool.picture(photo)
    with Image.open(photo) as image:
        assert np.array_equal(full, np.asarray(image))
    assert pool.picture(photo, max_side=60).shape == (40, 60, 3)
    with pytest.raises(PhotoUnreadable):
        pool.picture(photo.with_name("none.jpg"))


def test_drafting_does_not_change_what_the_model_sees(pool: DecoderPool, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rough = Image.fromarray(rng.integers(0, 255, (30, 40, 3), np.uint8))
    rough.resize((2000, 1500), 3).save(tmp_path / "a.jpg", quality=92)
    found = decode(pool, tmp_path / "a.jpg").pixels
    with Image.open(tmp_path / "a.jpg") as image:
        full = np.asarray(image.resize((85, 64), 3).crop((10, 0, 74, 64))).astype(float)
    assert found is not None
    assert np.abs(found - full).mean() < 1.5
    a, b = found.ravel() - full.mean(), full.ravel() - full.mean()
    assert a @ b / np.linalg.norm(a) / np.linalg.norm(b) > 0.999


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX files only")
def test_what_is_no_plain_file_is_refused_at_once(pool: DecoderPool, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "folder.jpg").mkdir()
    (tmp_path / "zero.jpg").symlink_to("/dev/zero")
    (tmp_path / "dangling.jpg").symlink_to("none")
    for name in ("pipe.jpg", "folder.jpg", "zero.jpg", "dangling.jpg", "none.jpg"):
        with pytest.raises(PhotoUnreadable):
            decode(pool, tmp_path / name)


def test_names_that_are_no_text(pool: DecoderPool, photo: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(photo.parent) + b"/caf\xe9\n.jpg"))
    odd.write_bytes(photo.read_bytes())
    assert decode(pool, odd).content.width == 120


def test_reasons_are_sentences_without_the_path(pool: DecoderPool, tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").write_bytes(b"")
    with pytest.raises(PhotoUndecodable) as caught:
        decode(pool, tmp_path / "empty.jpg")
    assert caught.value.reason == "is empty"
    assert caught.value.path == tmp_path / "empty.jpg"
    with pytest.raises(PhotoUnreadable, match="cannot be opened"):
        decode(pool, tmp_path / "none.jpg")


def test_urgent_requests_go_first(tmp_path: Path) -> None:
    slow = draw(tmp_path / "slow.png", (3000, 2000))
    quick = draw(tmp_path / "quick.jpg")
    finished: list[str] = []
    pool = DecoderPool(1)
    try:
        queued = [pool.submit(DecodeRequest(slow, SPEC)) for _ in range(4)]
        for future in queued:
            future.add_done_callback(lambda _: finished.append("slow"))
        urgent = pool.submit(DecodeRequest(quick, SPEC), urgent=True)
        urgent.add_done_callback(lambda _: finished.append("urgent"))
        for future in (*queued, urgent):
            future.result(timeout=60)
    finally:
        pool.close()
    assert finished.index("urgent") <= 1


@pytest.mark.expects_warnings
def test_a_photo_that_crashes_its_decoder_is_tried_twice_and_named(tmp_path: Path) -> None:
    names = ["a.jpg", "crash.jpg", "b.jpg", "crash once.jpg", "c.jpg"]
    pool = DecoderPool(1, program=STUBBORN)
    try:
        futures = {name: pool.submit(DecodeRequest(draw(tmp_path / name), SPEC)) for name in names}
        with pytest.raises(PhotoUndecodable, match="crashed the decoder"):
            futures.pop("crash.jpg").result(timeout=60)
        for name, future in futures.items():
            assert future.result(timeout=60).content.width == 120, name
        assert (tmp_path / "crash once.crashed").exists()
    finally:
        pool.close()


@pytest.mark.expects_warnings
def test_a_decoder_that_writes_nonsense_counts_as_crashed(tmp_path: Path) -> None:
    pool = DecoderPool(1, program=STUBBORN)
    try:
        assert decode(pool, draw(tmp_path / "a.jpg")).content.width == 120
        with pytest.raises(PhotoUndecodable, match="crashed the decoder"):
            decode(pool, draw(tmp_path / "mumble.jpg"))
        assert decode(pool, tmp_path / "a.jpg").content.width == 120
    finally:
        pool.close()


@linux
@pytest.mark.expects_warnings
def test_a_photo_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    pool = DecoderPool(1, program=STUBBORN, time_limit_s=1.0)
    try:
        good = draw(tmp_path / "good.jpg")
        assert decode(pool, good).content.width == 120
        (before,) = pool.pids()
        hanging = pool.submit(DecodeRequest(draw(tmp_path / "hang.jpg"), SPEC))
        after = pool.submit(DecodeRequest(good, SPEC))
        with pytest.raises(PhotoUndecodable, match="took longer than 1 s"):
            hanging.result(timeout=60)
        assert after.result(timeout=60).content.width == 120
        assert wait_for_end(before)
        assert pool.pids() != [before]
    finally:
        pool.close()


@linux
@pytest.mark.expects_warnings
def test_a_killed_decoder_costs_no_photo(tmp_path: Path) -> None:
    paths = [draw(tmp_path / f"{n}.png", (1500, 1000)) for n in range(12)]
    pool = DecoderPool(2)
    try:
        first = pool.submit(DecodeRequest(paths[0], SPEC))
        futures = [pool.submit(DecodeRequest(path, SPEC)) for path in paths[1:]]
        first.result(timeout=60)
        for pid in pool.pids():
            os.kill(pid, signal.SIGKILL)
        assert all(future.result(timeout=60).content.width == 1500 for future in futures)
    finally:
        pool.close()


@linux
def test_a_photo_that_needs_too_much_memory_is_refused(tmp_path: Path) -> None:
    pool = DecoderPool(1, memory_mb=400)
    try:
        big = draw(tmp_path / "big.png", (10_000, 9_000))
        with pytest.raises(PhotoTooLarge, match="more memory"):
            decode(pool, big)
        assert decode(pool, draw(tmp_path / "small.jpg")).content.width == 120
    finally:
        pool.close()


def test_a_decoder_that_does_not_start_is_our_fault_and_not_the_photos(photo: Path) -> None:
    pool = DecoderPool(1, program=(*STUBBORN, "dead on arrival"))
    try:
        for _ in range(2):
            with pytest.raises(CannotStart):
                decode(pool, photo)
    finally:
        pool.close()
    assert not issubclass(CannotStart, PhotoError)


@linux
def test_closing_cancels_what_is_queued_and_ends_the_processes(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    pool = DecoderPool(1, program=STUBBORN)
    decode(pool, draw(tmp_path / "a.jpg"))
    (pid,) = pool.pids()
    futures = [pool.submit(DecodeRequest(draw(tmp_path / "hang.jpg"), SPEC)) for _ in range(3)]
    assert set(threading.enumerate()) > before
    pool.close()
    for future in futures:
        with pytest.raises(CancelledError):
            future.result(timeout=1)
    assert wait_for_end(pid)
    assert set(threading.enumerate()) <= before
    with pytest.raises(RuntimeError, match="closed"):
        pool.submit(DecodeRequest(tmp_path / "a.jpg"))
    pool.close()
    gc.collect()  # a pipe left open would warn here


@linux
def test_an_idle_decoder_goes_and_comes_back(photo: Path) -> None:
    pool = DecoderPool(1, idle_s=0.05)
    try:
        decode(pool, photo)
        for pid in pool.pids():
            assert wait_for_end(pid)
        assert decode(pool, photo).content.width == 120
    finally:
        pool.close()


def test_nothing_is_started_without_work() -> None:
    pool = DecoderPool(4)
    assert pool.pids() == []
    pool.close()


def test_a_cancelled_request_is_passed_over(tmp_path: Path) -> None:
    slow = draw(tmp_path / "slow.png", (3000, 2000))
    pool = DecoderPool(1)
    try:
        first = pool.submit(DecodeRequest(slow, SPEC))
        second = pool.submit(DecodeRequest(slow, SPEC))
        third = pool.submit(DecodeRequest(slow, SPEC))
        assert second.cancel()
        assert first.result(timeout=60).content.width == 3000
        assert third.result(timeout=60).content.width == 3000
    finally:
        pool.close()


@linux
@pytest.mark.parametrize("busy", [False, True])
def test_decoders_die_with_a_parent_that_is_killed(tmp_path: Path, busy: bool) -> None:
    good, hang = draw(tmp_path / "a.jpg"), draw(tmp_path / "hang.jpg")
    script = f"""
        import sys
        from pathlib import Path
        from engine.files.decode import DecodeRequest, DecoderPool
        pool = DecoderPool(1, program={STUBBORN!r})
        pool.submit(DecodeRequest(Path({str(good)!r}))).result()
        if {busy}:
            pool.submit(DecodeRequest(Path({str(hang)!r})))
        print(*pool.pids(), flush=True)
        sys.stdin.read()
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=CHECKOUT,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        (child,) = map(int, parent.stdout.readline().split())
        parent.kill()
    assert wait_for_end(child)


@posix
def test_a_decoder_that_cannot_even_be_killed_is_left_behind(tmp_path: Path) -> None:
    deadlines = Deadlines()
    process = DecoderProcess(deadlines, 2048, 60.0, STUBBORN)
    try:
        process.kill = lambda: None  # as a process that waits for a dead network drive
        process.time_limit_s = 0.2
        request = {"want": "photo", "path": os.fsencode(tmp_path / "hang.jpg").hex()}
        with pytest.raises(TookTooLong):
            process.ask(request)
    finally:
        del process.kill
        process.kill()
        process.close()
        deadlines.stop()


def test_a_large_file_is_hashed_in_pieces(photo: Path) -> None:
    opened = source.open_photo(photo, background=True, in_memory=10)
    with opened.source as file:
        assert opened.content_hash == blake2b(photo.read_bytes(), digest_size=32).digest()
        assert picture.decode(file, photo, picture.Need(0, 0)).size == (120, 80)


def test_a_file_that_is_still_written_is_left_for_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = draw(tmp_path / "growing.jpg")

    def append_while_hashing(data: bytes, **how: Any) -> Any:
        with path.open("ab") as file:
            file.write(b"more")
        return blake2b(data, **how)

    monkeypatch.setattr(source.hashlib, "blake2b", append_while_hashing)
    with pytest.raises(PhotoUnreadable, match="still being written"):
        source.open_photo(path, background=True)
