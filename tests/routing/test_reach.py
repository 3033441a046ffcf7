"""`gateways.yaml`: a mistake stops the start with one line, and no secret stands in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from routing.city_files import CityDataError
from routing.gateways.configured import gateways
from routing.reach import Reach, read_gateways
from routing.ways.mail import MailWay
from settings import Settings, named_secret

AGENCIES, CATEGORIES = {"dishub", "dlh", "pupr"}, {"pju"}
SECRET = "whsec_" + "A" * 44  # base64 of 33 zero bytes
WHOLE = """
dishub: {way: open311, url: "https://dishub.example/open311/v2/", key: DISHUB_KEY, format: json, services: {pju: "7"}}
dlh: {way: webhook, url: "http://10.0.0.8/laporan", secret: DLH_SECRET, private: true}
pupr: {way: email, to: laporan@pupr.example}
"""


def written(tmp_path: Path, text: str) -> dict[str, Reach]:
    path = tmp_path / "gateways.yaml"
    path.write_text(text)
    return read_gateways(path, AGENCIES, CATEGORIES)


def test_each_agency_is_reached_its_own_way(tmp_path: Path) -> None:
    reaches = written(tmp_path, WHOLE)
    secrets = {"DISHUB_KEY": "k", "DLH_SECRET": SECRET}
    made = gateways(reaches, lambda name: secrets.get(name, ""), MailWay("smtp://mail.example", "a@kota.example"))
    assert {agency: gateway.way for agency, gateway in made.items()} == {
        "dishub": "open311",
        "dlh": "webhook",
        "pupr": "email",
    }
    assert (reaches["dishub"].url, reaches["dishub"].services) == ("https://dishub.example/open311/v2", {"pju": "7"})
    assert "whsec" not in str(reaches)


def test_without_the_file_or_with_inbox_the_console_is_the_way(tmp_path: Path) -> None:
    assert read_gateways(tmp_path / "none.yaml", AGENCIES, CATEGORIES) == {}
    assert written(tmp_path, "dlh: {way: inbox}") == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("entah: {way: email, to: a@b}", "not in agencies.csv"),
        ("dlh: {way: merpati}", "needs a way"),
        ("dlh: email", "needs a way"),
        ("dlh: {way: webhook, url: https://x.example}", "needs secret"),
        ("dlh: {way: webhook, url: https://x.example, secret: whsec_abc}", "name a variable"),
        ("dlh: {way: webhook, url: http://x.example, secret: DLH_SECRET}", "https://"),
        ("dlh: {way: webhook, url: ftp://x.example, secret: DLH_SECRET, private: true}", "https://"),
        ("dlh: {way: webhook, url: https://a:b@x.example, secret: DLH_SECRET}", "no password"),
        ("dlh: {way: open311, url: https://x.example, key: DLH_KEY, format: csv}", "xml or json"),
        ("dlh: {way: open311, url: https://x.example, key: DLH_KEY, services: {entah: 1}}", "not a category"),
        ("dlh: {way: email, to: dinas}", "must be an address"),
        ("dlh: {way: email, to: a@b, cc: c@d}", "does not know"),
    ],
)
def test_a_mistake_names_the_agency_and_what_to_mend(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(CityDataError, match=told):
        written(tmp_path, text)


@pytest.mark.parametrize("agency", ["dishub", "dlh", "pupr"])
def test_what_lacks_its_secret_or_server_does_not_start(tmp_path: Path, agency: str) -> None:
    reaches = {agency: written(tmp_path, WHOLE)[agency]}
    with pytest.raises(CityDataError, match=agency):
        gateways(reaches, lambda name: "", None)


def test_a_named_secret_comes_from_the_environment_or_the_kept_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(var_dir=tmp_path)
    (tmp_path / "secrets.env").write_text("DLH_SECRET=kept\nSECRET_KEY=ours\n")
    monkeypatch.setenv("DISHUB_KEY", "set")
    assert [named_secret(settings, name) for name in ("DISHUB_KEY", "DLH_SECRET", "NONE_SUCH")] == ["set", "kept", ""]
    assert named_secret(settings, "SECRET_KEY") == "", "no agency is sent a key of ours"
