"""Keys for tests, made as an operator makes them."""

from pathlib import Path

from tests.command import frontdesk


def make_key(home: Path, *options: str, **variables: str) -> str:
    """Make a key for the service whose database is in `home`; returns its text.

    Args:
        home: Folder that the service runs in.
        options: Of ``frontdesk keys create``; a name is given where none is.
        variables: Settings, the same as the service's.
    """
    named = options if "--name" in options else ("--name", "a test's", *options)
    done = frontdesk(home, "keys", "create", *named, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def id_of(key: str) -> str:
    """Return the id of the key with this text."""
    return "key_" + key.split("_")[1]
