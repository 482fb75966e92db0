"""Renders every state of duplicates into pictures: `python -m tests.screens_duplicates OUT_DIR`.

The real library on a copy of the demo photos with copies and edits of some; files really go to a
trash, one of this run alone.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from engine.duplicate_types import DuplicateClass
from gui import theme
from gui.app import DEMO_PHOTOS, Desk, make_app
from gui.duplicates.pair_view import Mode
from gui.translations import install_translator
from tests.gui.duplicates.duplicates_sample import EDITS, make_sample
from tests.screens import Screens, wait_for, wait_until

_BURSTS = Path(__file__).resolve().parents[2] / "shared" / "data" / "near_dup" / "burst"
_MODES = {Mode.FLICK: "flick", Mode.SPLIT: "split", Mode.DIFFERENCE: "difference"}


class DuplicateScreens(Screens):
    """Goes the way of a user from the search to what was brought back."""

    def __init__(self, desk: Desk, folder: Path, scheme: str) -> None:
        super().__init__(desk.window, folder, scheme)
        self.desk = desk
        self.page = desk.window.duplicates.page
        self.review = self.page.review
        self.compare = self.review.pane.compare

    def shot(self, name: str) -> None:
        """In the sizes that people have."""
        small = self.review.small_thumbnails
        for width, height in ((1024, 700), (1600, 1000)):
            self.window.resize(width, height)
            for _ in range(4):
                QApplication.processEvents()
            self.window.grab()
            wait_until(lambda: small.idle and self.compare.idle and not self.desk.workers.tasks)
            self.take(f"{name}-{width}")

    def rest(self) -> None:
        wait_until(lambda: not self.desk.workers.tasks)
        self.window.status.notice_close.click()

    def choose(self, kind: DuplicateClass) -> None:
        wait_for(self.page.work.groups_changed, lambda: self.review.choose(kind))
        self.rest()

    def all(self) -> None:
        """Every state, in the order of a story."""
        page, work = self.page, self.page.work
        self.desk.window.duplicates.show()
        self.rest()
        self.shot("u01-not-searched")
        page.empty.acted.emit()
        if (task := work.searching) is not None:
            task.pause()
            for width, height in ((1024, 700), (1600, 1000)):
                self.window.resize(width, height)
                QApplication.processEvents()
                self.take(f"u02-searching-{width}")
            wait_for(work.searched, task.resume)
        self.rest()
        self.choose(DuplicateClass.IDENTICAL)
        self.shot("u03-identical")
        self.same_picture()
        self.choose(DuplicateClass.SIMILAR)
        self.compare.set_mode(Mode.SIDE)
        self.shot("u10-similar")
        page.show_rules()
        page.rules.preferred.add(Path.home() / "Pictures")
        page.rules.protected.add(Path("/media/archive/originals"))
        self.shot("u11-rules")
        page.rules.cancel_button.click()
        self.clear()

    def same_picture(self) -> None:
        """Every edit that was found, and every way to compare."""
        review = self.review
        self.choose(DuplicateClass.SAME_PICTURE)
        shown = 0
        for row, group in enumerate(review.list.rows.groups):
            review.list.setCurrentIndex(review.list.rows.index(row))
            name = group.members[-1].path.stem.split("-")[-1]
            if name not in EDITS:
                continue  # the demo has edited photos of its own
            shown += 1
            self.compare.set_mode(Mode.SIDE)
            self.rest()
            self.shot(f"u04-{name}")
            for mode, word in _MODES.items():
                self.compare.set_mode(mode)
                self.compare.flick(True) if mode is Mode.FLICK else None
                self.rest()
                if shown == 1 or mode is Mode.DIFFERENCE:
                    self.shot(f"u05-{name}-{word}")
        self.compare.set_mode(Mode.SIDE)
        self.compare.stage.zoom_by(4)
        self.rest()
        self.shot("u06-zoomed")
        self.compare.stage.fit()
        review.mark_button.click()
        self.rest()
        self.shot("u07-marked-by-the-rules")
        menu = review.pane.menu()
        self.take("u08-menu", menu)
        review.unmark_button.click()

    def clear(self) -> None:
        """To the trash, and back again."""
        page, review, work = self.page, self.review, self.page.work
        self.choose(DuplicateClass.IDENTICAL)
        group = review.list.rows.groups[0]
        library = self.desk.library
        assert library is not None
        library.tagging.tag([group.members[1].photo_id], "Grandmother's garden")
        self.rest()
        wait_until(lambda: review.foot.merges_button.isVisible())
        self.shot("u12-facts-go-over")
        review.foot.merges_button.click()
        self.shot("u13-what-goes-over")
        page.show_groups()
        changed = review.list.rows.groups[1].members[1].path
        changed.write_bytes(changed.read_bytes() + b"more")
        wait_for(work.cleared, review.foot.clear_button.click)
        wait_until(lambda: not self.desk.workers.tasks)
        self.shot("u14-cleared")
        if review.foot.left_button.isVisible():
            review.foot.left_button.click()
            self.shot("u15-left-alone")
        page.show_runs()
        self.rest()
        self.shot("u16-what-was-cleared")
        wait_for(work.brought_back, page.runs.rows[0].back_button.click)
        self.rest()
        page.show_runs()
        self.rest()
        self.shot("u17-brought-back")
        page.show_groups()
        self.rest()
        help_dialog = self.window.dialogs.show_shortcuts()
        self.take("u18-keys", help_dialog)
        help_dialog.reject()


def render(app: QApplication, folder: Path, scheme: str, language: str) -> None:
    """One scheme from an unsearched library on."""
    with tempfile.TemporaryDirectory(prefix="photosift-screens-") as temporary:
        home = Path(temporary)
        os.environ["XDG_DATA_HOME"] = str(home / "data")
        QSettings.setPath(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(home / "state")
        )
        install_translator(app, language)
        make_sample(DEMO_PHOTOS, home / "Pictures", copies=9)
        for copy in sorted((home / "Pictures" / "Old phone").rglob("*.jpg"))[:1]:
            os.link(copy, home / "by another name.jpg")  # is shown, and never offered
        if _BURSTS.is_dir():
            shutil.copytree(_BURSTS, home / "Pictures" / "Bursts")
        desk = Desk(home / "library", home / "Pictures", demo=True)
        desk.show()
        wait_until(lambda: desk.session is not None)
        theme.apply_theme(app, scheme)
        wait_until(lambda: not desk.workers.tasks)
        desk.window.resize(1024, 700)
        name = scheme if language == "en" else f"{scheme}-zh"
        DuplicateScreens(desk, folder, name).all()
        desk.window.close()


def main() -> int:
    """Take all pictures in both colour schemes, and once more in Chinese."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=lambda name: Path(name).absolute())
    parser.add_argument("--only", default="dark,light,zh")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    app = make_app()
    app.setQuitOnLastWindowClosed(False)
    runs = {"dark": ("dark", "en"), "light": ("light", "en"), "zh": ("light", "zh_CN")}
    for name in options.only.split(","):
        render(app, options.folder, *runs[name])
    return 0


if __name__ == "__main__":
    sys.exit(main())
