import os
from pathlib import Path

import pytest

from edge.inference.tensorrt.cuda import Device, Driver, UnusableError, query_driver, unreadable_nodes
from edge.inference.tensorrt.machine import needed_cuda, tensorrt_version


def test_a_missing_driver_is_an_answer_with_a_remedy_not_a_crash() -> None:
    with pytest.raises(UnusableError, match="no NVIDIA driver") as caught:
        query_driver("libcuda-that-is-not-there.so.1")
    assert "install NVIDIA's driver" in caught.value.remedy


def test_devices_are_named_like_compilers_name_them() -> None:
    assert Device("Orin", (8, 7), 1, integrated=True).target == "sm_87"
    assert Device("RTX 5090", (12, 0), 1, integrated=False).target == "sm_120"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open any node; run the tests as a user")
def test_a_node_without_permission_is_found(tmp_path: Path) -> None:
    node = tmp_path / "nvidia0"
    node.touch(mode=0o000)
    assert unreadable_nodes((str(node), str(tmp_path / "absent"))) == [str(node)]


def test_readable_and_absent_nodes_are_no_problem(tmp_path: Path) -> None:
    node = tmp_path / "nvidia0"
    node.touch()
    assert unreadable_nodes((str(node), str(tmp_path / "absent"))) == []


@pytest.mark.parametrize(
    ("names", "cuda"),
    [
        ([], 0),
        (["tensorrt-cu12", "tensorrt-cu12-bindings", "tensorrt-cu12-libs"], 12),
        (["tensorrt-cu13-bindings"], 13),
    ],
)
def test_the_packages_tell_which_cuda_the_bindings_need(names: list[str], cuda: int) -> None:
    assert needed_cuda(names) == cuda


def test_bindings_that_are_not_installed_come_with_the_install_command() -> None:
    pytest.importorskip("onnxruntime")
    try:
        import tensorrt  # noqa: F401
    except ImportError:
        pass
    else:
        pytest.skip("tensorrt is installed here")
    driver = Driver((13, 0), (Device("GPU", (8, 6), 1, integrated=False),))
    with pytest.raises(UnusableError, match="tensorrt is not installed") as caught:
        tensorrt_version(driver)
    assert "emotion-edge[gpu]" in caught.value.remedy
