"""What the rows of one id say together: the product's own rows, and those of its variants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from features.errors import RowError
from features.types import CatalogEntry, PictureRef, Product

# One product never grows without end, whatever a feed repeats.
MAX_PICTURES = 1000
MAX_ATTRIBUTES = 1000
MAX_VALUES = 50

_JOINT = ", "
_AVAILABILITY = ("in_stock", "preorder", "backorder", "out_of_stock")
_TEXTS = tuple(
    field.name
    for field in fields(Product)
    if field.name not in {"id", "price", "currency", "availability", "attributes"}
)


@dataclass
class Rows:
    """Rows of one kind: their words, the line of the first, and each picture with its line."""

    product: Product
    line: int | None
    pictures: dict[str, int | None]

    @classmethod
    def of(cls, entry: CatalogEntry) -> "Rows":
        """What the first row says."""
        pictures: dict[str, int | None] = {}
        for picture in entry.pictures:
            pictures.setdefault(picture.location, picture.line)
        return cls(entry.product, entry.line, pictures)

    @property
    def first_line(self) -> int | None:
        """Where the feed first describes the product: on a line, or on that of a picture."""
        return next(iter(self.pictures.values()), None) if self.line is None else self.line


@dataclass
class Group:
    """Everything that a feed has said of one id so far."""

    own: Rows | None = None
    variants: Rows | None = None
    values: dict[str, list[str]] = field(default_factory=dict)
    """What the variants say of each attribute."""

    @classmethod
    def of(cls, entry: CatalogEntry) -> "Group":
        """The group of an id's first row."""
        group = cls()
        group.add(entry)
        return group

    def add(self, entry: CatalogEntry) -> None:
        """Take in one more row of the id.

        Raises:
            RowError: the row contradicts or repeats an earlier one; the group stays as it was.
        """
        if entry.variant:
            self._add_variant(entry)
        elif self.own is None:
            self.own = Rows.of(entry)
        else:
            _add_own(self.own, entry)

    @property
    def picture_count(self) -> int:
        """How many pictures the product has so far."""
        named = [rows.pictures.keys() for rows in (self.own, self.variants) if rows is not None]
        return len(set[str]().union(*named))

    def entry(self) -> CatalogEntry | RowError:
        """The product as a whole; an error where no row gave it a picture."""
        first, *later = [rows for rows in (self.own, self.variants) if rows is not None]
        product, pictures = first.product, first.pictures
        for rows in later:
            product = _filled(product, rows.product)
            pictures = pictures | _new(rows.pictures, pictures)
        if not pictures:
            return RowError(
                f"product {product.id!r} has no picture", line=first.line, code="no_picture"
            )
        if self.values:
            product = replace(product, attributes=_joined(product.attributes, self.values))
        return CatalogEntry(
            product,
            tuple(PictureRef(location, line) for location, line in pictures.items()),
            first.line,
        )

    def _add_variant(self, entry: CatalogEntry) -> None:
        variant = replace(entry, product=replace(entry.product, attributes={}))
        if self.variants is None:
            self.variants = Rows.of(variant)
        else:
            added = _new(Rows.of(variant).pictures, self.variants.pictures)
            _refuse_too_many(self.variants, added, entry)
            _refuse_many_attributes(self.values, entry)
            self.variants.pictures.update(added)
            self.variants.product = _cheaper(self.variants.product, variant.product)
        for name, value in entry.product.attributes.items():
            _add_value(self.values.setdefault(name, []), value)


def _add_own(rows: Rows, entry: CatalogEntry) -> None:
    first, later = rows.product, entry.product
    if later.title and first.title and later.title != first.title:
        where = "" if rows.first_line is None else f" (line {rows.first_line})"
        raise RowError(
            f"the id {first.id!r} stands for {first.title!r}{where} and here for "
            f"{later.title!r}; give each its own id",
            line=Rows.of(entry).first_line,
            code="duplicate_id",
        )
    filled = _filled(first, later)
    added = _new(Rows.of(entry).pictures, rows.pictures)
    if not added and (entry.pictures or filled == first):
        raise _repeated(entry)
    _refuse_too_many(rows, added, entry)
    _refuse_many_attributes(first.attributes, entry)
    rows.product = filled
    rows.pictures.update(added)


def _repeated(entry: CatalogEntry) -> RowError:
    identity = entry.product.id
    said = (
        f"the picture {entry.pictures[0].location!r} of {identity!r} was given before"
        if entry.pictures
        else f"everything about {identity!r} was said before"
    )
    return RowError(said, line=Rows.of(entry).first_line, code="duplicate_row")


def _refuse_too_many(rows: Rows, added: Mapping[str, int | None], entry: CatalogEntry) -> None:
    if added and len(rows.pictures) + len(added) > MAX_PICTURES:
        raise _too_many("pictures", MAX_PICTURES, entry)


def _refuse_many_attributes(known: Mapping[str, object], entry: CatalogEntry) -> None:
    added = entry.product.attributes.keys() - known.keys()
    if added and len(known) + len(added) > MAX_ATTRIBUTES:
        raise _too_many("attributes", MAX_ATTRIBUTES, entry)


def _too_many(things: str, most: int, entry: CatalogEntry) -> RowError:
    return RowError(
        f"product {entry.product.id!r} has more than {most} {things}; "
        "is each product's id its own?",
        line=Rows.of(entry).first_line,
        code=f"too_many_{things}",
    )


def _new(
    pictures: Mapping[str, int | None], known: Mapping[str, int | None]
) -> dict[str, int | None]:
    return {location: line for location, line in pictures.items() if location not in known}


def _filled(first: Product, later: Product) -> Product:
    """The first's words; the later's where it has none. A price brings its currency along."""
    texts = {name: getattr(first, name) or getattr(later, name) for name in _TEXTS}
    price, currency = first.price, first.currency or later.currency
    if price is None and later.price is not None:
        price, currency = later.price, later.currency or first.currency
    return Product(
        first.id,
        **texts,
        price=price,
        currency=currency,
        availability=_best(first.availability, later.availability),
        attributes={**first.attributes, **_missing(later.attributes, first.attributes)},
    )


def _cheaper(first: Product, later: Product) -> Product:
    """The first's words with the lower price, where both are in the first's currency."""
    filled = _filled(first, later)
    if filled.price is None or later.price is None or later.currency != filled.currency:
        return filled
    return replace(filled, price=min(filled.price, later.price))


def _missing(later: Mapping[str, str], first: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in later.items() if name not in first}


def _best(first: str, later: str) -> str:
    """The text that promises the most; one that is not understood promises nothing."""
    return min(first, later, key=_rank) if first and later else first or later


def _rank(availability: str) -> int:
    plain = availability.casefold().replace(" ", "_")
    return _AVAILABILITY.index(plain) if plain in _AVAILABILITY else len(_AVAILABILITY)


def _joined(own: Mapping[str, str], values: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The product's own values first, then those of its variants that they do not list yet."""
    names = dict.fromkeys((*own, *values))
    return {name: _value(own.get(name, ""), values.get(name, ())) for name in names}


def _value(own: str, others: Sequence[str]) -> str:
    parts = {part.strip() for part in own.split(",")}
    texts = [own] if own else []
    for value in others:
        if value not in texts and value not in parts and len(texts) < MAX_VALUES:
            texts.append(value)
    return _JOINT.join(texts)


def _add_value(values: list[str], value: str) -> None:
    if value and value not in values and len(values) < MAX_VALUES:
        values.append(value)
