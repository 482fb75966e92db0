"""The vector index against brute force, as a file, and under many threads."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.vectors import vector_index
from engine.vectors.vector_index import VectorIndex

DIM = 16
Write = Callable[[Path, bytes], object]


def unit(n: int, seed: int = 0, dim: int = DIM) -> NDArray[np.float32]:
    wide = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    return wide / np.linalg.norm(wide, axis=1, keepdims=True)


def write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many blocks and several threads without many vectors."""
    monkeypatch.setattr(vector_index, "_BLOCK", 7)
    monkeypatch.setattr(vector_index, "_THREADS", 3)


def brute_force(
    held: dict[int, NDArray[np.float32]], query: NDArray[np.float32], k: int
) -> list[tuple[int, float]]:
    """Ids with cosines of the fp16 vectors, best first, equals by id."""
    scores = {i: float(v.astype(np.float16).astype(np.float32) @ query) for i, v in held.items()}
    return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))[: max(k, 0)]


# ---- search --------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["add", "remove"]),
            st.lists(st.integers(0, 40), max_size=20, unique=True),
        ),
        max_size=8,
    ),
    k=st.integers(-1, 60),
    within=st.none() | st.lists(st.integers(-5, 60), max_size=30),
    seed=st.integers(0, 1_000),
    block=st.sampled_from([3, 16, 16_384]),
)
def test_it_finds_what_brute_force_finds(
    steps: list[tuple[str, list[int]]],
    k: int,
    within: list[int] | None,
    seed: int,
    block: int,
):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vector_index, "_BLOCK", block)
        patch.setattr(vector_index, "_THREADS", 2)
        index = VectorIndex(DIM)
        held: dict[int, NDArray[np.float32]] = {}
        for number, (act, ids) in enumerate(steps):
            if act == "add":
                rows = unit(len(ids), seed + number)
                index.add(ids, rows * 3)
                held.update(zip(ids, rows, strict=True))
            else:
                index.remove(ids)
                for photo_id in ids:
                    held.pop(photo_id, None)
        query = unit(1, seed + 99)[0]
        ids, scores = index.search(query * 5, k, within)
    allowed = held if within is None else {i: v for i, v in held.items() if i in within}
    expected = brute_force(allowed, query, k)
    assert len(index) == len(held)
    assert sorted(index.ids().tolist()) == sorted(held)
    assert len(ids) == len(expected) == len(set(ids.tolist()))
    assert np.allclose(scores, [score for _, score in expected], atol=2e-3)
    assert np.all(np.diff(scores) <= 0)
    for photo_id, score in zip(ids.tolist(), scores, strict=True):
        assert photo_id in allowed
        assert abs(held[photo_id] @ query - score) < 2e-3


def test_equal_scores_come_by_id(small_blocks: None):
    index = VectorIndex(DIM)
    ids = list(range(40, 0, -1))
    index.add(ids, np.repeat(unit(1), 40, axis=0))
    found, scores = index.search(unit(1)[0], 5)
    assert found.tolist() == [1, 2, 3, 4, 5]
    assert np.allclose(scores, 1, atol=1e-3)
    assert found.dtype == np.int64
    assert scores.dtype == np.float32


def test_an_empty_index_finds_nothing():
    index = VectorIndex(DIM)
    assert index.search(unit(1)[0], 5)[0].tolist() == []
    assert index.search(unit(1)[0], 5, within=[])[0].tolist() == []
    assert index.ids().tolist() == []
    assert len(index) == 0
    index.remove([1])
    index.add([], np.empty((0, DIM)))
    assert len(index) == 0


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf])
def test_a_query_without_a_direction_finds_nothing(bad: float):
    index = VectorIndex(DIM)
    index.add([1], unit(1))
    query = np.full(DIM, bad)
    assert index.search(query, 5)[0].tolist() == []
    assert np.isnan(index.scores(query, [1])).all()


def test_a_query_of_another_dimension_is_our_mistake():
    with pytest.raises(ValueError, match="shape"):
        VectorIndex(DIM).search(unit(1, dim=DIM + 1)[0], 1)


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf])
def test_a_vector_without_a_direction_is_refused(bad: float):
    index = VectorIndex(DIM)
    wrong = unit(2)
    wrong[1] = bad
    with pytest.raises(ValueError, match="direction"):
        index.add([1, 2], wrong)
    assert len(index) == 0


def test_what_does_not_fit_is_refused():
    index = VectorIndex(DIM)
    with pytest.raises(ValueError, match="fit"):
        index.add([1], unit(2))
    with pytest.raises(ValueError, match="fit"):
        index.add([1], unit(1, dim=DIM + 1))
    with pytest.raises(ValueError, match="twice"):
        index.add([1, 1], unit(2))
    assert len(index) == 0


def test_scores_follow_the_ids(small_blocks: None):
    index = VectorIndex(DIM)
    rows = unit(30)
    index.add(np.arange(30), rows)
    query = unit(1, seed=5)[0]
    found = index.scores(query, [29, 3, 99, 3])
    assert np.isnan(found[2])
    assert np.allclose(found[[0, 1, 3]], rows[[29, 3, 3]] @ query, atol=2e-3)
    assert index.scores(query, []).shape == (0,)


def test_ids_may_be_any_integers():
    index = VectorIndex(DIM)
    ids = [2**62, 5, 0, -3]
    index.add(ids, unit(4))
    found, _ = index.search(unit(4)[0], 1)
    assert found.tolist() == [2**62]
    assert set(index.search(unit(1)[0], 9, within=[2**62, -3, 7])[0].tolist()) == {2**62, -3}


def test_blocks_that_are_empty_go(small_blocks: None):
    index = VectorIndex(DIM)
    index.add(np.arange(30), unit(30))
    index.remove(np.arange(29))
    assert len(index._blocks) == 1  # pyright: ignore[reportPrivateUsage]
    assert index.search(unit(1)[0], 3)[0].tolist() == [29]


@pytest.mark.parametrize("threads", [1, 3])
def test_searches_and_changes_at_once_are_consistent(
    small_blocks: None, monkeypatch: pytest.MonkeyPatch, threads: int
):
    """An id never stands for another's vector, whatever changes meanwhile."""
    monkeypatch.setattr(vector_index, "_THREADS", threads)
    index = VectorIndex(DIM)
    rows = unit(500)
    index.add(np.arange(50), rows[:50])
    wrong: list[str] = []
    done = threading.Event()

    def search(seed: int) -> None:
        chance = random.Random(seed)
        while not done.is_set():
            number = chance.randrange(50)
            ids, scores = index.search(rows[number], 3, within=None if seed else [number])
            if ids[0] != number or abs(scores[0] - 1) > 2e-3:
                wrong.append(f"{number}: {ids}, {scores}")

    searchers = [threading.Thread(target=search, args=(seed,)) for seed in range(4)]
    for searcher in searchers:
        searcher.start()
    for start in range(50, 500, 10):
        index.add(np.arange(start, start + 10), rows[start : start + 10])
        index.remove(np.arange(start - 5, start) if start > 60 else [])
    done.set()
    for searcher in searchers:
        searcher.join(timeout=30)
    assert wrong == []


# ---- the file ------------------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    index = VectorIndex(DIM)
    index.add(np.arange(100, 150), unit(50))
    path = tmp_path / "räume" / "space.faiss"
    path.parent.mkdir()
    index.save(path, "1:42", write)
    return path


@pytest.mark.parametrize("n", [0, 1, 6, 7, 8, 50])
def test_what_is_saved_is_loaded(small_blocks: None, tmp_path: Path, n: int):
    index = VectorIndex(DIM)
    index.add(np.arange(n)[::-1] * 3, unit(n))
    index.save(tmp_path / "v", "stamp", write)
    again = VectorIndex.load(tmp_path / "v", DIM, "stamp")
    assert again is not None
    assert again.ids().tolist() == index.ids().tolist()
    query = unit(1, seed=9)[0]
    for mine, theirs in zip(index.search(query, n), again.search(query, n), strict=True):
        assert np.array_equal(mine, theirs)
    again.add([1_000], unit(1, seed=9))  # it goes on living
    again.remove([0])
    assert again.search(query, 1)[0].tolist() == [1_000]


def test_a_loaded_index_can_be_saved_again(saved: Path):
    index = VectorIndex.load(saved, DIM, "1:42")
    assert index is not None
    before = saved.read_bytes()
    index.save(saved, "1:42", write)
    assert saved.read_bytes() == before


def test_another_stamp_or_dimension_is_not_taken(saved: Path):
    assert VectorIndex.load(saved, DIM, "1:42") is not None
    assert VectorIndex.load(saved, DIM, "1:43") is None
    assert VectorIndex.load(saved, DIM + 1, "1:42") is None


def test_a_file_that_is_missing_or_no_file_is_not_taken(saved: Path):
    assert VectorIndex.load(saved.with_name("other"), DIM, "1:42") is None
    assert VectorIndex.load(saved.parent, DIM, "1:42") is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"{}",
        b"[1]\n",
        b"null\n",
        b"\xff\xfe\n",
        b'{"n": -1}\n',
        b'{"n": 1e999}\n',
        b'{"n": "1"}\n',
        b"{" * 100_000,
        b"[" * 60_000,
        b"IxSQ" + bytes(5_000),
    ],
    ids=lambda data: repr(data[:10]),
)
def test_foreign_files_are_not_taken(saved: Path, data: bytes):
    saved.write_bytes(data)
    assert VectorIndex.load(saved, DIM, "1:42") is None


@pytest.mark.parametrize(("key", "value"), [("n", 2**60), ("n", 49), ("sha256", ""), ("codes", 8)])
def test_a_manifest_that_lies_is_not_taken(saved: Path, key: str, value: object):
    line, _, rest = saved.read_bytes().partition(b"\n")
    manifest = json.loads(line) | {key: value}
    saved.write_bytes(json.dumps(manifest).encode() + b"\n" + rest)
    assert VectorIndex.load(saved, DIM, "1:42") is None


def test_no_damage_is_taken(saved: Path):
    sound = saved.read_bytes()
    chance = random.Random(3)
    for _ in range(300):
        data = bytearray(sound)
        match chance.randrange(4):
            case 0:
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            case 1:
                del data[chance.randrange(len(data)) :]
            case 2:
                start = chance.randrange(len(data))
                data[start : start + 64] = bytes(min(64, len(data) - start))
            case _:
                data += b"x"
        if bytes(data) == sound:
            continue
        saved.write_bytes(data)
        assert VectorIndex.load(saved, DIM, "1:42") is None


def test_a_write_that_fails_is_the_writers_error(saved: Path):
    index = VectorIndex.load(saved, DIM, "1:42")
    assert index is not None

    def full(path: Path, data: bytes) -> None:
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        index.save(saved, "1:44", full)
    assert VectorIndex.load(saved, DIM, "1:42") is not None
