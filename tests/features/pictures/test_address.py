"""Addresses are taken apart once, the same way for every check."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import FetchRefusedError
from features.pictures.address import parse_address, shown_address


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://Shop.Example/a.jpg", "https://shop.example/a.jpg"),
        ("  http://shop.example:80 ", "http://shop.example/"),
        ("https://shop.example:8443/a?b=1#c", "https://shop.example:8443/a?b=1"),
        ("https://shop.example/red shoe.jpg", "https://shop.example/red%20shoe.jpg"),
        ("https://shop.example/red%20shoe.jpg", "https://shop.example/red%20shoe.jpg"),
        ("https://shop.example/Schönes/靴.jpg", "https://shop.example/Sch%C3%B6nes/%E9%9D%B4.jpg"),
        ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        (f"http://{'ab.' * 84}a./", f"http://{'ab.' * 84}a./"),
        ("http://shop.example/a\r\nHost: b", "http://shop.example/a%0D%0AHost:%20b"),
    ],
)
def test_an_address_is_encoded_as_http_wants_it(url: str, normal: str) -> None:
    address = parse_address(url)
    assert address.url == normal
    assert parse_address(address.url) == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example/a.jpg",
        "//shop.example/a.jpg",
        "file:///etc/passwd",
        "ftp://shop.example/a.jpg",
        "gopher://shop.example/",
        "https://",
        "https:///a.jpg",
        "http://./a",
        "http://shop.example:99999/",
        "http://shop.example:port/",
        "http://[::1/",
        "http://a b/",
        "http://\x00/",
        f"http://{'a' * 254}/",
    ],
)
def test_what_is_no_address_on_the_web_is_refused(url: str) -> None:
    with pytest.raises(FetchRefusedError):
        parse_address(url)


@pytest.mark.parametrize("url", ["https://me:secret@shop.example/a", "ftp://me:secret@x/a?k=key"])
def test_passwords_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(FetchRefusedError) as refusal:
        parse_address(url)
    assert "secret" not in str(refusal.value)
    assert "key" not in str(refusal.value)


def test_an_address_is_shown_without_its_query() -> None:
    assert str(parse_address("https://shop.example/a?key=1")) == "https://shop.example/a"


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/b.jpg", "https://shop.example/b.jpg"),
        ("b.jpg?x=1", "https://shop.example/pictures/b.jpg?x=1"),
        ("//cdn.example/b.jpg", "https://cdn.example/b.jpg"),
        ("http://cdn.example/b.jpg", "http://cdn.example/b.jpg"),
        ("/Schön.jpg".encode().decode("latin-1"), "https://shop.example/Sch%C3%B6n.jpg"),
    ],
)
def test_a_redirect_is_followed_from_where_it_is(location: str, target: str) -> None:
    assert parse_address("https://shop.example/pictures/a.jpg").joined(location).url == target


@given(
    st.one_of(st.text(), st.text().map("http://{}".format), st.text("[]:@/%.\\#?a1 \x00é\ud800"))
)
def test_any_text_is_an_address_or_refused(text: str) -> None:
    assert isinstance(shown_address(text), str)
    try:
        address = parse_address(text)
    except FetchRefusedError:
        return
    assert address.url.isascii()
    assert " " not in address.url
    assert parse_address(address.url).origin == address.origin
