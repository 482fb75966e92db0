"""Keywords of files are tags; what the user says of them holds, however often a file is read."""

from __future__ import annotations

import time

from described import Described, listed, packet, subject

from engine.jobs import drain
from engine.tag_types import TagSource
from engine.types import FileSeen, PhotoContent, PhotoMetadata

PARIS = packet(body=listed("lr:hierarchicalSubject", "Places|France|Paris") + subject("Cat"))


def test_keywords_are_tags_when_a_photo_is_read(described: Described) -> None:
    described.picture("a.jpg", PARIS)
    described.picture("b.jpg", packet(body=subject("Cat", "black/white")))
    described.update()
    assert described.tags("a.jpg") == {"Places/France/Paris": "file", "Cat": "file"}
    assert described.tags("b.jpg") == {"Cat": "file", "black\u2215white": "file"}
    assert described.found("tag:Places") == ["a.jpg"]
    assert described.found("tag:cat") == ["a.jpg", "b.jpg"]
    assert described.found("has:tags") == ["a.jpg", "b.jpg"]
    assert described.all_tags()["Cat"] == 2
    assert "Places/France/Paris" in described.library.query_values().tags


def test_a_file_that_changes_takes_its_tags_along(described: Described) -> None:
    described.picture("a.jpg", PARIS)
    described.update()
    described.library.tagging.tag([described.id("a.jpg")], "Cat")
    described.library.tagging.tag([described.id("a.jpg")], "Mine")
    described.picture("a.jpg", packet(body=subject("Dog")), shade=9)
    described.update()
    assert described.tags("a.jpg") == {"Dog": "file", "Cat": "user", "Mine": "user"}
    assert set(described.all_tags()) == {"Cat", "Dog", "Mine"}  # none is left over


def test_a_tag_that_the_user_took_off_stays_off(described: Described) -> None:
    described.picture("a.jpg", PARIS)
    described.update()
    tagging, photo = described.library.tagging, described.id("a.jpg")
    undo = tagging.untag([photo], "Places/France/Paris")
    for shade in (1, 2):
        described.picture("a.jpg", PARIS, shade)
        described.update()
        assert described.tags("a.jpg") == {"Cat": "file"}
    described.reopen()
    redo = described.library.tagging.undo(undo)
    assert described.tags("a.jpg") == {"Places/France/Paris": "file", "Cat": "file"}
    described.picture("a.jpg", PARIS, 3)
    described.update()
    assert "Places/France/Paris" in described.tags("a.jpg")
    described.library.tagging.undo(redo)
    described.picture("a.jpg", PARIS, 4)
    described.update()
    assert described.tags("a.jpg") == {"Cat": "file"}


def test_what_the_user_puts_back_is_the_users(described: Described) -> None:
    described.picture("a.jpg", PARIS)
    described.update()
    tagging, photo = described.library.tagging, described.id("a.jpg")
    tagging.untag([photo], "Cat")
    tagging.tag([photo], "Cat")
    described.picture("a.jpg", PARIS, 1)
    described.update()
    assert described.tags("a.jpg")["Cat"] == "user"
    tagging.untag([photo], "Cat")
    described.picture("a.jpg", PARIS, 2)
    described.update()
    assert "Cat" not in described.tags("a.jpg")


def test_a_refusal_ends_with_what_was_refused(described: Described) -> None:
    described.picture("a.jpg", PARIS)
    described.update()
    described.library.tagging.untag([described.id("a.jpg")], "Cat")
    described.picture("a.jpg", shade=1)
    described.update()
    assert described.tags("a.jpg") == {}
    described.picture("a.jpg", PARIS, 2)
    described.update()
    assert described.tags("a.jpg")["Cat"] == "file"


def test_a_renamed_tag_is_where_its_keyword_leads(described: Described) -> None:
    described.picture("a.jpg", PARIS)
    described.update()
    tagging = described.library.tagging
    by_path = {tag.path: tag.id for tag in tagging.tags()}
    tagging.rename_tag(by_path["Cat"], "Animals/Cats")
    undo = tagging.rename_tag(by_path["Places"], "Orte")
    described.picture("a.jpg", PARIS, 1)
    described.picture("b.jpg", PARIS, 2)
    described.update()
    for name in ("a.jpg", "b.jpg"):
        assert described.tags(name) == {"Orte/France/Paris": "file", "Animals/Cats": "file"}
    tagging.undo(undo)
    described.picture("c.jpg", PARIS, 3)
    described.update()
    assert described.tags("c.jpg") == {"Places/France/Paris": "file", "Animals/Cats": "file"}
    assert set(described.all_tags()) == {
        *("Animals", "Animals/Cats", "Places", "Places/France", "Places/France/Paris")
    }


def test_a_merged_tag_is_where_its_keyword_leads(described: Described) -> None:
    described.picture("a.jpg", packet(body=subject("Cat", "Katze")))
    described.update()
    tagging = described.library.tagging
    by_path = {tag.path: tag.id for tag in tagging.tags()}
    undo = tagging.merge_tags(by_path["Katze"], by_path["Cat"])
    described.picture("b.jpg", packet(body=subject("Katze")), 1)
    described.update()
    assert (described.tags("a.jpg"), described.tags("b.jpg")) == ({"Cat": "file"},) * 2
    tagging.undo(undo)
    assert described.tags("a.jpg") == {"Cat": "file", "Katze": "file"}
    described.picture("c.jpg", packet(body=subject("Katze")), 2)
    described.update()
    assert described.tags("c.jpg") == {"Katze": "file"}


def test_where_a_keyword_leads_comes_back_with_its_tag(described: Described) -> None:
    described.picture("a.jpg", packet(body=subject("Cat", "Dog")))
    described.update()
    tagging = described.library.tagging
    by_path = {tag.path: tag.id for tag in tagging.tags()}
    tagging.rename_tag(by_path["Cat"], "Animals/Cats")
    animals = {tag.path: tag.id for tag in tagging.tags()}["Animals"]
    tagging.undo(tagging.remove_tag(animals))
    tagging.undo(tagging.merge_tags(by_path["Cat"], by_path["Dog"]))
    described.picture("b.jpg", packet(body=subject("Cat")), 1)
    described.update()
    assert described.tags("b.jpg") == {"Animals/Cats": "file"}


def test_a_removed_tag_does_not_come_back_by_reading(described: Described) -> None:
    described.picture("a.jpg", PARIS)
    described.update()
    tagging = described.library.tagging
    by_path = {tag.path: tag.id for tag in tagging.tags()}
    undo = tagging.remove_tag(by_path["Places"])
    described.picture("a.jpg", PARIS, 1)
    described.update()
    assert described.tags("a.jpg") == {"Cat": "file"}
    tagging.undo(undo)
    assert described.tags("a.jpg") == {"Cat": "file", "Places/France/Paris": "file"}
    described.picture("a.jpg", PARIS, 2)
    described.update()
    assert described.tags("a.jpg") == {"Cat": "file", "Places/France/Paris": "file"}


def test_a_moved_file_keeps_what_was_refused(described: Described) -> None:
    path = described.picture("a.jpg", PARIS)
    described.picture("other.jpg")
    described.update()
    described.library.tagging.untag([described.id("a.jpg")], "Cat")
    (described.photos / "sub").mkdir()
    data = path.read_bytes()
    path.unlink()
    described.update()  # a copy, not a rename: known again by its bytes alone
    (described.photos / "sub" / "b.jpg").write_bytes(data)
    described.update()
    assert described.tags("sub/b.jpg") == {"Places/France/Paris": "file"}


def test_flat_levels_of_an_older_library_are_put_in_order(described: Described) -> None:
    described.picture("a.jpg", PARIS)
    described.picture("gone.jpg", PARIS, 1)
    described.update()
    flat = PhotoMetadata(keywords=("Cat", "Places", "France", "Paris"))
    ids = [described.id("a.jpg"), described.id("gone.jpg")]
    described.catalog.sidecars.put_facts(dict.fromkeys(ids, flat))  # as the migration leaves it
    store = described.catalog._store  # pyright: ignore[reportPrivateUsage] - only it asks again
    with store.write() as db:
        db.executemany("INSERT INTO facts_unread VALUES (?)", [(i,) for i in ids])
    (described.photos / "gone.jpg").unlink()
    drain(described.library.index())
    assert described.tags("a.jpg") == {"Cat": "file", "Places/France/Paris": "file"}
    assert described.tags("gone.jpg")["France"] == "file"  # what is known stays
    assert described.catalog.sidecars.facts_unread() == []


def test_keywords_cost_indexing_next_to_nothing(described: Described) -> None:
    root = described.library.roots()[0]
    catalog = described.catalog
    files = [FileSeen(f"many/{n}.jpg".encode(), 9, n + 1, 1, n + 1) for n in range(2000)]
    ids = catalog.photos.add(root.id, files)

    def read_all(words: tuple[str, ...]) -> float:
        began = time.process_time()
        with catalog.write():
            for n, photo_id in enumerate(ids):
                facts = PhotoMetadata(keywords=words and (*words, f"of {n % 50}"))
                content = PhotoContent(n.to_bytes(32, "big"), 4, 3, "JPEG", facts)
                catalog.photos.set_content(photo_id, content, 9, n + 1, 1, n + 1, n + 1)
        return time.process_time() - began

    read_all(())
    read_all(("Places/France/Paris", "Cat", "Family/Anna", "Sea"))
    assert len(catalog.tags.of(ids)[ids[7]]) == 5
    assert {tag.source for tag in catalog.tags.of(ids)[ids[7]]} == {TagSource.FILE}
    # A photo takes 20 ms at least to be decoded: .5 ms more for five keywords are not felt.
    assert read_all(("Places/France/Paris", "Cat", "Family/Anna", "Sea")) < 2000 * 0.0015
