"""The controls that keep tenants apart, each with the test that misses it.

Where a control is taken away, its text is replaced by what would stand there without.
"""

from msgspec import Struct


class Control(Struct, frozen=True, kw_only=True):
    """One control.

    Attributes:
        name: Its test's name in the threat model, and what it does.
        file: Where it stands.
        text: What makes it; it is there once.
        without: What stands there without it.
        tests: What must fail then, as pytest names it.
    """

    name: str
    file: str
    text: str
    without: str
    tests: tuple[str, ...]


_TENANCY = ("tests/isolation/test_tenancy.py",)

CONTROLS: tuple[Control, ...] = (
    Control(
        name="T-tenant: chunks of other tenants are not found",
        file="ingest/index/filters.py",
        text="        Condition(TENANT, (principal.tenant,)),\n",
        without="",
        tests=_TENANCY,
    ),
    Control(
        name="T-tenant: chunks with other labels are not found",
        file="ingest/index/filters.py",
        text="        Condition(LABELS, principal.labels),\n",
        without="",
        tests=_TENANCY,
    ),
    Control(
        name="T-tenant: what the index gives out is looked at again",
        file="ingest/index/filters.py",
        text="    leaked = [chunk.id for chunk in found if not may_see(principal, chunk)]",
        without="    leaked: list[str] = []",
        tests=("tests/contract/test_index.py", "tests/ingest/index"),
    ),
    Control(
        name="T-tenant: a session has conversations of its own only",
        file="app/conversations/rows.py",
        text="    return and_(tenant, table.c.session == principal.session)",
        without="    return tenant",
        tests=_TENANCY,
    ),
    Control(
        name="T-idor: a conversation is its tenant's",
        file="app/conversations/rows.py",
        text="    tenant = table.c.tenant == principal.tenant",
        without="    tenant = table.c.tenant == table.c.tenant",
        tests=_TENANCY,
    ),
    Control(
        name="T-idor: an answer is judged by its tenant",
        file="app/insights/opinions.py",
        text="    this = and_(turns.c.id == message_id, turns.c.tenant == principal.tenant)",
        without="    this = and_(turns.c.id == message_id)",
        tests=_TENANCY,
    ),
    Control(
        name="T-idor: a reply is repeated to whoever asked",
        file="app/replies.py",
        text="        replies.c.tenant == claim.tenant,\n",
        without="",
        tests=("tests/app/test_replies.py",),
    ),
    Control(
        name="T-oracle: a key of another tenant is as if there were none",
        file="app/access/keyring.py",
        text="    return true() if tenant is None else keys.c.tenant == tenant",
        without="    return true()",
        tests=_TENANCY,
    ),
    Control(
        name="T-scope: a route is for the scopes it declares",
        file="app/api/auth.py",
        text="    if principal.scopes.isdisjoint(wanted):",
        without="    if not principal.scopes:",
        tests=("tests/app/api/test_scopes.py",),
    ),
    Control(
        name="T-scope: a route without a declaration stops the start",
        file="app/api/auth.py",
        text="            if not _tells_methods(handler) and DECLARED not in handler.opt:",
        without="            if handler.opt is None:",
        tests=("tests/app/api/test_scopes.py",),
    ),
    Control(
        name="T-filter: access stands in front of every filter",
        file="ingest/index/filters.py",
        text="    return (*visible_to(principal), *given, ",
        without="    return (*(visible_to(principal) if not given else ()), *given, ",
        tests=("tests/contract/test_filters_never_widen.py",),
    ),
    Control(
        name="T-cache: what is remembered belongs to a sight",
        file="ingest/documents.py",
        text="        return (self.tenant, *sorted(set(self.labels)))",
        without='        return ("everybody",)',
        tests=(
            "tests/ingest/embedding/test_lanes.py",
            "tests/contract/test_what_is_remembered.py",
        ),
    ),
    Control(
        name="T-tenant: insights are of one tenant",
        file="app/insights/reading.py",
        text="        turns.c.tenant == principal.tenant,\n",
        without="",
        tests=("tests/app/insights/test_gathering.py",),
    ),
    Control(
        name="T-idor: a session judges answers of its own only",
        file="app/insights/opinions.py",
        text="    return and_(this, turns.c.session == principal.session)",
        without="    return this",
        tests=("tests/app/insights/test_opinions.py",),
    ),
    Control(
        name="T-tenant: below a broken frontdesk.toml nothing is taken in",
        file="ingest/source.py",
        text="        if media_type is None or rules.broken:",
        without="        if media_type is None:",
        tests=("tests/ingest/test_folder_rules.py",),
    ),
    Control(
        name="T-tenant: a changed frontdesk.toml labels documents anew",
        file="ingest/sightings.py",
        text="        if before is None or before.labels != labels:",
        without="        if before is None:",
        tests=("tests/ingest/test_sightings.py",),
    ),
    Control(
        name="T-novec: a result has no vector",
        file="app/retrieval/results.py",
        text="    score: float\n    text: str\n",
        without="    score: float\n    text: str\n    vector: tuple[float, ...] = (0.1,) * 9\n",
        tests=("tests/app/api/test_no_vectors.py",),
    ),
    Control(
        name="T-delete: a removed document's points are deleted",
        file="ingest/index/folder_writer.py",
        text="            await asyncio.to_thread(self._replace, shard, document_id, [])",
        without="            await asyncio.sleep(0)",
        tests=("tests/contract/test_index_writing.py", "tests/app/api/test_deleted.py"),
    ),
    Control(
        name="T-bopla: a field that callers do not set is refused",
        file="app/api/keys.py",
        text="class KeyRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):",
        without="class KeyRequest(Struct, frozen=True, kw_only=True):",
        tests=("tests/app/api/test_keys.py",),
    ),
    Control(
        name="T-keystore: a digest is kept, not the key",
        file="app/access/keyring.py",
        text='{"digest": digest_of(made.text, self.pepper)}',
        without='{"digest": made.text}',
        tests=("tests/app/access/test_keyring.py",),
    ),
    Control(
        name="T-sqli: statements have bound values",
        file="app/access/keyring.py",
        text="            wanted = select(keys).where(keys.c.id == id_)\n",
        without="            wanted = select(keys).where(text(f\"id = '{id_}'\"))\n",
        tests=("tests/app/access/test_source.py",),
    ),
    Control(
        name="T-querykey: a key in an address is refused",
        file="app/access/doorkeeper.py",
        text="        if caller.misplaced:",
        without="        if caller.misplaced and not caller.shown:",
        tests=("tests/app/api/test_auth.py",),
    ),
    Control(
        name="T-brute: wrong keys are counted by address",
        file="app/access/attempts.py",
        text="        return max(missing, 0.0) * _MINUTE / self._most if self._most else 0.0",
        without="        return 0.0 * missing",
        tests=("tests/app/api/test_auth.py",),
    ),
    Control(
        name="T-origin: an origin is compared letter by letter",
        file="app/access/doorkeeper.py",
        text="    if caller.origin not in key.origins:",
        without="    if not any(caller.origin.startswith(o) for o in key.origins):",
        tests=("tests/app/api/test_widget_sessions.py",),
    ),
    Control(
        name="T-cors: answers are shared with listed pages only",
        file="app/api/origins.py",
        text="        allowed = bool(origin) and (origin in listed or origin in await of_widgets())",
        without="        allowed = bool(origin)",
        tests=("tests/app/api/test_origins.py",),
    ),
    Control(
        name="T-revoke: a revoked key is refused",
        file="app/access/doorkeeper.py",
        text="        if kept is None or proved is None or kept.key.revoked is not None:",
        without="        if kept is None or proved is None:",
        tests=("tests/app/api/test_auth.py",),
    ),
    Control(
        name="T-revoke: what is known of a key is believed for seconds",
        file="app/access/keyring.py",
        text="FRESH = 3.0",
        without="FRESH = 30.0",
        tests=("tests/app/test_replicas.py",),
    ),
    Control(
        name="T-defaults: a public service without keys does not start",
        file="app/access/doorkeeper.py",
        text="        if not guarded and not self._own:",
        without="        if guarded is None:",
        tests=("tests/app/api/test_guarded_service.py",),
    ),
    Control(
        name="T-budget: the worst case is reserved, in this process",
        file="app/access/books.py",
        text="        if limit and more and taken + more > limit:",
        without="        if limit and more and taken > limit:",
        tests=("tests/app/access/test_ledgers.py",),
    ),
    Control(
        name="T-limit-race: Redis counts and refuses in one script",
        file="app/access/scripts.py",
        text="if refused == '' then\n  for",
        without="if true then\n  for",
        tests=("tests/app/access/test_ledgers.py",),
    ),
    Control(
        name="T-history: stored turns win over what a client sends",
        file="app/chat/recall.py",
        text="    return (*new.instructions, *history, *said)",
        without="    return (*new.instructions, *said)",
        tests=("tests/app/test_replicas.py",),
    ),
)
