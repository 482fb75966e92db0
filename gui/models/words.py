"""What the models dialog says of a model: states, sizes, speeds, engines, in words."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLocale

from engine.types import EngineMeasured, ModelInfo, ModelSource
from gui import facts
from gui.engine_words import said
from gui.labels import path_text, plain_text
from gui.models.state import Act, Group, ModelView, Standing, Work
from gui.pace import time_left_text

translate = QCoreApplication.translate  # lupdate knows the name
DOT = " · "


def group_text(group: Group) -> str:
    """The heading of a section of the list."""
    return {
        Group.SEARCH: translate("Models", "Search"),
        Group.DETECT: translate("Models", "Detection"),
        Group.FOLDERS: translate("Models", "Your folders"),
    }[group]


def percent_text(share: float) -> str:
    """A share of 0 to 1; never 100 % before the end."""
    return translate("Models", "%1 %").replace("%1", str(min(99, int(share * 100))))


def amount_text(done: int, whole: int) -> str:
    """Bytes in words: "120 MB of 609 MB"."""
    words = translate("Models", "%1 of %2").replace("%1", facts.size_text(done))
    return words.replace("%2", facts.size_text(whole))


def photos_text(done: int, whole: int) -> str:
    """How many photos: "412 of 1,000 photos"."""
    locale = QLocale()
    words = translate("Models", "%1 of %2 photos").replace("%1", locale.toString(done))
    return words.replace("%2", locale.toString(whole))


def state_text(view: ModelView) -> str:
    """The state in a few words, for the list."""
    if view.failure is not None and view.standing not in _BUSY:
        return _failed_text(view)
    if view.reason and view.standing is Standing.PREPARING:
        return translate("Models", "Stopped")
    share, space = view.share, view.space
    percent = percent_text(share) if share is not None else ""
    match view.standing:
        case Standing.IN_USE:
            words = translate("Models", "In use")
        case Standing.PREPARING:
            words = translate("Models", "Being prepared")
            return f"{words}, {percent}" if percent else words
        case Standing.READY:
            words = translate("Models", "Ready to switch to")
        case Standing.STARTED if space is not None:
            words = translate("Models", "Has seen %1").replace("%1", percent)
        case Standing.DOWNLOADING:
            words = translate("Models", "Downloading")
            return f"{words}, {percent}" if percent else words
        case Standing.PAUSED:
            words = translate("Models", "Paused")
            return f"{words}, {percent}" if percent else words
        case Standing.QUEUED:
            words = translate("Models", "Waiting")
        case Standing.CHECKING | Standing.TESTING:
            words = translate("Models", "Checking…")
        case Standing.SWITCHING:
            words = translate("Models", "Switching…")
        case Standing.BEGUN:
            words = translate("Models", "Partly downloaded")
        case Standing.ABSENT:
            words = translate("Models", "Not installed")
        case Standing.REFUSED:
            words = translate("Models", "Refused")
        case Standing.FAILED:
            words = translate("Models", "Self-test failed")
        case Standing.GONE:
            words = translate("Models", "Not found")
        case _:
            words = translate("Models", "Installed")
            if view.info.source is ModelSource.EMBEDDED:
                words = translate("Models", "Built in")
    return words


def sentence(view: ModelView) -> str:
    """The state as a sentence, for the side of the list."""
    space, running, share = view.space, view.running, view.share
    done = photos_text(space.embedded, space.total) if space is not None else ""
    match view.standing:
        case Standing.IN_USE:
            if space is None or space.complete:
                return translate("Models", "Search uses this model.")
            words = translate("Models", "Search uses this model; it has seen %1.")
        case Standing.PREPARING:
            words = translate(
                "Models", "Has seen %1. Search uses the other model until this one is complete."
            )
        case Standing.READY:
            return translate(
                "Models", "Has seen all photos: search can switch to it and back at once."
            )
        case Standing.STARTED:
            words = translate("Models", "Installed. It has seen %1 so far.")
        case Standing.DOWNLOADING | Standing.PAUSED | Standing.QUEUED:
            progress = running.progress if running is not None else None
            parts = [""]
            if progress is not None:
                whole = progress.total or view.info.download_bytes
                parts = [amount_text(progress.done, whole)]
            if view.standing is Standing.PAUSED:
                parts.append(translate("Models", "paused"))
            elif view.standing is Standing.QUEUED:
                parts.append(translate("Models", "waiting for the other downloads"))
            elif running is not None:
                if running.rate is not None:
                    rate = facts.size_text(int(running.rate))
                    parts.append(translate("Models", "%1/s").replace("%1", rate))
                if running.seconds_left is not None:
                    parts.append(time_left_text(running.seconds_left))
                if share is None:
                    parts.append(translate("Models", "Connecting…"))
            return DOT.join(part for part in parts if part)
        case Standing.CHECKING:
            return translate("Models", "Checking the model…")
        case Standing.TESTING:
            return translate("Models", "Running its self-test…")
        case Standing.SWITCHING:
            return translate("Models", "Switching…")
        case Standing.BEGUN:
            words = translate("Models", "%1 are here; the download goes on where it stopped.")
            done = amount_text(view.info.downloaded_bytes, view.info.download_bytes)
        case Standing.ABSENT:
            return translate(
                "Models", "Not on this computer. The download can be paused and goes on later."
            )
        case Standing.REFUSED:
            return ""
        case Standing.FAILED:
            return translate(
                "Models", "Its answers cannot be trusted. Remove it and download it again."
            )
        case Standing.GONE:
            words = translate("Models", "Its files are not there any more. It had seen %1.")
        case _:
            if view.info.source is ModelSource.EMBEDDED:
                return translate("Models", "Comes with Photosift.")
            return translate("Models", "On this computer.")
    return words.replace("%1", done)


_BUSY = (
    Standing.DOWNLOADING,
    Standing.PAUSED,
    Standing.QUEUED,
    Standing.CHECKING,
    Standing.TESTING,
    Standing.SWITCHING,
)


def _failed_text(view: ModelView) -> str:
    assert view.failure is not None
    if view.standing is Standing.REFUSED or view.failure.work is Work.CHECK:
        return translate("Models", "Refused")
    if view.failure.work is Work.DOWNLOAD:
        return translate("Models", "Download failed")
    return translate("Models", "Failed")


def act_text(act: Act, view: ModelView) -> str:
    """What the button for an action says."""
    again = view.failure is not None
    match act:
        case Act.GET if view.standing is Standing.BEGUN or again:
            return translate("Models", "Resume and use")
        case Act.GET:
            return translate("Models", "Download and use")
        case Act.DOWNLOAD if view.standing is Standing.BEGUN or again:
            return translate("Models", "Resume")
        case Act.USE if again:
            return translate("Models", "Try again")
        case _:
            pass
    return {
        Act.DOWNLOAD: translate("Models", "Download only")
        if len(view.acts) > 1
        else translate("Models", "Download"),
        Act.PAUSE: translate("Models", "Pause"),
        Act.RESUME: translate("Models", "Resume"),
        Act.CANCEL: translate("Models", "Cancel"),
        Act.USE: translate("Models", "Use"),
        Act.SWITCH: translate("Models", "Switch now"),
        Act.GO_BACK: translate("Models", "Go back to it"),
        Act.STOP: translate("Models", "Stop preparing"),
        Act.COMPARE: translate("Models", "Compare…"),
        Act.TEST: translate("Models", "Test"),
        Act.REMOVE: translate("Models", "Remove download…"),
        Act.FREE: translate("Models", "Free its vectors…"),
        Act.DISMISS: translate("Models", "Dismiss"),
    }[act]


def act_hint(act: Act) -> str:
    """What an action does, for its tooltip."""
    return {
        Act.GET: translate(
            "Models", "Fetches and checks the model, then prepares the photos for it"
        ),
        Act.DOWNLOAD: translate("Models", "Fetches and checks the model; search stays as it is"),
        Act.PAUSE: translate("Models", "What is here is kept"),
        Act.RESUME: translate("Models", "Goes on where it stopped"),
        Act.CANCEL: translate("Models", "Ends the download; what is here is kept for later"),
        Act.USE: translate(
            "Models", "Looks at the photos in the background; search switches when it is complete"
        ),
        Act.SWITCH: translate("Models", "Search uses what it has seen so far; the rest follows"),
        Act.GO_BACK: translate("Models", "Its vectors are still there: search changes at once"),
        Act.STOP: translate("Models", "What it has seen so far is kept"),
        Act.COMPARE: translate("Models", "Your own search, answered by both models side by side"),
        Act.TEST: translate("Models", "Checks that its files are whole and its answers right"),
        Act.REMOVE: translate("Models", "Deletes its files from this computer"),
        Act.FREE: translate("Models", "Deletes what it has seen of the photos, not the photos"),
        Act.DISMISS: translate("Models", "Takes it off this list"),
    }[act]


_ENGINES = {
    "openvino": "OpenVINO",
    "torch": "PyTorch",
    "onnx": "ONNX Runtime",
    "onnxruntime": "ONNX Runtime",
    "cuda": "CUDA",
    "mps": "Apple MPS",
}


def engine_text(name: str) -> str:
    """An engine's name as its makers write it: "OpenVINO int8"."""
    first, _, rest = plain_text(name).partition(" ")
    return f"{_ENGINES.get(first, first)} {rest}".strip()


def speed_text(photos_per_second: float) -> str:
    """How fast photos are looked at: "68 photos/s"."""
    number = QLocale().toString(photos_per_second, "f", 0 if photos_per_second >= 10 else 1)
    return translate("Models", "%1 photos/s").replace("%1", number)


def agreement_text(measured: EngineMeasured) -> str:
    """How near an engine is to full precision; empty for full precision itself."""
    if not measured.agreement and not measured.overlap:
        return ""
    words = translate("Models", "agreement %1, top-10 %2")
    words = words.replace("%1", _share(measured.agreement, 3))
    return words.replace("%2", _share(measured.overlap, 2))


def _share(value: float, digits: int) -> str:
    """Rounded down: .9996 must not be shown as 1."""
    cut = int(value * 10**digits) / 10**digits
    return QLocale().toString(cut, "f", digits)


def sentence_case(text: str) -> str:
    """With a capital at its beginning, safe to show."""
    text = plain_text(text)
    return text[:1].upper() + text[1:]


def size_words(info: ModelInfo) -> str:
    """The size of its download; empty where nothing is downloaded."""
    return facts.size_text(info.download_bytes) if info.download_bytes else ""


def subtitle(view: ModelView) -> str:
    """Languages, speed, size and licence in one line; of a folder that tells none its place."""
    info, speed = view.info, view.photos_per_second
    parts = [
        sentence_case(said(info.languages)),
        speed_text(speed) if speed else "",
        size_words(info),
        plain_text(info.licence),
    ]
    return DOT.join(part for part in parts if part) or path_text(Path(info.id))
