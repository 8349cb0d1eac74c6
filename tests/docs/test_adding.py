"""Whoever follows a page about adding something adds something that works.

The commands of these pages, the contract's tests among them, are run by test_commands.py.
"""

from pathlib import Path

import pytest

from tests.docs.pages import Block, blocks, page
from tests.docs.workspace import CODE, Workspace
from tests.helpers import ROOT, run_python

ADDING = ["adding-an-extractor", "adding-an-index", "adding-a-feed-format"]
READ = """
from features.catalog import FeedOptions, read_catalog
from pathlib import Path
options = FeedOptions(currency="EUR", store_url="https://shop.example")
catalog = read_catalog(Path("magento.csv"), options)
(entry,) = catalog
product = entry.product
print(catalog.format, product.id, product.title, product.category, product.price, product.currency)
print(product.url, product.availability, product.description, product.attributes["regular_price"])
print(*[picture.location for picture in entry.pictures])
"""


def written(name: str) -> list[Block]:
    return [block for block in blocks(page(f"docs/{name}.md")) if block.file]


def followed(name: str, folder: Path) -> Workspace:
    """A clone in which somebody did what the page says."""
    workspace = Workspace(folder / "clone", own_code=True)
    for block in written(name):
        workspace.write(block)
    return workspace


def new_files(name: str) -> list[Block]:
    return [block for block in written(name) if block.language == "python"]


@pytest.mark.parametrize("name", ADDING)
def test_it_takes_a_new_file_of_less_than_80_lines_and_a_line_or_two(name: str) -> None:
    assert new_files(name)
    for block in new_files(name):
        assert not (ROOT / block.file).exists()
        assert len(block.text.splitlines()) < 80
        added = [diff for diff in written(name) if diff.language == "diff"]
        lines = [line for diff in added for line in diff.text.splitlines() if line[:1] in "+-"]
        assert 1 <= len(lines) <= 2
        assert all(line.startswith("+") for line in lines)


@pytest.mark.parametrize("name", ADDING)
def test_the_code_is_as_the_project_wants_it(name: str, tmp_path: Path) -> None:
    with followed(name, tmp_path) as workspace:
        files = " ".join(block.file for block in written(name) if block.file.endswith(".py"))
        workspace.run(f".venv/bin/python -m ruff check --no-cache {files}")
        workspace.run(f".venv/bin/python -m ruff format --no-cache --check {files}")


@pytest.mark.slow
def test_the_feed_of_the_page_is_read_as_it_says(tmp_path: Path) -> None:
    with followed("adding-a-feed-format", tmp_path) as workspace:
        done = run_python("-c", READ, cwd=workspace.folder, PYTHONPATH=str(workspace.folder))
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "magento MUG-1 Blue Mug Kitchen > Mugs 9.90 EUR",
        "https://shop.example/blue-mug.html in_stock Holds tea. 12.50",
        "m/u/mug.jpg m/u/mug-side.jpg",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", ADDING)
def test_what_is_added_keeps_to_the_architecture(name: str, tmp_path: Path) -> None:
    names = " or ".join(Path(block.file).stem for block in new_files(name))
    with followed(name, tmp_path) as workspace:
        said = workspace.run(
            ".venv/bin/python -m pytest -q -p no:cacheprovider tests/test_architecture.py "
            f"tests/features/catalog/test_formats.py -k '{names} or known_by_its_headers'"
        )
    assert " passed" in said


def test_a_page_is_applied_to_a_copy_and_never_to_the_project(tmp_path: Path) -> None:
    with Workspace(tmp_path / "clone", own_code=True) as workspace:
        for name in CODE:
            assert not (workspace.folder / name).is_symlink()
