"""Makes small random models of the BERT family, without torch."""

import json
import string
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

SPECIAL = {
    "bert": {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]"},
    "xlm-roberta": {"cls": "<s>", "pad": "<pad>", "sep": "</s>", "unk": "<unk>"},
}
LENGTH, DIM, INNER, LAYERS, HEADS = 64, 16, 32, 2, 2


def make_model(
    folder: Path,
    *,
    family: str = "bert",
    pooling: str = "mean",
    length: int = LENGTH,
    dim: int = DIM,
) -> Path:
    """Write a sentence-transformers model with random weights; return its folder.

    Args:
        folder: Where to write it; it must not be there.
        family: "bert" or "xlm-roberta".
        pooling: "mean" or "cls".
        length: Most word pieces of a text.
        dim: Length of a vector, an even number.
    """
    folder.mkdir(parents=True)
    special = SPECIAL[family]
    pad = list(special).index("pad")
    positions = length + (pad + 1 if family == "xlm-roberta" else 0)
    vocabulary = _write_tokenizer(folder, special, length)
    save_file(_weights(vocabulary, positions, dim), folder / "model.safetensors")
    write(
        folder / "config.json",
        {
            "architectures": ["BertModel" if family == "bert" else "XLMRobertaModel"],
            "model_type": family,
            "hidden_act": "gelu",
            "hidden_size": dim,
            "intermediate_size": INNER,
            "layer_norm_eps": 1e-12,
            "max_position_embeddings": positions,
            "num_attention_heads": HEADS,
            "num_hidden_layers": LAYERS,
            "pad_token_id": pad,
            "type_vocab_size": 1,
            "vocab_size": vocabulary,
        },
    )
    kinds = ("Transformer", "Pooling", "Normalize")
    places = ("", "1_Pooling", "2_Normalize")
    modules = [
        {"idx": n, "name": str(n), "path": place, "type": _type(kind)}
        for n, (kind, place) in enumerate(zip(kinds, places, strict=True))
    ]
    write(folder / "modules.json", modules)
    write(folder / "sentence_bert_config.json", {"max_seq_length": length})
    write(
        folder / "1_Pooling" / "config.json",
        {
            "word_embedding_dimension": dim,
            "pooling_mode_cls_token": pooling == "cls",
            "pooling_mode_mean_tokens": pooling == "mean",
        },
    )
    return folder


def write(file: Path, value: object) -> None:
    """Write `value` as JSON, making folders on the way."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value), encoding="utf-8")


def _type(kind: str) -> str:
    return f"sentence_transformers.models.{kind}"


def _write_tokenizer(folder: Path, special: dict[str, str], length: int) -> int:
    letters = string.ascii_lowercase + string.digits + ".,&<>/#%()?:"
    pieces = [*special.values(), *letters, *(f"##{letter}" for letter in letters)]
    ids = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token=special["unk"]))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{special['cls']} $A {special['sep']}",
        pair=f"{special['cls']} $A {special['sep']} $B {special['sep']}",
        special_tokens=[(special[n], ids[special[n]]) for n in ("cls", "sep")],
    )
    tokenizer.add_special_tokens(list(special.values()))
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {f"{name}_token": piece for name, piece in special.items()}
    kind = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": length}
    write(folder / "tokenizer_config.json", names | kind)
    return len(ids)


def _weights(
    vocabulary: int, positions: int, dim: int
) -> dict[str, npt.NDArray[np.float32]]:
    random = np.random.default_rng(7)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (vocabulary, dim),
        "embeddings.position_embeddings.weight": (positions, dim),
        "embeddings.token_type_embeddings.weight": (1, dim),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in (f"encoder.layer.{n}" for n in range(LAYERS)):
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            shapes[f"{layer}.attention.{part}.weight"] = (dim, dim)
            shapes[f"{layer}.attention.{part}.bias"] = (dim,)
        shapes[f"{layer}.intermediate.dense.weight"] = (INNER, dim)
        shapes[f"{layer}.intermediate.dense.bias"] = (INNER,)
        shapes[f"{layer}.output.dense.weight"] = (dim, INNER)
        shapes[f"{layer}.output.dense.bias"] = (dim,)
        norms += [f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"]
    for norm in norms:
        shapes |= {f"{norm}.weight": (dim,), f"{norm}.bias": (dim,)}
    return {
        name: random.normal(1.0 if "LayerNorm.weight" in name else 0.0, 0.3, shape)
        .astype(np.float32)
        for name, shape in shapes.items()
    }  # fmt: skip
