"""Google Merchant Center in XML: RSS and Atom."""

from pathlib import Path

import pytest

from features.catalog import FeedOptions, read_catalog
from features.catalog.feed import FeedFile
from features.catalog.formats import open_feed
from features.errors import CatalogColumnsError, CatalogError, RowError
from features.types import PictureRef
from tests.features.catalog.reading import locations, read_at, read_feed
from tests.helpers import run_python

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">
<channel>
  <title>A shop</title>
  <link>https://x.example</link>
  <item>
    <title>Feed's words</title>
    <g:title>Tee &amp; Cap</g:title>
    <description><![CDATA[<p>Soft</p><p>Warm</p>]]></description>
    <link>https://x.example/a1</link>
    <g:id>A1</g:id>
    <g:image_link>https://x.example/a1.jpg</g:image_link>
    <g:additional_image_link>https://x.example/a1-2.jpg</g:additional_image_link>
    <g:additional_image_link>https://x.example/a1-3.jpg</g:additional_image_link>
    <g:price>15.00 USD</g:price>
    <g:availability>in stock</g:availability>
    <g:item_group_id>A</g:item_group_id>
    <g:shipping><g:country>US</g:country><g:price>5 USD</g:price></g:shipping>
    <g:color>Red</g:color>
  </item>
  <item><id>B</id><title>Hat</title><image_link>b.jpg</image_link></item>
</channel>
</rss>
"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<title>A shop</title>
<entry>
  <id>tag:x.example:1</id><g:id>1</g:id><title type="text">Hat</title>
  <link href="https://x.example/1"/><summary>Keeps <b>warm</b></summary>
  <g:image_link>1.jpg</g:image_link>
</entry>
</feed>
"""


def items(count: int) -> str:
    return "".join(
        f"<item>\n<id>{n}</id><image_link>{n}.jpg</image_link></item>" for n in range(count)
    )


def test_items_of_rss_are_offers(tmp_path: Path) -> None:
    (tee, hat), reasons = read_feed(tmp_path, RSS)
    assert reasons == []
    assert (tee.product.id, tee.variant, tee.line) == ("A", True, 6)
    assert (tee.product.title, tee.product.description) == ("Tee & Cap", "Soft\nWarm")
    assert (tee.product.url, tee.product.availability) == ("https://x.example/a1", "in_stock")
    assert (tee.product.price, tee.product.currency) == (15, "USD")
    assert tee.product.attributes == {"color": "Red", "variants": "A1"}
    assert tee.pictures == tuple(
        PictureRef(f"https://x.example/{name}.jpg", 6) for name in ("a1", "a1-2", "a1-3")
    )
    assert (hat.product.id, hat.variant, locations(hat), hat.line) == ("B", False, ["b.jpg"], 21)


def test_entries_of_atom_are_offers(tmp_path: Path) -> None:
    (hat,), reasons = read_feed(tmp_path, ATOM)
    assert reasons == []
    assert (hat.product.id, hat.product.title) == ("1", "Hat")
    assert (hat.product.url, hat.product.description) == ("https://x.example/1", "Keeps warm")
    assert locations(hat) == ["1.jpg"]


@pytest.mark.parametrize(
    "content",
    [
        RSS.encode(),
        b"\xef\xbb\xbf" + RSS.encode(),
        RSS.replace("UTF-8", "UTF-16").encode("utf-16"),
        RSS.replace("UTF-8", "iso-8859-1").encode("latin-1"),
        RSS.partition("?>\n")[2].encode(),
        b"<!-- made by a shop -->\n" + RSS.partition("?>\n")[2].encode(),
        ATOM.encode(),
    ],
)
def test_xml_is_known_by_its_beginning(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "feed.txt"
    path.write_bytes(content)
    assert read_catalog(path).format == "google-xml"
    assert read_at(path)[0]


def test_a_bad_item_is_named_by_its_line(tmp_path: Path) -> None:
    text = RSS.replace("<id>B</id>", "").replace("15.00 USD", "ask")
    entries, reasons = read_feed(tmp_path, text)
    assert [entry.product.id for entry in entries] == ["A"]
    assert reasons == [(6, "bad_price"), (21, "no_id")]


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        ("<rss><channel>\n" + items(3) + "\n<item><id>4</item>", 6),
        ("<rss><channel>\n" + items(3) + "\n<item><id>4", 6),
        ("<rss><channel>\n" + items(3) + "\n<item><title>&nbsp;</title></item>", 6),
        ("<rss><channel>\n" + items(3) + "\n<item><title>\x07</title></item>", 6),
        ("<rss><channel>\n" + items(3) + "</channel></rss>\n<rss>", 6),
    ],
)
def test_what_came_before_a_break_is_kept(tmp_path: Path, broken: str, line: int) -> None:
    entries, reasons = read_feed(tmp_path, broken)
    assert [entry.product.id for entry in entries] == ["0", "1", "2"]
    assert reasons == [(line, "broken_xml")]


def test_lines_are_right_beyond_those_that_fit_in_two_bytes(tmp_path: Path) -> None:
    (entry,), _ = read_feed(
        tmp_path, "<rss><channel>" + "\n" * 70_000 + items(1) + "</channel></rss>"
    )
    assert entry.line == 70_001


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('<!DOCTYPE rss [<!ENTITY a "b">]>', "defines entities"),
        ('<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/hostname">]>', "defines entities"),
        ('<!DOCTYPE rss [<!ENTITY % a SYSTEM "http://127.0.0.1:1/a"> %a;]>', "defines entities"),
    ],
)
def test_entities_are_refused(tmp_path: Path, content: str, words: str) -> None:
    text = f'<?xml version="1.0"?>{content}<rss><channel><item><id>&a;</id></item></channel></rss>'
    with pytest.raises(CatalogError, match=words):
        read_feed(tmp_path, text)


def test_a_harmless_doctype_is_no_reason_to_refuse(tmp_path: Path) -> None:
    doctype = '<!DOCTYPE rss SYSTEM "http://127.0.0.1:1/rss.dtd">'
    text = f'<?xml version="1.0"?>{doctype}<rss><channel>{items(1)}</channel></rss>'
    assert len(read_feed(tmp_path, text)[0]) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("<?xml version='1.0'?><html><body/></html>", "no product feed: it begins with <html>"),
        ("<?xml version='1.0'?>", "cannot be read as XML"),
        ("<?xml version='1.0' encoding='nonsense'?><rss/>", "cannot be read as XML"),
    ],
)
def test_xml_that_is_no_feed_says_what_it_is(tmp_path: Path, content: str, words: str) -> None:
    with pytest.raises(CatalogError, match=words):
        read_feed(tmp_path, content)


def test_a_table_is_no_xml(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="cannot be read as XML"):
        read_feed(tmp_path, "id,image_link\n1,a.jpg\n", FeedOptions(format="google-xml"))
    with pytest.raises(CatalogError, match="is XML; the format 'google' reads a table"):
        read_feed(tmp_path, RSS, FeedOptions(format="google"))


def test_a_map_names_elements_too(tmp_path: Path) -> None:
    text = "<rss><channel><item><sku>1</sku><photo>a.jpg</photo></item></channel></rss>"
    options = FeedOptions(columns={"id": "SKU", "image_link": "photo"})
    (entry,), _ = read_feed(tmp_path, text, options)
    assert (entry.product.id, locations(entry)) == ("1", ["a.jpg"])
    with pytest.raises(CatalogColumnsError, match="does not know"):
        read_feed(tmp_path, text, FeedOptions(columns={"photo": "photo"}))


READ_SHORT_AND_LONG = """
import re, sys
from pathlib import Path
from features.catalog.feed import FeedFile
from features.catalog.formats import open_feed
for name in sys.argv[1:]:
    count = sum(1 for _ in open_feed(FeedFile.at(Path(name))).read())
    status = Path("/proc/self/status").read_text()
    print(count, re.search(r"VmHWM:\\s+([0-9]+)", status)[1])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_long_feed_needs_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    item = f"<item><id>1</id><image_link>a</image_link><title>{'x' * 20_000}</title></item>"
    short, long = tmp_path / "short.xml", tmp_path / "long.xml"
    for path, count in ((short, 20), (long, 3000)):
        path.write_text(f"<rss><channel>{item * count}</channel></rss>", encoding="utf-8")
    done = run_python("-c", READ_SHORT_AND_LONG, short, long)
    assert done.returncode == 0, done.stderr
    first, second = (line.split() for line in done.stdout.splitlines())
    assert (first[0], second[0]) == ("20", "3000")
    assert int(second[1]) < int(first[1]) * 1.2


def test_a_prefix_that_nobody_declared_costs_nothing(tmp_path: Path) -> None:
    text = RSS.replace(' xmlns:g="http://base.google.com/ns/1.0"', "")
    entries, reasons = read_feed(tmp_path, text)
    assert reasons == []
    assert [entry.product.id for entry in entries] == ["A", "B"]
    assert len(entries[0].pictures) == 3


def test_a_break_is_seen_behind_many_undeclared_prefixes(tmp_path: Path) -> None:
    text = "<rss><channel>" + "<item><g:id>1</g:id></item>\n" * 200 + "<item></channel></rss>"
    entries, reasons = read_feed(tmp_path, text)
    assert (len(entries), reasons) == (200, [(201, "broken_xml")])


def test_a_feed_can_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(RSS, encoding="utf-8")
    reader = open_feed(FeedFile.at(path))
    assert list(reader.read()) == list(reader.read())
    first = next(iter(reader.read()))
    assert not isinstance(first, RowError)
