from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from kiosk.conftest import STEER, Open, Site


def test_every_operation_has_an_answer_and_a_way_to_be_refused(site: Site) -> None:
    document = site.ask("GET", "api/v1/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    for path, operations in document["paths"].items():
        for method, one in operations.items():
            assert {"200", "401"} <= set(one["responses"]), (method, path)


def test_the_api_keeps_what_its_document_promises(open_site: Open) -> None:
    schemathesis = pytest.importorskip("schemathesis", reason="needs schemathesis: pip install schemathesis")
    site = open_site(tokens=True)
    bearer = {"Authorization": f"Bearer {STEER}"}
    document = site.ask("GET", "api/v1/openapi.json", **bearer).json()
    del document["paths"]["/events"]  # a stream never ends
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=site.url + "api/v1", headers=bearer)
    for operation in schema.get_all_operations():
        _try(operation.ok().as_strategy(), bearer)


def _try(strategy: Any, headers: dict[str, str]) -> None:
    # What happens without a token is tested for each path on its own: here a valid one is always sent.
    from schemathesis.specs.openapi.checks import ignored_auth

    @settings(
        max_examples=20,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        database=None,
        derandomize=True,
    )
    @given(case=strategy)
    def check(case: Any) -> None:
        case.call_and_validate(headers=headers, excluded_checks=[ignored_auth])

    check()
