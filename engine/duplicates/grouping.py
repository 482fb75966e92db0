"""From pairs to groups: every two members of a group are duplicates of each other."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

Node = TypeVar("Node", bound=Hashable)


def complete_link(
    edges: Mapping[tuple[Node, Node], float], order: Callable[[Node], Any]
) -> list[list[Node]]:
    """Groups in which each is paired with each; the strongest pairs first.

    Of a chain A-B-C without the pair A-C, the stronger of the two pairs becomes a group, the
    third is left alone: nothing is ever joined through something between.

    Args:
        edges: pairs and their strengths; a pair in either order, once.
        order: a total order of the nodes: the same edges give the same groups.

    Returns:
        Groups of at least two, members and groups in order.

    Cost: n log n in the edges; a group of k costs its k² pairs.
    """
    linked: dict[Node, set[Node]] = {}
    for first, second in edges:
        linked.setdefault(first, set()).add(second)
        linked.setdefault(second, set()).add(first)
    home: dict[Node, list[Node]] = {node: [node] for node in linked}

    def rank(edge: tuple[tuple[Node, Node], float]) -> tuple[Any, ...]:
        (first, second), strength = edge
        low, high = sorted([first, second], key=order)
        return -strength, order(low), order(high)

    for (first, second), _ in sorted(edges.items(), key=rank):
        one, two = home[first], home[second]
        if one is two or not _all_linked(linked, one, two):
            continue
        if len(one) < len(two):
            one, two = two, one
        one += two
        for node in two:
            home[node] = one
    return in_order({id(group): group for group in home.values()}.values(), order)


def _all_linked(linked: Mapping[Node, set[Node]], one: Sequence[Node], two: Sequence[Node]) -> bool:
    return all(linked[node].issuperset(two) for node in one)


def in_order(groups: Iterable[Iterable[Node]], order: Callable[[Node], Any]) -> list[list[Node]]:
    """Groups of at least two, everything in order."""
    found = [sorted(group, key=order) for group in groups]
    found = [group for group in found if len(group) > 1]
    found.sort(key=lambda group: order(group[0]))  # pyright: ignore[reportUnknownLambdaType]
    return found
