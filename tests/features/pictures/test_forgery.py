"""No address of a picture, however it is spelled, leads to a private place."""

import pytest

from scripts.attacks.forgery import forged
from scripts.attacks.places import private_hosts

EVERY = list(private_hosts())


@pytest.mark.parametrize(
    ("hosts", "least"),
    [(EVERY[::16], 120), pytest.param(EVERY, 1_900, marks=pytest.mark.slow)],
    ids=["some", "all"],
)
def test_no_address_leads_to_a_private_place(hosts: list[str], least: int) -> None:
    direct, redirected, others, rebound = forged(hosts)
    assert direct.tried >= least
    assert redirected.tried > direct.tried
    assert [direct.through, redirected.through, others.through, rebound.through] == [()] * 4


def test_a_guard_that_lets_this_machine_in_would_be_seen() -> None:
    direct, redirected, _, rebound = forged(["127.0.0.1"], allowed=["127.0.0.0/8"])
    assert direct.through
    assert redirected.through
    assert rebound.through
