"""Counting tokens for a model, and how many it can take. The tiktoken door.

Exact where the model is OpenAI's and its rank file lies in a folder of the
operator's; nothing is ever downloaded. Everywhere else an estimate, rather too
high than too low, so that what we let through fits.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from app.messages import JSON

if TYPE_CHECKING:
    import tiktoken

DEFAULT_WINDOW = 8192
"""Tokens we trust a model to take of which nobody says anything."""

_WINDOWS = {
    "chatgpt-4o": 128_000,
    "claude": 200_000,
    "codestral": 32_768,
    "command-r": 128_000,
    "deepseek": 65_536,
    "gemini": 1_000_000,
    "gemma-2": 8_192,
    "gemma-3": 128_000,
    "gemma2": 8_192,
    "gemma3": 128_000,
    "glm-4": 128_000,
    "gpt-3.5-turbo": 16_385,
    "gpt-3.5-turbo-instruct": 4_096,
    "gpt-4": 8_192,
    "gpt-4-1106": 128_000,
    "gpt-4-0125": 128_000,
    "gpt-4-32k": 32_768,
    "gpt-4-turbo": 128_000,
    "gpt-4.1": 1_047_576,
    "gpt-4o": 128_000,
    "gpt-5": 272_000,
    "gpt-oss": 131_072,
    "llama-3": 8_192,
    "llama-3.1": 131_072,
    "llama-3.2": 131_072,
    "llama-3.3": 131_072,
    "llama3": 8_192,
    "llama3.1": 131_072,
    "llama3.2": 131_072,
    "llama3.3": 131_072,
    "meta-llama-3.1": 131_072,
    "mistral-7b": 32_768,
    "mistral-large": 128_000,
    "mistral-small": 32_768,
    "mixtral": 32_768,
    "o1": 200_000,
    "o1-mini": 128_000,
    "o1-preview": 128_000,
    "o3": 200_000,
    "o4-mini": 200_000,
    "phi-3": 4_096,
    "phi-4": 16_384,
    "qwen2.5": 32_768,
    "qwen3": 32_768,
}
"""Tokens by beginning of a model's name; the longest that fits counts."""

_MESSAGE = 4
"""Tokens around a message: its role and the marks between messages."""

_PART = 1_105
"""Tokens of an image, sound or file: an image of 1024 x 1024 in high detail."""

_LOW_DETAIL = 85
"""Tokens of an image in low detail."""


class RankFile(Struct, frozen=True, kw_only=True):
    """A published tokenizer of OpenAI's.

    Attributes:
        name: What tiktoken calls it.
        address: Where it is published; its SHA-1 is the file's name in a cache.
        digest: SHA-256 of the file, as 64 hex digits.
        pattern: How text is cut before pairs are merged.
        models: Beginnings of the names of the models that use it.
    """

    name: str
    address: str
    digest: str
    pattern: str
    models: tuple[str, ...]

    @property
    def file(self) -> str:
        """Name of the file in tiktoken's cache folder."""
        # SHA-1 names the file, as tiktoken does it; it protects nothing here.
        return hashlib.sha1(self.address.encode(), usedforsecurity=False).hexdigest()


_PUBLISHED = "https://openaipublic.blob.core.windows.net/encodings/"

RANK_FILES = (
    RankFile(
        name="o200k_base",
        address=f"{_PUBLISHED}o200k_base.tiktoken",
        digest="446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
        pattern="|".join(  # noqa: FLY002 - one line would be unreadable
            [
                r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
                r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
                r"\p{N}{1,3}",
                r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
                r"\s*[\r\n]+",
                r"\s+(?!\S)",
                r"\s+",
            ]
        ),
        models=(
            *("gpt-4o", "gpt-4.1", "gpt-4.5", "gpt-5", "gpt-oss", "chatgpt-4o"),
            *("o1", "o3", "o4"),
        ),
    ),
    RankFile(
        name="cl100k_base",
        address=f"{_PUBLISHED}cl100k_base.tiktoken",
        digest="223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        pattern=r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
        models=("gpt-4", "gpt-3.5"),
    ),
)
"""Source: ``tiktoken_ext/openai_public.py`` of tiktoken 0.12."""


class TokenCounter:
    """Counts tokens."""

    def __init__(self, encodings: Mapping[str, "tiktoken.Encoding"]) -> None:
        """Count with `encodings`, by beginning of the model's name."""
        self._encodings = encodings
        self._costs = _costs()

    def count(self, text: str, *, model: str) -> int:
        """Return the tokens `model` makes of `text`, or a cautious estimate."""
        prefix = _longest_prefix(model, self._encodings)
        if prefix is not None:
            return len(self._encodings[prefix].encode_ordinary(text))
        return self._estimate(text)

    def of_message(self, message: JSON, *, model: str) -> int:
        """Return the tokens of one message of a prompt, tool calls included."""
        content = message.get("content")
        parts = [content] if isinstance(content, str) else content or []
        rest = {k: v for k, v in message.items() if k not in ("role", "content")}
        said = sum(self._of_part(part, model) for part in parts)
        return _MESSAGE + said + (self.of_json(rest, model=model) if rest else 0)

    def of_json(self, value: object, *, model: str) -> int:
        """Return the tokens of a value that is sent as JSON, such as tools."""
        return self.count(msgspec.json.encode(value).decode(), model=model)

    def _of_part(self, part: str | JSON, model: str) -> int:
        if isinstance(part, str):
            return self.count(part, model=model)
        text = part.get("text") or part.get("refusal")
        if isinstance(text, str):
            return self.count(text, model=model)
        image = part.get("image_url")
        low = isinstance(image, dict) and image.get("detail") == "low"
        return _LOW_DETAIL if low else _PART

    def _estimate(self, text: str) -> int:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        total = float(self._costs[np.minimum(codes, len(self._costs) - 1)].sum())
        # A capital inside a word starts a token: camel case, keys, base64.
        capital = (codes >= ord("A")) & (codes <= ord("Z"))
        inner = capital[1:] & ((codes[:-1] | 32) >= ord("a"))
        return int(np.ceil(total + 0.5 * int(inner.sum())))


def open_tokens(
    folder: str, *, rank_files: Sequence[RankFile] = RANK_FILES
) -> TokenCounter:
    """Return a counter that is exact for models whose rank file is in `folder`.

    Args:
        folder: Cache folder in tiktoken's layout, or "" for none. A file that is
            missing, unreadable or not what was published is as if not there.
        rank_files: The files to look for.
    """
    encodings: dict[str, tiktoken.Encoding] = {}
    for rank_file in rank_files if folder else ():
        encoding = _load(Path(folder) / rank_file.file, rank_file)
        if encoding is not None:
            encodings |= dict.fromkeys(rank_file.models, encoding)
    return TokenCounter(encodings)


def known_window(model: str) -> int | None:
    """Return the tokens `model` can read and write, or None for unknown names."""
    prefix = _longest_prefix(model, _WINDOWS)
    return None if prefix is None else _WINDOWS[prefix]


def _load(file: Path, rank_file: RankFile) -> "tiktoken.Encoding | None":
    # tiktoken's own loader downloads what is missing or damaged; so we read it.
    try:
        data = file.read_bytes()
    except OSError:
        return None
    if hashlib.sha256(data).hexdigest() != rank_file.digest:
        return None
    import tiktoken  # noqa: PLC0415 - loaded only where there are ranks to load

    pairs = (line.split() for line in data.splitlines() if line)
    return tiktoken.Encoding(
        rank_file.name,
        pat_str=rank_file.pattern,
        mergeable_ranks={base64.b64decode(t): int(rank) for t, rank in pairs},
        special_tokens={},
    )


def _longest_prefix(model: str, known: Mapping[str, object]) -> str | None:
    name = model.rpartition("/")[2].lower()
    fitting = [prefix for prefix in known if name.startswith(prefix)]
    return max(fitting, key=len, default=None)


def _costs() -> npt.NDArray[np.float32]:
    """Return tokens per character by code point; the last stands for all above.

    Fitted on cl100k_base, the greediest tokenizer in wide use, over prose in six
    languages, Markdown, code, tables and base64, plus a tenth.
    """
    costs = np.full(0x0701, 1.45, np.float32)
    costs[:0x80] = 0.85
    costs[0x80:0x250] = 1.6
    costs[0x250:0x590] = 0.65
    costs[0x590:0x700] = 0.95
    costs[ord(" ")] = 0.05
    for letter in (*range(ord("a"), ord("z") + 1), *range(ord("A"), ord("Z") + 1)):
        costs[letter] = 0.28
    return costs
