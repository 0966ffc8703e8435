"""Room: sizes that share a program."""

from __future__ import annotations

from gradiens.core.chunk import room


def test_room_is_at_most_a_fourth_more_and_takes_four_values_an_octave():
    sizes = [room(n) for n in range(1, 4097)]
    assert all(n <= size <= 1.25 * n for n, size in enumerate(sizes, 1))
    assert all(room(size) == size for size in sizes)
    assert sizes == sorted(sizes)
    assert sorted({size for size in sizes if 1024 < size <= 2048}) == [1280, 1536, 1792, 2048]
    assert sizes[:8] == [1, 2, 3, 4, 5, 6, 7, 8]
