"""What we write comes back by the scan as nothing new; what others write does not go unseen."""

from __future__ import annotations

from sidecar_sample import FOREIGN, Shelf

from engine.files.sidecar_fields import told
from engine.jobs import drain
from engine.sidecar_types import Edits


def test_our_own_writing_is_no_change_of_others(shelf: Shelf):
    library, a = shelf.library, shelf.id("a.jpg")
    library.tagging.tag([a], "Places/Sea")
    library.marking.rate([a], 2)
    drain(library.index())
    shelf.write()
    for _ in range(2):
        drain(library.reconcile())
        drain(library.index())
        status = library.sidecars.status()
        assert (status.waiting, status.written) == (0, 1)
        assert shelf.write().written == 0
    (tag,) = library.tagging.tags_of(a)
    assert (tag.path, tag.source.value) == ("Places/Sea", "user")


def test_a_change_of_others_is_noticed_by_the_scan(shelf: Shelf):
    library, a = shelf.library, shelf.id("a.jpg")
    library.marking.rate([a], 2)
    shelf.write()
    drain(library.reconcile())
    drain(library.index())
    shelf.others_write(Edits(add=("theirs",), values={"rating": 5}))
    drain(library.reconcile())
    drain(library.index())
    assert library.sidecars.status().waiting == 1
    assert shelf.write().overtaken == 1
    drain(library.reconcile())
    drain(library.index())
    assert library.marking.of([a])[a].rating == 5
    assert [tag.path for tag in library.tagging.tags_of(a)] == ["theirs"]


def test_a_keyword_of_others_that_is_taken_off_goes_and_comes_back(shelf: Shelf):
    shelf.sidecar("a.xmp").write_text(FOREIGN, encoding="utf-8")
    library, a = shelf.library, shelf.id("a.jpg")

    def settle() -> tuple[str, ...]:
        drain(library.reconcile())
        drain(library.index())
        shelf.write()
        drain(library.reconcile())
        drain(library.index())
        shelf.write()
        return told(shelf.sidecar("a.xmp").read_bytes()).tags

    assert settle() == ("theirs", "both")
    assert shelf.sidecar("a.xmp").read_text(encoding="utf-8") == FOREIGN
    undo = library.tagging.untag([a], "theirs")
    assert settle() == ("both",)
    assert [tag.path for tag in library.tagging.tags_of(a)] == ["both"]
    library.tagging.undo(undo)
    assert set(settle()) == {"both", "theirs"}
    assert {tag.path for tag in library.tagging.tags_of(a)} == {"both", "theirs"}


def test_a_catalog_of_yesterday_takes_todays_values_from_the_sidecars(shelf: Shelf):
    a = shelf.id("a.jpg")
    shelf.library.marking.rate([a], 3)
    shelf.write()
    drain(shelf.library.reconcile())
    drain(shelf.library.index())
    shelf.library.close()
    catalog = shelf.folder / "library" / "catalog.db"
    yesterday = catalog.read_bytes()
    shelf.open()
    shelf.library.marking.rate([a], 5)
    shelf.library.tagging.tag([a], "Places/Sea")
    shelf.write()
    shelf.library.close()
    catalog.write_bytes(yesterday)
    shelf.open()
    library = shelf.library
    for _ in range(2):
        drain(library.reconcile())
        drain(library.index())
        shelf.write()
    assert library.marking.of([a])[a].rating == 5
    assert [tag.path for tag in library.tagging.tags_of(a)] == ["Places/Sea"]
    assert told(shelf.sidecar().read_bytes()).rating == 5
