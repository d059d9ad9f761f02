"""Settings of where the service listens, and how much it takes on at once."""

from typing import Annotated

from msgspec import Meta, Struct


class ServerSettings(Struct, frozen=True, kw_only=True):
    """Where and how the service listens (``SERVER_…``).

    Attributes:
        host: Address to bind to.
        port: Port to bind to.
        public_url: Address people reach the service by, such as
            ``https://help.example.com``; "" takes it from each request.
        cors_origins: Origins whose pages may call the API, separated by commas,
            besides those of widget keys.
        max_body: Bytes of the largest request body.
        bodies: Bytes of all request bodies held at once; 0 takes a sixteenth of the
            memory there is.
        concurrency: Questions that are searched for at once; 0 takes four for each
            processor core. More wait, for a second at the most.
        streams: Answers being written at once, as a stream or whole.
        connections: Connections that are open at once, as far as half of the file
            descriptors there may be.
        notice: Seconds for which questions are still taken when the service is told
            to stop, while ``/health/ready`` says 503 to balancers.
        drain: Seconds after those that live answers may take to end.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8000
    public_url: Annotated[str, Meta(pattern="^(https?://.+)?$")] = ""
    cors_origins: str = ""
    max_body: Annotated[int, Meta(ge=1024)] = 25 * 1024 * 1024
    bodies: Annotated[int, Meta(ge=0)] = 0
    concurrency: Annotated[int, Meta(ge=0, le=1000)] = 0
    streams: Annotated[int, Meta(ge=1, le=100_000)] = 1000
    connections: Annotated[int, Meta(ge=1, le=1_000_000)] = 10_000
    notice: Annotated[float, Meta(ge=0, le=300)] = 0.0
    drain: Annotated[float, Meta(ge=0)] = 25.0
