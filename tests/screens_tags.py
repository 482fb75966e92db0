"""Renders categories and review into pictures: `python -m tests.screens_tags OUT_DIR`.

The real window and engine on the demo photos; see `tests/screens.py` for all other pages.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.tag_types import Category, Mode
from engine.types import PhotoId
from gui import theme
from gui.app import DEMO_PHOTOS, Desk, make_app
from gui.translations import install_translator
from tests.screens import Screens, wait_for, wait_until

_SIZES = ((1024, 700), (1600, 1000))
_WORDS = ("cat", "dog", "car", "beach", "sailing boat", "snow", "night")


class TagScreens(Screens):
    """Takes a window of its own from state to state."""

    def __init__(self, desk: Desk, folder: Path, scheme: str) -> None:
        super().__init__(desk.window, folder, scheme)
        self.desk = desk
        assert desk.session is not None
        self.tags = desk.session.tags
        self.tagging = desk.session.library.tagging

    def rest(self, until: Callable[[], bool] = lambda: True) -> None:
        """Until nothing runs and what is waited for has come."""
        wait_until(until)
        for _ in range(3):
            wait_until(lambda: not self.desk.workers.tasks)
            QApplication.processEvents()

    def shot(self, name: str, dialog: bool = False) -> None:
        """The same state in both sizes."""
        picker = self.window.tags.categories.picker
        for width, height in _SIZES:
            self.window.resize(width, height)
            self.rest()
            self.take(f"{name}-{width}", picker if dialog else None)
        self.window.resize(*_SIZES[0])

    def all(self) -> None:
        """The way from no category to a run that was taken back."""
        desk = self.window.tags
        desk.show_categories()
        self.shot("t01-no-category")
        self._pick()
        self.rest(lambda: len(self.tags.seen.states) == 7)
        desk.edit(self._category("cat").id)
        self.rest(lambda: desk.categories.editor.cut.count > 0)
        self.shot("t04-editor")
        desk.categories.editor.verticalScrollBar().setValue(10_000)
        self.shot("t05-editor-below")
        desk.show_categories(self.tags.seen.sets[0].id)
        self.shot("t06-set")
        self._review()
        self._rest_of_the_review()
        self._inspector()

    def _category(self, name: str) -> Category:
        return self.tags.seen.categories[_WORDS.index(name)]  # named in the window's language

    def _pick(self) -> None:
        page = self.window.tags.categories
        page.pick()
        picker = page.picker
        assert picker is not None
        wait_until(lambda: picker.groups.count() > 3)
        self.rest()
        self.shot("t02-picker-library", dialog=True)
        for word in _WORDS:
            picker.field.setText(word)
            QTest.keyClick(picker.field, Qt.Key.Key_Return)
        picker.groups.setCurrentRow(3)
        self.shot("t03-picker-group", dialog=True)
        picker.add_button.click()

    def _review(self) -> None:
        desk = self.window.tags
        tab = desk.review.suggestions
        desk.show_review(None)
        self.rest(lambda: tab.model.rowCount() > 0)
        self.shot("t07-review-all")
        cat = self._category("cat").id
        desk.show_review(cat)
        self.rest(lambda: tab.category_id == cat and tab.model.rowCount() > 0)
        tab.view.choose_row(0)
        for key in (Qt.Key.Key_Y, Qt.Key.Key_Y, Qt.Key.Key_N, Qt.Key.Key_Y, Qt.Key.Key_N):
            QTest.keyClick(tab.view, key)
        self.rest(lambda: self.tags.seen.states[cat].accepted == 3)
        self.shot("t08-review-category")
        tab.cut.slider.setValue(200)
        self.rest(lambda: self.tags.seen.states[cat].threshold == 0.2)
        self.shot("t09-borderline")
        for entry in self.tags.seen.categories:
            ids = [s.photo_id for s in self.tagging.suggestions(entry.id, limit=500)]
            self.tagging.answer(entry.id, ids[: len(ids) // 2], True)
            self.tagging.answer(entry.id, ids[len(ids) // 2 :], False)
        self.rest(lambda: not self.tags.seen.all_waiting)
        desk.show_review(None)
        self.rest(lambda: tab.model.rowCount() == 0)
        self.shot("t10-review-done")

    def _rest_of_the_review(self) -> None:
        desk = self.window.tags
        for entry in self.tags.seen.categories:
            self.tagging.reset_learning(entry.id)
            self.tagging.change_category(replace(entry, mode=Mode.AUTOMATIC))
        desk.review.show_tab(desk.review.runs)
        self.rest(lambda: self.tags.automatic)
        self.shot("t11-no-runs")
        for name in ("cat", "snow"):
            self.tags.run([self._category(name).id])
            self.rest(lambda: not self.tags.at_work)
        self.tagging.roll_back(self.tagging.runs()[1].id)
        self.tags.run()
        self.rest(lambda: not self.tags.at_work and len(desk.review.runs.rows) > 1)
        self.shot("t12-runs")
        self._mix_up()
        desk.review.show_tab(desk.review.misfiled)
        self.rest(lambda: desk.review.misfiled.again_button.isEnabled())
        self.shot("t13-misfiled")

    def _mix_up(self) -> None:
        """Tags of the user's own, two of them on the wrong photos."""
        found: dict[str, list[PhotoId]] = {}
        for name in ("cat", "beach"):
            chances = self.tagging.scores(self._category(name).id)
            found[name] = sorted(chances, key=lambda id_: -chances[id_])[:16]
        self.tagging.tag(found["cat"][2:], "Pets")
        self.tagging.tag([*found["beach"], *found["cat"][:2]], "Places/Beach")

    def _inspector(self) -> None:
        window = self.window
        cat = self._category("cat")
        self.tagging.change_category(replace(cat, mode=Mode.SUGGEST))
        best = max(self.tagging.suggestions(cat.id, limit=500), key=lambda entry: entry.score)
        self.tagging.untag([best.photo_id], cat.tag)
        self.tagging.answer(cat.id, [best.photo_id], None)
        self.tagging.tag([best.photo_id], "Family/Pets")
        self.rest()
        wait_for(window.session.lister.listed, window.show_everything)
        window.grid.view.go_to(best.photo_id)
        section = window.tags.section
        wait_until(lambda: window.details.idle and section.isVisible())
        wait_until(lambda: section.idle and section.fold.isVisible())
        section.fold.setChecked(True)
        self.shot("t14-inspector")
        window.grid.view.selectAll()
        window.menus.tag.trigger()
        popup = QApplication.activePopupWidget()
        assert popup is not None
        self.take("t15-tag-popup", popup)
        popup.close()


def main() -> int:
    """Take all pictures in both colour schemes, and once more in Chinese."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="dark,light,zh")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    app = make_app()
    app.setQuitOnLastWindowClosed(False)
    for name in options.only.split(","):
        with tempfile.TemporaryDirectory(prefix="photosift-screens-") as temporary:
            home = Path(temporary)
            state = QSettings.Scope.UserScope
            QSettings.setPath(QSettings.Format.IniFormat, state, str(home / "state"))
            install_translator(app, "zh_CN" if name == "zh" else "en")
            desk = Desk(home / "library", DEMO_PHOTOS, demo=True)
            desk.show()
            wait_until(lambda desk=desk: desk.session is not None and not desk.workers.tasks)
            theme.apply_theme(app, "dark" if name == "dark" else "light")
            TagScreens(desk, options.folder, name).all()
            desk.window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
