"""What the processor can decides how a model is run, and what the log says."""

from ingest.embedding.graph import precisions
from ingest.embedding.processor import fingerprint, flags_of, is_old

NEW = "processor\t: 0\nmodel name\t: X\nflags\t\t: fpu sse2 avx2 avx512f\n\nprocessor\t: 1\n"
OLD = "processor\t: 0\nflags\t\t: fpu sse2 avx\n"


def test_flags_are_those_of_the_first_processor() -> None:
    assert flags_of(NEW) == {"fpu", "sse2", "avx2", "avx512f"}
    assert flags_of("Features\t: asimd bf16\n") == {"asimd", "bf16"}
    assert flags_of("") == frozenset()


def test_a_processor_without_avx2_is_old() -> None:
    assert is_old("x86_64", flags_of(OLD))
    assert not is_old("x86_64", flags_of(NEW))


def test_what_a_processor_does_not_tell_is_not_held_against_it() -> None:
    assert not is_old("x86_64", frozenset())
    assert not is_old("aarch64", flags_of("Features\t: asimd\n"))


def test_a_processor_has_one_fingerprint() -> None:
    assert fingerprint() == fingerprint()
    assert len(fingerprint()) == 8


def test_full_precision_is_always_among_those_tried() -> None:
    assert precisions()[0] == "f32"
