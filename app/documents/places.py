"""Where the documents of a tenant lie, and what of them who may see. File work."""

import logging
from pathlib import Path

from app.desks import DeskSettings
from app.documents.folder import readable
from app.errors import Forbidden
from ingest.documents import Principal
from ingest.errors import FolderUnusable
from ingest.folder_rules import FolderRules
from ingest.walking import Seen, rules_for, seen_at, survey

NOWHERE = (
    "This service looks after no folder of this tenant's documents: they are taken in "
    "with `frontdesk ingest --tenant …`, by the operator, who may also set DESK_FOLDER "
    "to a name with {tenant} in it."
)

log = logging.getLogger(__name__)


def place_of(desk: DeskSettings, tenant: str) -> Path | None:
    """Return the folder of a tenant's documents; None if it has none here."""
    if "{tenant}" in desk.folder:
        # Tenants are named by the operator; one of such a name has no folder.
        if "/" in tenant or "\0" in tenant or tenant.startswith("."):
            return None
        return Path(desk.folder.replace("{tenant}", tenant)).resolve()
    named = desk.folder and tenant == desk.tenant
    return Path(desk.folder).resolve() if named else None


def required(desk: DeskSettings, principal: Principal) -> Path:
    """Return the folder of a tenant's documents.

    Raises:
        Forbidden: It has none here.
    """
    folder = place_of(desk, principal.tenant)
    if folder is None:
        raise Forbidden(NOWHERE, code="not_kept_here")
    return folder


def rules_at(
    folder: Path, path: str, labels: tuple[str, ...]
) -> tuple[FolderRules, str]:
    """Return what `ingest.walking.rules_for` does.

    Raises:
        Conflict: A file or a link is in place of a folder on the way.
        Forbidden: The system does not let the service look there.
    """
    with readable():
        return rules_for(folder, path, labels)


def may_see(principal: Principal, labels: tuple[str, ...]) -> bool:
    """Say whether a document with these labels is there for `principal`."""
    return not set(labels).isdisjoint(principal.labels)


def surveyed(folder: Path, labels: tuple[str, ...]) -> list[Seen]:
    """Return what lies in a folder; nothing if it is not there."""
    try:
        return list(survey(folder, labels))
    except FolderUnusable as error:
        log.info("documents: %s", error)
        return []


def looked_at(folder: Path, path: str, labels: tuple[str, ...]) -> Seen | None:
    """Return one file of a folder; None if it is not there."""
    try:
        return seen_at(folder, path, labels)
    except OSError as error:
        log.info("documents: %s", error)
        return None
