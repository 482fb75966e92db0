"""Opens the dialogs and carries out what is asked for in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QWidget

from engine.errors import EngineError
from engine.settings import Settings
from engine.types import ModelInfo, ModelStatus, Root, RootId
from gui import theme
from gui.labels import plain_text
from gui.models_dialog import ModelsDialog
from gui.session import Models, Places, Session
from gui.settings_dialog import SettingsDialog
from gui.shortcuts import ShortcutHelp
from gui.workers import Task


class Dialogs(QObject):
    """Settings, models, folders, help: each dialog is opened here and nowhere else.

    Signals: noticed(str), a sentence for the status bar.
    """

    noticed = Signal(str)

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self._roots: list[Root] = []
        self._models: list[ModelInfo] = []
        self._status = ModelStatus(None, ready=False)
        self._models_dialog: ModelsDialog | None = None
        self.settings_dialog: SettingsDialog | None = None
        session.places.answered.connect(self._take_places)
        session.models.answered.connect(self._take_models)

    # -- folders -------------------------------------------------------------------------------

    def ask_folder(self) -> None:
        """Let the user choose a folder to watch."""
        chosen = QFileDialog.getExistingDirectory(self._window, self.tr("Add a folder of photos"))
        if chosen:
            self.add_folder(Path(chosen))

    def add_folder(self, path: Path) -> None:
        """Watch a folder: looked at right away."""
        task = self._start(lambda: self._session.library.add_root(path))
        task.succeeded.connect(lambda: self._session.keeper.look())

    def ask_to_forget(self, root_id: RootId) -> None:
        """Take a folder out of the library after a question."""
        root = next((root for root in self._roots if root.id == root_id), None)
        if root is None:
            return
        box = QMessageBox(self._window)
        box.setWindowTitle(self.tr("Remove a folder"))
        box.setStyleSheet("QLabel { min-width: 360px }")
        name = plain_text(root.path.name or str(root.path))
        box.setText(self.tr("Remove the folder “{}” from the library?").format(name))
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setInformativeText(
            self.tr(
                "The photos stay where they are. If you add the folder again, all that was known "
                "of them is back."
            )
        )
        remove = box.addButton(self.tr("Remove folder"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.accepted.connect(lambda: self._forget(root_id))
        box.setDefaultButton(remove)
        box.open()

    def _forget(self, root_id: RootId) -> None:
        self._start(lambda: self._session.library.forget_root(root_id))

    # -- settings ------------------------------------------------------------------------------

    def show_settings(self) -> None:
        library = self._session.library
        dialog = SettingsDialog(library.settings, self._roots, self._models, self._window)
        dialog.settings_accepted.connect(self._accept)
        dialog.add_folder_wanted.connect(self.ask_folder)
        dialog.forget_root_wanted.connect(self.ask_to_forget)
        dialog.models_wanted.connect(self.show_models)
        dialog.finished.connect(dialog.deleteLater)
        self.settings_dialog = dialog
        dialog.open()

    def _accept(self, settings: Settings) -> None:
        """Keep new settings; each takes effect at once where it can."""
        library = self._session.library
        old = library.settings
        kept = replace(settings, model_id=old.model_id)  # `use_model` checks it before it is kept
        task = self._start(lambda: library.change_settings(kept))
        if settings.theme != old.theme:
            theme.apply_theme(cast("QApplication", QApplication.instance()), settings.theme)
        if settings.excludes != old.excludes:
            task.succeeded.connect(lambda: self._session.keeper.look())
        if settings.model_id != old.model_id:
            task.succeeded.connect(lambda: self._session.use_model(settings.model_id))
        if settings.language != old.language:
            self.noticed.emit(self.tr("The language changes when Photosift is started again."))

    # -- models --------------------------------------------------------------------------------

    def show_models(self) -> None:
        dialog = ModelsDialog(self._window)
        dialog.set_models(self._models, self._status)
        dialog.use_wanted.connect(self._use)
        dialog.download_wanted.connect(self.download)
        dialog.folder_wanted.connect(self.use_folder)
        dialog.finished.connect(self._close_models)
        self._models_dialog = dialog
        self._session.models.refresh()
        dialog.open()

    @property
    def models_dialog(self) -> ModelsDialog | None:
        return self._models_dialog

    def use_folder(self, folder: Path) -> None:
        """Use the checkpoint in a folder."""
        self._use(str(folder))

    def _use(self, model_id: str) -> None:
        self._session.use_model(model_id).failed.connect(self._tell_of_model)

    def download(self, model_id: str) -> None:
        """Fetch a model, then use it."""
        info = next((model for model in self._models if model.id == model_id), None)
        title = self.tr("Downloading {}").format(info.title if info else model_id)
        task = self._session.workers.start(
            "model", title, lambda: self._session.library.download_model(model_id)
        )
        task.failed.connect(self._tell_of_model)
        task.succeeded.connect(lambda: self._use(model_id))
        task.finished.connect(self._session.models.refresh)
        if self._models_dialog is not None:
            self._models_dialog.track(task)

    def _close_models(self) -> None:
        dialog, self._models_dialog = self._models_dialog, None
        if dialog is not None:
            dialog.deleteLater()

    # -- help ----------------------------------------------------------------------------------

    def show_shortcuts(self) -> ShortcutHelp:
        dialog = ShortcutHelp(self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    # -- inside --------------------------------------------------------------------------------

    def _take_places(self, places: Places) -> None:
        self._roots = places[0]

    def _take_models(self, models: Models) -> None:
        self._models, self._status = models
        if self._models_dialog is not None:
            self._models_dialog.set_models(self._models, self._status)

    def _start(self, work: Callable[[], object]) -> Task:
        task = self._session.workers.start("io", "", work)
        task.failed.connect(self._tell)
        return task

    def _tell_of_model(self, error: Exception) -> None:
        """In the dialog while it is open: it covers the status bar."""
        if self._models_dialog is not None and isinstance(error, EngineError):
            self._models_dialog.show_failure(str(error))
        else:
            self._tell(error)

    def _tell(self, error: Exception) -> None:
        if isinstance(error, EngineError):
            self.noticed.emit(str(error))
