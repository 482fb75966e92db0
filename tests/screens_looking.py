"""Renders the viewer, the slideshow and the comparison: `python -m tests.screens_looking OUT_DIR`.

The real window and engine on the demo photos; see `tests/screens.py` for all other pages.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from gui import theme
from gui.app import DEMO_PHOTOS, Desk, make_app
from gui.translations import install_translator
from tests.screens import Screens, wait_until

_SIZES = ((1024, 700), (1600, 1000))


class LookingScreens(Screens):
    """Opens photos, alone, in turn and beside each other."""

    def __init__(self, desk: Desk, folder: Path, scheme: str) -> None:
        super().__init__(desk.window, folder, scheme)
        self.desk = desk

    def rest(self) -> None:
        """Until nothing runs."""
        for _ in range(4):
            wait_until(lambda: not self.desk.workers.tasks)
            QApplication.processEvents()
        wait_until(lambda: self.window.marks.idle and self.window.details.idle)

    def shot(self, name: str, sizes: Sequence[tuple[int, int]] = _SIZES) -> None:
        """The same state in each size."""
        for width, height in sizes:
            self.window.resize(width, height)
            self.rest()
            self.take(f"{name}-{width}")
        self.window.resize(*_SIZES[0])

    def all(self) -> None:
        """From one photo to four."""
        window, looking = self.window, self.window.looking
        model, grid = window.grid.model, window.grid.view
        assert self.desk.library is not None
        marking = self.desk.library.marking
        marking.rate([model.id_at(4)], 4)
        marking.reject([model.id_at(5)])
        window.open_viewer(model.id_at(4))
        self.shot("o01-viewer")
        window.viewer.canvas.zoom_to(3.0)
        self.shot("o02-magnified", _SIZES[1:])
        window.viewer.canvas.say("The file is cut short; a part of the picture is missing.")
        window.viewer.canvas.fit()
        self.shot("o03-damaged", _SIZES[:1])
        window.menus.full_screen.setChecked(True)
        self.shot("o04-full-screen", _SIZES[1:])
        window.viewer.curtain.wake()
        self.shot("o05-full-screen-mouse", _SIZES[1:])
        looking.start_show()
        looking.show.toggle_pause()
        self.shot("o06-slideshow", _SIZES)
        looking.show.stop()
        window.menus.full_screen.setChecked(False)
        window.show_page(window.grid)
        for count in (2, 3, 4):
            grid.select_photos([model.id_at(row) for row in range(4, 4 + count)])
            self.rest()
            looking.compare_selection()
            self.shot(f"o1{count}-compare")
            if count == 2:
                looking.compare.stage.activate(1)
                looking.compare.stage.zoom_by(5)
                self.shot("o15-compare-magnified", _SIZES[1:])
                looking.compare.lock.setChecked(False)
                looking.compare.stage.toggle_full()
                self.shot("o16-compare-apart", _SIZES[:1])
                looking.compare.lock.setChecked(True)
            looking.leave_comparison()


def main() -> None:
    """Every scheme with a library of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", choices=("dark", "light"))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    app = make_app()
    app.setQuitOnLastWindowClosed(False)
    for scheme, language in (("dark", "en"), ("light", "zh_CN")):
        if options.only not in (None, scheme):
            continue
        with tempfile.TemporaryDirectory() as temporary:
            QSettings.setDefaultFormat(QSettings.Format.IniFormat)
            QSettings.setPath(
                QSettings.Format.IniFormat, QSettings.Scope.UserScope, f"{temporary}/state"
            )
            install_translator(app, language)
            desk = Desk(Path(temporary) / "library", DEMO_PHOTOS, demo=True)
            desk.window.resize(*_SIZES[0])
            desk.show()
            wait_until(lambda desk=desk: desk.session is not None)
            theme.apply_theme(app, scheme)
            screens = LookingScreens(desk, options.folder, scheme)
            screens.rest()
            screens.all()
            desk.window.close()


if __name__ == "__main__":
    main()
