"""What the user wants done with chosen photos, as steps for the journal; nothing is touched."""

from __future__ import annotations

import os
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import PhotoUnreadable
from engine.file_types import FilingStep, RunId, StepOp
from engine.files.companions import bundles
from engine.files.names import FORBIDDEN, folded
from engine.files.scan import is_candidate
from engine.files.source import modified_ns
from engine.files.target_names import ExactNames, own_names
from engine.files.transfer import TransferFailed
from engine.files.trash import in_trash
from engine.filing.turns import Change, in_turn
from engine.filing_steps import bundles_of
from engine.jobs import Skipped
from engine.sort_facts import SourceBundle, bundles_with, plain_files
from engine.types import PhotoId

if TYPE_CHECKING:
    from engine.catalog import Catalog

_LONGEST_NAME = 255  # bytes, on every common file system


@dataclass(slots=True)
class Wish:
    """Steps in bundles, and the photos that cannot be done, each with a sentence."""

    steps: list[FilingStep] = field(default_factory=list[FilingStep])
    refused: list[Skipped] = field(default_factory=list[Skipped])
    photos: int = 0  # companions apart

    def add(self, bundle: SourceBundle, op: StepOp, targets: Sequence[Path]) -> None:
        """One photo with its companions."""
        self.photos += 1
        self.steps += [
            FilingStep(
                id=0, run_id=RunId(0), bundle=self.photos, photo_id=file.photo_id, op=op,
                category="", source=file.source, target=target, size=file.size,
                mtime_ns=file.mtime_ns, dev=file.dev, ino=file.ino,
                content_hash=file.content_hash,
            )
            for file, target in zip(bundle.files, targets, strict=True)
        ]  # fmt: skip


def into_folder(catalog: Catalog, ids: Sequence[PhotoId], folder: Path, op: StepOp) -> Wish:
    """Photos with their companions into a folder (its links resolved), under their names."""
    wish = Wish()
    for _, bundle in _bundles(catalog, ids, wish):
        if op is StepOp.MOVE and bundle.folder == str(folder):
            wish.refused.append(Skipped(bundle.files[0].source, "It lies in this folder already."))
            continue
        wish.add(bundle, op, [folder / name for name in bundle.names])
    return wish


def from_outside(paths: Iterable[Path], folder: Path) -> Wish:
    """Copies of photos of other programs, with their companions, into a folder.

    Cost: one listing of each folder that they lie in.
    """
    wish = Wish()
    by_folder: defaultdict[Path, list[Path]] = defaultdict(list)
    for path in dict.fromkeys(paths):
        by_folder[path.parent].append(path)
    for parent, held in by_folder.items():
        stats, trouble = plain_files(parent)
        of_name = {name: bundle for bundle in bundles(stats) for name in bundle.names}
        done: set[int] = set()
        for path in held:
            bundle = of_name.get(path.name)
            if bundle is None:
                why = "It is a folder; choose the photos in it." if path.is_dir() else ""
                wish.refused.append(Skipped(path, why or trouble or "It is no photo."))
                continue
            if id(bundle) in done:
                continue
            done.add(id(bundle))
            wish.photos += 1
            wish.steps += [
                FilingStep(
                    id=0, run_id=RunId(0), bundle=wish.photos, photo_id=None, op=StepOp.COPY,
                    category="", source=parent / name, target=folder / name,
                    size=stats[name].st_size, mtime_ns=modified_ns(stats[name]),
                    dev=stats[name].st_dev, ino=stats[name].st_ino,
                )
                for name in bundle.names
            ]  # fmt: skip
    return wish


def into_trash(catalog: Catalog, ids: Sequence[PhotoId]) -> Wish:
    """Photos with their companions; where to is not known before the disk was asked."""
    wish = Wish()
    for _, bundle in _bundles(catalog, ids, wish):
        first = bundle.files[0].source
        if in_trash(first):
            wish.refused.append(Skipped(first, "It lies in a trash already."))
            continue
        wish.add(bundle, StepOp.MOVE, [file.source for file in bundle.files])
    return wish


def renamed(catalog: Catalog, names: Mapping[PhotoId, str]) -> Wish:
    """Photos under other names in their folders, their companions too.

    In an order in which names can be handed on. Photos that would exchange theirs have two bundles
    of steps, the first to a name that nobody wants.
    """
    wish = Wish()
    changing: list[_Changing] = []
    for photo_id, bundle in _bundles(catalog, list(names), wish):
        source = next((f.source for f in bundle.files if f.photo_id == photo_id), None)
        if source is None:  # the row goes along with another one
            continue
        try:
            name = _checked(names[photo_id], source)
            changed = _companions_renamed(bundle, source.name, name)
        except ValueError as error:
            wish.refused.append(Skipped(source, str(error)))
            continue
        if changed != list(bundle.names):
            wish.add(bundle, StepOp.MOVE, [source.parent / one for one in changed])
            changing.append(_Changing(bundle, source))
    wish.steps = _handed_on(list(bundles_of(wish.steps)), changing)
    return wish


@dataclass(frozen=True, slots=True)
class _Changing:
    """A photo that gets another name, with all that goes along."""

    bundle: SourceBundle
    source: Path

    def aside(self, token: str) -> list[Path]:
        """Names that nobody else wants, whose files belong together still."""
        name = f"renaming-{token}{self.source.suffix}"
        names = _companions_renamed(self.bundle, self.source.name, name)
        return [self.source.parent / one for one in names]


def _handed_on(
    wanted: Sequence[list[FilingStep]], changing: Sequence[_Changing]
) -> list[FilingStep]:
    """The steps in an order in which each name is free before it is given to another photo."""
    changes = [
        Change(
            frozenset(own_names(step.source for step in bundle)),
            frozenset(own_names(step.target for step in bundle)),
        )
        for bundle in wanted
    ]
    staying: set[int] = set()
    while True:
        turns = in_turn(changes, staying)
        asides = {
            turn.number: changing[turn.number].aside(f"{secrets.token_hex(4)}-{turn.number}")
            for turn in turns
            if turn.aside
        }
        steps: list[FilingStep] = []
        names, stuck = ExactNames(), set[int]()
        for place, turn in enumerate(turns, 1):
            bundle = [replace(step, bundle=place) for step in wanted[turn.number]]
            aside = asides.get(turn.number)
            if aside is not None:
                ends = "target" if turn.aside else "source"
                bundle = [replace(s, **{ends: p}) for s, p in zip(bundle, aside, strict=True)]
            steps += bundle
            if asides and not _is_free(bundle, names) and aside is not None:
                stuck.add(turn.number)
        if not stuck:
            return steps
        staying |= stuck  # who cannot have the other name keeps the one there is


def _is_free(bundle: list[FilingStep], names: ExactNames) -> bool:
    try:
        names.given(bundle)
    except (TransferFailed, PhotoUnreadable):
        return False
    return True


def _bundles(
    catalog: Catalog, ids: Sequence[PhotoId], wish: Wish
) -> Iterator[tuple[PhotoId, SourceBundle]]:
    """Each bundle once, with the first of its photos; what has trouble is refused."""
    photos = {photo.id: photo for photo in catalog.photos.page(ids, None)}
    found = bundles_with(catalog, photos)
    seen: set[int] = set()
    for photo_id in dict.fromkeys(ids):
        bundle = found.get(photo_id)
        if bundle is None or id(bundle) in seen:
            continue
        seen.add(id(bundle))
        if bundle.trouble is not None:
            fate, why = bundle.trouble
            said = why or f"It is {fate.value}."
            wish.refused.append(Skipped(photos[photo_id].path, said))
            continue
        yield photo_id, bundle


def _checked(wanted: str, source: Path) -> str:
    """A name that every system takes, with the ending that tells what the file is.

    Raises:
        ValueError: why it cannot be, in one sentence.
    """
    name = wanted.strip()
    wrong = next((sign for sign in name if sign in FORBIDDEN or not sign.isprintable()), None)
    if wrong is not None:
        shown = wrong if wrong.isprintable() else f"U+{ord(wrong):04X}"
        raise ValueError(f"A file's name cannot hold the sign “{shown}”.")
    if not name or name.startswith("."):
        raise ValueError("A file's name cannot be empty or begin with a dot.")
    ending = source.suffix
    if Path(name).suffix.casefold() != ending.casefold():
        if is_candidate(name):
            raise ValueError(f"The ending {ending} tells what the file is; it has to stay.")
        name = name.rstrip(". ") + ending
    if len(os.fsencode(name)) > _LONGEST_NAME:
        raise ValueError("This name is too long.")
    return name


def _companions_renamed(bundle: SourceBundle, old: str, new: str) -> list[str]:
    """The bundle's names when the part that they share is that of a new name.

    Raises:
        ValueError: two of them would be the same, or one is too long.
    """
    stem, fresh = old.rpartition(".")[0], new.rpartition(".")[0]
    found: list[str] = []
    for name, shared in bundle.stems:
        if name == old:
            found.append(new)
            continue
        part, rest = name[:shared], name[shared:]
        before = part[: len(part) - len(stem)] if folded(part).endswith(folded(stem)) else ""
        found.append(before + fresh + rest)
    if len({folded(name) for name in found}) < len(found):
        raise ValueError("Two of the files that belong to it would have the same name.")
    if max(len(os.fsencode(name)) for name in found) > _LONGEST_NAME:
        raise ValueError("This name is too long.")  # for its sidecar
    return found
