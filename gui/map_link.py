"""Shows a place on a map: the one thing that leaves the computer, and only when it is clicked."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def map_url(latitude: float, longitude: float, zoom: int = 15) -> QUrl:
    """A place on OpenStreetMap, for the browser.

    Args:
        latitude: degrees north.
        longitude: degrees east.
        zoom: of OpenStreetMap: 15 shows streets, 11 a town with what lies around it.
    """
    at = f"{latitude:.6f}", f"{longitude:.6f}"
    where = f"?mlat={at[0]}&mlon={at[1]}#map={zoom}/{at[0]}/{at[1]}"
    return QUrl(f"https://www.openstreetmap.org/{where}")


def open_map(latitude: float, longitude: float, zoom: int = 15) -> bool:
    """Hand a place to the browser; False where there is none. We ourselves send nothing."""
    return QDesktopServices.openUrl(map_url(latitude, longitude, zoom))
