"""Categories that a library suggests by itself: from its tags, its folders, its pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from engine.jobs import Job, Progress
from engine.tag_types import CategoryIdea, Concept, Misfiled
from engine.tagging.board import Board, Sheet
from engine.tagging.neighbours import FEWEST, misplaced
from engine.tagging.prompts import contrast_texts, prompts_of, texts_for
from engine.tagging.scoring import index_of, merged, sample
from engine.types import PhotoId

if TYPE_CHECKING:
    from engine.catalog import Catalog

_EXAMPLES = 8
_SAMPLE = 4_000  # photos that the vocabulary is tried on
_CONCEPTS = 32  # at a time
_RARELY = -1.0  # log-odds: a prompt that fits half of all photos tells nothing of any
_CLEARLY = 1.0
_MOST_MISFILED = 500
_NO_NAME = re.compile(
    r"(\d|\b(dcim|camera|cameras|photos?|pictures?|images?|img|new|folder|misc|various|backup|old"
    r"|export|downloads?|desktop|documents|unsorted|temp|tmp|iphone|android|whatsapp|scans?|raw"
    r"|jpe?g|january|february|march|april|may|june|july|august|september|october|november"
    r"|december|spring|summer|autumn|winter|untitled|album|media)\b)",
    re.IGNORECASE,
)


def from_tags_and_folders(catalog: Catalog, board: Board) -> list[CategoryIdea]:
    """Tags with enough photos, and folders with a telling name, that are no category yet.

    Their photos come as examples, the most typical ones. Needs no model for its names.
    """
    there = {category.name.casefold() for category in catalog.categories.all()}
    there |= {category.tag.casefold() for category in catalog.categories.all()}
    sheet = board.sheet()
    found: list[CategoryIdea] = []
    for tag in catalog.tags.all():
        if tag.below >= FEWEST and not {tag.path.casefold(), tag.name.casefold()} & there:
            ids = catalog.tags.photos(tag.id)
            reason = f"You have {tag.below} photos with the tag “{tag.path}”."
            found.append(_idea(sheet, tag.name, reason, ids))
            there.add(tag.name.casefold())
    for folder, ids in catalog.photos.by_folder():
        name = spoken(folder.name)
        if len(ids) >= FEWEST and name and name.casefold() not in there:
            reason = f"The folder “{folder.name}” has {len(ids)} photos."
            found.append(_idea(sheet, name, reason, ids))
            there.add(name.casefold())
    return sorted(found, key=lambda idea: -idea.photos)


def spoken(folder_name: str) -> str:
    """What a folder's name says of its photos; empty for dates, cameras and "new folder"."""
    words = re.split(r"[\s_.,;+()\[\]-]+", folder_name)
    left = [word for word in words if word and not _NO_NAME.search(word)]
    return " ".join(left) if any(len(word) > 2 or ord(word[0]) > 0x2E7F for word in left) else ""


def from_pictures(board: Board, concepts: Sequence[Concept], most: int) -> Job[list[CategoryIdea]]:
    """Concepts of the vocabulary that a sample of the photos shows, the commonest first.

    A photo counts for the one concept that fits it best, if that fits clearly better than words
    that say nothing. Cost: the text tower's passes for all concepts, once per model; seconds.
    """
    sheet = board.sheet()
    rows = sample(len(sheet.ids), _SAMPLE, 0)
    if not len(rows):
        return []
    vectors = sheet.vectors(rows)
    contrast = merged(vectors @ board.points(sheet, [[t] for t in contrast_texts(())]).T)
    odds = np.empty((len(rows), len(concepts)))
    factor = board.factor(sheet)
    for start in range(0, len(concepts), _CONCEPTS):
        yield Progress(start, len(concepts))
        for n, concept in enumerate(concepts[start : start + _CONCEPTS], start):
            texts = [
                texts_for(prompt, own=sheet.asked.template)
                for prompt in prompts_of(concept.name, concept.prompts)
            ]
            cosines = vectors @ board.points(sheet, texts).T
            odds[:, n] = merged(cosines * np.float32(factor)) - factor * contrast
    odds[:, np.median(odds, axis=0) > _RARELY] = -np.inf
    best = odds.argmax(1)
    clear = odds[np.arange(len(rows)), best] > _CLEARLY
    found: list[CategoryIdea] = []
    for n, concept in enumerate(concepts):
        mine = np.nonzero(clear & (best == n))[0]
        if len(mine) < 3:
            continue
        mine = mine[np.argsort(-odds[mine, n])]
        photos = round(len(mine) * len(sheet.ids) / len(rows))
        shown = tuple(PhotoId(int(i)) for i in sheet.ids[rows[mine[:_EXAMPLES]]])
        reason = f"About {photos} photos seem to show it."
        found.append(CategoryIdea(concept.name, reason, concept.prompts, shown, photos))
    return sorted(found, key=lambda idea: -idea.photos)[:most]


def _idea(sheet: Sheet, name: str, reason: str, ids: Sequence[PhotoId]) -> CategoryIdea:
    return CategoryIdea(name, reason, (), typical(sheet, ids, _EXAMPLES), len(ids))


def typical(sheet: Sheet, ids: Sequence[PhotoId], count: int) -> tuple[PhotoId, ...]:
    """The photos nearest to the mean of all of these."""
    rows = index_of(sheet.ids, ids)
    if not len(rows):
        return tuple(ids[:count])
    vectors = sheet.vectors(rows)
    near = np.argsort(-(vectors @ vectors.mean(0)), kind="stable")[:count]
    return tuple(PhotoId(int(i)) for i in sheet.ids[rows[near]])


def misfiled(catalog: Catalog, board: Board) -> Job[list[Misfiled]]:
    """Photos that lie in one folder, or carry one tag, and look like another's."""
    sheet = board.sheet()
    everything = sheet.vectors(np.arange(len(sheet.ids)))
    folders = catalog.photos.by_folder()
    found: list[Misfiled] = []
    rows = [index_of(sheet.ids, ids) for _, ids in folders]
    for entry in (yield from misplaced(everything, rows)):
        here, better = folders[entry.here][0], folders[entry.better][0]
        found.append(Misfiled(_id(sheet, entry.row), str(here), str(better), entry.score, better))
    tags = [tag for tag in catalog.tags.all() if tag.photos >= FEWEST]
    rows = [index_of(sheet.ids, catalog.tags.photos(tag.id, below=False)) for tag in tags]
    for entry in (yield from misplaced(everything, rows)):
        here, better = tags[entry.here].path, tags[entry.better].path
        found.append(Misfiled(_id(sheet, entry.row), here, better, entry.score))
    return sorted(found, key=lambda entry: -entry.score)[:_MOST_MISFILED]


def _id(sheet: Sheet, row: int) -> PhotoId:
    return PhotoId(int(sheet.ids[row]))
