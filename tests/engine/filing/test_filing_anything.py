"""Whatever lies in the folders, and wherever it is to go: nothing is lost, and undo is exact."""

from __future__ import annotations

import tempfile
from pathlib import Path

from filing_sample import Sample, contents, leftovers, tree, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.file_types import ByDate, Fate, SortMode
from engine.jobs import drain

STEMS = st.sampled_from(
    ["a", "A", "IMG_1", "img_1", "\u00e4", "a\u0308", "x (2)", "x", "日", "a.b"]
)
KINDS = st.sampled_from(
    [".jpg", ".JPG", ".cr2", ".png", ".xmp", ".XMP", ".jpg.xmp", ".cr2.xmp", ".mov", ".aae", ".txt"]
)
FOLDERS = st.sampled_from(["", "1/", "2/", "Cats/", "cats/", "deep/er/", "sorted/Cats/"])
FILES = st.dictionaries(
    st.tuples(FOLDERS, STEMS, KINDS).map("".join),
    st.binary(max_size=3),  # few contents: many equal ones
    max_size=14,
)
CATEGORIES = st.sampled_from(["Cats", "CATS", "Ca/ts", "..", "con", None])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    files=FILES,
    there=st.dictionaries(
        st.tuples(st.sampled_from(["Cats/", "cats/"]), STEMS, KINDS).map("".join),
        st.binary(max_size=3),
        max_size=5,
    ),
    runs=st.lists(
        st.tuples(
            st.sampled_from([SortMode.MOVE, SortMode.COPY, SortMode.LINK]),
            st.lists(CATEGORIES, min_size=1, max_size=6),
            st.sampled_from([ByDate.NONE, ByDate.MONTH]),
            st.sampled_from(["sorted", ""]),
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_nothing_is_lost_or_overwritten_and_undo_is_exact(
    files: dict[str, bytes],
    there: dict[str, bytes],
    runs: list[tuple[SortMode, list[str | None], ByDate, str]],
):
    with tempfile.TemporaryDirectory(dir=_memory()) as scratch:
        sample = Sample(Path(scratch))
        for name, data in there.items():
            write(sample.photos / "sorted" / name, data)
        sample.add(*files, data=lambda name: files[name])
        trees = [tree(sample.photos)]
        made = 0
        for mode, categories, by_date, into in runs:
            sample.into = sample.photos / into
            ids = sorted(sample.paths())
            chosen = {i: categories[n % len(categories)] for n, i in enumerate(ids)}
            plan = sample.plan(chosen, mode, by_date=by_date)
            targets = [f for p in plan.photos if p.fate.goes for f in p.files]
            assert len({f.source for f in targets}) == len(targets)
            assert all(p.fate is not Fate.REFUSED for p in plan.photos)
            report = sample.apply(plan)
            assert not report.stopped
            now = contents(sample.photos)
            before = sorted(data for data, _ in trees[-1].values())
            if mode is SortMode.MOVE:
                assert now == before
            else:
                assert len(now) == len(before) + report.files
                assert trees[-1].items() <= tree(sample.photos).items()
            if report.run_id:
                made += 1
                trees.append(tree(sample.photos))
            sample.look()
        for expected in reversed(trees[:-1]):
            run = next(run for run in sample.filing.runs() if run.can_undo)
            assert drain(sample.filing.undo(run.id)).skipped == ()
            assert tree(sample.photos) == expected
        assert made == len(sample.filing.runs())
        assert leftovers(sample.photos) == []
        assert sample.catalog.check() == []
        sample.close()


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None
