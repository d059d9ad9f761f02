"""What a BERT-family model folder says about its network, read from its JSON files."""

from pathlib import Path
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct

T = TypeVar("T")

_OFFSET_FAMILIES = ("roberta", "xlm-roberta")
_FAMILIES = ("bert", *_OFFSET_FAMILIES)
_MODULES = ("Transformer", "Pooling", "Normalize")


class Bert(Struct, frozen=True, kw_only=True):
    """A BERT encoder with pooling.

    Attributes:
        layers: Encoder layers.
        heads: Attention heads; a divisor of `dim`.
        dim: Length of a vector.
        eps: Added to the variance in layer normalisation.
        first_position: Row of the position table that the first piece takes.
        length: Longest input in word pieces, special ones included.
        pooling: Mean over the pieces, or the first piece.
        pad: Id of the piece that fills a row up.
        vocabulary: Word pieces in its table.
    """

    layers: int
    heads: int
    dim: int
    eps: float
    first_position: int
    length: int
    pooling: Literal["mean", "cls"]
    pad: int
    vocabulary: int


class _Config(Struct):
    model_type: str = ""
    hidden_act: str = ""
    hidden_size: int = 0
    num_attention_heads: int = 0
    num_hidden_layers: int = 0
    max_position_embeddings: int = 0
    vocab_size: int = 0
    layer_norm_eps: float = 1e-12
    pad_token_id: int | None = None
    position_embedding_type: str = "absolute"
    is_decoder: bool = False


class _Pooling(Struct):
    pooling_mode: str | list[str] = ""
    pooling_mode_cls_token: bool = False
    pooling_mode_mean_tokens: bool = False
    pooling_mode_max_tokens: bool = False
    pooling_mode_mean_sqrt_len_tokens: bool = False
    pooling_mode_weightedmean_tokens: bool = False
    pooling_mode_lasttoken: bool = False
    include_prompt: bool = True


class _Lengths(Struct):
    max_seq_length: int | None = None
    do_lower_case: bool = False


class _Tokens(Struct):
    model_max_length: float | None = None


class _Module(Struct):
    type: str
    path: str = ""


def read_bert(folder: Path) -> Bert | None:
    """Return the network in `folder`, or None if it is none that we can build.

    Args:
        folder: A sentence-transformers model, or a bare encoder, which is pooled
            by its mean as sentence-transformers does.
    """
    try:
        config = _read(folder / "config.json", _Config)
        lengths = _read(folder / "sentence_bert_config.json", _Lengths)
        tokens = _read(folder / "tokenizer_config.json", _Tokens)
        pooling = _pooling(folder)
    except (OSError, msgspec.MsgspecError):
        return None
    if pooling is None or lengths.do_lower_case or not _is_plain(config):
        return None
    offset = config.model_type in _OFFSET_FAMILIES
    pad = int(offset) if config.pad_token_id is None else config.pad_token_id
    first = pad + 1 if offset else 0
    limits = (
        lengths.max_seq_length,
        tokens.model_max_length if lengths.max_seq_length is None else None,
        config.max_position_embeddings - first,
    )
    return Bert(
        layers=config.num_hidden_layers,
        heads=config.num_attention_heads,
        dim=config.hidden_size,
        eps=config.layer_norm_eps,
        first_position=first,
        length=int(min(limit for limit in limits if limit is not None)),
        pooling=pooling,
        pad=pad,
        vocabulary=config.vocab_size,
    )


def _read(file: Path, cls: type[T]) -> T:
    """Read one of the folder's files; one that is not there says nothing."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=cls)
    except FileNotFoundError:
        return msgspec.json.decode(b"{}", type=cls)


def _is_plain(config: _Config) -> bool:
    """Tell whether the encoder is the one that `graph.build` draws."""
    return (
        config.model_type in _FAMILIES
        and config.hidden_act == "gelu"
        and config.position_embedding_type == "absolute"
        and not config.is_decoder
        and config.num_hidden_layers > 0
        and config.max_position_embeddings > 0
        and config.num_attention_heads > 0
        and config.hidden_size % config.num_attention_heads == 0
    )


def _pooling(folder: Path) -> Literal["mean", "cls"] | None:
    """Return how pieces become one vector, or None for a way we do not know."""
    if not (folder / "modules.json").exists():
        return "mean"
    modules = _read(folder / "modules.json", list[_Module])
    kinds = tuple(module.type.rpartition(".")[2] for module in modules)
    if kinds not in (_MODULES, _MODULES[:2]) or modules[0].path:
        return None
    pooling = _read(folder / modules[1].path / "config.json", _Pooling)
    modes = {
        "mean": pooling.pooling_mode_mean_tokens,
        "cls": pooling.pooling_mode_cls_token,
        "other": pooling.pooling_mode_max_tokens
        or pooling.pooling_mode_mean_sqrt_len_tokens
        or pooling.pooling_mode_weightedmean_tokens
        or pooling.pooling_mode_lasttoken,
    }
    legacy = [mode for mode, on in modes.items() if on]
    mode = pooling.pooling_mode or legacy or "mean"
    if not pooling.include_prompt:
        return None
    if mode in ("mean", ["mean"]):
        return "mean"
    return "cls" if mode in ("cls", ["cls"]) else None
