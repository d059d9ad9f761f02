"""Any order of documents, keys, conversations, deletes and restarts, beside a model.

Whoever asks with whatever key for whatever thing, of their own tenant or of another,
gets what a plain dictionary says they get.
"""

import itertools
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.isolation.world import (
    ALL_SCOPES,
    KnownConversation,
    KnownKey,
    World,
    decoded,
)

STEPS = int(os.environ.get("ISOLATION_STEPS", "600"))
"""Steps of a run; more of them at night."""

_LENGTH = 100
"""Most steps in the life of one service."""

_LIVES = 4
"""Services that are used before it is counted again."""

_TENANTS = ("north", "south", "west")
_PATHS = ("a.md", "b.md", "c.md")
_PICKS = st.integers(min_value=0, max_value=10_000)
_words = (f"word{number:06}" for number in itertools.count())


class Desk(RuleBasedStateMachine):
    """The service and what it should hold.

    Attributes:
        taken: Steps taken so far in this process, the first of each run left out.
    """

    taken = 0

    def __init__(self) -> None:
        super().__init__()
        self._begun = False
        self._home = Path(tempfile.mkdtemp())
        self.world = World(self._home)
        self.world.start()
        self.documents: dict[tuple[str, str], str] = {}
        self.words: list[str] = ["word"]
        self.roots = [self.world.make_key(t, ALL_SCOPES) for t in _TENANTS]
        self.keys: list[KnownKey] = list(self.roots)
        self.conversations: list[KnownConversation] = []

    def teardown(self) -> None:
        self.world.close()
        shutil.rmtree(self._home)

    @invariant()
    def count(self) -> None:
        Desk.taken += self._begun
        self._begun = True

    # Documents: an edition takes a second to be shown, so they change seldom.

    @initialize()
    def publish_first(self) -> None:
        self._put([(tenant, path) for tenant in _TENANTS for path in _PATHS[:2]])

    @rule(pick=_PICKS, what=_PICKS, luck=st.integers(0, 7))
    def change_documents_or_search(self, pick: int, what: int, luck: int) -> None:
        tenant, path = _TENANTS[pick % 3], _PATHS[pick // 3 % 3]
        if luck > 0:
            self.search(pick, what)
        elif (tenant, path) in self.documents and what % 2:
            self.world.publish(put=[], gone=[(tenant, path)])
            del self.documents[tenant, path]
        else:
            self._put([(tenant, path)])

    def search(self, pick: int, what: int) -> None:
        key, word = self._key(pick), self.words[what % len(self.words)]
        reply = self.world.call(
            "POST", "/v1/search", key.text, {"query": word, "limit": 50}
        )
        if not self._let_in(key, "retrieve", reply):
            return
        found = {hit["document"]["path"]: hit["text"] for hit in decoded(reply)["data"]}
        mine = {path: w for (t, path), w in self.documents.items() if t == key.tenant}
        assert found.keys() <= mine.keys()
        assert all(mine[path] in text for path, text in found.items())
        if word in mine.values():
            assert any(word in text for text in found.values())

    # Keys.

    @rule(pick=_PICKS, scopes=st.sets(st.sampled_from(ALL_SCOPES)))
    def make_key(self, pick: int, scopes: set[Any]) -> None:
        self.keys.append(self.world.make_key(_TENANTS[pick % 3], tuple(sorted(scopes))))

    @rule(by=_PICKS, pick=_PICKS)
    def revoke_key(self, by: int, pick: int) -> None:
        root, key = self.roots[by % 3], self._key(pick)
        if key in self.roots:
            key = self.world.make_key(key.tenant, ("chat",))
            self.keys.append(key)
        reply = self.world.call("DELETE", f"/v1/keys/{key.id}", root.text)
        if root.tenant != key.tenant:
            assert reply.status_code == 404
            return
        assert reply.status_code == 200
        key.valid = False

    # Conversations.

    @rule(pick=_PICKS)
    def begin_conversation(self, pick: int) -> None:
        key, title = self._key(pick), next(_words)
        reply = self.world.call("POST", "/v1/conversations", key.text, {"title": title})
        if self._let_in(key, "conversations", reply):
            known = KnownConversation(
                id=decoded(reply)["id"], tenant=key.tenant, title=title
            )
            self.conversations.append(known)

    @precondition(lambda self: self.conversations)
    @rule(pick=_PICKS, what=_PICKS)
    def ask(self, pick: int, what: int) -> None:
        key, conversation = self._key(pick), self._conversation(what)
        question = f"What about {next(_words)}?"
        reply = self.world.call(
            "POST", "/v1/chat/completions", key.text,
            {"model": "frontdesk", "messages": [{"role": "user", "content": question}],
             "rag": {"conversation_id": conversation.id}},
        )  # fmt: skip
        allowed = {"chat", "conversations"} <= key.scopes
        if self._let_in(key, "chat" if allowed else "nothing", reply, conversation):
            conversation.questions.append(question)

    def read_conversation(self, pick: int, what: int) -> None:
        key, conversation = self._key(pick), self._conversation(what)
        path = f"/v1/conversations/{conversation.id}"
        reply = self.world.call("GET", path, key.text)
        if not self._let_in(key, "conversations", reply, conversation):
            return
        assert decoded(reply)["title"] == conversation.title
        told = self.world.call("GET", f"{path}/messages?limit=100", key.text)
        said = [m["content"] for m in decoded(told)["data"] if m["role"] == "user"]
        assert said == conversation.questions[: len(said)]
        assert len(said) == min(len(conversation.questions), 50)

    @precondition(lambda self: self.conversations)
    @rule(pick=_PICKS, what=_PICKS, luck=st.integers(0, 3))
    def delete_or_read_conversation(self, pick: int, what: int, luck: int) -> None:
        if luck:
            self.read_conversation(pick, what)
            return
        key, conversation = self._key(pick), self._conversation(what)
        path = f"/v1/conversations/{conversation.id}"
        reply = self.world.call("DELETE", path, key.text)
        if self._let_in(key, "conversations", reply, conversation):
            conversation.there = False

    def list_conversations(self, pick: int) -> None:
        key = self._key(pick)
        reply = self.world.call("GET", "/v1/conversations?limit=100", key.text)
        if self._let_in(key, "conversations", reply):
            mine = {
                c.id for c in self.conversations if c.tenant == key.tenant and c.there
            }
            assert {c["id"] for c in decoded(reply)["data"]} == mine

    @rule(pick=_PICKS, luck=st.integers(0, 9))
    def restart_or_list(self, pick: int, luck: int) -> None:
        if luck == 0:
            self.world.stop()
            self.world.start()
        self.list_conversations(pick)

    def _put(self, places: list[tuple[str, str]]) -> None:
        put = []
        for tenant, path in places:
            word = next(_words)
            self.words.append(word)
            self.documents[tenant, path] = word
            put.append((tenant, path, f"The page {path} is about {word}."))
        self.world.publish(put=put, gone=[])

    def _key(self, pick: int) -> KnownKey:
        return self.keys[pick % len(self.keys)]

    def _conversation(self, pick: int) -> KnownConversation:
        return self.conversations[pick % len(self.conversations)]

    def _let_in(
        self,
        key: KnownKey,
        scope: str,
        reply: Any,
        conversation: KnownConversation | None = None,
    ) -> bool:
        """Compare the status with the model's; return whether it was a success."""
        if not key.valid:
            expected = 401
        elif scope not in key.scopes:
            expected = 403
        elif conversation and not (
            conversation.there and conversation.tenant == key.tenant
        ):
            expected = 404
        else:
            expected = 200
        assert reply.status_code == expected, reply.text
        return expected == 200


_RUN = settings(
    max_examples=_LIVES,
    stateful_step_count=_LENGTH,
    # A service is no pure function: what fails is told as it was, not made smaller.
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


def use_at_random(steps: int) -> int:
    """Take at least so many steps, and return how many it were.

    Raises:
        AssertionError: The service did not do as the model says.
    """
    Desk.taken = 0
    while Desk.taken < steps:
        run_state_machine_as_test(Desk, settings=_RUN)
    return Desk.taken


def test_everybody_gets_what_a_plain_model_says() -> None:
    assert use_at_random(STEPS) >= STEPS
