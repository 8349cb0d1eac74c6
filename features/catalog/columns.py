"""What a feed calls its columns, and what a format or the shop's own map calls them."""

import difflib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from features.catalog.cells import clean
from features.catalog.table import Table
from features.errors import CatalogColumnsError

Canonical = Callable[[str], str]

_MOST_LISTED = 100


def canonical_names(columns: Sequence[str], canonical: Canonical) -> tuple[str, ...]:
    """Each column by the format's name, unless another column has that name already."""
    names = list(columns)
    taken = set(columns)
    for place, column in enumerate(columns):
        name = canonical(column)
        if name not in taken:
            taken.add(name)
            names[place] = name
    return tuple(names)


def renaming(
    wanted: Mapping[str, str], known: Iterable[str], canonical: Canonical, form: str
) -> dict[str, str]:
    """The shop's map turned round: from the feed's own header to the format's column.

    Raises:
        CatalogColumnsError: the format has no such column, or a header shall be two.
    """
    turned: dict[str, str] = {}
    for target, source in wanted.items():
        name, header = canonical(clean(target).lower()), clean(source).lower()
        if name not in known:
            raise CatalogColumnsError(
                f"the map names the column {target!r}, which the format {form!r} does not know; "
                f"it knows {_listed(sorted(known))}"
            )
        if header in turned:
            raise CatalogColumnsError(
                f"the map uses {source!r} for {turned[header]!r} and for {name!r}; "
                "give the feed a column for each"
            )
        turned[header] = name
    return turned


def renamed(table: Table, names: Mapping[str, str]) -> tuple[str, ...]:
    """The table's columns after the map; one whose name the map gave away has none.

    Raises:
        CatalogColumnsError: the table has no such column.
    """
    for header in names:
        if header not in table.columns:
            raise CatalogColumnsError(
                f"the map names the column {header!r}, which {table.feed.name} does not have; "
                f"it has {_listed(table.columns)}"
            )
    given = set(names.values())
    return tuple(names.get(column, "" if column in given else column) for column in table.columns)


def refuse_repeated(table: Table, known: Collection[str]) -> None:
    """One column too many is one whose meaning nobody can tell.

    Raises:
        CatalogColumnsError: a column that is read is there twice.
    """
    for name in table.repeated:
        if name in known:
            raise CatalogColumnsError(
                f"{table.feed.name} has the column {name!r} twice; rename or delete one of them"
            )


def first_of_each(columns: Sequence[str], repeatable: Collection[str]) -> tuple[str, ...]:
    """The columns; later ones of the same name have none, but where they may be repeated."""
    first = {name: place for place, name in reversed(list(enumerate(columns)))}
    return tuple(
        name if name in repeatable or first[name] == place else ""
        for place, name in enumerate(columns)
    )


def lacking(table: Table, required: Sequence[str], advice: str) -> CatalogColumnsError:
    """The error that says which of the required columns are not there, and what may be meant."""
    missing = [name for name in required if name not in table.columns]
    near = {
        name: found[0]
        for name in missing
        if (found := difflib.get_close_matches(name, table.columns, n=1, cutoff=0.5))
    }
    hints = "; ".join(f"{found!r} may be meant for {name!r}" for name, found in near.items())
    return CatalogColumnsError(
        f"{table.feed.name} lacks the column{'s' if len(missing) > 1 else ''} {_listed(missing)}"
        f"{f' ({hints})' if hints else ''}; it has {_listed(table.columns)}. {advice}"
    )


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - _MOST_LISTED
    more = [f"and {rest} more"] if rest > 0 else []
    return ", ".join([*map(repr, names[:_MOST_LISTED]), *more])
