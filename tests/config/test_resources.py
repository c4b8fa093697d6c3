from edge.config.resources import resource, resource_dir


def test_the_package_carries_its_configuration_and_models() -> None:
    assert resource("config.yaml").is_file()
    assert (resource_dir("engines") / "vad.onnx").is_file()
