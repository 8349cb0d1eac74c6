"""What is known of web servers while they are asked for pictures."""

import pytest

from features.errors import FetchHostDownError
from features.pictures.manners import Hosts


def ask_in_vain(hosts: Hosts, name: str) -> None:
    with hosts.turn(name):
        pass
    hosts.gave_up(name)


def test_a_server_that_does_not_answer_is_left_alone_until_ten_thousand_others_were_asked() -> None:
    hosts = Hosts(per_host=1, patience=1)
    ask_in_vain(hosts, "silent.example")
    with pytest.raises(FetchHostDownError), hosts.turn("silent.example"):
        pass
    for number in range(9_999):
        ask_in_vain(hosts, f"{number}.example")
    with pytest.raises(FetchHostDownError), hosts.turn("silent.example"):
        pass
    for number in range(10_000):
        ask_in_vain(hosts, f"{number}.other.example")
    with hosts.turn("silent.example"):
        pass


def test_a_server_may_be_forgotten_while_it_is_asked() -> None:
    hosts = Hosts(per_host=1, patience=1)
    with hosts.turn("slow.example"):
        for number in range(10_000):
            ask_in_vain(hosts, f"{number}.example")
        hosts.answered("slow.example")
        hosts.pause("slow.example", 0.0)
    with hosts.turn("slow.example"):
        pass
