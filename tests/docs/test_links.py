"""Every link within the documents leads somewhere."""

from pathlib import Path

import pytest

from tests.docs.pages import PAGES, anchors, links, name_of


def test_there_are_documents_with_links() -> None:
    assert len(PAGES) > 15
    assert sum(len(links(path)) for path in PAGES) > 100


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_link_leads_to_a_file_and_a_heading(path: Path) -> None:
    for link in links(path):
        if link.startswith(("https://", "http://")):
            continue
        target, _, anchor = link.partition("#")
        file = (path.parent / target).resolve() if target else path
        assert file.exists(), link
        assert not anchor or anchor in anchors(file), link


def test_every_page_can_be_found_from_the_readme() -> None:
    readme = next(path for path in PAGES if path.name == "README.md")
    linked = {(readme.parent / link.partition("#")[0]).resolve() for link in links(readme)}
    assert [name_of(path) for path in PAGES if path not in {*linked, readme}] == []
