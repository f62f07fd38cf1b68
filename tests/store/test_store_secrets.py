"""Secrets that Matricula makes for itself: made once, whoever asks first."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from threading import Barrier

from matricula.store import Store
from matricula.store.secrets import Vault

ASKING = 4


def test_of_many_who_ask_at_once_all_are_told_the_same(address, tmp_path):
    """Whoever was told another one would make numbers and passwords by it that nobody knows again."""
    vault, numbers = Vault.create(tmp_path / "key"), count()
    with ExitStack() as stack:
        stores = [stack.enter_context(Store.open(address)) for _ in range(ASKING)]
        here = Barrier(ASKING)

        def made():
            here.wait(10)
            return str(next(numbers))

        def ask(store):
            return vault.made_once(store.secrets, "numbers", made)

        with ThreadPoolExecutor(ASKING) as pool:
            told = set(pool.map(ask, stores))
        assert told == {vault.made_once(stores[0].secrets, "numbers", made)}
