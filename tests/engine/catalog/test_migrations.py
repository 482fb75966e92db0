"""Every released schema opens with its data; a step is taken whole or not at all.

`keep_catalog` below made tests/catalogs/v001.db; a new version adds its own file beside it and
never touches an older one.
"""

from __future__ import annotations

import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from catalog_makers import SPACE, digest, read, seen, vectors

from engine.catalog import Catalog
from engine.catalog import migrations as history
from engine.catalog.clearings import ClearedUnit
from engine.catalog.duplicates import Compared, pair_of
from engine.catalog.journal import CLEARING
from engine.catalog.migrations import MIGRATIONS, migrate, version_of
from engine.catalog.sidecar_dues import Done
from engine.catalog.sidecars import SidecarKey, SidecarRead, SidecarSeen
from engine.detection_types import Detection, Label, Sight
from engine.duplicate_types import DuplicateClass, Merge
from engine.errors import CatalogError, CatalogTooNew
from engine.tag_types import (
    Category,
    CategoryId,
    CategoryRun,
    CategorySet,
    Mode,
    RunKind,
    SetId,
    TagSource,
)
from engine.types import Box, Filter, Order, PhotoId, PhotoMetadata, PhotoState

KEPT = Path(__file__).resolve().parents[2] / "catalogs"


def make_catalog(path: Path) -> None:
    """A catalog with a little of everything, at today's version."""
    catalog = Catalog.open(path)
    root = catalog.roots.add(Path("/photos"), (1, 2))
    away = catalog.roots.add(Path("/media/stick"))
    catalog.roots.set_online(away.id, False, "The drive is not connected.")
    catalog.roots.forget(catalog.roots.add(Path("/old")).id)
    files = [seen(name) for name in ("2024/sea.jpg", b"\xff.png", "broken.jpg", "gone.jpg")]
    sea, raw, broken, gone = catalog.photos.add(root.id, files)
    (stick,) = catalog.photos.add(away.id, [seen("stick.jpg")])
    facts = PhotoMetadata(
        taken_at="2024-05-01T12:00:00", camera_make="Canon", camera_model="Canon EOS 5D",
        latitude=48.1, longitude=11.5, keywords=("sea", "日本"),
    )  # fmt: skip
    read(catalog, sea, files[0], "sea", metadata=facts)
    read(catalog, raw, files[1], "raw", damaged="It ends too early.")
    catalog.photos.set_unreadable(broken, "It is no picture.", files[2])
    read(catalog, gone, files[3], "gone")
    space = catalog.embeddings.space_id(SPACE)
    catalog.embeddings.put(space, [sea, gone], vectors(2))
    catalog.tags.put([sea], "Places/Sea")
    entry = CategorySet(SetId(0), "Trips", exclusive=True, contrast=("a photo",))
    trips = catalog.categories.add_set(entry)
    category = catalog.categories.add(
        Category(CategoryId(0), trips.id, "Holiday", ("a beach", "海"), (sea,), Mode.AUTOMATIC, 0.6)
    )
    catalog.categories.answer(category.id, [raw], False)
    with catalog.write():
        run = catalog.tag_runs.start(RunKind.ASKED, space)
        tag = catalog.tags.make("Holiday")
        catalog.tag_runs.add(run, tag, {gone: 0.75})
        done = CategoryRun("Holiday", "Holiday", ("a beach", "海"), 0.6, added=1)
        catalog.tag_runs.finish(run, [done])
    labels = [Label("dog", ("a dog", "子犬"), 0.3), Label("cat")]
    looking = catalog.detection_runs.start("detector", labels, 0.1, "All", [sea, raw])
    dogs = Sight(40, 30, (Detection("dog", 0.75, Box(1, 2, 30, 20)),))
    catalog.detection_runs.record(looking, sea, digest("sea"), dogs)
    drawn = [Detection("海", 1.0, Box(0, 0, 4.5, 5.5))]
    (own,) = catalog.detections.keep(sea, drawn, "", (40, 30), digest("sea"))
    catalog.detections.remove(catalog.detections.keep(raw, drawn, "", (40, 30), digest("raw")))
    catalog.detections.remember(["海", "dog"])
    keep_duplicates(catalog)
    keep_clearing(catalog, sea, gone)
    keep_marks(catalog, sea, raw)
    note = '{"said":{"tags":["Places/Sea"],"rating":5,"caption":null,"title":null},'
    note += '"before":{"rating":3},"had":[],"whole":true}'
    catalog.sidecar_dues.done([Done(sea, 6, digest("sidecar"), note)])
    keep_sidecar(catalog, raw)
    catalog.photos.mark_missing([gone])
    assert stick
    assert own
    catalog.close()


def keep_duplicates(catalog: Catalog) -> None:
    """Two pictures that were compared, and one decision."""
    pair = pair_of(digest("sea"), digest("gone"))
    catalog.duplicates.put_hashes(1, [(pair[0], 5, (1 << 64) - 1), (pair[1], 7, 0)])
    catalog.duplicates.put_pixels(pair[0], b"pixels")
    catalog.duplicates.mark_sought(1, pair, None)
    catalog.duplicates.put_pairs(1, [Compared(pair, True, 0.9, "{}", 0.99)])
    catalog.duplicates.decide([(*pair, 0)])


def keep_clearing(catalog: Catalog, keep: PhotoId, gone: PhotoId) -> None:
    """One photo that went to the trash, and what its keeper took over."""
    run = catalog.journal.begin(CLEARING, {}, "token", ())
    kept = ClearedUnit(
        1,
        DuplicateClass.SAME_PICTURE,
        keep,
        Path("/photos/2024/sea.jpg"),
        digest("sea"),
        gone,
        True,
    )
    catalog.clearings.note(run, [kept])
    catalog.clearings.give(run, Merge(keep, ("Seen twice",), (), 4, "A day at the sea"))


def keep_marks(catalog: Catalog, sea: PhotoId, raw: PhotoId) -> None:
    """What the user said of two photos, an album of both by hand, and a smart one."""
    catalog.marks.put([sea], "rating", 5)
    catalog.marks.put([sea], "favourite", 1)
    catalog.marks.put([raw], "flag", -1)
    catalog.marks.put([raw], "caption", "日")
    made = catalog.albums.create("Best").albums[0][0]
    catalog.albums.put(made, [sea, raw])
    catalog.albums.move(made, [raw], sea)
    catalog.albums.create("Seas", "sea rating:>=3", Order.NAME)


def keep_sidecar(catalog: Catalog, raw: PhotoId) -> None:
    """A sidecar that was read, a keyword of it that was refused and one that was renamed."""
    key = SidecarKey(raw, whole=False)
    catalog.sidecars.follow([SidecarSeen(key, b"\xff.xmp", 9, 8)], [])
    told = {"rating": 2, "keywords": ["Boats/Old", "Sun"]}
    catalog.sidecars.put([SidecarRead((key,), 9, 8, 7, digest("xmp"), told)])
    catalog.tags.take([raw], "Sun")
    boats = catalog.tags.find("Boats")
    assert boats is not None
    catalog.tags.rename(boats, "Ships")


def keep_catalog() -> None:
    """Write the kept catalog of today's version; run by hand before a release."""
    path = KEPT / f"v{len(MIGRATIONS):03d}.db"
    with TemporaryDirectory() as folder:
        make_catalog(Path(folder) / "catalog.db")
        shutil.copy(Path(folder) / "catalog.db", path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in ("PRAGMA journal_mode = DELETE", "PRAGMA page_size = 1024", "VACUUM"):
            db.execute(statement)


def test_the_first_version_opens_with_all_its_data(tmp_path: Path):
    path = tmp_path / "catalog.db"
    shutil.copy(KEPT / "v001.db", path)
    catalog = Catalog.open(path)
    assert catalog.notes == []
    root, away = catalog.roots.all()
    assert (root.path, root.online, root.marker) == (Path("/photos"), True, (1, 2))
    assert (away.online, away.note) == (False, "The drive is not connected.")
    names = {row.relpath: row for row in catalog.photos.known(root.id)}
    assert {name: row.state for name, row in names.items()} == {
        b"2024/sea.jpg": PhotoState.PRESENT,
        b"\xff.png": PhotoState.PRESENT,
        b"broken.jpg": PhotoState.UNREADABLE,
        b"gone.jpg": PhotoState.MISSING,
    }
    detail = catalog.photos.detail(names[b"2024/sea.jpg"].photo_id)
    assert detail is not None
    assert (detail.photo.camera, detail.photo.content_hash) == ("Canon EOS 5D", digest("sea"))
    assert detail.metadata.keywords == ("sea", "日本")
    assert (detail.metadata.latitude, detail.metadata.longitude) == (48.1, 11.5)
    assert {p.reason for p in catalog.problems.all()} == {
        "It is no picture.",
        "It ends too early.",
    }
    space = catalog.embeddings.space_id(SPACE)
    ids, held = catalog.embeddings.load_all(space)
    assert ids.tolist() == [names[b"2024/sea.jpg"].photo_id, names[b"gone.jpg"].photo_id]
    assert abs(held - vectors(2)).max() < 1e-3
    assert catalog.check() == []
    catalog.close()


def test_the_fourth_version_opens_with_its_tags_and_categories(tmp_path: Path):
    path = tmp_path / "catalog.db"
    shutil.copy(KEPT / "v004.db", path)
    catalog = Catalog.open(path)
    names = {row.relpath: row.photo_id for row in catalog.photos.known(catalog.roots.all()[0].id)}
    sea, raw, gone = names[b"2024/sea.jpg"], names[b"\xff.png"], names[b"gone.jpg"]
    tags = catalog.tags.of([sea, raw, gone])
    assert [(t.path, t.source) for t in tags[sea]] == [
        ("Places/Sea", TagSource.USER),
        ("sea", TagSource.FILE),  # keywords have been tags since version 10
        ("日本", TagSource.FILE),
    ]
    assert [(t.path, t.source, t.score, t.model) for t in tags[gone]] == [
        ("Holiday", TagSource.ZERO_SHOT, 0.75, "model")
    ]
    (trips,) = catalog.categories.sets()
    assert (trips.name, trips.exclusive, trips.contrast) == ("Trips", True, ("a photo",))
    (holiday,) = catalog.categories.all()
    assert (holiday.prompts, holiday.examples) == (("a beach", "海"), (sea,))
    assert (holiday.mode, holiday.threshold, holiday.tag) == (Mode.AUTOMATIC, 0.6, "Holiday")
    answers = catalog.categories.answers(holiday.id)
    assert [(a.photo_id, a.accepted) for a in answers] == [(raw, False)]
    (run,) = catalog.tag_runs.all()
    assert (run.kind, run.added, run.held, run.what[0].threshold) == (RunKind.ASKED, 1, 1, 0.6)
    assert catalog.check() == []
    catalog.close()


def test_the_fifth_version_opens_with_its_detections(tmp_path: Path):
    path = tmp_path / "catalog.db"
    shutil.copy(KEPT / "v005.db", path)
    catalog = Catalog.open(path)
    names = {row.relpath: row.photo_id for row in catalog.photos.known(catalog.roots.all()[0].id)}
    sea, raw = names[b"2024/sea.jpg"], names[b"\xff.png"]
    (run,) = catalog.detection_runs.all()
    assert run.labels == (Label("dog", ("a dog", "子犬"), 0.3), Label("cat"))
    assert (run.model, run.asked, run.looked, run.boxes) == ("detector", 2, 1, 1)
    assert catalog.detection_runs.waiting(run.id) == [raw]
    found = catalog.detections.of([sea, raw])
    assert [(d.label, d.score, d.run_id, d.box) for d in found[sea]] == [
        ("海", None, None, Box(0, 0, 4.5, 5.5)),
        ("dog", 0.75, run.id, Box(1, 2, 30, 20)),
    ]
    assert found[raw] == []
    assert catalog.detections.labels() == ["海", "dog"]
    assert catalog.check() == []
    catalog.close()


def test_the_sixth_version_opens_with_its_pairs_and_decisions(tmp_path: Path):
    path = tmp_path / "catalog.db"
    shutil.copy(KEPT / "v006.db", path)
    catalog = Catalog.open(path)
    pair = pair_of(digest("sea"), digest("gone"))
    held = catalog.duplicates.hashed(1)
    assert (held.contents, held.shape.tolist()) == (list(pair), [5, 7])
    assert held.slope.tolist() == [(1 << 64) - 1, 0]
    assert catalog.duplicates.pixels(pair) == {pair[0]: b"pixels"}
    assert catalog.duplicates.sought(1, None) == set(pair)
    (found,) = catalog.duplicates.pairs(1, same=True)
    assert found == Compared(pair, True, 0.9, "{}", 0.99)
    assert catalog.duplicates.decided() == {pair: 0}
    assert catalog.check() == []
    catalog.close()


def test_the_seventh_version_opens_with_its_clearing(tmp_path: Path):
    path = tmp_path / "catalog.db"
    shutil.copy(KEPT / "v007.db", path)
    catalog = Catalog.open(path)
    names = {row.relpath: row.photo_id for row in catalog.photos.known(catalog.roots.all()[0].id)}
    sea = names[b"2024/sea.jpg"]
    (run,) = catalog.journal.runs(CLEARING)
    unit = catalog.clearings.units(run.id)[1]
    assert (unit.keep_id, unit.photo_id, unit.quarantined) == (sea, names[b"gone.jpg"], True)
    assert (unit.kind, unit.keep_hash) == (DuplicateClass.SAME_PICTURE, digest("sea"))
    assert catalog.clearings.owned([sea])[sea].tags == (
        *("Places/Sea", "sea", "Seen twice", "日本"),
    )
    detail = catalog.photos.detail(sea)
    assert detail is not None
    assert (detail.metadata.rating, detail.metadata.caption) == (4, "A day at the sea")
    catalog.clearings.take_back(run.id, sea)
    detail = catalog.photos.detail(sea)
    assert detail is not None
    assert (detail.metadata.rating, detail.metadata.keywords) == (None, ("sea", "日本"))
    assert catalog.clearings.owned([sea])[sea].tags == ("Places/Sea", "sea", "日本")
    assert catalog.check() == []
    catalog.close()


def test_the_seventh_version_finds_what_files_say_by_index(tmp_path: Path):
    path = tmp_path / "catalog.db"
    shutil.copy(KEPT / "v007.db", path)
    with closing(sqlite3.connect(path)) as db, db:  # a row that no one can read bars nothing
        db.execute("UPDATE metadata SET facts = '{' WHERE photo_id <> 1")
    catalog = Catalog.open(path)
    assert catalog.photos.matching(
        [Filter("rating", ">=", "4"), Filter("has", "=", "caption")]
    ) == [1]
    catalog.close()


def test_a_catalog_of_each_version_is_kept():
    assert {path.name for path in KEPT.glob("v*.db")} == {
        f"v{number:03d}.db" for number in range(1, len(MIGRATIONS) + 1)
    }
    assert all(path.stat().st_size < 150_000 for path in KEPT.glob("v*.db"))


def test_todays_catalog_has_the_schema_of_its_kept_version(tmp_path: Path):
    """A step that was edited after its release would show here."""
    make_catalog(tmp_path / "catalog.db")

    def schema(path: Path) -> list[tuple[str, ...]]:
        with closing(sqlite3.connect(path)) as db:
            return db.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY name").fetchall()

    assert schema(tmp_path / "catalog.db") == schema(KEPT / f"v{len(MIGRATIONS):03d}.db")


def test_a_newer_catalog_is_refused_untouched(catalog_path: Path):
    make_catalog(catalog_path)
    with closing(sqlite3.connect(catalog_path)) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
        db.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (len(MIGRATIONS) + 1,))
        db.commit()
        before = "\n".join(db.iterdump())
    with pytest.raises(CatalogTooNew, match="newer Photosift"):
        Catalog.open(catalog_path)
    with closing(sqlite3.connect(catalog_path)) as db:
        assert "\n".join(db.iterdump()) == before
    with pytest.raises(CatalogTooNew):  # the lock was given back
        Catalog.open(catalog_path)


@pytest.fixture
def with_step(monkeypatch: pytest.MonkeyPatch) -> Callable[[history.Step], None]:
    """Add a step to the history, as the next release would."""

    def add(step: history.Step) -> None:
        steps = (*MIGRATIONS, step)
        monkeypatch.setattr("engine.catalog.opening.MIGRATIONS", steps)
        monkeypatch.setattr("engine.catalog.migrations.migrate.__defaults__", (steps,))

    return add


def test_an_old_catalog_is_backed_up_and_migrated(
    catalog_path: Path, with_step: Callable[[history.Step], None]
):
    make_catalog(catalog_path)

    def colours(db: sqlite3.Connection) -> None:
        db.execute("ALTER TABLE photo ADD COLUMN colour TEXT")

    with_step(colours)
    catalog = Catalog.open(catalog_path)
    catalog.close()
    with closing(sqlite3.connect(catalog_path)) as db:
        assert version_of(db) == len(MIGRATIONS) + 1
        assert db.execute("SELECT count(colour), count(*) FROM photo").fetchone() == (0, 5)
        assert db.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone() == (
            len(MIGRATIONS) + 1,
        )
    newest = max((catalog_path.parent / "backups").iterdir())
    with closing(sqlite3.connect(newest)) as db:
        assert version_of(db) == len(MIGRATIONS)
        assert db.execute("SELECT count(*) FROM embedding").fetchone() == (2,)
    assert stat.S_IMODE(newest.stat().st_mode) == 0o600


@pytest.mark.parametrize("error", [sqlite3.OperationalError("no"), KeyboardInterrupt()])
def test_a_step_that_fails_changes_nothing(
    catalog_path: Path, with_step: Callable[[history.Step], None], error: BaseException
):
    make_catalog(catalog_path)

    def half(db: sqlite3.Connection) -> None:
        db.execute("ALTER TABLE photo ADD COLUMN colour TEXT")
        raise error

    with_step(half)
    with pytest.raises((CatalogError, KeyboardInterrupt)):
        Catalog.open(catalog_path)
    with closing(sqlite3.connect(catalog_path)) as db:
        assert version_of(db) == len(MIGRATIONS)
        assert "colour" not in [row[1] for row in db.execute("PRAGMA table_info(photo)")]


def test_a_step_that_ends_its_transaction_is_still_an_error(tmp_path: Path):
    def rolls_back(db: sqlite3.Connection) -> None:
        db.execute("ROLLBACK")
        raise ValueError

    with closing(sqlite3.connect(tmp_path / "c.db", isolation_level=None)) as db:
        with pytest.raises(ValueError):
            migrate(db, (rolls_back,))
        assert version_of(db) == 0
