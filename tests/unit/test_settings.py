from pathlib import Path
from typing import Any

import msgspec
import pytest

from chatvitals.errors import SettingsError
from chatvitals.settings import Settings, changed_settings, load_settings

NAMES = Settings.__struct_fields__


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "chatvitals.toml"


def errors_of(file: Path | None = None, **environment: str) -> list[str]:
    with pytest.raises(SettingsError) as error:
        load_settings(file, environment)
    return str(error.value).splitlines()


def test_without_anything_the_defaults_hold() -> None:
    assert load_settings(environment={}) == Settings()


def test_the_environment_wins_over_the_file_and_the_command_over_both(file: Path) -> None:
    file.write_text("port = 1001\nhost = '0.0.0.0'\nmin_samples = 11\n")
    environment = {"CHATVITALS_PORT": "1002", "CHATVITALS_HOST": "::1", "PORT": "1", "CHATVITAL_PORT": "2"}
    settings = load_settings(file, environment, port=1003, data=None)
    assert (settings.port, settings.host, settings.min_samples) == (1003, "::1", 11)
    assert settings.data == Settings().data


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_can_be_given_by_the_environment(name: str) -> None:
    value = getattr(Settings(), name)
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    assert getattr(load_settings(environment={f"CHATVITALS_{name.upper()}": text}), name) == value


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_says_what_it_is(name: str) -> None:
    schema: dict[str, Any] = msgspec.json.schema(Settings)["$defs"]["Settings"]["properties"]
    assert schema[name]["description"].endswith(".")


def test_every_error_is_told_at_once_with_the_place_of_each(file: Path) -> None:
    file.write_text("port = 70000\nraw_retention_days = 'long'\nbands = {'api.nothing' = [1, 2, 3]}\n")
    told = errors_of(file, CHATVITALS_MIN_SAMPLES="0", CHATVITALS_COLOUR="red", CHATVITALS_BODY_TIMEOUT_S="x")
    assert len(told) == 6
    for name in (f"port in {file}", f"raw_retention_days in {file}", "CHATVITALS_MIN_SAMPLES", "api.nothing"):
        assert sum(name in line for line in told) == 1, name
    assert any("CHATVITALS_COLOUR: there is no such setting" in line and "raw_retention_days" in line for line in told)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "http"),
        ("DATA", ""),
        ("LOG_FORMAT", "xml"),
        ("MAX_BODY_BYTES", "10"),
        ("BODY_TIMEOUT_S", "0"),
        ("FLUSH_INTERVAL_MS", "49"),
        ("RAW_RETENTION_DAYS", "0"),
        ("HEALTH_WEIGHTS", '{"api": -1}'),
        ("HEALTH_WEIGHTS", "api"),
        ("HEALTH_WEIGHTS", '{"api": '),
        ("BANDS", '{"api.p95Duration": [1, 2]}'),
        ("BANDS", '{"api.p96Duration": [1, 2, 3]}'),
    ],
)
def test_a_wrong_value_is_told_with_its_name(name: str, text: str) -> None:
    (line,) = errors_of(None, **{f"CHATVITALS_{name}": text})
    assert name in line.upper()


def test_bands_and_weights_are_tables(file: Path) -> None:
    file.write_text('[bands]\n"api.p95Duration" = [100, 200, 300]\n[health_weights]\nboot = 1\n')
    settings = load_settings(file, {})
    assert settings.bands == {"api.p95Duration": (100, 200, 300)}
    assert settings.health_weights == {"boot": 1}
    by_environment = load_settings(environment={"CHATVITALS_BANDS": '{"api.p95Duration": [1, 2, 3]}'})
    assert by_environment.bands == {"api.p95Duration": (1, 2, 3)}


def test_a_file_that_is_not_there_is_told(file: Path) -> None:
    (line,) = errors_of(file)
    assert line.startswith(f"{file}: can't be read")


@pytest.mark.parametrize("content", [b"port = ", b"\xff\xfe", b"[bands"])
def test_a_file_that_is_no_toml_is_told(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    (line,) = errors_of(file)
    assert line.startswith(f"{file}: is not valid TOML")


def test_the_control_store_is_in_the_data_directory_unless_it_is_set() -> None:
    assert Settings(data="there").control_url == "sqlite:///there/control.sqlite"
    assert Settings(control="postgresql://db/chatvitals").control_url == "postgresql://db/chatvitals"


def test_what_a_server_may_decode_at_once_is_no_less_than_what_it_takes() -> None:
    assert Settings().max_decoded_bytes >= Settings().max_body_bytes


def test_what_differs_from_the_default_is_told_without_secrets() -> None:
    assert changed_settings(Settings()) == []
    told = {one.name: one for one in changed_settings(Settings(port=9, api_token="secret", bands={"a": (1, 2, 3)}))}
    assert (told["port"].value, told["port"].default, told["port"].secret) == ("9", "8000", False)
    assert told["bands"].value == '{"a":[1,2,3]}'
    assert (told["api_token"].value, told["api_token"].default, told["api_token"].secret) == ("", "", True)
