"""Cross-encoders with random weights, written on the spot, and what they say."""

import json
from collections.abc import Sequence
from pathlib import Path

from tests.ingest.embedding.tiny_models import make_model


def make_cross_encoder(
    folder: Path, *, width: int = 16, layers: int = 2, labels: int = 1
) -> Path:
    """Write a model that scores pairs of texts by chance; return its folder."""
    import torch
    from transformers import (
        BertConfig,
        BertForSequenceClassification,
        PreTrainedTokenizerFast,
    )

    source = make_model(folder.with_name(f"{folder.name}-tokenizer"))
    tokenizer = PreTrainedTokenizerFast.from_pretrained(str(source))
    known = json.loads((source / "config.json").read_text(encoding="utf-8"))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=known["vocab_size"],
        pad_token_id=known["pad_token_id"],
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=2,
        max_position_embeddings=128,
        id2label={n: str(n) for n in range(labels)},
        # Wide, so that scores lie apart.
        initializer_range=8 / width,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def logits_of(folder: Path, question: str, passages: Sequence[str]) -> list[float]:
    """Return what sentence-transformers itself says of `passages`."""
    import torch
    from sentence_transformers import CrossEncoder

    model = CrossEncoder(str(folder), device="cpu", local_files_only=True)
    found = model.predict(
        [(question, passage) for passage in passages], activation_fn=torch.nn.Identity()
    )
    return [float(logit) for logit in found]
