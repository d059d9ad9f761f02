"""Makes a small random model in the style of Qwen3-Embedding, with torch."""

from pathlib import Path

from tests.ingest.embedding.tiny_models import write

END = "<|endoftext|>"
QUERY = (
    "Instruct: Given a web search query, retrieve relevant passages that answer the"
    " query\nQuery:"
)
LENGTH = 256


def make_qwen(folder: Path) -> Path:
    """Write a decoder whose vector is that of the last piece; return its folder."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3Model

    torch.manual_seed(3)
    signs = [END, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    vocabulary = {sign: number for number, sign in enumerate(signs)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {END}", pair=f"$A {END} $B {END}", special_tokens=[(END, 0)]
    )
    fast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # the library has none
        tokenizer_object=tokenizer, pad_token=END, padding_side="left"
    )
    config = Qwen3Config(
        vocab_size=len(vocabulary),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        max_position_embeddings=LENGTH,
        pad_token_id=0,
        eos_token_id=0,
    )
    Qwen3Model(config).save_pretrained(folder)
    fast.save_pretrained(folder)
    kinds = ("Transformer", "Pooling", "Normalize")
    modules = [
        {"idx": n, "name": str(n), "path": f"{n}_{kind}" if n else "",
         "type": f"sentence_transformers.models.{kind}"}
        for n, kind in enumerate(kinds)
    ]  # fmt: skip
    write(folder / "modules.json", modules)
    pooling = {"word_embedding_dimension": 32, "pooling_mode_lasttoken": True}
    pooling |= {"pooling_mode_cls_token": False, "pooling_mode_mean_tokens": False}
    write(folder / "1_Pooling" / "config.json", pooling)
    (folder / "2_Normalize").mkdir()
    write(folder / "sentence_bert_config.json", {"max_seq_length": LENGTH})
    prompts = {"query": QUERY, "document": ""}
    write(folder / "config_sentence_transformers.json", {"prompts": prompts})
    return folder
