"""Opens the dialogs and carries out what is asked for in them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QWidget

from engine.errors import EngineError
from engine.settings import Settings
from engine.types import Root, RootId
from gui import theme
from gui.labels import plain_text, short_title
from gui.models.compare import CompareDialog
from gui.models.dialog import ModelsDialog
from gui.models.state import ModelsSeen
from gui.session import Places, Session
from gui.settings.dialog import SettingsDialog
from gui.shortcut_help import ShortcutHelp
from gui.workers import Task


class Dialogs(QObject):
    """Settings, models, folders, help: each dialog is opened here and nowhere else.

    Signals:
        noticed(str, str, object): a sentence for the status bar, what its button says ("" for
            none), and what the button does.
    """

    noticed = Signal(str, str, object)

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self._roots: list[Root] = []
        self._models_dialog: ModelsDialog | None = None
        self._told = Once("models/told")
        self.settings_dialog: SettingsDialog | None = None
        self.compare_dialog: CompareDialog | None = None
        session.places.answered.connect(self._take_places)
        session.models.answered.connect(self._tell_note)
        session.work.failed.connect(self._tell_of_model)
        session.switched.connect(self._tell_of_switch)

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
        dialog = SettingsDialog(
            library.settings, self._roots, self._session.work.seen, self._window
        )
        dialog.settings_accepted.connect(self._accept)
        dialog.add_folder_wanted.connect(self.ask_folder)
        dialog.forget_root_wanted.connect(self.ask_to_forget)
        dialog.models_wanted.connect(self.show_models)
        dialog.finished.connect(dialog.deleteLater)
        status = self._session.workers.start("io", "", library.sidecars.status)
        status.succeeded.connect(dialog.sidecars.show_status)
        self.settings_dialog = dialog
        dialog.open()

    def _accept(self, settings: Settings) -> None:
        """Keep new settings; each takes effect at once where it can."""
        library = self._session.library
        old = library.settings
        kept = replace(  # models are changed in their own dialog, which checks them first
            settings, model_id=old.model_id, next_model_id=old.next_model_id, paused=old.paused
        )
        dialog = self.settings_dialog
        begin: Callable[[], None] = lambda: None
        if dialog is not None and dialog.sidecars.begins_now:
            begin = library.sidecars.leave_out_earlier
        elif dialog is not None and dialog.sidecars.begins_anew:
            begin = library.sidecars.include_all
        task = self._start(lambda: self._keep(kept, begin))
        task.succeeded.connect(self._session.sidecars.follow_switch)
        if settings.write_sidecars != old.write_sidecars:  # its problems come and go with it
            task.succeeded.connect(self._session.problems.refresh)
            task.succeeded.connect(self._session.counts.refresh)
        if settings.theme != old.theme:
            theme.apply_theme(cast("QApplication", QApplication.instance()), settings.theme)
        if settings.excludes != old.excludes:
            task.succeeded.connect(lambda: self._session.keeper.look())
        if settings.allow_int8 != old.allow_int8:
            task.succeeded.connect(self._session.keeper.index_afresh)
        if settings.language != old.language:
            self._say(self.tr("The language changes when Photosift is started again."))

    def _keep(self, settings: Settings, begin: Callable[[], None]) -> None:
        """On a lane. `begin`: says with what sidecars are to begin."""
        begin()
        self._session.library.change_settings(settings)

    # -- models --------------------------------------------------------------------------------

    def show_models(self, model_id: str = "") -> None:
        """Open the models dialog, on one model where it is named."""
        if self._models_dialog is None:
            dialog = ModelsDialog(self._session.work, self._window)
            dialog.compare_wanted.connect(self.compare)
            dialog.finished.connect(self._close_models)
            self._models_dialog = dialog
            self._session.models.refresh()
            dialog.open()
        if model_id:
            self._models_dialog.choose(model_id)

    @property
    def models_dialog(self) -> ModelsDialog | None:
        return self._models_dialog

    def use_folder(self, folder: Path) -> None:
        """Check and use the checkpoint in a folder, in sight of the user."""
        self.show_models()
        if self._models_dialog is not None:
            self._models_dialog.use_folder(folder)

    def download(self, model_id: str) -> None:
        """Fetch a model, then use it."""
        self._session.work.download(model_id, use=True)

    def compare(self, model_id: str) -> None:
        """Compare the model in use with another on the user's own searches."""
        dialog = CompareDialog(self._session, model_id, self._models_dialog or self._window)
        dialog.switch_wanted.connect(self._switch)
        dialog.finished.connect(self._close_compare)
        self.compare_dialog = dialog
        dialog.open()

    def _switch(self, model_id: str) -> None:
        """At once where all photos have its vectors, else as soon as they have."""
        space = self._session.work.seen.space(model_id)
        if space is not None and space.complete:
            self._session.work.switch(model_id)
        else:
            self._session.work.use(model_id)

    def _close_models(self) -> None:
        dialog, self._models_dialog = self._models_dialog, None
        if dialog is not None:
            dialog.deleteLater()

    def _close_compare(self) -> None:
        dialog, self.compare_dialog = self.compare_dialog, None
        if dialog is not None:
            dialog.deleteLater()

    def _tell_of_switch(self, new: str, old: str) -> None:
        """One sentence with the way back, in the place where undo always is."""
        work = self._session.work
        name, former = short_title(work.seen.title(new)), short_title(work.seen.title(old))
        words = self.tr("Search uses %1 now.").replace("%1", name)
        back = self.tr("Go back to %1").replace("%1", former)
        space = work.seen.space(old)
        if space is not None and space.usable and space.embedded:
            self.noticed.emit(words, back, lambda: work.switch(old))
        else:
            self._say(words)

    def _tell_note(self, seen: ModelsSeen) -> None:
        """What the model in use has to say of its engine: once, not at every start."""
        if seen.status.note and self._told.first_time(seen.status.note):
            self._say(seen.status.note)

    def _tell_of_model(self, model_id: str, reason: str) -> None:
        """The dialog shows it where it is open: it covers the status bar."""
        if self._models_dialog is None:
            self.noticed.emit(reason, self.tr("Models…"), lambda: self.show_models(model_id))

    # -- help ----------------------------------------------------------------------------------

    def show_shortcuts(self) -> ShortcutHelp:
        dialog = ShortcutHelp(self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    # -- inside --------------------------------------------------------------------------------

    def _take_places(self, places: Places) -> None:
        self._roots = places[0]

    def _start(self, work: Callable[[], object]) -> Task:
        task = self._session.workers.start("io", "", work)
        task.failed.connect(self._tell)
        return task

    def _tell(self, error: Exception) -> None:
        if isinstance(error, EngineError):
            self._say(str(error))

    def _say(self, words: str) -> None:
        self.noticed.emit(words, "", None)


class Once:
    """Remembers over a restart which sentences were said."""

    def __init__(self, key: str) -> None:
        self._key = key

    def first_time(self, words: str) -> bool:
        """Whether these words were not said before; from now on they were."""
        mark = hashlib.sha1(words.encode(), usedforsecurity=False).hexdigest()[:12]
        stored = str(QSettings().value(self._key, "")).split()
        if mark in stored:
            return False
        QSettings().setValue(self._key, " ".join([*stored[-19:], mark]))
        return True
