"""The settings dialog: one page per concern, one row per field of Settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.settings import LANGUAGES, THEMES, Settings
from engine.types import Root, RootId
from gui import icons, theme
from gui.engine_words import said
from gui.labels import hairline, path_text, plain_text, text_label, tooltip_text
from gui.models.state import ModelsSeen
from gui.settings.controls import (
    button_row,
    choice_box,
    field_list,
    setting_row,
    setting_switch,
)
from gui.settings.left_out import LeftOutPage
from gui.settings.sidecars import SidecarsPage

_DATA = Qt.ItemDataRole.UserRole


class SettingsDialog(QDialog):
    """The user's choices. The theme is shown at once; Cancel brings the former one back.

    Signals:
        settings_accepted(Settings): OK or Apply, and something is different.
        add_folder_wanted(): another folder is to be watched.
        forget_root_wanted(RootId): a folder is to leave the library.
        models_wanted(): the models dialog is wanted.
    """

    settings_accepted = Signal(object)
    add_folder_wanted = Signal()
    forget_root_wanted = Signal(object)
    models_wanted = Signal()

    def __init__(
        self,
        settings: Settings,
        roots: Sequence[Root],
        seen: ModelsSeen,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._seen = seen
        self.setWindowTitle(self.tr("Settings"))
        self.resize(720, 480)

        self.pages = QStackedWidget()
        self.navigation = QListWidget()
        self.navigation.setAccessibleName(self.tr("Settings pages"))
        self.navigation.setFixedWidth(168)
        self.navigation.setIconSize(QSize(16, 16))
        self.navigation.setFrameShape(QFrame.Shape.NoFrame)
        theme.mark(self.navigation, region="panel", role="navigation")
        self.ok_button = theme.mark(QPushButton(self.tr("OK")), primary=True)
        self.cancel_button = QPushButton(self.tr("Cancel"))
        self.apply_button = QPushButton(self.tr("Apply"))
        buttons = QHBoxLayout()
        buttons.setContentsMargins(24, 12, 24, 16)
        buttons.setSpacing(8)
        buttons.addStretch()
        for button in (self.apply_button, self.cancel_button, self.ok_button):
            button.setAccessibleName(button.text())
            button.setMinimumWidth(88)
            buttons.addWidget(button)
        self.ok_button.setDefault(True)
        self._make_folders()
        self._make_excludes()
        self._make_model()
        self._make_sidecars()
        self._make_work()
        self._make_look()
        self._make_advanced()
        self.set_roots(roots)
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self.navigation)
        line = QFrame()
        line.setFixedWidth(1)
        middle.addWidget(theme.mark(line, role="upright"))
        middle.addWidget(self.pages, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(middle, 1)
        whole.addWidget(hairline())
        whole.addLayout(buttons)

        self.navigation.currentRowChanged.connect(self.pages.setCurrentIndex)
        self.navigation.setCurrentRow(0)
        self.ok_button.clicked.connect(self.accept)
        self.cancel_button.clicked.connect(self.reject)
        self.apply_button.clicked.connect(self.apply)

    # ---- pages --------------------------------------------------------------------------------

    def _page(self, icon: str, title: str, words: str = "") -> QVBoxLayout:
        self.navigation.addItem(QListWidgetItem(icons.icon(icon), title))
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(8)
        column.addWidget(text_label(title, "heading"))
        if words:
            column.addWidget(text_label(words, "muted", wrap=True))
            column.addSpacing(4)
        self.pages.addWidget(page)
        return column

    def _make_folders(self) -> None:
        column = self._page(
            "folder",
            self.tr("Folders"),
            self.tr(
                "Photosift watches these folders. It changes nothing in them but what you ask for."
            ),
        )
        self.roots_list = field_list(self.tr("Watched folders"))
        column.addWidget(self.roots_list, 1)
        self.add_root_button = QPushButton(icons.icon("add"), self.tr("Add folder…"))
        self.forget_root_button = QPushButton(icons.icon("remove"), self.tr("Remove"))
        self.forget_root_button.setToolTip(
            self.tr("Remove from the library; the files stay on disk")
        )
        button_row(column, self.add_root_button, self.forget_root_button)
        self.add_root_button.clicked.connect(lambda: self.add_folder_wanted.emit())
        self.forget_root_button.clicked.connect(self._forget_root)
        self.roots_list.itemSelectionChanged.connect(self._follow)

    def _make_excludes(self) -> None:
        column = self._page(
            "filter",
            self.tr("Left out"),
            self.tr(
                "Files and folders with these names are not looked at. "
                "* stands for any letters, ? for one."
            ),
        )
        self.left_out = LeftOutPage(self._settings.excludes)
        column.addWidget(self.left_out, 1)
        self.left_out.changed.connect(self._follow)

    def _make_sidecars(self) -> None:
        column = self._page(
            "export",
            self.tr("Other programs"),
            self.tr(
                "Sidecars are small files beside the photos (IMG.xmp) that Lightroom, digiKam and "
                "darktable read. Photos themselves are never changed. Of each sidecar of others "
                "that is changed the library keeps a copy."
            ),
        )
        self.sidecars = SidecarsPage(self._settings)
        column.addWidget(self.sidecars, 1)
        self.sidecars.changed.connect(self._follow)

    def _make_model(self) -> None:
        column = self._page("model", self.tr("Model"))
        self.model_label = text_label("", wrap=True)
        self.model_note = text_label("", "muted", wrap=True)
        column.addWidget(self.model_label)
        column.addWidget(self.model_note)
        column.addSpacing(8)
        self.models_button = QPushButton(icons.icon("model"), self.tr("Choose a model…"))
        button_row(column, self.models_button)
        column.addStretch()
        self.models_button.clicked.connect(lambda: self.models_wanted.emit())
        self.set_model(self._settings.model_id)

    def _make_work(self) -> None:
        column = self._page(
            "clock",
            self.tr("Background work"),
            self.tr(
                "Looking at new photos makes the computer busy for a while. Searching works all "
                "the time."
            ),
        )
        no_battery = (
            " " + self.tr("This computer has no battery, or does not tell.")
            if self._seen.on_battery is None
            else ""
        )
        self.battery_box = setting_switch(
            column,
            self.tr("Wait for mains power"),
            self.tr("On battery new photos are listed but not looked at.") + no_battery,
            self._settings.pause_on_battery,
        )
        self.idle_box = setting_switch(
            column,
            self.tr("Only when the computer is idle"),
            self.tr(
                "Waits while you use Photosift or other programs are busy, and goes on a minute "
                "later."
            ),
            self._settings.only_when_idle,
        )
        self.int8_box = setting_switch(
            column,
            self.tr("Compute in 8 bits where it was measured to agree"),
            self.tr(
                "Two to three times as fast on many processors. It is measured with your own "
                "photos first, and not used where it would find other photos."
            ),
            self._settings.allow_int8,
        )
        column.addStretch()
        for box in (self.battery_box, self.idle_box, self.int8_box):
            box.toggled.connect(self._follow)

    def _make_look(self) -> None:
        column = self._page("palette", self.tr("Appearance"))
        themes = {
            "system": self.tr("Like the system"),
            "light": self.tr("Light"),
            "dark": self.tr("Dark"),
        }
        self.theme_box = choice_box(THEMES, themes, self._settings.theme)
        setting_row(column, self.tr("Theme"), self.theme_box)
        # Languages are named in themselves: who reads only one must find it.
        languages = {"system": self.tr("Like the system"), "en": "English", "zh_CN": "简体中文"}
        self.language_box = choice_box(LANGUAGES, languages, self._settings.language)
        setting_row(
            column,
            self.tr("Language"),
            self.language_box,
            self.tr("Another language is used from the next start on."),
        )
        column.addStretch()
        self.theme_box.currentIndexChanged.connect(self._preview)
        self.language_box.currentIndexChanged.connect(self._follow)

    def _make_advanced(self) -> None:
        column = self._page(
            "sliders",
            self.tr("Advanced"),
            self.tr("The defaults fit nearly every computer."),
        )
        self.batch_box = QSpinBox()
        self.batch_box.setRange(1, 256)
        self.batch_box.setValue(self._settings.batch_size)
        setting_row(
            column,
            self.tr("Photos per batch"),
            self.batch_box,
            self.tr("How many photos the model looks at in one go. More needs more memory."),
        )
        self.decoders_box = QSpinBox()
        self.decoders_box.setRange(0, 64)
        self.decoders_box.setSpecialValueText(self.tr("Automatic"))
        self.decoders_box.setValue(self._settings.decoders)
        setting_row(
            column,
            self.tr("Decoder processes"),
            self.decoders_box,
            self.tr("How many photos are opened at the same time."),
        )
        column.addStretch()
        self.batch_box.valueChanged.connect(self._follow)
        self.decoders_box.valueChanged.connect(self._follow)

    # ---- what is pushed in --------------------------------------------------------------------

    def set_roots(self, roots: Sequence[Root]) -> None:
        """Show these folders, after one was added or removed."""
        self.roots_list.clear()
        for root in roots:
            item = QListWidgetItem(
                icons.icon("folder" if root.online else "offline", muted=not root.online),
                path_text(root.path),
            )
            item.setData(_DATA, root.id)
            item.setToolTip(
                tooltip_text(f"{root.path}\n{root.note}" if root.note else str(root.path))
            )
            if not root.online:
                item.setForeground(theme.colours().muted)
            self.roots_list.addItem(item)
        self._follow()

    def set_model(self, model_id: str) -> None:
        """Show which model is in use, after it was switched elsewhere."""
        self._settings = replace(self._settings, model_id=model_id)
        model = self._seen.info(model_id)
        self.model_label.setText(plain_text(model.title if model else model_id))
        self.model_note.setText(plain_text(said(model.note)) if model else "")

    # ---- what was chosen ----------------------------------------------------------------------

    def chosen(self) -> Settings:
        """The settings as they stand in the dialog."""
        return replace(
            self._settings,
            excludes=self.left_out.patterns(),
            theme=self.theme_box.currentData(),
            language=self.language_box.currentData(),
            batch_size=self.batch_box.value(),
            decoders=self.decoders_box.value(),
            allow_int8=self.int8_box.isChecked(),
            pause_on_battery=self.battery_box.isChecked(),
            only_when_idle=self.idle_box.isChecked(),
            write_sidecars=self.sidecars.switch.isChecked(),
            sidecar_name=self.sidecars.name_box.currentData(),
        )

    def apply(self) -> None:
        """Hand over what is different and go on."""
        chosen = self.chosen()
        if chosen != self._settings:
            self._settings = chosen
            self.settings_accepted.emit(chosen)
            self.sidecars.settle()
        self._follow()

    def accept(self) -> None:
        self.apply()
        super().accept()

    def reject(self) -> None:
        if self.theme_box.currentData() != self._settings.theme:
            self._wear(self._settings.theme)
        super().reject()

    def _preview(self) -> None:
        self._wear(self.theme_box.currentData())
        self._follow()

    def _wear(self, name: str) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply_theme(app, name)

    def _follow(self) -> None:
        self.apply_button.setEnabled(self.chosen() != self._settings)
        self.forget_root_button.setEnabled(bool(self.roots_list.selectedItems()))

    def _forget_root(self) -> None:
        for item in self.roots_list.selectedItems():
            self.forget_root_wanted.emit(RootId(item.data(_DATA)))
