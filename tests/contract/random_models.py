"""Tiny language models with random weights, written on the spot."""

from pathlib import Path

import numpy as np

WIDTH, HIDDEN, LAYERS, HEADS, GROUPS, CONTEXT = 64, 128, 2, 4, 2, 4096

TEMPLATE = (
    "{% for m in messages %}<s>{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)


def write_llama(folder: Path) -> Path:
    """Write a Llama of a few thousand weights for transformers, by bytes."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    torch.manual_seed(0)
    signs = ["<s>", "</s>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    vocabulary = {sign: number for number, sign in enumerate(signs)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # the library has none
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="</s>",
    )
    fast.chat_template = TEMPLATE
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=WIDTH,
        intermediate_size=HIDDEN,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=GROUPS,
        max_position_embeddings=2 * CONTEXT,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


def write_gguf(file: Path) -> Path:
    """Write a Llama of a few thousand weights for llama.cpp, by bytes and words."""
    import gguf

    writer = gguf.GGUFWriter(str(file), "llama")
    words = [
        "▁",
        "▁the",
        "▁of",
        "▁to",
        "▁hub",
        "▁sensor",
        "▁button",
        "▁seconds",
        "▁and",
        "▁is",
        "▁source",
    ]
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    tokens = [b"<unk>", b"<s>", b"</s>"]
    kinds = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    tokens += [f"<0x{byte:02X}>".encode() for byte in range(256)]
    kinds += [gguf.TokenType.BYTE] * 256
    tokens += [word.encode() for word in (*words, *letters)]
    kinds += [gguf.TokenType.NORMAL] * (len(words) + len(letters))
    _describe(writer, size=len(tokens))
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_scores([-float(number) for number in range(len(tokens))])
    for name, shape in _shapes(len(tokens)).items():
        writer.add_tensor(name, _random(shape))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def _describe(writer: "object", *, size: int) -> None:
    for name, value in {
        "context_length": CONTEXT,
        "embedding_length": WIDTH,
        "block_count": LAYERS,
        "feed_forward_length": HIDDEN,
        "head_count": HEADS,
        "head_count_kv": GROUPS,
        "layer_norm_rms_eps": 1e-5,
        "rope_dimension_count": WIDTH // HEADS,
        "vocab_size": size,
        "file_type": 0,
        "tokenizer_model": "llama",
        "bos_token_id": 1,
        "eos_token_id": 2,
        "unk_token_id": 0,
        "add_bos_token": True,
        "chat_template": TEMPLATE,
    }.items():
        getattr(writer, f"add_{name}")(value)


def _shapes(size: int) -> dict[str, tuple[int, ...]]:
    keys = WIDTH // HEADS * GROUPS
    shapes: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (size, WIDTH),
        "output_norm.weight": (WIDTH,),
        "output.weight": (size, WIDTH),
    }
    for layer in range(LAYERS):
        shapes |= {
            f"blk.{layer}.attn_norm.weight": (WIDTH,),
            f"blk.{layer}.ffn_norm.weight": (WIDTH,),
            f"blk.{layer}.attn_q.weight": (WIDTH, WIDTH),
            f"blk.{layer}.attn_k.weight": (keys, WIDTH),
            f"blk.{layer}.attn_v.weight": (keys, WIDTH),
            f"blk.{layer}.attn_output.weight": (WIDTH, WIDTH),
            f"blk.{layer}.ffn_gate.weight": (HIDDEN, WIDTH),
            f"blk.{layer}.ffn_up.weight": (HIDDEN, WIDTH),
            f"blk.{layer}.ffn_down.weight": (WIDTH, HIDDEN),
        }
    return shapes


def _random(shape: tuple[int, ...]) -> "np.typing.NDArray[np.float32]":
    generator = np.random.default_rng(len(shape) * shape[0])
    if len(shape) == 1:
        return np.ones(shape, dtype=np.float32)
    return (generator.standard_normal(shape) * 0.05).astype(np.float32)
