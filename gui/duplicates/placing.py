"""Where one picture lies on another: the proof of a pair as a map from pixels to pixels."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QTransform

from engine.duplicate_types import DuplicateClass, DuplicateGroup, Member, Proof
from engine.types import Box


def placing_of(group: DuplicateGroup, kept: Member, other: Member) -> QTransform:
    """The map from a member's pixels to those of another one that stays.

    Proofs are told against the first member: between two others the way leads over it.
    """
    if group.kind is DuplicateClass.SIMILAR:
        return placing(_size(kept), _size(other), None)
    back, known = _onto_first(group, kept).inverted()
    return _onto_first(group, other) * back if known else QTransform()


def _onto_first(group: DuplicateGroup, member: Member) -> QTransform:
    first = group.members[0]
    if member is first:
        return QTransform()
    return placing(_size(first), _size(member), member.proof)


def placing(keeper: QSizeF, member: QSizeF, proof: Proof | None) -> QTransform:
    """The map from the member's pixels to the keeper's.

    Args:
        keeper: width and height of the kept photo, upright.
        member: the same of the other.
        proof: how the other comes from the kept one; None for another moment of a scene, which is
            laid over it as large as fits.
    """
    if keeper.isEmpty() or member.isEmpty():
        return QTransform()
    turned = QTransform()
    if proof is not None and proof.mirrored:
        turned = turned * QTransform.fromScale(-1, 1)
    if proof is not None:
        turned = turned * QTransform().rotate(90.0 * (proof.turns % 4))
    whole = turned.mapRect(QRectF(0, 0, member.width(), member.height()))
    turned = turned * QTransform.fromTranslate(-whole.x(), -whole.y())
    shape = whole.size()
    part = proof.part if proof is not None else None
    if proof is not None and part is not None and proof.part_in_second:
        box = turned.mapRect(_rect(part))  # where the kept one lies, whole
        scale_x = keeper.width() / max(1.0, box.width())
        scale_y = keeper.height() / max(1.0, box.height())
        there = QTransform.fromTranslate(-box.x(), -box.y())
        return turned * there * QTransform.fromScale(scale_x, scale_y)
    if part is not None:
        target = _rect(part)
    elif proof is None or abs(_shape(shape) / _shape(keeper) - 1) > 0.05:
        fitted = shape.scaled(keeper, _KEEP)
        target = QRectF(
            (keeper.width() - fitted.width()) / 2,
            (keeper.height() - fitted.height()) / 2,
            fitted.width(),
            fitted.height(),
        )
    else:
        target = QRectF(0, 0, keeper.width(), keeper.height())
    scale = QTransform.fromScale(target.width() / shape.width(), target.height() / shape.height())
    return turned * scale * QTransform.fromTranslate(target.x(), target.y())


_KEEP = Qt.AspectRatioMode.KeepAspectRatio


def _size(member: Member) -> QSizeF:
    return QSizeF(member.width, member.height)


def _rect(box: Box) -> QRectF:
    return QRectF(box.left, box.top, box.right - box.left, box.bottom - box.top)


def _shape(size: QSizeF) -> float:
    return size.width() / size.height()
