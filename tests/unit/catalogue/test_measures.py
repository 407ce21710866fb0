import re

import pytest

from chatvitals.catalogue.columns import FIELDS
from chatvitals.catalogue.kinds import KINDS
from chatvitals.catalogue.measures import MEASURES, MEASURES_BY_NAME, Measure

WORDS_OF_SQL = {"and", "or", "not", "isNaN"}


def test_every_measure_is_there_once() -> None:
    assert len(MEASURES) == len(MEASURES_BY_NAME)


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_a_measure_reads_only_columns_that_its_kind_has(measure: Measure) -> None:
    assert measure.kind in KINDS
    sql = re.sub(r"'[^']*'", "", f"{measure.where} {measure.value or ''}")
    columns = set(re.findall(r"[A-Za-z_]\w*", sql)) - WORDS_OF_SQL
    assert columns <= {field.column for field in FIELDS[measure.kind]}


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_a_measure_of_an_optional_number_leaves_out_what_has_none(measure: Measure) -> None:
    for field in FIELDS[measure.kind]:
        if field.column == measure.value and not field.required:
            assert field.column in measure.where or measure.where == "label = 'ready'"
