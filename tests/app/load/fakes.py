"""The fake upstream as its users start it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.command import start


@contextmanager
def fake_upstream(home: Path, **options: float) -> Iterator[str]:
    """Serve one on a free port; yields its base address."""
    given = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    process = start(home, "bench", "--fake-upstream", *given)
    with process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            assert url.startswith("http://127.0.0.1:"), process.communicate()
            yield url
        finally:
            process.terminate()
            out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")
