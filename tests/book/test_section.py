"""Discovery of sections from files, without importing them."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pytest

from gradiens.book.section import claims, find_section, in_chapters, sections
from gradiens.core.check import Mistake


@pytest.fixture
def tree(tmp_path):
    """Sections in two chapters and an appendix, with notes, and files that are not sections."""
    for name, text in {
        "ch02_b/s10_last.py": '"""The last.\n\nA story.\n"""\nraise RuntimeError("imported")',
        "ch02_b/s01_first.py": '"""The first."""',
        "ch10_z/s02_far.py": '"""Far away"""',
        "ch02_b/notes.py": '"""Notes."""',
        "appendix_b_more/s02_late.py": '"""Late."""',
        "appendix_b_more/notes.py": '"""Notes of B."""',
        "ch02_b/helper.py": '"""Not a section."""',
        "other/s01_x.py": '"""Not in a chapter."""',
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_ids_titles_and_order_come_from_the_files(tree):
    found = sections(tree)
    assert [(s.id, s.title, s.chapter) for s in found] == [
        ("2.1", "The first", "2"), ("2.10", "The last", "2"), ("2.notes", "Notes", "2"), ("10.2", "Far away", "10"),
        ("B.2", "Late", "B"), ("B.notes", "Notes of B", "B"),
    ]  # fmt: skip
    assert [s.is_notes for s in found] == [False, False, True, False, False, True]
    assert found[4].module == "gradiens.book.appendix_b_more.s02_late"
    assert found[1].story == "A story." and found[1].module == "gradiens.book.ch02_b.s10_last"


def test_listing_imports_neither_jax_nor_a_section():
    code = (
        "import sys; from gradiens.book.section import sections; sections(); "
        "print([m for m in sys.modules if m == 'jax' or m.startswith('gradiens.book.ch')])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_unknown_section_suggests_the_nearest():
    assert find_section("4.3").title.startswith("ADAM")
    with pytest.raises(Mistake, match=r"'4\.3'"):
        find_section("4.33")


def test_chapters():
    assert {s.chapter for s in in_chapters((4,))} == {s.chapter for s in in_chapters(("4",))} == {"4"}
    assert in_chapters() == list(sections())
    with pytest.raises(Mistake, match="chapter"):
        in_chapters((99,))


def test_claims_are_those_of_the_module_in_its_order():
    module = ModuleType("m")
    exec(
        "def claim_z(c, r): ...\ndef claim_a(c, r): ...\ndef long_claim_q(c, r): ...\nclaim_number = 3", module.__dict__
    )
    assert list(claims(module)) == ["z", "a"]
    assert list(claims(module, "long_claim_")) == ["q"]
