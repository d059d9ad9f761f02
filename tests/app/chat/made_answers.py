"""Answerers for tests: real ones, over a shelf of hits and a scripted upstream."""

from app.access.ledger import LocalLedger
from app.access.limits import Limits
from app.access.meter import Meter
from app.chat.answer import Answerer, Library
from app.messages import Message, Piece, Question, RagOptions
from app.retrieval.retriever import Retriever
from app.settings import Settings
from app.tokens import open_tokens
from ingest.documents import Hit
from tests.app.chat.writers import Script
from tests.app.hits import hit
from tests.app.shelf import Letters, Shelf

RESET = hit(
    "Hold the reset button of the hub for twelve seconds until the ring turns purple.",
    path="reset.md",
    title="Reset the hub",
    similarity=0.9,
    keyword_score=9.0,
)
PRICE = hit(
    "The yearly price of a plan is ten times the monthly one.",
    path="price.md",
    title="Prices",
    similarity=0.2,
)
FAR = hit(RESET.chunk.text, title="Reset the hub", similarity=0.1)
DEFAULTS = Settings()
SEARCHING = RagOptions()


def answerer(
    *hits: Hit,
    upstream: Script | None = None,
    broken: Exception | None = None,
    settings: Settings = DEFAULTS,
) -> Answerer:
    embedder = Letters()
    retriever = Retriever(
        index=Shelf(*(hits or (RESET, PRICE)), broken=broken),
        embedder=embedder,
        settings=settings.retrieval,
        fusion_weight=0.5,
    )
    return Answerer(
        Library(
            retrieve=retriever.retrieve,
            lengths=retriever.lengths,
            embed=embedder.embed_queries,
        ),
        upstream=upstream,
        tokens=open_tokens(""),
        meter=Meter(LocalLedger(60), settings, lambda _: Limits()),
        settings=settings,
    )


def ask(
    text: str = "how do I reset the hub with the button?",
    *,
    stream: bool = False,
    model: str = "frontdesk",
    rag: RagOptions = SEARCHING,
    **parameters: object,
) -> Question:
    return Question(
        model=model,
        messages=(Message(role="user", content=text),),
        stream=stream,
        rag=rag,
        parameters=dict(parameters),
    )


def says(*contents: str) -> list[Piece]:
    return [*(Piece(content=text) for text in contents), Piece(finish_reason="stop")]
