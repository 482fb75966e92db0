"""Renders every state of sorting into pictures: `python -m tests.screens_sorting OUT_DIR`.

The real library on a copy of the demo photos: files are really copied, moved and taken back.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from engine.file_types import ByDate, FilingReport, SortMode, SortPlan
from engine.jobs import Job, Progress
from gui import theme
from gui.app import DEMO_PHOTOS, Desk, make_app
from gui.sorting.groups import CONFLICTS, STAYS, category_key
from gui.translations import install_translator
from tests.screens import Screens, wait_for, wait_until

CATEGORIES = (
    ("Sea", ("a beach", "the sea", "a boat on the water"), "#3f8fd0"),
    ("Pets", ("a cat", "a dog"), "#d98b2b"),
    ("Cars", ("a car",), "#c0504d"),
    ("Mountains & snow", ("a mountain with snow",), "#7a8fa6"),
    ("Flowers in the garden, spring to autumn", ("a flower",), "#b565b0"),
)


class SortScreens(Screens):
    """Goes the way of a user from the rule to what was taken back."""

    def __init__(self, desk: Desk, folder: Path, scheme: str, home: Path) -> None:
        super().__init__(desk.window, folder, scheme)
        self.desk = desk
        self.home = home
        self.desk_page = desk.window.sorting
        self.page = desk.window.sorting.page

    def shot(self, name: str) -> None:
        """In the sizes that people have."""
        small = self.page.plan.small_thumbnails
        for width, height in ((1024, 700), (1600, 1000)):
            self.window.resize(width, height)
            QApplication.processEvents()
            self.window.grab()
            wait_until(lambda: small.idle)
            self.take(f"{name}-{width}")

    def _rest(self) -> None:
        wait_until(lambda: not self.desk.workers.tasks)
        self.window.status.notice_close.click()

    def plan(self, into: Path, mode: SortMode, by_date: ByDate = ByDate.NONE) -> None:
        page = self.page
        page.show_rule()
        page.rule.set_folder(into)
        page.rule.set_mode(mode)
        page.rule.by_date.setCurrentIndex(page.rule.by_date.findData(by_date))
        wait_for(page.work.previewed, page.rule.plan_button.click)
        self._rest()

    def preview(self, act: Callable[[], object]) -> None:
        wait_for(self.page.work.previewed, act)
        self._rest()

    def ended(self, act: Callable[[], object]) -> None:
        wait_for(self.page.work.ended, act)
        wait_until(lambda: not self.desk.workers.tasks)

    def all(self) -> None:
        """Every state, in the order of a story."""
        page, into = self.page, self.home / "Pictures" / "Sorted"
        self.desk_page.show()
        self._rest()
        self.shot("s01-no-categories")
        self.categories()
        self.desk_page.show()
        wait_until(lambda: bool(page.rule.categories.known))
        page.rule.set_folder(into)
        self.shot("s02-rule")
        page.rule.categories.choose(set())
        page.rule.set_mode(SortMode.ALBUM)
        self.shot("s03-rule-empty-album")
        page.rule.categories.choose({name for name, _, _ in CATEGORIES})
        page.show_runs()
        self._rest()
        self.shot("s04-no-runs")

        self.plan(into, SortMode.COPY)
        self.shot("s05-plan")
        preview = page.work.preview
        assert preview is not None
        page.plan.groups.choose(category_key("Pets"))
        ids = list(preview.groups["Pets"])
        page.plan.view.go_to(ids[0])
        self.shot("s06-plan-selected")
        moved = ids[:2]
        self.preview(lambda: page.plan.move_photos(moved, category_key("Sea")))
        page.plan.groups.choose(category_key("Sea"))
        self.shot("s07-plan-moved-by-hand")
        self.preview(lambda: page.plan.threshold.slider.setValue(900))
        self.shot("s08-plan-threshold")
        page.plan.groups.choose(STAYS)
        self.shot("s09-plan-stays")
        self.preview(page.plan.threshold.own_button.click)
        page.plan.apply_button.click()
        task = page.work.running
        assert task is not None
        task.pause()
        wait_until(lambda: page.stack.currentWidget() is page.running)
        self.shot("s10-applying")
        self.ended(task.resume)
        self.shot("s11-report")
        self._rest()

        self.plan(into, SortMode.COPY)
        page.plan.groups.choose(CONFLICTS)
        self.shot("s12-conflicts")
        page.plan.view.go_to(page.plan.model.id_at(0))
        self.shot("s13-conflict-selected")
        wait_until(lambda: not self.desk.workers.tasks)
        self.window.sorting.page.plan.set_stale(True)
        self.shot("s14-stale")
        self.plan(self.desk.folder / "in here", SortMode.MOVE)
        self.shot("s15-refused")

        page.show_runs()
        self._rest()
        self.shot("s16-runs")
        copied = sorted(into.rglob("*.jpg"))[0]
        copied.write_bytes(copied.read_bytes() + b"more")
        self.ended(page.runs.rows[0].back_button.click)
        self._rest()
        page.runs.rows[0].show_button.click()
        self._rest()
        self.shot("s17-taken-back-but-one")
        shutil.rmtree(into)

        self.plan(self.home / "Pictures" / "By date", SortMode.MOVE, ByDate.MONTH)
        self.shot("s18-move-by-month")
        self.stop_in_the_middle()
        self.shot("s19-stopped")
        self._rest()
        page.show_runs()
        self._rest()
        self.shot("s20-runs-with-a-stopped-one")
        self.ended(page.runs.rows[0].back_button.click)
        page.runs.rows[0].show_button.click()
        self._rest()
        self.shot("s21-taken-back")
        menu = page.plan.menu()
        self.take("s22-menu", menu)

    def stop_in_the_middle(self) -> None:
        """After the first batch the run waits for the button, however fast the disk is."""
        page, library = self.page, self.desk.library
        assert library is not None
        filing, really = library.filing, library.filing.apply
        stopped = threading.Event()

        def apply(plan: SortPlan) -> Job[FilingReport]:
            job = really(plan)
            try:
                while True:
                    event = next(job)
                    yield event
                    if isinstance(event, Progress) and event.done:
                        stopped.wait(60)
                        yield event
            except StopIteration as end:
                return end.value
            finally:
                job.close()

        def stop(progress: Progress) -> None:
            if progress.done and not stopped.is_set():
                page.running.stop_button.click()
                stopped.set()

        filing.apply = apply
        page.plan.apply_button.click()
        task = page.work.running
        assert task is not None
        task.progressed.connect(stop)
        self.ended(lambda: None)
        filing.apply = really

    def categories(self) -> None:
        """Make them as the user would, unless an earlier scheme has."""
        library = self.desk.library
        assert library is not None
        tagging = library.tagging
        if tagging.categories():
            return
        group = tagging.add_set("What it shows", exclusive=True)
        for name, prompts, colour in CATEGORIES:
            made = tagging.add_category(name, prompts, set_id=group.id)
            tagging.change_category(replace(made, colour=colour))
        other = tagging.add_set("Who is there", exclusive=False)
        for name in ("People", "Food"):
            tagging.add_category(name, set_id=other.id)


def render(app: QApplication, folder: Path, scheme: str, language: str) -> None:
    """One scheme from an empty library on: what was done stays in a library's list of runs."""
    with tempfile.TemporaryDirectory(prefix="photosift-screens-") as temporary:
        home = Path(temporary)
        QSettings.setPath(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(home / "state")
        )
        install_translator(app, language)
        shutil.copytree(DEMO_PHOTOS, home / "Pictures")
        desk = Desk(home / "library", home / "Pictures", demo=True)
        desk.show()
        wait_until(lambda: desk.session is not None)
        theme.apply_theme(app, scheme)
        wait_until(lambda: not desk.workers.tasks)
        desk.window.resize(1024, 700)
        name = scheme if language == "en" else f"{scheme}-zh"
        SortScreens(desk, folder, name, home).all()
        desk.window.close()


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
    runs = {"dark": ("dark", "en"), "light": ("light", "en"), "zh": ("light", "zh_CN")}
    for name in options.only.split(","):
        render(app, options.folder, *runs[name])
    return 0


if __name__ == "__main__":
    sys.exit(main())
