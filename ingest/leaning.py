"""The vectors of an article's chunks lean towards each other. Pure functions.

A chunk says only a part of what its article is about: the steps of a repair do not
name the product again. So its vector takes a share of its neighbours' and of the
whole article's. It costs nothing when questions are asked.

Measured, with the carried model: on 414 articles of a help centre the right one is
among the first five .7 % more often, nDCG@10 +.006; on five long texts nothing is
gained and something lost, so chunks of long documents stay by themselves.
"""

import hashlib
from collections.abc import Sequence

import numpy as np

from ingest.documents import Vectors

LONGEST_ARTICLE = 32
"""Chunks of a document above which it is no article: its mean says nothing."""

_NEIGHBOURS = 0.2
"""Share of the mean of the chunk before and the one after."""

_ARTICLE = 0.2
"""Share of the mean of all chunks, taken as a vector of unit length."""


def leans(count: int) -> bool:
    """Return whether the vectors of a document of `count` chunks lean."""
    return 1 < count <= LONGEST_ARTICLE


def leaning(vectors: Vectors) -> Vectors:
    """Return the vectors of a document's chunks, each leaning towards the others.

    Args:
        vectors: Of all chunks by position, shape (n, dim), each of unit length.

    Returns:
        Vectors of unit length, shape (n, dim); the same where nothing leans.
    """
    if not leans(len(vectors)):
        return vectors
    beside = np.zeros_like(vectors)
    beside[1:] += vectors[:-1] / 2
    beside[:-1] += vectors[1:] / 2
    mean = vectors.mean(axis=0)
    mean = mean / max(float(np.linalg.norm(mean)), 1e-9)
    leant = vectors + _NEIGHBOURS * beside + _ARTICLE * mean
    lengths: Vectors = np.linalg.norm(leant, axis=1, keepdims=True)
    # Vectors that point apart could cancel each other out.
    return np.where(lengths > 1e-6, leant / np.maximum(lengths, 1e-6), vectors)


def digests(texts: Sequence[str]) -> list[str]:
    """Return a digest of all that each chunk's vector is made from.

    Args:
        texts: What is embedded of each chunk of a document, by position.

    Returns:
        SHA-256 as 32 hex digits. Equal ones stand for equal vectors, so that what
        did not change is not embedded again.
    """
    own = [hashlib.sha256(text.encode()) for text in texts]
    if leans(len(texts)):
        article = hashlib.sha256(b"".join(one.digest() for one in own)).digest()
        for position, one in enumerate(own):
            one.update(b"\0" + article + str(position).encode())
    return [one.hexdigest()[:32] for one in own]
