"""Settings of the folder of documents that the service looks after."""

from typing import Annotated

from msgspec import Meta, Struct


class DeskSettings(Struct, frozen=True, kw_only=True):
    """Which documents are kept over HTTP (``DESK_…``).

    Attributes:
        folder: The folder; ``{tenant}`` in it stands for the tenant of who asks. "" keeps
            none.
        tenant: Whose documents these are, if the folder's name has no ``{tenant}``.
        labels: Access labels of documents that declare none, separated by commas.
        url_base: Address the folder is published under; citations link there.
        max_bytes: Bytes of the largest file that is taken.
        trash_days: Days for which deleted and replaced files are kept beside the index; 0 keeps
            none.
    """

    folder: str = "data/documents"
    tenant: Annotated[str, Meta(min_length=1)] = "default"
    labels: Annotated[str, Meta(min_length=1)] = "public"
    url_base: Annotated[str, Meta(pattern="^(https?://.+)?$")] = ""
    max_bytes: Annotated[int, Meta(ge=1)] = 100 * 1024 * 1024
    trash_days: Annotated[int, Meta(ge=0, le=36500)] = 30
