"""Changes the boxes of the photo in front: draw, name, keep, delete; its menu and its keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu

from engine.types import Box
from gui import icons
from gui.detection.box_acts import BoxSpot
from gui.detection.name_popup import NamePopup
from gui.detection.scene import Thing, ThingKey
from gui.labels import plain_text
from gui.looking.canvas import STEP

if TYPE_CHECKING:
    from gui.detection.photo_page import PhotoPage
    from gui.detection.work import DetectWork

_KEYS = Qt.Key


class BoxEditor(QObject):
    """What the user does to boxes on a photo page."""

    def __init__(self, page: PhotoPage, work: DetectWork) -> None:
        super().__init__(page)
        self._page = page
        self._work = work
        self.popup: NamePopup | None = None

    # -- a new box -----------------------------------------------------------------------------

    def draw(self, drawing: bool) -> None:
        """Have the next drag make a box, or do not."""
        canvas = self._page.canvas
        canvas.show_boxes(True)
        canvas.set_drawing(drawing)
        if not drawing and self.popup is None:
            canvas.set_draft(None)
        canvas.setFocus()

    def draw_with_keys(self) -> None:
        """Begin with a box in the middle that the arrow keys move."""
        self._page.side.draw_button.setChecked(True)
        self._page.canvas.draft_in_the_middle()

    def name_draft(self, box: Box) -> None:
        """Ask what is in a new box, or what else is to be done with it."""
        page = self._page
        page.canvas.set_draft(box)
        popup = self._ask(self.tr("What is in the box?"), box, page.acts.actions())
        popup.named.connect(partial(self._add, box))
        popup.acted.connect(partial(self._act_on_draft, box))
        popup.dropped.connect(self.drop_draft)

    def _add(self, box: Box, name: str) -> None:
        photo_id = self._page.photo_id
        self.drop_draft()
        if photo_id is not None:
            self._page.select_when_kept(box)
            self._work.add(photo_id, name, box)

    def _act_on_draft(self, box: Box, name: str) -> None:
        self.drop_draft()
        if (spot := self.spot(box)) is not None:
            self._page.acts.act(name, spot)

    def drop_draft(self) -> None:
        """There is no new box any more."""
        self._page.canvas.set_draft(None)
        self._page.canvas.set_drawing(False)
        self._page.canvas.setFocus()

    def _ask(
        self,
        title: str,
        box: Box,
        actions: Sequence[tuple[str, str, str]] = (),
        name: str = "",
    ) -> NamePopup:
        page = self._page
        known = [count.label for count in page.scene.counts]
        names = list(dict.fromkeys([*known, *self._work.suggestions]))
        popup = NamePopup(title, names, actions, page)
        popup.field.setText(name)
        self.popup = popup
        popup.closed.connect(partial(self._forget, popup))
        canvas = page.canvas
        area = canvas.area_of(box).toAlignedRect().intersected(canvas.rect())
        corner = canvas.mapToGlobal(area.topLeft())
        within = QRect(canvas.mapToGlobal(QPoint(0, 0)), canvas.size())
        popup.show_beside(QRect(corner, area.size()), within)
        return popup

    def _forget(self, popup: NamePopup) -> None:
        if self.popup is popup:
            self.popup = None

    # -- boxes that are there ------------------------------------------------------------------

    def name(self, key: ThingKey | None) -> None:
        """Ask what a thing really is."""
        page = self._page
        page.select(key)
        thing, photo_id = page.selected, page.photo_id
        if thing is None or photo_id is None:
            return
        popup = self._ask(self.tr("What is it really?"), thing.box, name=thing.label)

        def correct(name: str) -> None:
            if name != thing.label:
                self._work.relabel(photo_id, thing, name, page.scene.behind(thing))

        popup.named.connect(correct)

    def reshape(self, key: ThingKey, box: Box) -> None:
        """Have a box lie elsewhere."""
        page = self._page
        thing, photo_id = page.scene.find(key), page.photo_id
        if thing is None or photo_id is None:
            page.canvas.set_draft(None)
            return
        if not thing.kept:
            page.select_when_kept(box)
        task = self._work.reshape(photo_id, thing, box, page.scene.behind(thing))
        task.failed.connect(lambda: page.canvas.set_draft(None))

    def reshape_with_keys(self) -> None:
        """Let the arrows move the box that is chosen, and with Shift size it."""
        page = self._page
        if page.selected is not None:
            page.canvas.show_boxes(True)
            page.canvas.reshape(page.selected)
            page.canvas.setFocus()

    def keep(self) -> None:
        """Keep the one that is chosen."""
        thing, photo_id = self._page.selected, self._page.photo_id
        if thing is not None and not thing.kept and photo_id is not None:
            self._work.keep(photo_id, [thing])

    def keep_all(self) -> None:
        """Keep all that is shown."""
        new, photo_id = self._page.scene.new, self._page.photo_id
        if new and photo_id is not None:
            self._work.keep(photo_id, new)

    def remove(self) -> None:
        """Delete the one that is chosen; the next one is chosen after it."""
        page = self._page
        thing, photo_id = page.selected, page.photo_id
        if thing is None or photo_id is None:
            return
        shown = page.scene.shown
        at = shown.index(thing)
        after = [*shown[at + 1 :], *reversed(shown[:at])]
        self._work.remove(photo_id, [thing], page.scene.behind(thing))
        page.select(after[0].key if after else None)

    def hide(self) -> None:
        """Hide the boxes of the chosen one's label; without one, show all again."""
        page = self._page
        if page.selected is not None:
            page.hide_label(page.selected.label, hidden=True)
        else:
            for label in list(page.scene.hidden):
                page.hide_label(label, hidden=False)

    def choose(self, step: int) -> None:
        """Go on to the next box in the order of the list."""
        page = self._page
        shown = page.scene.shown
        if shown:
            thing = page.selected
            at = (shown.index(thing) + step) % len(shown) if thing in shown else min(step, 0)
            page.select(shown[at].key)

    # -- menu ----------------------------------------------------------------------------------

    def spot(self, box: Box, label: str = "") -> BoxSpot | None:
        """A box of this photo, to act from."""
        page = self._page
        if page.photo_id is None:
            return None
        photo = page.photo(page.photo_id)
        return BoxSpot(page.photo_id, box, label, photo.name if photo else "")

    def menu(self, thing: Thing) -> QMenu:
        """What can be done with a thing."""
        page = self._page
        menu = QMenu(page)

        def add(icon: str, words: str, act: Callable[[], object]) -> None:
            menu.addAction(icons.icon(icon), words).triggered.connect(lambda: act())

        if not thing.kept:
            add("check", self.tr("Keep (K)"), self.keep)
        add("edit", self.tr("Change the label… (F2)"), lambda: self.name(thing.key))
        add("fit", self.tr("Move or size the box (E)"), self.reshape_with_keys)
        hide = self.tr("Hide “%1” (H)").replace("%1", plain_text(thing.label).replace("&", "&&"))
        add("hide", hide, self.hide)
        menu.addSeparator()
        if (spot := self.spot(thing.box, thing.label)) is not None:
            page.acts.fill(menu, spot)
        menu.addSeparator()
        add("trash", self.tr("Delete the box (Del)"), self.remove)
        return menu

    def offer(self, key: ThingKey | None, at: QPoint) -> None:
        """Show the menu of a thing."""
        self._page.select(key)
        thing = self._page.selected
        if thing is not None:
            menu = self.menu(thing)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(at)

    def offer_with_keys(self) -> None:
        """The same at the box itself."""
        thing, canvas = self._page.selected, self._page.canvas
        if thing is not None:
            place = canvas.area_of(thing.box).center().toPoint()
            self.offer(thing.key, canvas.mapToGlobal(place))

    # -- keys ----------------------------------------------------------------------------------

    def press(self, event: QKeyEvent) -> bool:
        """Do what a key stands for; False when it stands for nothing here."""
        canvas, key = self._page.canvas, _KEYS(event.key())
        if canvas.draft is not None:
            if canvas.nudge(event):
                return True
            if key in (_KEYS.Key_Return, _KEYS.Key_Enter):
                if canvas.reshaping is not None:
                    canvas.settle()
                else:
                    self.name_draft(canvas.draft)
                return True
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if control and key in (_KEYS.Key_Return, _KEYS.Key_Enter):
            self.keep_all()
            return True
        act = None if control else self._acts().get(key)
        if act is not None:
            act()
        return act is not None

    def _acts(self) -> dict[Qt.Key, Callable[[], object]]:
        page, side = self._page, self._page.side
        return {
            _KEYS.Key_Right: lambda: page.step(1),
            _KEYS.Key_Space: lambda: page.step(1),
            _KEYS.Key_PageDown: lambda: page.step(1),
            _KEYS.Key_Left: lambda: page.step(-1),
            _KEYS.Key_Backspace: lambda: page.step(-1),
            _KEYS.Key_PageUp: lambda: page.step(-1),
            _KEYS.Key_Down: lambda: self.choose(1),
            _KEYS.Key_Up: lambda: self.choose(-1),
            _KEYS.Key_Plus: lambda: page.canvas.zoom_by(STEP),
            _KEYS.Key_Equal: lambda: page.canvas.zoom_by(STEP),
            _KEYS.Key_Minus: lambda: page.canvas.zoom_by(1 / STEP),
            _KEYS.Key_Z: page.canvas.toggle_full,
            _KEYS.Key_BracketLeft: lambda: side.threshold.step(-1),
            _KEYS.Key_BracketRight: lambda: side.threshold.step(1),
            _KEYS.Key_BraceLeft: lambda: self._step_label(-1),
            _KEYS.Key_BraceRight: lambda: self._step_label(1),
            _KEYS.Key_L: page.field.setFocus,
            _KEYS.Key_D: self.draw_with_keys,
            _KEYS.Key_E: self.reshape_with_keys,
            _KEYS.Key_K: self.keep,
            _KEYS.Key_H: self.hide,
            _KEYS.Key_F2: lambda: self.name(page.selected.key if page.selected else None),
            _KEYS.Key_Return: lambda: self.name(page.selected.key if page.selected else None),
            _KEYS.Key_Delete: self.remove,
            _KEYS.Key_Menu: self.offer_with_keys,
            _KEYS.Key_S: lambda: self._act("similar"),
            _KEYS.Key_O: lambda: self._act("object"),
            _KEYS.Key_C: lambda: self._act("copy"),
            _KEYS.Key_Escape: self._escape,
        }

    def _step_label(self, steps: int) -> None:
        """More or fewer boxes of the chosen one's label alone."""
        thing = self._page.selected
        if thing is not None:
            self._page.side.threshold.cuts.step(thing.label, steps)

    def _act(self, name: str) -> None:
        thing = self._page.selected
        if thing is not None and (spot := self.spot(thing.box, thing.label)) is not None:
            self._page.acts.act(name, spot)

    def _escape(self) -> None:
        page = self._page
        if page.canvas.drawing or page.canvas.draft is not None:
            self.drop_draft()
        elif page.selected is not None:
            page.select(None)
        else:
            page.closed.emit()
