"""Tags in the sidebar: made, named, moved, merged, coloured, removed, and put on photos by drag."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from engine.tag_types import Tag, TagId, TagMerge
from engine.types import Aspect, CatalogChange, PhotoId
from gui import icons
from gui.feed import Feed
from gui.labels import plain_text
from gui.places import Place
from gui.sidebar.tag_popup import TagNamePopup
from gui.sidebar.tags import tag_queries, tag_rows
from gui.tagging.dots import COLOURS, dot_icon

if TYPE_CHECKING:
    from gui.main_window import MainWindow

PathOf: TypeAlias = Callable[[Tag, str], str]
"""The path that a tag gets by what was typed."""

_COUNTED = Aspect.TAG | Aspect.EXISTENCE | Aspect.ROOT
_REST_MS = 400


class SidebarTags(QObject):
    """All of it can be undone, and is done on the lane of tags."""

    def __init__(self, window: MainWindow, show: Callable[[str], object]) -> None:
        """Args: show: shows what a query finds."""
        super().__init__(window)
        self._window = window
        self._show_query = show
        self._session = window.session
        self._work = window.session.tags
        self.seen: tuple[Tag, ...] = ()
        tagging = self._session.library.tagging
        self.feed = Feed(
            self._session.workers, "page", lambda: tagging.tags(), rest_ms=_REST_MS, parent=self
        )
        self.feed.answered.connect(self._show)
        self._session.bridge.catalog_changed.connect(self._follow)
        sidebar = window.sidebar
        sidebar.menus[b"tag"] = self._menu
        sidebar.menus[b"tags"] = sidebar.menus[b"no tags"] = lambda _number: self._empty_menu()
        sidebar.tag_fed.connect(self._feed)
        sidebar.tag_moved.connect(self._drag)
        self.feed.refresh()

    # -- what there is -------------------------------------------------------------------------

    def tag(self, place: Place) -> Tag | None:
        """The tag of a row."""
        number = place.number(b"tag")
        return next((tag for tag in self.seen if tag.id == number), None)

    def _follow(self, change: CatalogChange) -> None:
        if change.aspects & Aspect.TAG:
            self.feed.refresh_now()
        elif change.aspects & _COUNTED and self.seen:
            self.feed.refresh()

    def _show(self, tags: Sequence[Tag]) -> None:
        question = self._session.lister.question
        before = {query: tag_id for tag_id, query in tag_queries(self.seen).items()}
        shown = before.get(question.query) if question.scope.root_id is None else None
        self.seen = tuple(tags)
        self._window.sidebar.show_rows(Place.TAGS, tag_rows(tags))
        if self._window.stack.currentWidget() is not self._window.grid:
            return
        if shown is not None:
            self._stay_with(shown, question.query)
            question = self._session.lister.question
        self._window.sidebar.choose_query(question.query, question.scope)

    def _stay_with(self, tag_id: TagId, query: str) -> None:
        """The tag that is shown may have another path now, also by undo, or be gone."""
        now = tag_queries(self.seen).get(tag_id)
        if now is None and query not in tag_queries(self.seen).values():
            self._window.show_everything()
        elif now is not None and now != query:
            self._show_query(now)

    # -- asking --------------------------------------------------------------------------------

    def ask_for_new(self, above: Tag | None = None) -> TagNamePopup:
        """Ask for the name of a new tag."""
        start = f"{above.path}/" if above is not None else ""
        popup = self._popup(self.tr("New tag"), start)
        popup.field.setPlaceholderText(self.tr("Family, or Places/Italy"))
        popup.field.setCursorPosition(len(start))
        popup.typed.connect(partial(self._explain_new, popup))
        popup.taken.connect(self.make)
        return self._shown(popup)

    def ask_to_rename(self, tag: Tag) -> TagNamePopup:
        """Ask for another name; those below the tag come along."""
        popup = self._popup(self.tr("Rename “%1”").replace("%1", plain_text(tag.path)), tag.name)
        popup.typed.connect(partial(self._explain, popup, tag, _beside))
        popup.taken.connect(partial(self._go, tag, _beside))
        return self._shown(popup)

    def ask_to_move(self, tag: Tag) -> TagNamePopup:
        """Ask for the tag that it is to lie below."""
        title = self.tr("Move “%1” below").replace("%1", plain_text(tag.path))
        others = [other.path for other in self.seen if not _within(other, tag)]
        popup = self._popup(title, "", others, empty=True)
        popup.field.setPlaceholderText(self.tr("Nothing: to the top"))
        popup.typed.connect(partial(self._explain, popup, tag, _below))
        popup.taken.connect(partial(self._go, tag, _below))
        return self._shown(popup)

    def ask_to_merge(self, tag: Tag) -> TagNamePopup:
        """Ask for the tag that takes its place, and say how many photos that concerns."""
        title = self.tr("Merge “%1” into").replace("%1", plain_text(tag.path))
        others = [other.path for other in self.seen if not _related(other, tag)]
        popup = self._popup(title, "", others)
        popup.typed.connect(partial(self._explain_merge, popup, tag))
        popup.taken.connect(partial(self._merge_named, tag))
        return self._shown(popup)

    def _popup(
        self, title: str, text: str, offered: Sequence[str] = (), *, empty: bool = False
    ) -> TagNamePopup:
        return TagNamePopup(title, text, offered, self._window, empty=empty)

    def _shown(self, popup: TagNamePopup) -> TagNamePopup:
        popup.show_over(self._window.stack)
        return popup

    def _named(self, path: str) -> Tag | None:
        wanted = path.casefold()
        return next((tag for tag in self.seen if tag.path.casefold() == wanted), None)

    def _explain_new(self, popup: TagNamePopup, path: str) -> None:
        if self._named(path) is not None:
            popup.say(self.tr("There is such a tag already."), may=False)
        else:
            popup.say(self.tr("“/” puts it below another: Places/Italy") if not path else "")

    def _explain(self, popup: TagNamePopup, tag: Tag, path_of: PathOf, typed: str) -> None:
        """What another path comes to: a tag that is there already is merged with."""
        path = path_of(tag, typed)
        other = self._named(path)
        if path.casefold().startswith(f"{tag.path.casefold()}/"):
            popup.say(self.tr("A tag cannot lie below itself."), may=False)
        elif other is not None and other.id != tag.id:
            self._explain_merge(popup, tag, path)
        else:
            popup.say("")

    def _explain_merge(self, popup: TagNamePopup, tag: Tag, path: str) -> None:
        other = self._named(path)
        if other is None:
            popup.say(self.tr("There is no such tag.") if path else "", may=False)
        elif _related(other, tag):
            popup.say(self.tr("A tag cannot be merged with one below it."), may=False)
        else:
            popup.say(self.tr("Counting…"))
            wanted = other
            task = self._work.ask(lambda tagging: tagging.would_merge(tag.id, wanted.id))
            task.succeeded.connect(partial(self._tell_merge, popup, popup.field.tag(), wanted))

    def _tell_merge(self, popup: TagNamePopup, typed: str, other: Tag, told: TagMerge) -> None:
        if popup not in self._window.findChildren(TagNamePopup):
            return  # closed meanwhile
        if popup.field.tag() != typed:
            return  # it would speak of another tag than the one Enter takes
        fresh = told.photos - told.both
        if fresh or not told.photos:
            words = self.tr("%Ln photo(s) get “%1” instead", "", fresh)
            if told.both:
                words += self.tr("; %Ln have it already", "", told.both)
        else:
            words = self.tr("%Ln photo(s) have “%1” already", "", told.both)
        words = words.replace("%1", plain_text(other.path))
        popup.say(f"{words}.")

    # -- acting --------------------------------------------------------------------------------

    def make(self, path: str) -> None:
        """A tag for photos to come."""
        words = self.tr("Tag “%1” made").replace("%1", plain_text(path))
        tagging = self._work.tagging
        self._work.deed(words, lambda: tagging.add_tag(path)[1])

    def rename_to(self, tag: Tag, path: str) -> None:
        """Another path, also that of a tag that is there: then they become one."""
        if path == tag.path:
            return
        other, tagging = self._named(path), self._work.tagging
        words = self.tr("“%1” is “%2” now")
        if other is not None and other.id != tag.id:
            words = self.tr("“%1” merged into “%2”")
        words = words.replace("%1", plain_text(tag.path)).replace("%2", plain_text(path))
        self._work.deed(words, lambda: tagging.rename_tag(tag.id, path))

    def _go(self, tag: Tag, path_of: PathOf, typed: str) -> None:
        self.rename_to(tag, path_of(tag, typed))

    def _merge_named(self, tag: Tag, path: str) -> None:
        other = self._named(path)
        if other is not None:
            self.rename_to(tag, other.path)

    def paint(self, tag: Tag, colour: str) -> None:
        """A colour of its own, or none."""
        words = self.tr("Colour of “%1” changed").replace("%1", plain_text(tag.path))
        tagging = self._work.tagging
        self._work.deed(words, lambda: tagging.colour_tag(tag.id, colour))

    def forget(self, tag: Tag) -> None:
        """Take a tag and those below it off all photos."""
        words = self.tr("Tag “%1” removed from %Ln photo(s)", "", tag.below)
        words = words.replace("%1", plain_text(tag.path))
        tagging = self._work.tagging
        self._work.deed(words, lambda: tagging.remove_tag(tag.id))

    def _feed(self, tag_id: TagId, ids: Sequence[PhotoId]) -> None:
        tag = self.tag(Place.of_tag(tag_id))
        if tag is not None and ids:
            self._work.tag(ids, tag.path)

    def _drag(self, tag_id: TagId, above_id: TagId | None) -> None:
        tag = self.tag(Place.of_tag(tag_id))
        above = self.tag(Place.of_tag(above_id)) if above_id is not None else None
        if tag is not None:
            self.rename_to(tag, _below(tag, above.path if above else ""))

    # -- menus ---------------------------------------------------------------------------------

    def _menu(self, number: int) -> QMenu | None:
        tag = self.tag(Place.of_tag(TagId(number)))
        if tag is None:
            return None
        menu = QMenu(self._window)
        removing = self.tr("Remove from %Ln photo(s)", "", tag.below)
        entries: list[tuple[str, str, str, Callable[[], object]]] = [
            ("add", self.tr("New tag below…"), "Ins", lambda: self.ask_for_new(tag)),
            ("edit", self.tr("Rename…"), "F2", lambda: self.ask_to_rename(tag)),
            ("tag", self.tr("Move below…"), "", lambda: self.ask_to_move(tag)),
            ("categories", self.tr("Merge into…"), "", lambda: self.ask_to_merge(tag)),
        ]
        for icon, words, key, act in entries:
            self._entry(menu, icon, words, key, act)
        colours = menu.addMenu(icons.icon("palette"), self.tr("Colour"))
        for colour, name in zip(("", *COLOURS), self._colour_names(), strict=True):
            action = colours.addAction(dot_icon(colour), name)
            action.triggered.connect(partial(_act, partial(self.paint, tag, colour)))
        menu.addSeparator()
        self._entry(menu, "remove", removing, "Del", lambda: self.forget(tag))
        return menu

    def _empty_menu(self) -> QMenu:
        menu = QMenu(self._window)
        self._entry(menu, "add", self.tr("New tag…"), "Ins", lambda: self.ask_for_new())
        return menu

    def _entry(
        self, menu: QMenu, icon: str, words: str, key: str, act: Callable[[], object]
    ) -> None:
        # A key that is only told: the tree takes it, and two owners of one key would both wait.
        action = menu.addAction(icons.icon(icon), f"{words}\t{key}" if key else words)
        action.triggered.connect(partial(_act, act))

    def _colour_names(self) -> tuple[str, ...]:
        return (
            self.tr("None"), self.tr("Red"), self.tr("Orange"), self.tr("Yellow"),
            self.tr("Green"), self.tr("Teal"), self.tr("Blue"), self.tr("Purple"), self.tr("Pink"),
        )  # fmt: skip


def _act(act: Callable[[], object], _on: bool = False) -> None:
    act()


def _beside(tag: Tag, name: str) -> str:
    """The path with another name; "/" in it goes further down."""
    above = tag.path.rpartition("/")[0]
    return f"{above}/{name}" if above else name


def _below(tag: Tag, above: str) -> str:
    return f"{above}/{tag.name}" if above else tag.name


def _within(tag: Tag, other: Tag) -> bool:
    """Whether a tag is another one or lies below it."""
    return f"{tag.path}/".startswith(f"{other.path}/")


def _related(tag: Tag, other: Tag) -> bool:
    return _within(tag, other) or _within(other, tag)
