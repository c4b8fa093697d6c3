import pytest

from edge.training.recipes.device import has_bfloat16

ZEN1 = "model name\t: AMD EPYC\nflags\t\t: fpu sse4_2 fma avx2 bmi2\nbugs\t\t: bf16\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("flags\t\t: fpu avx512f avx512_bf16", True),
        ("flags\t\t: fpu amx_bf16 amx_tile", True),
        ("Features\t: fp asimd i8mm bf16", True),
        ("flags\t\t: fpu avx512f avx512vnni", False),
        ("Features\t: fp asimd", False),
        ("model name\t: bf16", False),
    ],
)
def test_bfloat16_is_used_where_the_processor_computes_in_it(line: str, expected: bool) -> None:
    assert has_bfloat16(f"processor\t: 0\n{line}\n") is expected


def test_a_processor_that_would_emulate_it_uses_float32() -> None:
    assert not has_bfloat16(ZEN1)
    assert not has_bfloat16("")
