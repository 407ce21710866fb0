from chatvitals.catalogue.columns import FIELDS
from chatvitals.dashboard.system.kept import kept_about_people
from chatvitals.ingest.steps.scrub import TREATMENTS
from chatvitals.settings import Settings


def fields(title: str) -> set[str]:
    """The fields that are kept in one way, as kind.field."""
    (kept,) = (one for one in kept_about_people(Settings()) if one.title == title)
    pairs = (what.split(": ", 1) for what in kept.what if ": " in what)
    return {f"{kind}.{name}" for kind, names in pairs for name in names.split(", ")}


def test_every_field_of_every_kind_is_told_once() -> None:
    ways = [fields(title) for title in ("Hashed", "Cleaned text", "One of a few words", "Numbers")]
    every = {f"{kind}.{field.wire_name}" for kind, of_kind in FIELDS.items() for field in of_kind}
    assert set().union(*ways) == every
    assert sum(map(len, ways)) == len(every)


def test_what_is_called_cleaned_is_what_is_cleaned() -> None:
    cleaned = {
        f"{kind.__struct_config__.tag}.{kind.__struct_encode_fields__[kind.__struct_fields__.index(name)]}"
        for kind, treatments in TREATMENTS.items()
        for name, _ in treatments
    }
    assert fields("Cleaned text") == cleaned


def test_times_are_those_of_the_settings() -> None:
    kept = kept_about_people(Settings(raw_retention_days=3, rollup_retention_months=2, incident_retention_days=40))
    assert [what.rsplit(": ", 1)[1] for what in kept[-1].what] == [
        "3 days",
        "2 months",
        "40 days after they ended",
        "48 hours",
    ]
