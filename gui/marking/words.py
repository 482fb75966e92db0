"""What photos are marked with, and what was done to their marks, in words."""

from __future__ import annotations

from PySide6.QtCore import QObject

from engine.mark_types import Flag, Marks


class MarkWords(QObject):
    """A QObject because lupdate sees plural forms in `self.tr` only."""

    def marks(self, marks: Marks) -> str:
        """For screen readers and tooltips: "3 stars, picked, favourite"; empty without marks."""
        stars = self.tr("%Ln star(s)", "", marks.rating) if marks.rating else ""
        flags = {Flag.PICKED: self.tr("picked"), Flag.REJECTED: self.tr("rejected")}
        favourite = self.tr("favourite") if marks.favourite else ""
        return ", ".join(part for part in (stars, flags.get(marks.flag, ""), favourite) if part)

    def rated(self, stars: int, count: int) -> str:
        """What giving stars has done."""
        if stars:
            return self.tr("%Ln photo(s) rated %1 of 5", "", count).replace("%1", str(stars))
        return self.tr("Stars of %Ln photo(s) cleared", "", count)

    def flagged(self, flag: Flag, count: int) -> str:
        """What picking or rejecting has done."""
        if flag is Flag.PICKED:
            return self.tr("%Ln photo(s) picked", "", count)
        if flag is Flag.REJECTED:
            return self.tr("%Ln photo(s) rejected", "", count)
        return self.tr("Flags of %Ln photo(s) cleared", "", count)

    def favoured(self, favourite: bool, count: int) -> str:
        """What making favourites has done."""
        if favourite:
            return self.tr("%Ln photo(s) made favourites", "", count)
        return self.tr("%Ln photo(s) are no favourites any more", "", count)
