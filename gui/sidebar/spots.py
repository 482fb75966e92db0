"""The section of the places on the map: where photos lie together, by their coordinates."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtWidgets import QMenu, QWidget

from engine.mark_types import Spot
from engine.query import filter_text, near_text
from engine.types import Filter
from gui import icons
from gui.facts import coordinates_text
from gui.map_link import open_map
from gui.places import Node, Place

translate = QCoreApplication.translate  # lupdate knows the name
_TOWN = 11  # of the map: a town and what lies around it


def spot_rows(spots: Sequence[Spot]) -> list[Node]:
    """Places, the one with most photos first. They have no names: nobody is asked for them."""
    rows: dict[Place, Node] = {}
    for spot in spots:
        place = Place.of_spot(spot.latitude, spot.longitude)
        words = translate("Sidebar", "Within %1 km of it")
        near = near_text(spot.latitude, spot.longitude, spot.radius_km)
        node = Node(
            place,
            coordinates_text(spot.latitude, spot.longitude, 2),
            Place.SPOTS,
            spot.photos,
            "map",
            query=filter_text(Filter("near", "=", near)),
            note=words.replace("%1", QLocale().toString(spot.radius_km)),
        )
        rows.setdefault(place, node)
    return list(rows.values())


def spot_menu(spot: Spot, parent: QWidget, show: Callable[[], object]) -> QMenu:
    """What can be done with a place."""
    menu = QMenu(parent)
    photos = menu.addAction(icons.icon("photos"), translate("Sidebar", "Show its photos"))
    photos.triggered.connect(lambda: show())
    on_map = menu.addAction(icons.icon("external"), translate("Sidebar", "Show on map"))
    on_map.setToolTip(
        translate("Sidebar", "Opens openstreetmap.org in your browser, with this place")
    )
    on_map.triggered.connect(lambda: open_map(spot.latitude, spot.longitude, _TOWN))
    menu.setToolTipsVisible(True)
    return menu
