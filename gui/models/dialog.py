"""The models dialog: the list, the chosen model beside it, and the way to a folder of one's own."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui import facts, icons, theme
from gui.engine_words import said
from gui.labels import hairline, plain_text, text_label
from gui.models.detail import ModelDetail
from gui.models.list import ModelsList
from gui.models.state import Act, ModelView
from gui.models.work import ModelWork

_CALM_MS = 200  # figures that change faster cannot be read


class ModelsDialog(QDialog):
    """Pick, download, try, compare and switch models. What runs goes on when it is closed.

    Signals:
        compare_wanted(str): compare the model in use with this one.
    """

    compare_wanted = Signal(str)

    def __init__(self, work: ModelWork, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self.setWindowTitle(self.tr("Models"))
        self.resize(960, 640)
        self.setMinimumSize(720, 480)

        self.list = ModelsList()
        self.detail = ModelDetail()
        self.folder_button = QPushButton(icons.icon("folder-add"), self.tr("Add a folder…"))
        self.folder_button.setAccessibleName(self.tr("Add a folder"))
        self.folder_button.setToolTip(
            self.tr("A folder with a model: config.json, tokenizer and safetensors weights")
        )
        self.close_button = QPushButton(self.tr("Close"))
        self.close_button.setAccessibleName(self.close_button.text())
        for button in (self.folder_button, self.close_button):
            button.setAutoDefault(False)
        self.problem = text_label("", "danger", wrap=True)
        self._lay_out()

        self.list.chosen.connect(self._show_chosen)
        self.list.acted.connect(self.detail.act)
        self.list.delete_wanted.connect(self._delete)
        self.detail.act_wanted.connect(self._act)
        self.folder_button.clicked.connect(self._ask_folder)
        self.close_button.clicked.connect(self.accept)
        self._calm = QTimer(self, singleShot=True, interval=_CALM_MS)
        self._calm.timeout.connect(self.refresh)
        work.changed.connect(self._follow)
        work.stale.connect(self.refresh)
        self.refresh()
        self.list.setFocus()

    def _lay_out(self) -> None:
        top = QVBoxLayout()
        top.setContentsMargins(24, 20, 24, 12)
        top.setSpacing(4)
        top.addWidget(text_label(self.tr("Models"), "heading"))
        top.addWidget(
            text_label(
                self.tr(
                    "A model is what looks at the photos. All of them run on this computer. "
                    "Another one is prepared while you go on searching with the one you have."
                ),
                "muted",
                wrap=True,
            )
        )
        top.addWidget(self.problem)
        shelf = QVBoxLayout()
        shelf.setContentsMargins(12, 0, 12, 8)
        shelf.addWidget(self.list)
        line = QFrame()
        line.setFixedWidth(1)
        body = QHBoxLayout()
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        body.addLayout(shelf, 11)
        body.addWidget(theme.mark(line, role="upright"))
        body.addWidget(self.detail, 10)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(24, 12, 24, 16)
        buttons.setSpacing(8)
        buttons.addWidget(self.folder_button)
        buttons.addStretch()
        buttons.addWidget(self.close_button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addWidget(hairline())
        whole.addLayout(body, 1)
        whole.addWidget(hairline())
        whole.addLayout(buttons)

    def choose(self, model_id: str) -> None:
        """Show a model beside the list."""
        self.list.choose(model_id)

    # ---- showing ----------------------------------------------------------------------------

    def _follow(self) -> None:
        if not self._calm.isActive():
            self._calm.start()

    def refresh(self) -> None:
        """Show how everything stands at this moment."""
        self._calm.stop()
        status = self._work.seen.status
        broken = "" if status.ready else plain_text(said(status.reason))
        self.problem.setText(broken)
        self.problem.setVisible(bool(broken))
        self.list.set_views(self._work.views(), self._work.seen.current_id)
        self._show_chosen(self.list.chosen_id())

    def _show_chosen(self, model_id: str) -> None:
        view = self.list.view(model_id)
        if view is not None and view != self.detail.view:
            self.detail.show_view(view)

    # ---- doing ------------------------------------------------------------------------------

    def _act(self, act: Act) -> None:
        view = self.detail.view
        if view is None:
            return
        model_id = view.info.id
        match act:
            case Act.GET | Act.DOWNLOAD:
                self._work.download(model_id, use=act is Act.GET)
            case Act.PAUSE:
                self._work.pause(model_id)
            case Act.RESUME:
                self._work.resume(model_id)
            case Act.CANCEL:
                self._work.cancel(model_id)
            case Act.USE:
                self._work.use(model_id)
            case Act.SWITCH | Act.GO_BACK:
                self._work.switch(model_id)
            case Act.STOP:
                self._work.stop()
            case Act.COMPARE:
                self.compare_wanted.emit(model_id)
            case Act.TEST:
                self._work.test(model_id)
            case Act.REMOVE:
                self._ask_to_remove(view)
            case Act.FREE:
                self._ask_to_free(view)
            case Act.DISMISS:
                self._work.dismiss(model_id)
        self.refresh()

    def _delete(self) -> None:
        """The Delete key: whatever can be deleted of the chosen model, after a question."""
        view = self.detail.view
        if view is not None:
            for act in (Act.REMOVE, Act.FREE, Act.DISMISS):
                if act in view.acts:
                    self._act(act)
                    return

    def _ask_to_remove(self, view: ModelView) -> None:
        size = facts.size_text(view.info.download_bytes)
        self._ask(
            self.tr("Remove the download of “{}”?").format(plain_text(view.info.title)),
            self.tr(
                "%1 become free. What it has seen of your photos is kept; it can be "
                "downloaded again."
            ).replace("%1", size),
            self.tr("Remove download"),
            view,
            Act.REMOVE,
        )

    def _ask_to_free(self, view: ModelView) -> None:
        size = facts.size_text(view.space.bytes) if view.space is not None else ""
        self._ask(
            self.tr("Free the vectors of “{}”?").format(plain_text(view.info.title)),
            self.tr(
                "%1 become free. To be used again it has to look at all photos once more. The "
                "photos are not touched."
            ).replace("%1", size),
            self.tr("Free vectors"),
            view,
            Act.FREE,
        )

    def _ask(self, question: str, words: str, verb: str, view: ModelView, act: Act) -> None:
        box = QMessageBox(self)
        box.setWindowTitle(self.tr("Models"))
        box.setStyleSheet("QLabel { min-width: 360px }")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(question)
        box.setInformativeText(words)
        yes = box.addButton(verb, QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(yes)
        model_id = view.info.id
        if act is Act.REMOVE:
            box.accepted.connect(lambda: self._work.remove(model_id))
        else:
            box.accepted.connect(lambda: self._work.free(model_id))
        box.finished.connect(box.deleteLater)
        box.open()

    def _ask_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("The folder with the model"))
        if chosen:
            self.use_folder(Path(chosen))

    def use_folder(self, folder: Path) -> None:
        """Check the checkpoint in a folder and use it; the list shows what becomes of it."""
        self._work.use_folder(folder)
        self.refresh()
        self.list.choose(str(folder))
