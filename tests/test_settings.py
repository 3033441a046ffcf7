"""The environment is read in one place: defaults are safe, mistakes are listed together, secrets are kept."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from settings import GENERATED, BadSettings, Settings, load_settings


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of this machine counts; VAR_DIR is a folder that does not exist yet."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))


def test_secrets_are_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    first, second = load_settings(), load_settings()
    assert first == second
    assert all(getattr(first, name.lower()) for name in GENERATED)
    path = tmp_path / "var" / "secrets.env"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {line.split("=")[0] for line in path.read_text().splitlines()} == set(GENERATED)


def test_the_environment_outranks_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    load_settings()
    before = (tmp_path / "var" / "secrets.env").read_text()
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "of the provider")
    assert load_settings().twilio_auth_token == "of the provider"
    assert (tmp_path / "var" / "secrets.env").read_text() == before


def test_no_file_is_written_when_all_secrets_are_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, make in GENERATED.items():
        monkeypatch.setenv(name, make())
    load_settings()
    assert not (tmp_path / "var").exists()


def test_keys_are_a_list_newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    new, old = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    monkeypatch.setenv("DATA_KEYS", f"{new}, {old}")
    assert load_settings().keys == [new, old]


def test_every_mistake_is_listed_in_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"PORT": "0", "MAX_CALLS": "lots", "PUBLIC_URL": "http://example.org", "LOG_LEVEL": "loud"}
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings) as caught:
        load_settings()
    lines = str(caught.value).splitlines()
    assert {line.split(":")[0] for line in lines} == set(wrong)
    assert any("must begin with https://" in line for line in lines)


def test_a_wrong_key_is_told_but_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_KEYS", "almost-a-secret")
    with pytest.raises(BadSettings, match="DATA_KEYS: must be Fernet keys") as caught:
        load_settings()
    assert "almost-a-secret" not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_urls_have_defaults_on_this_machine(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.database == f"sqlite:///{tmp_path / 'var' / 'suara-warga.db'}"
    assert settings.redis == f"unix://{tmp_path / 'var' / 'run' / 'redis.sock'}"


def test_the_public_url_has_no_slash_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://suara.example.go.id/")
    assert load_settings().base_url == "https://suara.example.go.id"
