"""Descriptions are HTML in half of all feeds; a reader sees text."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalog.markup import LONGEST, to_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Soft &amp; warm.</p><p>Washable.</p>", "Soft & warm.\nWashable."),
        ("One<br>two<br />three", "One\ntwo\nthree"),
        ("<ul>\n  <li>wool</li>\n  <li>silk\n</ul>", "wool\nsilk"),
        ("<p>A <b>bold</b> <a href='x?a=1&b=2'>word</a></p>", "A bold word"),
        ("<table><tr><td>Size</td><td>M</td></tr></table>", "Size M"),
        ("<style>p{color:red}</style>Text<script>if (a<b) c()</script>", "Text"),
        ("<p>caf\u00e9&nbsp;&nbsp; &eacute;&#233;&#xe9;</p>", "caf\u00e9 \u00e9\u00e9\u00e9"),
        ('<!-- wp:paragraph --><P CLASS="x">Hi</P><!-- /wp -->', "Hi"),
        ("<p>a</p></div></body></html><p>after the end", "a\nafter the end"),
        ("<p>never <b>closed", "never closed"),
        ("<p>5 < 6 & 7</p>", "5 < 6 & 7"),
        ("<img src='a.jpg'>", ""),
        ("&lt;p&gt;Escaped twice&lt;/p&gt;", "Escaped twice"),
        ("Tom &amp; Jerry&#39;s", "Tom & Jerry's"),
    ],
)
def test_html_becomes_the_text_that_it_shows(markup: str, text: str) -> None:
    assert to_text(markup) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "For ages < 3 & up",
        "a <b and c> d",
        "x<y>z",
        "<3 this",
        "R&D, M&S; AT&T",
        "two\n\n  lines",
        "Price <100",
    ],
)
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert to_text(text) == text


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 30_000 + "deep" + "</div>" * 30_000,
        "<b>" * 100_000,
        "<p>" + "&amp;" * 100_000,
        "<p a='" * 100_000,
        "<p" + " " * 300_000,
        "<p" + " a=b" * 100_000,
        "<p>" + "word " * 500_000,
    ],
    ids=["deep", "open", "entities", "quotes", "spaces", "attributes", "long"],
)
def test_monstrous_html_takes_no_time(markup: str) -> None:
    started = time.perf_counter()
    assert len(to_text(markup)) <= max(LONGEST, len(markup))
    assert time.perf_counter() - started < 2


def test_no_character_of_an_entity_is_one_that_no_file_can_hold() -> None:
    for markup in ("&#0;&#xd800;&#x1b;a", "<p>&#0;&#xd800;&#x1b;a</p>"):
        assert not set(to_text(markup)) & {"\x00", "\ud800", "\x1b"}


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="<>/&;#!-='\" abpi\x1bx\u00e9\n[]?", max_size=40))
def test_no_text_is_too_broken(text: str) -> None:
    for markup in (text, f"<p>{text}</p>"):
        to_text(markup).encode()
