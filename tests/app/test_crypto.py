"""Keys: what is encrypted opens with the right key only, also after a rotation, and look-ups stay found."""

from pathlib import Path

import pytest

from app.crypto import Vault, WeakSecretKey, WrongSecretKey, open_vault
from tests.live import settings_for

OLD, NEW = "o" * 40, "n" * 40


def test_what_was_encrypted_opens_and_is_never_the_same_twice() -> None:
    vault = Vault(OLD)
    first, second = vault.encrypt("5000000001"), vault.encrypt("5000000001")
    assert first != second
    assert b"5000000001" not in first
    assert vault.decrypt(first) == vault.decrypt(second) == "5000000001"


def test_after_a_rotation_old_data_opens_and_is_found() -> None:
    old, rotated, only_new = Vault(OLD), Vault(f"{NEW}, {OLD}"), Vault(NEW)
    assert rotated.decrypt(old.encrypt("x")) == "x"
    assert rotated.lookup("x") == old.lookup("x")
    assert only_new.decrypt(rotated.encrypt("x")) == "x", "new data is written with the new key"
    assert rotated.signed_by_us("x", old.sign("x"))
    with pytest.raises(WrongSecretKey):
        only_new.decrypt(old.encrypt("x"))


def test_lookups_of_different_parts_differ() -> None:
    vault = Vault(OLD)
    assert vault.lookup("ab", "c") != vault.lookup("a", "bc")
    assert vault.lookup("a") != Vault(NEW).lookup("a")


@pytest.mark.parametrize("key", ["", "short", "k" * 31, f"{OLD},short"])
def test_weak_keys_are_refused(key: str) -> None:
    with pytest.raises(WeakSecretKey):
        Vault(key)


@pytest.mark.parametrize("signature", ["", "é", "0" * 64])
def test_forged_signatures(signature: str) -> None:
    assert not Vault(OLD).signed_by_us("x", signature)


def test_the_demo_makes_a_key_once_and_keeps_it_to_itself(tmp_path: Path) -> None:
    demo = settings_for(tmp_path / "var", secret_key="", demo=True)
    sealed = open_vault(demo).encrypt("x")
    assert open_vault(demo).decrypt(sealed) == "x"
    assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o077 == 0
    with pytest.raises(WeakSecretKey):
        open_vault(settings_for(tmp_path / "other", secret_key="", demo=False))
