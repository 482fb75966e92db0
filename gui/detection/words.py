"""What is said of labels and runs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLocale, QObject

from engine.detection_types import DetectionRun, Label, StoredDetection
from gui.facts import moment_text
from gui.labels import plain_text, short_title
from gui.tagging.words import DOT, percent_text

_MOST = 3  # labels that are named


def labels_text(labels: Sequence[Label]) -> str:
    """The first few names, and that there are more."""
    names = [plain_text(label.name) for label in labels]
    return ", ".join(names) if len(names) <= _MOST else ", ".join([*names[:_MOST], "…"])


class RunWords(QObject):
    """Sentences about runs; an object, so that they are translated with their plurals."""

    def facts(self, run: DetectionRun) -> str:
        """How many photos it looked at, what came of it, and when."""
        if run.finished:
            looked = self.tr("%Ln photo(s)", "", run.asked)
        else:
            looked = self.tr("%1 of %Ln photo(s)", "", run.asked)
            looked = looked.replace("%1", QLocale().toString(run.looked))
        boxes = self.tr("taken back") if run.undone else self.tr("%Ln box(es)", "", run.boxes)
        sure = self.tr("from %1").replace("%1", percent_text(run.threshold))
        parts = [plain_text(run.what), looked, boxes, sure, moment_text(run.started_at)]
        return DOT.join(part for part in parts if part)

    def model(self, run: DetectionRun) -> str:
        """The detector's name."""
        return short_title(run.model.rpartition("/")[2])


class BoxWords(QObject):
    """Where a box comes from."""

    def source(self, box: StoredDetection, run: DetectionRun | None) -> tuple[str, str]:
        """In a few words, and with all that is known: what looked, when, in which photos."""
        words = self.tr("kept by you")
        if box.score is None:
            words = self.tr("drawn by you")
        elif box.corrected:
            words = self.tr("corrected by you")
        elif run is not None:
            words = self.tr("found")
        number = self.tr("run %1").replace("%1", str(run.id)) if run is not None else ""
        parts = [words, short_title(box.model.rpartition("/")[2]), number]
        if run is not None:
            parts += [moment_text(run.started_at), plain_text(run.what)]
        if box.outdated:
            parts.append(self.tr("the photo has changed since"))
        return DOT.join(filter(None, (words, number))), DOT.join(filter(None, parts))
