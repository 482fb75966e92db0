"""Renders every state of the models into pictures: `python -m tests.screens_models OUT_DIR`.

The real window on the library in memory, which shows the demo photos: what takes hours with a
real download is one permit here. See `tests/screens.py` for all other pages.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
import time
from functools import lru_cache, partial
from pathlib import Path
from typing import cast

sys.path.insert(0, str(Path(__file__).resolve().parent / "gui"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PIL import Image
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from engine import Library
from engine.errors import QueryError
from engine.types import Hit, ModelCheck, Order, PhotoId, Scope, SearchResult
from gui import theme
from gui.app import DEMO_PHOTOS, make_app
from gui.job_row import JobRow
from gui.main_window import MainWindow
from gui.models.dialog import ModelsDialog
from gui.models.state import Act, Standing
from gui.session import Session
from gui.translations import install_translator
from gui.workers import Workers
from tests.gui import fake_models as models
from tests.gui.fake_library import FakeLibrary, photo
from tests.screens import Screens, wait_until

PHOTOS = 1000
_HISTORY = ["two dogs on a beach", "a red car", "birthday cake", "snow", "grandma & the cat"]


@lru_cache(maxsize=256)
def _thumbnail(path: Path) -> bytes:
    with Image.open(path) as image:
        image.thumbnail((256, 256))
        buffer = io.BytesIO()
        image.convert("RGB").save(buffer, "JPEG")
    return buffer.getvalue()


class DemoLibrary(FakeLibrary):
    """A thousand photos that look like the demo's; the models are the test's."""

    def __init__(self) -> None:
        files = sorted(DEMO_PHOTOS.rglob("*.jpg"))
        shown = [photo(number, path=files[number % len(files)]) for number in range(PHOTOS)]
        super().__init__(shown)
        self.gate("index")

    def thumbnail(self, photo_id: PhotoId) -> bytes:
        return _thumbnail(self.shelf[photo_id].path)

    def search(
        self,
        text: str,
        limit: int | None = None,
        scope: Scope | None = None,
        *,
        order: Order | None = None,
    ) -> SearchResult:
        if ":" in text:
            raise QueryError(text, text.index(":"), "There is no filter “sise”.")
        hits = [Hit(PhotoId(number * 7 % 97), 0.3 - number / 500) for number in range(40)]
        return SearchResult(tuple(hits))


class ModelScreens(Screens):
    """Takes a window of its own from state to state, and its picture in each."""

    def __init__(self, folder: Path, scheme: str, language: str = "") -> None:
        self.library = DemoLibrary()
        self.workers = Workers()
        self.session = Session(cast("Library", self.library), self.workers)
        window = MainWindow()
        window.resize(1024, 700)
        window.show()
        super().__init__(window, folder, f"{scheme}{language}")
        window.attach(self.session)
        self.seen()
        wait_until(lambda: not self.session.keeper.at_work)

    def seen(self) -> None:
        """Until the window knows how the library stands now."""
        told: list[bool] = []
        self.session.models.answered.connect(lambda: told.append(True))
        self.session.models.refresh()
        wait_until(lambda: bool(told))

    def until(self, model_id: str, standing: Standing) -> None:
        def stands() -> bool:
            views = {view.info.id: view for view in self.session.work.views()}
            return views[model_id].standing is standing

        wait_until(stands)

    def dialog(self, model_id: str) -> ModelsDialog:
        self.window.dialogs.show_models()
        dialog = self.window.dialogs.models_dialog
        assert dialog is not None
        dialog.choose(model_id)
        return dialog

    def shot(self, name: str, model_id: str) -> None:
        self.seen()
        dialog = self.dialog(model_id)
        dialog.refresh()
        self.take(name, dialog)

    def do(self, model_id: str, act: Act) -> None:
        dialog = self.dialog(model_id)
        dialog.refresh()
        dialog.detail.act_wanted.emit(act)

    def all(self) -> None:
        """The way of a model from the hub into the search, with what can go wrong."""
        library, download = self.library, self.library.gate("download")
        clip, siglip = models.CLIP, models.SIGLIP
        self.shot("m01-nothing-installed", clip)
        self.do(siglip, Act.DOWNLOAD)
        for tenths in range(4):
            download.release()
            self._amount(siglip, tenths)
            time.sleep(0.8)  # faster than twenty times a second nothing is told
        self.shot("m02-downloading", siglip)
        self.do(siglip, Act.PAUSE)
        self.shot("m03-paused", siglip)
        self.do(siglip, Act.RESUME)
        checking = library.gate("prepare")
        download.release(7)
        self.until(siglip, Standing.CHECKING)
        self.shot("m04-checking", siglip)
        checking.release(100)
        self.until(siglip, Standing.INSTALLED)
        self.shot("m05-installed", siglip)
        library.fault = (
            "The download of openai/clip-vit-large-patch14 stopped: huggingface.co did not answer "
            "for 20 seconds. Try again later, set HF_ENDPOINT to a mirror, or choose a folder "
            "that already holds the model."
        )
        download.release(100)
        self.do(models.LARGE, Act.DOWNLOAD)
        self.until(models.LARGE, Standing.BEGUN)
        self.shot("m06-download-failed", models.LARGE)
        folder = Path("/home/anna/models/vit-b-32-finetuned-on-our-holidays-2019-2024")
        library.refuse[str(folder)] = (
            f"{folder} holds no model that Photosift accepts: vision_model.embeddings."
            "patch_embedding.weight has the shape (768, 3, 16, 16), but config.json says 32. "
            "Download the model again or choose another folder."
        )
        dialog = self.dialog(clip)
        dialog.use_folder(folder)
        self.until(str(folder), Standing.REFUSED)
        self.shot("m07-folder-refused", str(folder))
        self.session.work.dismiss(str(folder))
        self._tests()
        self._switching()
        self._window()

    def _amount(self, model_id: str, tenths: int) -> None:
        whole = self.library.shelf_of_models[model_id].download_bytes

        def there() -> bool:
            running = next(v.running for v in self.session.work.views() if v.info.id == model_id)
            progress = running.progress if running is not None else None
            return progress is not None and progress.done >= whole * tenths // 10

        wait_until(there)

    def _tests(self) -> None:
        library, siglip = self.library, models.SIGLIP
        library.install(models.CLIP, models.CHINESE)
        library.tests[models.CHINESE] = (
            *models.CHECKS[:3],
            ModelCheck(
                "towers agree",
                False,
                "1 of 12 drawn pictures get their own caption first, and 41.3% of random pairings "
                "fit as well: the image tower and the text tower do not belong together.",
            ),
        )
        for name, model_id in (("m08-test-failed", models.CHINESE), ("m09-test-passed", siglip)):
            self.do(model_id, Act.TEST)
            wait_until(partial(self._tested, model_id))
            self.shot(name, model_id)

    def _tested(self, model_id: str) -> bool:
        views = {view.info.id: view for view in self.session.work.views()}
        return views[model_id].test is not None

    def _switching(self) -> None:
        library, siglip = self.library, models.SIGLIP
        library.use_model(models.CLIP)
        library.status = models.MEASURED_STATUS
        self.seen()
        self.shot("m10-in-use", models.CLIP)
        dialog = self.dialog(models.CLIP)
        dialog.detail.engines.fold.setChecked(True)
        self.shot("m11-engines", models.CLIP)
        library.seen_by[siglip] = 402
        self.do(siglip, Act.USE)
        self.until(siglip, Standing.PREPARING)
        self.shot("m12-switching", siglip)
        self._compare("m13-compare")
        dialog.close()
        self.window.status.notice_close.click()
        self.take("m16-window-switching")
        library.seen_by[siglip] = PHOTOS - 5
        library.gate("index").release(3)
        wait_until(lambda: bool(library.active == siglip))
        self.seen()
        self.take("m17-window-switched")
        self.shot("m18-ready-to-go-back", models.CLIP)
        self.dialog(models.CLIP).close()

    def _compare(self, name: str) -> None:
        QSettings().setValue("search/history", _HISTORY)
        self.do(models.SIGLIP, Act.COMPARE)
        dialog = self.window.dialogs.compare_dialog
        assert dialog is not None
        self.take(f"{name}-1-empty", dialog)
        dialog.compare("two dogs on a beach")
        wait_until(lambda: dialog.left.model.rowCount() > 0)
        dialog.grab()
        wait_until(lambda: dialog.left.thumbnails.idle and dialog.right.thumbnails.idle)
        dialog.left.view.go_to(dialog.left.model.id_at(2))
        QApplication.processEvents()
        self.take(f"{name}-2-answers", dialog)
        dialog.compare("sise:large dogs")
        wait_until(lambda: "sise" in dialog.message.text())
        self.take(f"{name}-3-error", dialog)
        dialog.close()

    def _window(self) -> None:
        library = self.library
        library.leave = (False, "Waiting for mains power.")
        library.unread = 12
        self.session.keeper.index()
        wait_until(lambda: any(row.held for row in self.window.findChildren(JobRow)))
        self.take("m19-window-held")
        self.session.keeper.index_anyway()
        wait_until(lambda: not self.session.keeper.at_work)
        self.window.dialogs.show_settings()
        settings = self.window.dialogs.settings_dialog
        assert settings is not None
        settings.navigation.setCurrentRow(3)
        self.take("m20-settings", settings)
        settings.reject()

    def close(self) -> None:
        self.window.close()
        self.session.close()
        self.workers.shutdown()


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
    runs: dict[str, tuple[str, str]] = {
        "dark": ("dark", "en"), "light": ("light", "en"), "zh": ("light", "zh_CN"),
    }  # fmt: skip
    for name in options.only.split(","):
        scheme, language = runs[name]
        with tempfile.TemporaryDirectory(prefix="photosift-screens-") as state:
            QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, state)
            install_translator(app, language)
            theme.apply_theme(app, scheme)
            screens = ModelScreens(options.folder, scheme, "-zh" if name == "zh" else "")
            screens.all()
            screens.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
