"""Groups: every pair in a group is a pair; chains do not merge; the order of pairs is nothing."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.duplicates.grouping import complete_link

Edges = dict[tuple[int, int], float]


def linked(edges: Edges) -> list[list[int]]:
    return complete_link(edges, int)


def test_a_chain_does_not_merge():
    assert linked({(1, 2): 0.9, (2, 3): 0.8}) == [[1, 2]]
    assert linked({(1, 2): 0.8, (2, 3): 0.9}) == [[2, 3]]
    assert linked({(1, 2): 0.9, (2, 3): 0.8, (1, 3): 0.7}) == [[1, 2, 3]]


pairs = st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] < pair[1])


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(pairs, st.sampled_from([0.7, 0.8, 0.9]), max_size=30), st.randoms())
def test_groups_are_cliques_apart_and_always_the_same(edges: Edges, chance: object):
    groups = linked(edges)
    for group in groups:
        assert len(group) > 1
        assert all(pair in edges for pair in combinations(group, 2))
    members = [node for group in groups for node in group]
    assert len(members) == len(set(members))
    turned = list(edges.items())
    chance.shuffle(turned)  # pyright: ignore
    assert linked(dict(turned)) == groups
    # Two groups of which every pair is one would be one group.
    for one, two in combinations(groups, 2):
        assert not all((min(a, b), max(a, b)) in edges for a in one for b in two)
