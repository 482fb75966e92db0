"""Puts categories, review and tags into the window and connects them with its other parts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.tag_types import Category, CategoryId, SetId
from engine.types import PhotoId
from gui.categories.page import CategoriesPage
from gui.detection.photo_page import PhotoPage
from gui.detection.set_page import SetPage
from gui.folder_tree import Place
from gui.looking.compare_page import ComparePage
from gui.review.page import ReviewPage
from gui.tagging.many import ManyTags
from gui.tagging.popup import TagPopup
from gui.tagging.section import TagSection

if TYPE_CHECKING:
    from gui.main_window import MainWindow


class TagDesk(QObject):
    """Everything about tags in one window.

    Signals: sort_wanted(), the photos of categories into folders.
    """

    sort_wanted = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        session = self._session = window.session
        self.section = TagSection(session)
        window.inspector.add_section(self.section)
        self.many = ManyTags(session)
        window.inspector.add_many_tags(self.many)
        tags, sidebar = session.tags, window.sidebar
        tags.seen_changed.connect(sidebar.set_tags)
        tags.noticed.connect(window.status.show_notice)
        sidebar.review_chosen.connect(self.show_review)
        sidebar.categories_chosen.connect(self.show_categories)
        sidebar.category_edited.connect(self.edit)
        sidebar.category_shown.connect(self._show_photos_of)
        sidebar.photos_dropped.connect(self.add_examples)
        self.section.search_wanted.connect(self._search)
        window.grid.tags_wanted.connect(self.tag_selection)
        window.grid.example_wanted.connect(self.add_examples)

    @cached_property
    def categories(self) -> CategoriesPage:
        """Made when it is first looked at: the first photos need not wait for it."""
        page = CategoriesPage(self._session)
        self._window.stack.addWidget(page)
        page.review_wanted.connect(self.show_review)
        page.photos_wanted.connect(self.show_photos)
        page.opened.connect(self._open)
        page.run_wanted.connect(self.run)
        page.sort_wanted.connect(self.sort_wanted)
        return page

    @cached_property
    def review(self) -> ReviewPage:
        """Made when it is first looked at."""
        page = ReviewPage(self._session)
        self._window.stack.addWidget(page)
        page.opened.connect(self._open)
        page.runs.run_wanted.connect(self.run)
        suggestions = page.suggestions
        suggestions.edit_wanted.connect(self.edit)
        suggestions.categories_wanted.connect(lambda: self.show_categories())
        suggestions.photos_wanted.connect(self.show_photos)
        suggestions.models_wanted.connect(lambda: self._window.dialogs.show_models())
        return page

    # -- pages ---------------------------------------------------------------------------------

    def show_review(self, category_id: CategoryId | None = None) -> None:
        """Review the suggestions of one category, or of all."""
        self._window.show_page(self.review)
        self.review.show_category(category_id)
        place = Place.REVIEW if category_id is None else Place.of_category(category_id)
        self._window.sidebar.choose_place(place)

    def show_categories(self, set_id: SetId | None = None) -> None:
        """Change categories, those of one set or what was chosen there last."""
        self._window.show_page(self.categories)
        if set_id is not None:
            self.categories.choose_set(set_id)
        place = Place.CATEGORIES if set_id is None else Place.of_set(set_id)
        self._window.sidebar.choose_place(place)

    def edit(self, category_id: CategoryId | None) -> None:
        """Change one category."""
        self.show_categories()
        self.categories.choose_category(category_id)

    def show_photos(self, category: Category) -> None:
        """The photos that carry a category's tag."""
        self._search(f"category:{_quoted(category.name)}")

    def _show_photos_of(self, category_id: CategoryId) -> None:
        category = self._session.tags.seen.category(category_id)
        if category is not None:
            self.show_photos(category)

    def _search(self, text: str) -> None:
        self._window.show_everything()
        self._window.search_bar.search_for(text)

    def _open(self, photo_id: PhotoId) -> None:
        self._window.open_viewer(photo_id)

    def add_examples(self, category_id: CategoryId, ids: Sequence[PhotoId]) -> None:
        """Photos that show what a category means."""
        category = self._session.tags.seen.category(category_id)
        if category is not None:
            self._session.tags.add_examples(category, ids)

    # -- acting --------------------------------------------------------------------------------

    def run(self) -> None:
        """Tag the photos; a library without categories is shown where to make them."""
        tags = self._session.tags
        if not tags.seen.categories:
            self.show_categories()
        elif not tags.automatic:
            words = self.tr("No category is automatic yet; their suggestions wait for review.")
            self._window.status.show_notice(words, self.tr("Categories…"), self.show_categories)
            tags.run()
        else:
            tags.run()

    def tag_selection(self) -> None:
        """Put a tag on what is selected, or on the photo in front."""
        ids = self._selected()
        if ids:
            popup = TagPopup(self._session, ids, self._window)
            popup.show_over(self._window.stack)

    def _selected(self) -> Sequence[PhotoId]:
        window = self._window
        page = window.stack.currentWidget()
        if page is window.viewer:
            return [window.viewer.photo_id] if window.viewer.photo_id is not None else []
        if isinstance(page, ReviewPage | SetPage | PhotoPage | ComparePage):
            return page.photos_in_front()
        return window.grid.view.selected_ids() if page is window.grid else []


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name
