"""Delimited feeds: whatever a shop exports is read, and no row is lost without a word."""

from decimal import Decimal
from pathlib import Path

import pytest

from features.catalog import format_names, read_catalog
from features.catalog.prices import parse_price
from features.errors import CatalogColumnsError, CatalogError, CatalogNotFoundError, RowError
from features.types import CatalogEntry, PictureRef

HEADER = "id,title,image\n"


def read(folder: Path, content: str | bytes) -> tuple[list[CatalogEntry], list[RowError]]:
    path = folder / "feed.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    rows = list(read_catalog(path))
    return (
        [row for row in rows if isinstance(row, CatalogEntry)],
        [row for row in rows if isinstance(row, RowError)],
    )


def reasons(errors: list[RowError]) -> list[tuple[int | None, str]]:
    return [(error.line, error.row_code) for error in errors]


def test_a_plain_feed_is_read(tmp_path: Path) -> None:
    entries, errors = read(
        tmp_path,
        "id,title,description,category,image,price,currency,brand,url,availability,Colour\n"
        "1,Shoe,Runs,Shoes > Running,a/1.jpg,15.00,EUR,Fleet,https://x.example/1,in stock,red\n",
    )
    assert errors == []
    (entry,) = entries
    assert entry.pictures == (PictureRef("a/1.jpg", 2),)
    product = entry.product
    assert (product.id, product.title, product.description) == ("1", "Shoe", "Runs")
    assert (product.category, product.brand) == ("Shoes > Running", "Fleet")
    assert (product.price, product.currency) == (Decimal("15.00"), "EUR")
    assert (product.url, product.availability) == ("https://x.example/1", "in_stock")
    assert product.attributes == {"colour": "red"}


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffid,title,image\n1,Shoe,a.jpg\n",
        "id;title;image\n1;Shoe;a.jpg\n",
        "id\ttitle\timage\n1\tShoe\ta.jpg\n",
        "id,title,image\r\n1,Shoe,a.jpg\r\n",
        "id,title,image\r1,Shoe,a.jpg\r",
        "ID, Title ,IMAGE\n1,Shoe,a.jpg\n",
        '"id","title","image"\n"1","Shoe","a.jpg"',
        '\ufeff"id";"title";"image"\r\n1;Shoe;a.jpg',
        "id,title,image,,\n1,Shoe,a.jpg,,\n",
        "\n".join(["id,title,image", "", "1,Shoe,a.jpg", ",,", "", ""]),
        "id,title,image\n 1 ,\x07Shoe\x00,a.jpg\n",
        "id|title|image\n1|Shoe|a.jpg\n",
        "id,title,image\n1,Shoe,a.jpg,,\n",
        "\ufeff\ufeffid,title,image\n1,Shoe,a.jpg\n",
        "\n \n,,\nid,title,image\n1,Shoe,a.jpg\n",
        "sep=;\r\nid;title;image\r\n1;Shoe;a.jpg\r\n",
        "\ufeffSEP=;\nid;image;title\n1;a.jpg;Shoe\n",
    ],
)
def test_every_usual_dialect_says_the_same(tmp_path: Path, text: str) -> None:
    if "\x00" in text:  # a zero byte further on does not make the file binary
        text = text.replace("id,", f"id,{'x' * 5000},", 1).replace("\n 1 ,", "\n 1 ,,")
    (entry,), errors = read(tmp_path, text)
    assert errors == []
    assert (entry.product.id, entry.product.title) == ("1", "Shoe")
    assert [picture.location for picture in entry.pictures] == ["a.jpg"]


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    text = HEADER + '1,"Two\nlines, one ""cell""",1.jpg\n2,,\n3,"a\r\nb",3.jpg\n,x,4.jpg\n'
    entries, errors = read(tmp_path, text)
    assert [entry.pictures[0].line for entry in entries] == [2, 5]
    assert entries[0].product.title == 'Two\nlines, one "cell"'
    assert entries[1].product.title == "a\nb"
    assert reasons(errors) == [(4, "no_picture"), (7, "no_id")]


def test_lines_above_the_header_are_counted(tmp_path: Path) -> None:
    text = "sep=,\n\n" + HEADER + '1,"Two\nlines",1.jpg\n,x,2.jpg\n3,"open\n'
    (entry,), errors = read(tmp_path, text)
    assert entry.line == 4
    assert reasons(errors) == [(6, "no_id"), (7, "damaged_row")]


def test_of_columns_that_are_only_kept_the_first_counts(tmp_path: Path) -> None:
    (entry,), errors = read(tmp_path, "id,image,colour,Colour,colour\n1,a.jpg,red,blue,green\n")
    assert errors == []
    assert entry.product.attributes == {"colour": "red"}


def test_several_addresses_of_pictures_stand_in_one_cell(tmp_path: Path) -> None:
    text = 'id,image\n1,"https://x.example/a,b.jpg, https://x.example/c d.jpg,//x.example/e.jpg"\n'
    entries, _ = read(tmp_path, text + '2,"one, two.jpg"\n')
    assert [[picture.location for picture in entry.pictures] for entry in entries] == [
        ["https://x.example/a,b.jpg", "https://x.example/c d.jpg", "https://x.example/e.jpg"],
        ["one, two.jpg"],
    ]


def test_every_word_is_freed_of_html(tmp_path: Path) -> None:
    text = (
        "id,title,image,brand,material\n1,Salt &amp; Pepper,a.jpg,A &amp; B,<b>Oak</b> &#128512;\n"
    )
    (entry,), _ = read(tmp_path, text)
    product = entry.product
    assert (product.title, product.brand) == ("Salt & Pepper", "A & B")
    assert product.attributes == {"material": "Oak 😀"}


def test_ids_are_texts(tmp_path: Path) -> None:
    ids = [
        "007",
        "7",
        "1e5",
        "100000",
        "ABC",
        "abc",
        "NA",
        "nan",
        "null",
        "-0",
        "x" * 200,
        "É",
        "é",
    ]
    entries, errors = read(tmp_path, HEADER + "".join(f"{key} ,T,{key[:9]}.jpg\n" for key in ids))
    assert errors == []
    assert [entry.product.id for entry in entries] == ids


def test_rows_of_one_id_are_one_product_with_many_pictures(tmp_path: Path) -> None:
    text = (
        "id,title,image,brand,colour\n"
        "1,Shoe,a.jpg,,red\n2,Hat,h.jpg,,\n1,,b.jpg,Fleet,blue\n1,Shoe,c.jpg,Other,\n"
    )
    entries, errors = read(tmp_path, text)
    assert errors == []
    shoe, hat = entries
    assert shoe.pictures == tuple(
        PictureRef(f"{name}.jpg", line) for name, line in (("a", 2), ("b", 4), ("c", 5))
    )
    assert (shoe.product.brand, shoe.product.attributes) == ("Fleet", {"colour": "red"})
    assert hat.product.title == "Hat"


def test_bad_rows_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    text = HEADER.encode() + b"".join(
        [
            b"1,Shoe,1.jpg\n",
            b"1,Boot,1b.jpg\n",  # another title: not the same product
            b"1,Shoe,1.jpg\n",  # said before
            b",Hat,2.jpg\n",
            b"3,Cap,\n",
            b"4,Red, wide,4.jpg\n",
            b"5\n",
            b"6,Caf\xe9,6.jpg\n",  # Latin-1
            b"7,Caf\xc3\xa9,7.jpg\n",
            b'8,"8" display,8.jpg\n',
            b"9,Last,9.jpg\n",
        ]
    )
    entries, errors = read(tmp_path, text)
    assert [entry.product.id for entry in entries] == ["1", "7", "9"]
    assert entries[1].product.title == "Café"
    assert sorted(reasons(errors)) == [
        (3, "duplicate_id"),
        (4, "duplicate_row"),
        (5, "no_id"),
        (6, "no_picture"),
        (7, "too_many_cells"),
        (8, "no_picture"),
        (9, "not_utf8"),
        (11, "damaged_row"),
    ]
    assert all(str(error).startswith(f"line {error.line}: ") for error in errors)


def test_an_open_quote_loses_nothing_silently(tmp_path: Path) -> None:
    lines = [f"{number},Thing,{number}.jpg" for number in range(2, 40)]
    lines[10] = '12,"Thing,12.jpg'
    entries, errors = read(tmp_path, HEADER + "\n".join(lines) + "\n")
    read_lines = {entry.pictures[0].line for entry in entries}
    (error,) = errors
    assert error.line == 12
    missing = set(range(2, 40)) - {line for line in read_lines if line is not None}
    assert missing == set(range(12, 40))
    assert "up to line 39" in str(error)


def test_an_open_quote_spares_what_follows_the_next_quote(tmp_path: Path) -> None:
    entries, errors = read(tmp_path, HEADER + '1,"Thing,1.jpg\n2,"Other",2.jpg\n3,Third,3.jpg\n')
    assert [entry.product.id for entry in entries] == ["3"]
    (error,) = errors
    assert error.line == 2
    assert "up to line 3" in str(error)


def test_a_very_long_cell_damages_its_own_row_only(tmp_path: Path) -> None:
    entries, errors = read(tmp_path, HEADER + f"1,{'x' * 200_000},1.jpg\n2,Shoe,2.jpg\n")
    assert [entry.product.id for entry in entries][-1] == "2"
    assert len(entries) + len(errors) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b",cell" * 10_000, r"has 10,001 cells, and at most 10,000 columns"),
        (b"\xfe\xff\x00i\x00d", "lacks the column"),
        (b"PK\x03\x04 a spreadsheet", "ZIP or Excel"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not a text file"),
        ("id,images,caf\xe9\n".encode("latin-1"), "not UTF-8"),
        (b"id,image,ID\n1,a.jpg,2\n", "'id' twice"),
        (b'"id,image\n', "header"),
        (b"sku,picture\n1,a.jpg\n", "lacks the columns 'id', 'image'; it has 'sku', 'picture'"),
        (b"id,images\n1,a.jpg\n", "'images' may be meant for 'image'"),
        (
            b"product_id,image\n1,a.jpg\n",
            "lacks the column 'id'",
        ),
        (b"<html><body>Sign in</body></html>", "web page"),
        (b"\n<!DOCTYPE html><title>Sign in</title>", "web page"),
        (b"\x1f\x8b\x08\x00packed", "damaged"),
        (b'[{"id": "1", "image": "a.jpg"}]', "JSON"),
    ],
)
def test_a_file_that_is_no_feed_says_what_it_is(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(CatalogError, match=words):
        read(tmp_path, content)


def test_a_feed_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogNotFoundError, match=r"none\.csv"):
        read_catalog(tmp_path / "none.csv")


def test_a_feed_on_the_web_is_to_be_downloaded() -> None:
    with pytest.raises(CatalogNotFoundError, match="download"):
        read_catalog(Path("https://shop.example/feed.xml"))


def test_of_very_many_columns_the_first_are_named(tmp_path: Path) -> None:
    names = [f"meta {number}" for number in range(10_000)]
    with pytest.raises(CatalogColumnsError, match=r"'meta 99', and 9900 more\."):
        read(tmp_path, ",".join(names) + "\n")


def test_wrong_columns_have_their_own_error(tmp_path: Path) -> None:
    with pytest.raises(CatalogColumnsError):
        read(tmp_path, "name\nx\n")


def test_a_header_alone_is_no_product(tmp_path: Path) -> None:
    assert read(tmp_path, HEADER) == ([], [])


def test_a_bad_price_costs_the_price_not_the_product(tmp_path: Path) -> None:
    (entry,), errors = read(tmp_path, "id,image,price\n1,a.jpg,ask us\n")
    assert entry.product.price is None
    assert reasons(errors) == [(2, "bad_price")]
    assert "ask us" in str(errors[0])


@pytest.mark.parametrize(
    ("text", "price", "currency"),
    [
        ("", None, ""),
        ("999", "999", ""),
        ("15.00 USD", "15.00", "USD"),
        ("USD 15.00", "15.00", "USD"),
        ("€1.299,00", "1299.00", "EUR"),
        ("1.299,00 €", "1299.00", "EUR"),
        ("1\u00a0299,00\u00a0€", "1299.00", "EUR"),
        ("1\u202f299,00 €", "1299.00", "EUR"),
        ("1,299.00", "1299.00", ""),
        ("1,299", "1299", ""),
        ("1.299", "1299", ""),
        ("1.299.000", "1299000", ""),
        ("₹999", "999", "INR"),
        ("₹1,29,999", "129999", "INR"),
        ("₹ 1,29,999.50", "129999.50", "INR"),
        ("12'000.50", "12000.50", ""),
        ("12’000.50 CHF", "12000.50", "CHF"),
        ("0.500", "0.500", ""),
        ("1299.000", "1299.000", ""),
        ("34.0000", "34.0000", ""),
        ("12,5", "12.5", ""),
        ("$0", "0", "USD"),
        ("12,- €", "12", "EUR"),
        ("CHF 12.–", "12", "CHF"),
        ("₹1,299/-", "1299", "INR"),
        ("Rs. 1,299", "1299", "INR"),
        ("1.299,00 €", "1299.00", "EUR"),
    ],
)
def test_a_price_is_read_as_people_write_it(text: str, price: str | None, currency: str) -> None:
    assert parse_price(text) == (None if price is None else Decimal(price), currency)


@pytest.mark.parametrize(
    "text",
    [
        "free",
        "-5",
        "-",
        "5-6",
        "1,299-",
        "1.2.3",
        "1,2,3.4.5",
        "5 or 6",
        "1,299.000",
        "NaN",
        "1e5",
        "5 EUR USD",
    ],
)
def test_what_is_no_price_is_not_guessed_at(text: str) -> None:
    with pytest.raises(ValueError, match="is no price"):
        parse_price(text)


def test_the_formats_have_names() -> None:
    assert format_names() == [
        "folder",
        "csv",
        "flipkart",
        "google",
        "google-xml",
        "shopify",
        "shopify-new",
        "woocommerce",
    ]
