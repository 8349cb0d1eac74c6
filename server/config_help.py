"""`flask --app server config-help`: every setting, as server/config.py itself describes it."""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import Field, dataclass, fields
from itertools import pairwise

import click

from server.config import PREFIX, Settings


@dataclass(frozen=True)
class SettingHelp:
    """One setting for people."""

    variable: str
    default: str
    """As the variable would hold it; empty for none."""
    meaning: str


@click.command("config-help")
def config_help() -> None:
    """List the settings: environment variables, their defaults, and what they mean."""
    for setting in described_settings():
        click.echo(f"{setting.variable}={setting.default}\n    {setting.meaning}")


def described_settings() -> list[SettingHelp]:
    """The settings in their order."""
    meanings = dict(_meanings())
    return [
        SettingHelp(PREFIX + field.name.upper(), _default(field), meanings[field.name])
        for field in fields(Settings)
    ]


def _meanings() -> Iterator[tuple[str, str]]:
    """The text below each field of the class; Python itself does not keep it."""
    (definition,) = ast.parse(inspect.getsource(Settings)).body
    for field, text in pairwise(ast.iter_child_nodes(definition)):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(
                value=ast.Constant(value=str(meaning))
            ):
                yield name, inspect.cleandoc(meaning)


def _default(field: "Field[object]") -> str:
    if field.default is None:
        return ""
    return ",".join(field.default) if isinstance(field.default, tuple) else str(field.default)
