"""Ports are checked before anything is begun for them."""

from argparse import ArgumentTypeError

import pytest

from scripts.ports import port_number
from tests.helpers import run_python


@pytest.mark.parametrize("text", ["0", "5000", "65535"])
def test_ports_are_numbers(text: str) -> None:
    assert port_number(text) == int(text)


@pytest.mark.parametrize("text", ["", "-1", "65536", "70000", "http", "5000.0", "٣", "9" * 5_000])
def test_what_is_no_port_is_refused_with_the_way_out(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="choose one from 0 to 65535"):
        port_number(text)


@pytest.mark.parametrize("script", ["demo.py", "storefront.py", "serve_local.py"])
def test_a_command_says_so_in_one_line(script: str) -> None:
    done = run_python(f"scripts/{script}", "--port", "70000")
    assert done.returncode == 2
    assert "'70000' is no port" in done.stderr.splitlines()[-1]
