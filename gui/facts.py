"""What is known of a photo, in words: sizes, dates, exposure, places."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale, QTime

from engine.types import Photo, PhotoDetail, PhotoMetadata
from gui.engine_words import said, sentence_said
from gui.labels import plain_text

translate = QCoreApplication.translate  # lupdate knows the name
_SEPARATOR = " · "


def size_text(size: int) -> str:
    """A size in powers of ten, as disks and download pages count: "4.2 MB", "605 MB"."""
    decimals = 1
    whole = float(size)
    while whole >= 1000:
        whole /= 1000
    if whole >= 10:
        decimals = 0
    return QLocale().formattedDataSize(size, decimals, QLocale.DataSizeFormat.DataSizeSIFormat)


def file_text(photo: Photo) -> str:
    """Format, dimensions, megapixels and size, as far as they are known."""
    parts: list[str] = []
    if photo.width and photo.height:
        parts.append(f"{photo.width} × {photo.height}")
        megapixels = photo.width * photo.height / 1e6
        if megapixels >= 0.05:  # of an icon it would say "0.0"
            number = QLocale().toString(megapixels, "f", 1 if megapixels < 10 else 0)
            parts.append(translate("Facts", "%1 megapixels").replace("%1", number))
    return _SEPARATOR.join(parts)


def date_text(taken_at: str | None, utc_offset: str | None = None) -> str:
    """The camera's local time in the user's words; what cannot be read is shown as it is."""
    if not taken_at:
        return ""
    date, _, time = taken_at.partition("T")
    day = QDate.fromString(date, "yyyy-MM-dd")
    clock = QTime.fromString(time[:8], "HH:mm:ss")
    if not day.isValid():
        return taken_at
    words = QLocale().toString(day, QLocale.FormatType.LongFormat)
    if clock.isValid():
        joined = translate("Facts", "%1, %2", "a day and a time")
        time = QLocale().toString(clock, QLocale.FormatType.ShortFormat)
        words = joined.replace("%2", time).replace("%1", words)
        if utc_offset:
            words += f" (UTC{utc_offset})"
    return words


def day_text(taken_at: str) -> str:
    """The day alone, short."""
    day = QDate.fromString(taken_at[:10], "yyyy-MM-dd")
    return QLocale().toString(day, QLocale.FormatType.ShortFormat) if day.isValid() else taken_at


def moment_text(unix_time: float) -> str:
    """A moment in this computer's time zone, short."""
    moment = QDateTime.fromSecsSinceEpoch(int(unix_time))
    return QLocale().toString(moment, QLocale.FormatType.ShortFormat)


def camera_text(metadata: PhotoMetadata) -> str:
    """Maker and model, without saying the maker twice ("NIKON CORPORATION", "NIKON D90")."""
    make = (metadata.camera_make or "").strip()
    model = (metadata.camera_model or "").strip()
    if not make or not model:
        return make or model
    if model.casefold().startswith(make.split()[0].casefold()):
        return model
    return f"{make} {model}"


def exposure_text(metadata: PhotoMetadata) -> str:
    """How it was exposed, as far as it is known: "1/250 s · f/2.8 · ISO 200 · 35 mm"."""
    parts: list[str] = []
    seconds = metadata.exposure_s
    if seconds and seconds > 0:
        short = seconds < 0.3
        parts.append(f"1/{round(1 / seconds)} s" if short else f"{_number(seconds)} s")
    if metadata.f_number and metadata.f_number > 0:
        parts.append(f"f/{_number(metadata.f_number)}")
    if metadata.iso:
        parts.append(f"ISO {metadata.iso}")
    if metadata.focal_mm and metadata.focal_mm > 0:
        parts.append(f"{_number(metadata.focal_mm)} mm")
    return _SEPARATOR.join(parts)


def sidecar_of(detail: PhotoDetail, *fields: str) -> str:
    """The name of the sidecar that tells one of these fields; empty where the file does."""
    told = dict(detail.told_by)
    return next((plain_text(told[name].name) for name in fields if name in told), "")


def place_text(metadata: PhotoMetadata) -> str:
    """Where it was taken: "48.85840° N, 2.29450° E · 35 m"."""
    latitude, longitude = metadata.latitude, metadata.longitude
    if latitude is None or longitude is None:
        return ""
    words = coordinates_text(latitude, longitude, 5)
    if metadata.altitude_m is not None:
        words += f"{_SEPARATOR}{round(metadata.altitude_m)} m"
    return words


def coordinates_text(latitude: float, longitude: float, digits: int) -> str:
    """A place in degrees with so many digits: "48.86° N, 2.29° E"."""
    north = translate("Facts", "%1° N") if latitude >= 0 else translate("Facts", "%1° S")
    east = translate("Facts", "%1° E") if longitude >= 0 else translate("Facts", "%1° W")
    joined = translate("Facts", "%1, %2", "latitude and longitude")
    joined = joined.replace("%2", east.replace("%1", f"{abs(longitude):.{digits}f}"))
    return joined.replace("%1", north.replace("%1", f"{abs(latitude):.{digits}f}"))


def reason_text(reason: str) -> str:
    """Why a file cannot be read, as a sentence: the engine says "is empty", for any subject."""
    reason = reason.strip()
    if not reason or not reason[0].islower():
        return said(reason)
    return sentence_said(translate("Facts", "The file %1").replace("%1", said(reason)))


def _number(value: float) -> str:
    return QLocale().toString(float(value), "f", 0 if value == round(value) or value >= 100 else 1)
