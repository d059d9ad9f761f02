"""The controls against faults and hostile input, each with the test that misses it.

A file of this folder for each part; `CONTROLS` is all of them.
"""

from importlib import import_module
from pathlib import Path

from tests.mutations import Control

_PARTS = sorted(
    file.stem for file in Path(__file__).parent.glob("*.py") if file.stem != "__init__"
)

CONTROLS: tuple[Control, ...] = tuple(
    control
    for part in _PARTS
    for control in import_module(f"{__name__}.{part}").CONTROLS
)
