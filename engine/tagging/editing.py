"""What the user changes by hand: tags on photos, the tags themselves, categories and sets."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.catalog.tag_rows import clean_name
from engine.errors import TagError
from engine.tag_types import (
    TEMPLATE,
    Category,
    CategoryId,
    CategorySet,
    Mode,
    PhotoTag,
    SetId,
    Tag,
    TagId,
    TagMerge,
    TagUndo,
)
from engine.types import PhotoId

if TYPE_CHECKING:
    from engine.catalog import Catalog

_FIRST_SET = "Categories"


class Editing:
    """No model is needed for any of this."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    # ---- tags --------------------------------------------------------------------------------

    def tags(self) -> list[Tag]:
        """Every tag with its numbers of photos, by path. Cost: 40 ms for 500,000 links."""
        return self._catalog.tags.all()

    def tags_of(self, photo_id: PhotoId) -> list[PhotoTag]:
        """The tags of one photo, by path, with source, score, run and model."""
        return self._catalog.tags.of([photo_id]).get(photo_id, [])

    def tag(self, photo_ids: Sequence[PhotoId], name: str) -> TagUndo:
        """Put the user's own tag on photos, "Family" or "Places/Italy"; made where it lacks.

        A machine's tag that is there becomes the user's. Cost: 10,000 photos in .2 s.
        """
        with told():
            return self._catalog.tags.put(photo_ids, name)

    def untag(self, photo_ids: Sequence[PhotoId], name: str) -> TagUndo:
        """Take a tag off photos. For a category's tag that is a rejection: no run puts it back."""
        with told():
            return self._catalog.tags.take(photo_ids, name)

    def undo(self, undo: TagUndo) -> TagUndo:
        """Bring tags and answers back to how they were. Returns: what would redo it."""
        return self._catalog.tags.restore(undo)

    def add_tag(self, path: str) -> tuple[TagId, TagUndo]:
        """A tag for photos to come, made with its parents where they lack."""
        with told():
            return self._catalog.tags.create(path)

    def would_merge(self, tag_id: TagId, into: TagId) -> TagMerge:
        """What `merge_tags` would do, to be shown before it is done."""
        return self._catalog.tags.would_merge(tag_id, into)

    def rename_tag(self, tag_id: TagId, path: str) -> TagUndo:
        """Give a tag another path, with all below it; one that exists is merged with."""
        with told():
            return self._catalog.tags.rename(tag_id, path)

    def merge_tags(self, tag_id: TagId, into: TagId) -> TagUndo:
        """Put one tag in the place of another."""
        with told():
            return self._catalog.tags.merge(tag_id, into)

    def remove_tag(self, tag_id: TagId) -> TagUndo:
        """Take a tag and those below it off every photo and forget them."""
        return self._catalog.tags.remove(tag_id)

    def colour_tag(self, tag_id: TagId, colour: str) -> TagUndo:
        """Give a tag a colour, "#rrggbb" or empty."""
        return self._catalog.tags.paint(tag_id, colour)

    # ---- categories --------------------------------------------------------------------------

    def sets(self) -> list[CategorySet]:
        """All sets of categories, the oldest first."""
        return self._catalog.categories.sets()

    def add_set(
        self,
        name: str,
        *,
        exclusive: bool = False,
        template: str = TEMPLATE,
        contrast: Sequence[str] = (),
    ) -> CategorySet:
        """A new set."""
        entry = CategorySet(SetId(0), name, exclusive, template, tuple(contrast))
        with told():
            return self._catalog.categories.add_set(entry)

    def change_set(self, entry: CategorySet) -> None:
        """Keep what a set is now."""
        with told():
            self._catalog.categories.change_set(entry)

    def remove_set(self, set_id: SetId) -> list[CategoryId]:
        """Remove a set with its categories; `restore_categories` takes what is returned."""
        return self._catalog.categories.remove_set(set_id)

    def categories(self, set_id: SetId | None = None) -> list[Category]:
        """The categories of a set, or all."""
        return self._catalog.categories.all(set_id)

    def category(self, name: str) -> Category:
        """The category of this name, without regard to case. TagError: there is none."""
        for entry in self._catalog.categories.all():
            if entry.name.casefold() == " ".join(name.split()).casefold():
                return entry
        raise TagError(f"There is no category “{name}”.")

    def add_category(
        self,
        name: str,
        prompts: Sequence[str] = (),
        *,
        set_id: SetId | None = None,
        mode: Mode = Mode.SUGGEST,
        examples: Sequence[PhotoId] = (),
        tag: str = "",
    ) -> Category:
        """A new category, in the first set unless one is named (made where there is none)."""
        with told(), self._catalog.write():
            if set_id is None:
                found = self.sets()
                set_id = found[0].id if found else self.add_set(_FIRST_SET).id
            entry = Category(
                CategoryId(0), set_id, name, tuple(prompts), tuple(examples), mode, tag=tag
            )
            return self._catalog.categories.add(entry)

    def draft(self, name: str, prompts: Sequence[str] = ()) -> Category:
        """A category for `assign` that is not kept: new (its id is 0), or one with other prompts.

        Without prompts it is the category of this name as it is. TagError: no name can be this.
        """
        with told():
            name = clean_name(name)
        for entry in self.categories():
            if entry.name.casefold() == name.casefold():
                return replace(entry, prompts=tuple(prompts)) if prompts else entry
        return Category(CategoryId(0), SetId(0), name, tuple(prompts))

    def keep(self, draft: Category, set_name: str) -> Category:
        """Keep a draft; a new category goes to the set of this name, made where it lacks."""
        with self._catalog.write():
            if draft.id:
                if draft not in self.categories():
                    self.change_category(draft)
                return draft
            found = (s for s in self.sets() if s.name.casefold() == set_name.casefold())
            set_id = (next(found, None) or self.add_set(set_name)).id
            return self.add_category(draft.name, draft.prompts, set_id=set_id)

    def change_category(self, entry: Category) -> None:
        """Keep what a category is now: words, mode, threshold, colour, folder, learning."""
        with told():
            self._catalog.categories.change(entry)

    def remove_category(self, category_id: CategoryId) -> None:
        """Remove a category; its tags stay, `restore_categories` brings it back."""
        self._catalog.categories.remove(category_id)

    def restore_categories(self, ids: Sequence[CategoryId]) -> None:
        """Bring removed categories back with all their answers."""
        with told():
            self._catalog.categories.restore(ids)


@contextmanager
def told() -> Generator[None, None, None]:
    """What the catalog refuses is told to the user."""
    try:
        yield
    except ValueError as error:
        raise TagError(str(error)) from error
