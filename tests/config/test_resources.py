from edge.config.resources import resource


def test_the_package_carries_its_configuration_and_models() -> None:
    assert resource("config.yaml").is_file()
    assert (resource("engines") / "vad.onnx").is_file()
