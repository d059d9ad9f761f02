"""What no test of behaviour shows: how secrets are compared, how SQL comes about."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.command import ROOT

ACCESS = sorted((ROOT / "app" / "access").glob("*.py"))
APP = sorted((ROOT / "app").rglob("*.py"))

SECRET = ("digest", "secret", "checksum", "token", "pepper")
"""Names of what must not be compared letter by letter."""

TEXTS = {"text", "literal_column", "exec_driver_sql"}
"""What takes SQL as it stands."""

RUNS = {"execute", "executemany", "scalar", "scalars", "stream"}


def nodes(paths: list[Path]) -> Iterator[tuple[Path, ast.AST]]:
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            yield path, node


def names(node: ast.AST) -> set[str]:
    found = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return found | {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}


def test_no_secret_is_compared_but_in_constant_time() -> None:
    compared = [
        f"{path.name}:{node.lineno}"
        for path, node in nodes(ACCESS)
        if isinstance(node, ast.Compare)
        and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops)
        and any(word in name for name in names(node) for word in SECRET)
    ]

    assert compared == []


def test_keys_are_compared_in_constant_time() -> None:
    callers = {
        path.name
        for path, node in nodes(ACCESS)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "compare_digest"
    }

    assert callers == {"doorkeeper.py", "keys.py"}


def test_no_statement_is_put_together_from_texts() -> None:
    """What is run is an expression with bound values, or the text of a constant."""
    speaking = [p for p in APP if "sqlalchemy" in p.read_text(encoding="utf-8")]

    built = [
        f"{path.relative_to(ROOT).as_posix()}: {ast.unparse(node)}"
        for path, node in nodes(speaking)
        if isinstance(node, ast.Call)
        and node.args
        and names(node.func) & (TEXTS | RUNS)
        and not isinstance(node.args[0], ast.Constant)
        and (
            names(node.func) & TEXTS
            or isinstance(node.args[0], ast.JoinedStr | ast.BinOp)
        )
    ]

    assert len(speaking) > 3
    # None takes bound values; what is put in is a constant of these files.
    assert set(built) == {
        "app/database/file.py: connection.exec_driver_sql(begin)",
        "app/database/file.py: cursor.execute(f'PRAGMA {pragma}')",
        "app/database/file.py: text(TOUCH if write else 'SELECT 1')",
        "app/database/server.py: text(TOUCH)",
    }
