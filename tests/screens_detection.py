"""Renders the view of detection into pictures: `python -m tests.screens_detection OUT_DIR`.

The real window on the demo photos with the embedded detector; see `tests/screens.py` for all
other pages.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from engine.detection_types import DetectorStatus, Label, Sight
from engine.types import PhotoId
from gui import theme
from gui.app import DEMO_PHOTOS, Desk, make_app
from gui.translations import install_translator
from tests.screens import Screens, wait_for, wait_until

_SIZES = ((1024, 700), (1600, 1000))


class DetectionScreens(Screens):
    """Takes a window of its own from state to state."""

    def __init__(self, desk: Desk, folder: Path, scheme: str) -> None:
        super().__init__(desk.window, folder, scheme)
        self.desk = desk
        assert desk.session is not None
        self.session = desk.session
        self.detecting = desk.session.library.detecting

    def rest(self, until: Callable[[], bool] = lambda: True) -> None:
        """Until nothing runs and what is waited for has come."""
        wait_until(until)
        for _ in range(3):
            wait_until(lambda: not self.desk.workers.tasks)
            QApplication.processEvents()

    def shot(self, name: str) -> None:
        """The same state in both sizes."""
        for width, height in _SIZES:
            self.window.resize(width, height)
            self.rest()
            self.take(f"{name}-{width}")
        self.window.resize(*_SIZES[0])

    def over(self, name: str, popup: QWidget) -> None:
        """The window with a menu or a popup where it opened."""
        QApplication.processEvents()
        self.rest()
        picture = self.window.grab()
        from PySide6.QtGui import QPainter

        painter = QPainter(picture)
        painter.drawPixmap(self.window.mapFromGlobal(popup.pos()), popup.grab())
        painter.end()
        path = self._folder / f"{self._scheme}-{name}.png"
        picture.save(str(path))
        sys.stdout.write(f"{path}\n")

    def all(self) -> None:
        """The way from one photo over its boxes to many photos and their runs."""
        self.window.resize(*_SIZES[0])
        self._one_photo()
        self._troubles()
        self._many()

    def _photo(self, word: str) -> PhotoId:
        hits = self.session.library.search(word).hits
        return hits[0].photo_id

    def _one_photo(self) -> None:
        desk = self.window.detection
        both = self._photo("two cats on a couch")
        desk.open_photo(both)
        page = desk.photo
        self.rest()
        self.shot("d01-no-labels")
        page.search("cat, couch")
        self.rest(lambda: page.scene.sight is not None)
        self.shot("d02-seen")
        if page.scene.shown:
            page.select(page.scene.shown[0].key)
            page.canvas.setFocus()
            page.canvas.hover(page.scene.shown[-1].key)
            self.shot("d03-chosen")
            page.canvas.zoom_to(2.0)
            self.rest()
            self.shot("d04-zoomed")
            page.canvas.fit()
            self._cuts_and_places()
            page.editor.offer_with_keys()
            menu = QApplication.activePopupWidget()
            assert menu is not None
            self.over("d05-menu", menu)
            menu.close()
            page.editor.name(page.scene.shown[0].key)
            assert page.editor.popup is not None
            self.over("d06-rename", page.editor.popup)
            page.editor.popup.close()
        page.editor.draw_with_keys()
        QTest.keyClick(page.canvas, Qt.Key.Key_Right)
        QTest.keyClick(page.canvas, Qt.Key.Key_Return)
        assert page.editor.popup is not None
        self.over("d07-name-a-new-box", page.editor.popup)
        page.editor.popup.field.setText("cushion")
        QTest.keyClick(page.editor.popup.field, Qt.Key.Key_Return)
        self.rest()
        page.editor.keep_all()
        self.rest(lambda: len(page.scene.kept) > 0)
        page.hide_label("couch", hidden=True)
        self.shot("d08-kept-and-hidden")
        page.hide_label("couch", hidden=False)
        page.search("a purple elephant")
        self.rest(lambda: page.scene.sight is not None)
        page.side.threshold.slider.setValue(95)
        other = self._photo("a sailing boat")
        page.open(other)
        self.rest(lambda: page.scene.sight is not None)
        self.shot("d09-nothing-found")
        page.side.threshold.slider.setValue(30)
        page.closed.emit()
        self.window.open_viewer(both)
        section = desk.section
        self.rest(lambda: self.window.viewer.canvas.image is not None and bool(section.rows))
        self.shot("d10-viewer-with-boxes")
        section.rows[-1].link.click()
        self.rest()
        self.take("d10-viewer-one-box-chosen")

    def _cuts_and_places(self) -> None:
        """A slider for each label; a box that is being sized with the mouse."""
        page = self.window.detection.photo
        threshold, canvas = page.side.threshold, page.canvas
        threshold.each_button.click()
        threshold.cuts.rows["couch"].slider.setValue(60)
        self.shot("d04-a-slider-for-each")
        threshold.cuts.rows["couch"].common_button.click()
        threshold.each_button.click()
        thing = page.scene.shown[0]
        page.select(thing.key)
        corner = canvas.area_of(thing.box).bottomRight().toPoint()
        left = Qt.MouseButton.LeftButton
        QTest.mousePress(canvas, left, pos=corner)
        QTest.mouseMove(canvas, corner + QPoint(24, 18))
        self.take("d04-sizing")
        canvas.set_draft(None)
        QTest.mouseRelease(canvas, left, pos=corner + QPoint(24, 18))

    def _troubles(self) -> None:
        desk = self.window.detection
        page = desk.photo
        desk.open_photo(self._photo("a red car"))
        page.search("cat")
        self.rest()
        true = self.detecting.status
        why = "No detector is installed. Download OWL-ViT under Models."
        self.detecting.status = lambda: DetectorStatus("", "", False, 0.1, why)
        desk.work.refresh()
        self.rest(lambda: desk.work.status is not None and not desk.work.status.ready)
        self.shot("d11-no-detector")
        self.detecting.status = true
        desk.work.refresh()
        self.rest(lambda: desk.work.status is not None and desk.work.status.ready)
        self._working()
        broken = self.session.library.problems()[0].photo_id
        desk.open_photo(broken)
        self.rest()
        self.shot("d13-unreadable")
        page.closed.emit()

    def _working(self) -> None:
        """A look that takes long, with the first photo of a model."""
        page, true, go = self.window.detection.photo, self.detecting.look, threading.Event()

        def slow(photo: PhotoId | Path, labels: Sequence[Label]) -> Sight:
            go.wait(20)
            return true(photo, labels)

        self.detecting.look = slow
        page.open(self._photo("a dog in the snow"))
        wait_until(page.side.bar.isVisible)
        wait_until(lambda: self.session.thumbnails.idle and page.canvas.image is not None)
        self.take("d12-working")
        go.set()
        self.detecting.look = true
        self.rest()

    def _many(self) -> None:
        desk = self.window.detection
        self.window.show_everything()
        self.rest()
        desk.show_set()
        self.shot("d14-set")
        self.search_proof()
        desk.set.field.take("cat, dog")
        desk.set.threshold.slider.setValue(30)
        desk.set.run()
        wait_until(lambda: self.desk_found() > 3 or desk.runs.running is None)
        self.take("d16-running")
        self.rest(lambda: desk.runs.running is None)
        self.shot("d17-results")
        view = desk.set.view
        if desk.set.model.rowCount() > 1:
            view.setCurrentIndex(desk.set.model.index(1))
            menu = desk.found_menu()
            menu.popup(view.viewport().mapToGlobal(QPoint(240, 90)))
            self.over("d18-results-menu", menu)
            menu.close()
        desk.set.threshold.slider.setValue(99)
        self.shot("d19-results-none-so-sure")
        desk.set.threshold.slider.setValue(30)
        runs = self.detecting.runs()
        if runs:
            self.detecting.roll_back(runs[-1].id)
        desk.set.field.set_labels([])
        desk.set.field.take("red car")
        desk.set.run()
        wait_until(lambda: self.desk_looked() > 5 or desk.runs.running is None)
        desk.runs.stop()
        self.rest(lambda: desk.runs.running is None)
        desk.set.show_runs()
        self.shot("d20-runs")

    def search_proof(self) -> None:
        """A search with its way to the proof."""
        self.window.show_everything()
        self.search("two cats on a couch")
        self.rest()
        self.take("d15-search")
        self.window.search_bar.proof_button.click()
        self.rest()
        self.take("d15-proof")
        self.window.show_everything()
        self.rest()
        self.window.detection.show_set()
        self.window.detection.set.field.set_labels([])

    def desk_found(self) -> int:
        return self.window.detection.set.model.rowCount()

    def desk_looked(self) -> int:
        runs = self.detecting.runs()
        return runs[0].looked if runs and not runs[0].finished else 0


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
            (home / "Broken").mkdir()
            (home / "Broken" / "holiday.jpg").write_bytes(b"this is no picture")
            desk = Desk(home / "library", DEMO_PHOTOS, demo=True)
            desk.show()
            wait_until(lambda desk=desk: desk.session is not None and not desk.workers.tasks)
            assert desk.session is not None
            desk.session.library.add_root(home / "Broken")
            wait_for(desk.session.keeper.settled, desk.session.keeper.look)
            theme.apply_theme(app, "dark" if name == "dark" else "light")
            DetectionScreens(desk, options.folder, name).all()
            desk.window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
