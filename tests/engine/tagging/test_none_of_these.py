"""Words that say nothing of the photos take none; categories leave each other's photos alone."""

from __future__ import annotations

import pytest
from tagging_scenes import Scenes
from test_tagging import make, right

from engine.jobs import drain
from engine.tag_types import Mode
from engine.tagging import Tagging


@pytest.mark.parametrize("exclusive", [True, False])
@pytest.mark.parametrize(
    "strange",
    [
        ["pizza", "receipt"], ["elephant", "document", "screenshot"], ["baby", "food", "concert"],
        ["horse", "bicycle", "guitar", "church"], ["spoon", "laptop"],
    ],
)  # fmt: skip
def test_categories_that_no_photo_fits_stay_empty(
    tagging: Tagging, scenes: Scenes, strange: list[str], exclusive: bool
):
    """Words that say nothing of these photos take none, and no photo of the others either."""
    names = ["cat", "truck", *strange]
    make(tagging, names, exclusive=exclusive)
    assigned = tagging.assign(names)
    assert right(assigned, scenes, names) >= 0.9
    assert right(tagging.assign(strange), scenes, strange) >= 0.9


def test_categories_that_share_a_tag_do_not_take_it_from_each_other(
    tagging: Tagging, scenes: Scenes
):
    for name in ("cat", "boat"):
        tagging.add_category(name, mode=Mode.AUTOMATIC, tag="Favourites")
    first = drain(tagging.run())
    assert [entry.removed for entry in first.categories] == [0, 0]
    (tag,) = [tag for tag in tagging.tags() if tag.path == "Favourites"]
    assert tag.photos == sum(entry.added for entry in first.categories)
    assert drain(tagging.run()).run_id is None


@pytest.mark.parametrize("exclusive", [True, False])
def test_a_set_that_has_no_category_yet_is_asked_in_vain(tagging: Tagging, exclusive: bool):
    tagging.add_set("New", exclusive=exclusive)
    assert tagging.states() == []
    assert tagging.assign() == []
    assert drain(tagging.run()).run_id is None
    (cat,) = make(tagging, ["cat"], exclusive=exclusive)
    assert [state.category for state in tagging.states()] == [cat]
    assert len(tagging.preview(cat)) == len(tagging.assign(["cat"]))
