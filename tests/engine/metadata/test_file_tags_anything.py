"""Whatever files say and users answer, in any order: the user's word holds, and undo is exact."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.catalog import Catalog
from engine.types import FileSeen, PhotoContent, PhotoId, PhotoMetadata

WORDS = ("Sea", "Places/Paris", "Places", "a|b")
some_words = st.frozensets(st.sampled_from(WORDS))
steps = st.one_of(
    st.tuples(st.just("read"), some_words),
    st.tuples(st.just("put"), st.sampled_from(WORDS)),
    st.tuples(st.just("take"), st.sampled_from(WORDS)),
    st.tuples(st.just("take and undo"), st.sampled_from(WORDS)),
    st.tuples(st.just("put and undo"), st.sampled_from(WORDS)),
)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    opened = Catalog.open(tmp_path_factory.mktemp("catalog") / "catalog.db")
    opened.roots.add(Path("/photos"))
    yield opened
    opened.close()


class Walk:
    """One photo, and what its tags must be."""

    count = 0

    def __init__(self, catalog: Catalog) -> None:
        Walk.count += 1
        self.number = Walk.count
        self.catalog = catalog
        root = catalog.roots.all()[0]
        seen = FileSeen(f"{self.number}.jpg".encode(), 9, 1, 1, self.number)
        (self.photo,) = catalog.photos.add(root.id, [seen])
        self.said: frozenset[str] = frozenset()
        self.user: set[str] = set()
        self.refused: set[str] = set()

    def read(self, words: frozenset[str]) -> None:
        digest = self.number.to_bytes(32, "big")
        content = PhotoContent(digest, 4, 3, "JPEG", PhotoMetadata(keywords=tuple(sorted(words))))
        self.catalog.photos.set_content(self.photo, content, 9, 1, 1, self.number, 1)
        self.said = words
        self.refused &= words

    def put(self, word: str) -> None:
        self.catalog.tags.put([self.photo], word)
        self.user.add(word)

    def take(self, word: str) -> None:
        self.catalog.tags.take([self.photo], word)
        self.user.discard(word)
        self.refused |= {word} & self.said

    def and_back(self, what: str, word: str) -> None:
        tags = self.catalog.tags
        undo = tags.put([self.photo], word) if what == "put" else tags.take([self.photo], word)
        middle = self.tags()
        redo = tags.restore(undo)
        self.check()
        back = tags.restore(redo)
        assert self.tags() == middle
        tags.restore(back)

    def tags(self) -> dict[str, str]:
        photo = PhotoId(self.photo)
        return {t.path: t.source.value for t in self.catalog.tags.of([photo]).get(photo, [])}

    def check(self) -> None:
        expected = dict.fromkeys(self.said - self.refused, "file") | dict.fromkeys(
            self.user, "user"
        )
        assert self.tags() == expected


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(steps, max_size=12))
def test_the_users_word_holds(catalog: Catalog, walk: list[tuple[str, str | frozenset[str]]]):
    photo = Walk(catalog)
    for what, about in walk:
        if isinstance(about, frozenset):
            photo.read(about)
        elif what == "put":
            photo.put(about)
        elif what == "take":
            photo.take(about)
        else:
            photo.and_back(what.partition(" ")[0], about)
        photo.check()
    assert catalog.check() == []
