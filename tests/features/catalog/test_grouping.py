"""Rows of one id become one product, wherever they stand in a feed of any size."""

import csv
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from features.catalog.grouping import GroupedProducts
from features.catalog.merging import MAX_ATTRIBUTES, MAX_PICTURES, MAX_VALUES
from features.errors import CatalogError, RowError
from features.types import CatalogEntry, PictureRef, Product
from tests.helpers import at_length, run_python


def row(
    identity: str = "1",
    *pictures: str,
    line: int | None = None,
    variant: bool = False,
    **words: object,
) -> CatalogEntry:
    product = Product(identity, **words)  # type: ignore[arg-type]
    return CatalogEntry(product, tuple(PictureRef(name, line) for name in pictures), line, variant)


def grouped(*rows: CatalogEntry | RowError) -> tuple[list[CatalogEntry], list[RowError]]:
    found = list(GroupedProducts(rows))
    return (
        [entry for entry in found if isinstance(entry, CatalogEntry)],
        [entry for entry in found if isinstance(entry, RowError)],
    )


def product(*rows: CatalogEntry) -> Product:
    (entry,), errors = grouped(*rows)
    assert errors == []
    return entry.product


def locations(entry: CatalogEntry) -> list[str]:
    return [picture.location for picture in entry.pictures]


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_rows_of_an_id_are_found_wherever_they_stand() -> None:
    rows = [row(str(number % 50), f"{number}.jpg", line=number + 2) for number in range(200)]
    entries, errors = grouped(*rows)
    assert errors == []
    assert [entry.product.id for entry in entries] == [str(number) for number in range(50)]
    assert locations(entries[7]) == ["7.jpg", "57.jpg", "107.jpg", "157.jpg"]
    assert [picture.line for picture in entries[7].pictures] == [9, 59, 109, 159]


def test_errors_come_at_once_and_products_after_the_last_row() -> None:
    def rows() -> Iterator[CatalogEntry | RowError]:
        yield row("1", "a.jpg", title="Shoe")
        yield RowError("torn", line=3)
        yield row("1", "b.jpg", title="Boot")
        seen.append("end")

    seen: list[str] = []
    for found in GroupedProducts(rows()):
        seen.append(type(found).__name__)
    assert seen == ["RowError", "RowError", "end", "CatalogEntry"]


def test_nothing_of_a_product_is_changed_on_the_way() -> None:
    odd = 'Ä "quoted", \\ back\nline \u2028 \U0001f45f \ud83d \ud83d\udc5f nul \x00'
    first = row(
        odd,
        odd,
        line=7,
        title=odd,
        description="",
        category="A > B",
        price=Decimal("1E+3"),
        currency="EUR",
        brand=odd,
        url="https://x.example/?a=1&b=ü",
        availability="made to order",
        attributes={"z": odd, "a": "1", odd: "ä"},
    )
    other = row("2", "b.jpg", price=Decimal("10.00"))
    (entry, second), _ = grouped(first, other, row("3"), row(odd, "late.jpg", variant=True))
    assert entry.product == first.product
    assert list(entry.product.attributes) == ["z", "a", odd]
    assert str(entry.product.price) == "1E+3"
    assert str(second.product.price) == "10.00"
    assert (entry.line, locations(entry)) == (7, [odd, "late.jpg"])


def test_the_first_row_counts_and_later_ones_fill_blanks() -> None:
    found = product(
        row("1", "a.jpg", title="Shoe", attributes={"colour": "red"}),
        row("1", "b.jpg", title="Shoe", brand="Fleet", attributes={"colour": "blue", "size": "9"}),
        row("1", "c.jpg", brand="Other"),
    )
    assert (found.title, found.brand) == ("Shoe", "Fleet")
    assert found.attributes == {"colour": "red", "size": "9"}


def test_a_price_keeps_its_own_currency() -> None:
    found = product(
        row("1", "a.jpg", currency="USD"),
        row("1", "b.jpg", price=Decimal(5), currency="EUR"),
    )
    assert (found.price, found.currency) == (Decimal(5), "EUR")


def test_an_id_with_two_titles_is_an_error_of_the_later_row() -> None:
    (entry,), (error,) = grouped(
        row("1", "a.jpg", title="Shoe", line=2), row("1", "b.jpg", title="Boot", line=3)
    )
    assert (error.line, error.row_code) == (3, "duplicate_id")
    assert "'Shoe' (line 2)" in str(error)
    assert locations(entry) == ["a.jpg"]


@pytest.mark.parametrize("pictures", [["a.jpg"], []])
def test_a_row_that_says_nothing_new_is_an_error(pictures: list[str]) -> None:
    (entry,), (error,) = grouped(
        row("1", "a.jpg", title="Shoe", line=2), row("1", *pictures, title="Shoe", line=3)
    )
    assert (error.line, error.row_code) == (3, "duplicate_row")
    assert locations(entry) == ["a.jpg"]


def test_a_row_without_a_picture_may_still_fill_blanks() -> None:
    assert product(row("1", "a.jpg"), row("1", brand="Fleet")).brand == "Fleet"


def test_a_picture_named_twice_in_a_row_is_one() -> None:
    (entry,), errors = grouped(row("1", "a.jpg", "a.jpg", "b.jpg"))
    assert (locations(entry), errors) == (["a.jpg", "b.jpg"], [])


def test_a_variant_is_never_a_repetition() -> None:
    (entry,), errors = grouped(
        row("1", "a.jpg", title="Shoe", line=2),
        row("1", "a.jpg", title="Shoe, red", line=3, variant=True),
        row("1", "b.jpg", title="Shoe, blue", brand="Fleet", line=4, variant=True),
        row("1", variant=True),
    )
    assert errors == []
    assert (entry.product.title, entry.product.brand, entry.line) == ("Shoe", "Fleet", 2)
    assert entry.pictures == (PictureRef("a.jpg", 2), PictureRef("b.jpg", 4))
    assert entry.variant is False


def test_the_products_own_row_wins_even_after_its_variants() -> None:
    (entry, _), errors = grouped(
        row("1", "red.jpg", title="Shoe, red", url="/red", line=2, variant=True),
        row("2", "hat.jpg", line=3),
        row("1", "shoe.jpg", "red.jpg", title="Shoe", line=4),
        row("1", "blue.jpg", title="Shoe, blue", line=5, variant=True),
    )
    assert errors == []
    assert (entry.product.title, entry.product.url, entry.line) == ("Shoe", "/red", 4)
    assert locations(entry) == ["shoe.jpg", "red.jpg", "blue.jpg"]


def test_variants_without_a_row_of_the_product_are_the_product() -> None:
    (entry,), errors = grouped(
        row("1", "red.jpg", title="Shoe, red", line=2, variant=True),
        row("1", "blue.jpg", title="Shoe, blue", line=3, variant=True),
    )
    assert errors == []
    assert (entry.product.title, entry.line) == ("Shoe, red", 2)
    assert locations(entry) == ["red.jpg", "blue.jpg"]


def colours(*rows: CatalogEntry) -> str:
    return product(row("1", "a.jpg", variant=True), *rows).attributes["colour"]


def colour(value: str, variant: bool = True) -> CatalogEntry:
    return row("1", *([] if variant else ["b.jpg"]), variant=variant, attributes={"colour": value})


def test_the_values_of_variants_are_joined() -> None:
    assert colours(colour("Blue"), colour("Green"), colour("Blue"), colour("Red")) == (
        "Blue, Green, Red"
    )


def test_the_products_own_value_comes_first() -> None:
    assert colours(colour("Blue"), colour("Grey", variant=False)) == "Grey, Blue"


@pytest.mark.parametrize("own", ["Blue, Green, Red", "Blue,Green,Red"])
def test_a_value_that_the_product_lists_is_not_added(own: str) -> None:
    found = colours(colour("Green"), colour(own, variant=False), colour("Blue"), colour("Bl"))
    assert found == f"{own}, Bl"


def test_no_value_grows_without_end() -> None:
    found = colours(*(colour(str(number)) for number in range(200)))
    assert found.split(", ") == [str(number) for number in range(MAX_VALUES)]


def price(amount: str | None, currency: str = "EUR", variant: bool = True) -> CatalogEntry:
    worth = None if amount is None else Decimal(amount)
    name = f"{amount}-{currency}-{variant}.jpg"
    return row("1", name, price=worth, currency=currency if amount else "", variant=variant)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([price("30"), price("20"), price("25")], ("20", "EUR")),
        ([price("30"), price("5", "USD"), price("25")], ("25", "EUR")),
        ([price(None), price("30", "USD"), price("20")], ("30", "USD")),
        ([price("20"), price("40", variant=False)], ("40", "EUR")),
        ([price(None, variant=False), price("30"), price("20")], ("20", "EUR")),
    ],
)
def test_the_price_is_the_products_else_the_cheapest_variants(
    rows: list[CatalogEntry], expected: tuple[str, str]
) -> None:
    found = product(*rows)
    assert (str(found.price), found.currency) == expected


@pytest.mark.parametrize(
    ("own", "variants", "expected"),
    [
        ("out_of_stock", ["backorder", "in_stock", "preorder"], "in_stock"),
        ("out of stock", ["Preorder", "backorder"], "Preorder"),
        ("", ["out_of_stock", "backorder"], "backorder"),
        ("ask us", ["out_of_stock"], "out_of_stock"),
        ("ask us", ["who knows", ""], "ask us"),
    ],
)
def test_the_best_availability_counts(own: str, variants: list[str], expected: str) -> None:
    rows = [row("1", variant=True, availability=text) for text in variants]
    assert product(row("1", "a.jpg", availability=own), *rows).availability == expected


def test_a_product_without_any_picture_is_an_error_of_its_row() -> None:
    (entry,), (error,) = grouped(row("1", line=2), row("2", "b.jpg"), row("1", variant=True))
    assert entry.product.id == "2"
    assert (error.line, error.row_code) == (2, "no_picture")
    assert "'1'" in str(error)


def test_a_variant_may_bring_the_only_picture() -> None:
    (entry,), errors = grouped(row("1", title="Shoe"), row("1", "a.jpg", variant=True))
    assert (entry.product.title, locations(entry), errors) == ("Shoe", ["a.jpg"], [])


@pytest.mark.parametrize("variant", [False, True])
def test_an_id_that_every_row_shares_is_named(variant: bool) -> None:
    rows = [row("1", f"{number}.jpg", variant=variant) for number in range(MAX_PICTURES + 2)]
    (entry,), errors = grouped(*rows)
    assert len(entry.pictures) == MAX_PICTURES
    assert [error.row_code for error in errors] == ["too_many_pictures"] * 2


@pytest.mark.parametrize("variant", [False, True])
def test_rows_that_add_attributes_without_end_are_refused(variant: bool) -> None:
    rows = [
        row("1", variant=variant, line=number, attributes={f"name {number}": "a"})
        for number in range(MAX_ATTRIBUTES + 2)
    ]
    (entry,), errors = grouped(row("1", "a.jpg", variant=variant), *rows)
    assert len(entry.product.attributes) == MAX_ATTRIBUTES
    lines = [(error.line, error.row_code) for error in errors]
    assert lines == [(MAX_ATTRIBUTES + more, "too_many_attributes") for more in range(2)]


def test_the_temporary_file_is_deleted_at_the_end(temporary: Path) -> None:
    groups = GroupedProducts([row("1", "a.jpg"), row("2", "b.jpg")])
    next(groups)
    assert len(list(temporary.iterdir())) == 1
    next(groups)
    assert list(groups) == []
    assert list(temporary.iterdir()) == []


def test_the_temporary_file_is_deleted_when_nobody_reads_on(temporary: Path) -> None:
    groups = GroupedProducts([row("1", "a.jpg"), row("2", "b.jpg")])
    next(groups)
    assert list(temporary.iterdir()) != []
    del groups
    assert list(temporary.iterdir()) == []


def test_the_temporary_file_is_deleted_when_the_feed_fails(temporary: Path) -> None:
    def rows() -> Iterator[CatalogEntry]:
        yield row("1", "a.jpg")
        assert list(temporary.iterdir()) != []
        raise CatalogError("the feed ended early")

    with pytest.raises(CatalogError, match="ended early"):
        list(GroupedProducts(rows()))
    assert list(temporary.iterdir()) == []


def test_a_temporary_folder_that_is_not_there_is_named(temporary: Path) -> None:
    temporary.rmdir()
    with pytest.raises(CatalogError, match="TMPDIR"):
        list(GroupedProducts([row("1", "a.jpg")]))


# The largest file a process may write stands for the end of the disk: SQLite meets both alike.
ON_A_SMALL_DISK = """
import resource, signal, sys, tempfile
from features.catalog.grouping import GroupedProducts
from features.errors import CatalogError
from features.types import CatalogEntry, PictureRef, Product
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
word = "word " * 20_000
rows = (CatalogEntry(Product(str(n), description=word), (PictureRef("a"),)) for n in range(2000))
try:
    for _ in GroupedProducts(rows):
        raise SystemExit("the disk was large enough")
except CatalogError as error:
    print(error)
"""


def test_a_full_disk_is_named_with_its_folder(temporary: Path) -> None:
    done = run_python("-c", ON_A_SMALL_DISK, TMPDIR=str(temporary))
    assert done.returncode == 0, done.stderr
    assert str(temporary) in done.stdout
    assert "make room" in done.stdout
    assert list(temporary.iterdir()) == []


READ = """
import sys, time
from pathlib import Path
from features.catalog import read_catalog
started = time.process_time()
rows = sum(1 for _ in read_catalog(Path(sys.argv[1])))
status = Path("/proc/self/status").read_text()  # getrusage counts the process before exec, too
print(rows, int(status.partition("VmHWM:")[2].split()[0]) // 1024)
print(f"{time.process_time() - started:.0f} s of processor time", file=sys.stderr)
"""


@pytest.mark.slow
@pytest.mark.long
def test_many_rows_need_little_memory(tmp_path: Path) -> None:
    path, count = tmp_path / "feed.csv", at_length(1_000_000, 200_000)
    ids = count * 9 // 10 + 1  # one in ten has two rows, far apart
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "title", "description", "category", "image", "price", "colour"])
        for number in range(count):
            key = number * 7919 % ids
            text = f"A light shoe for long runs on any ground, number {key}"
            cells = [f"sku-{key}", f"Shoe {key}", text, "Shoes", f"{number}.jpg", "9.95 EUR", "red"]
            writer.writerow(cells)
    done = run_python("-c", READ, path)
    assert done.returncode == 0, done.stderr
    rows, megabytes = map(int, done.stdout.split())
    print(f"peak memory {megabytes} MB, {done.stderr.strip()}")  # noqa: T201
    assert rows == ids
    assert megabytes < 120
