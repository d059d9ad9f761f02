"""Everything that can go wrong while answering.

AppError
├── InvalidRequest            the caller sent something wrong; carries param and code
│   ├── UnsupportedParameter  known, and not served here
│   └── ContextTooLong        conversation and question do not fit the model
├── DatabaseUnavailable       keys and conversations cannot be read or written now
│   ├── DatabaseBusy          others hold all of its connections, or the lock to write
│   ├── DatabaseConflict      another transaction came first; nothing was written
│   └── DatabaseReadOnly      it can be read, not written: no room, a standby
├── Forbidden                 the principal may not do this
├── LimitReached              too many requests, tokens or streams; carries code and wait
│   └── QuotaSpent            the day's tokens or money are
├── ModelNotFound
├── NotAuthenticated          no key was shown, or none that is valid
├── NotFound                  nothing there, or not for this principal
│   └── ConversationNotFound
├── Overloaded                more is asked for at once than can be answered
├── RequestInProgress         another request with this idempotency key is running
├── TooLarge                  the body is over the route's limit
├── TooManyAttempts           one address showed too many wrong keys
├── CommandFailed             only a command raises it, never the service
│   ├── DatabaseUnusable      it is damaged, or made by a newer version
│   ├── EvaluationImpossible  nothing can be asked, or not judged as wanted
│   ├── LoadImpossible        no load can be put on the service
│   ├── NoAnswer              the service that was asked gave none
│   ├── NotReadable           a file is not what a command wrote before
│   └── NotWritable           a file cannot be written where it was asked for
├── RetrievalUnavailable      the index cannot be searched
├── ShuttingDown              the service is about to stop
└── UpstreamFailed
    ├── UpstreamUnavailable   no connection, or its quota is spent
    ├── UpstreamTimeout       no first byte in time
    ├── UpstreamRefused       it did not take our key
    ├── UpstreamUnknownModel  it has no such model, or no such route
    ├── UpstreamRejected      it called the request invalid
    ├── UpstreamBusy          it limits our rate
    ├── UpstreamBroken        it answered something unusable
    └── UpstreamInterrupted   it stopped in the middle of an answer
        ├── UpstreamStalled   no piece in time
        └── AnswerTooLong     more than an answer may have
"""


class AppError(Exception):
    """Base of every error this package raises on purpose."""


class InvalidRequest(AppError):
    """The caller sent something wrong.

    Attributes:
        param: Path of the field, such as ``messages[2].content``, or None.
        code: A code of the contract's table.
    """

    def __init__(
        self, message: str, *, param: str | None = None, code: str = "invalid_value"
    ) -> None:
        super().__init__(message)
        self.param = param
        self.code = code


class UnsupportedParameter(InvalidRequest):
    """A field of the API that is known and not served here."""

    def __init__(self, message: str, *, param: str) -> None:
        super().__init__(message, param=param, code="unsupported_parameter")


class ContextTooLong(InvalidRequest):
    """Conversation and question do not fit the model."""

    def __init__(self, message: str) -> None:
        super().__init__(message, param="messages", code="context_length_exceeded")


class DatabaseUnavailable(AppError):
    """Keys and conversations cannot be read or written at the moment."""


class DatabaseBusy(DatabaseUnavailable):
    """Others hold all of its connections, or the lock to write, for too long."""


class DatabaseConflict(DatabaseUnavailable):
    """Another transaction came first: nothing was written, and it can be tried again."""


class DatabaseReadOnly(DatabaseUnavailable):
    """It can be read and not written: there is no room, or it is a standby."""


class Forbidden(AppError):
    """The principal may not do this.

    Attributes:
        code: A code of the contract's table.
        param: Path of the field that is not allowed, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "insufficient_scope",
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.param = param


class LimitReached(AppError):
    """A limit of the key, the tenant or the session leaves no room for this.

    Attributes:
        retry_after: Seconds after which there may be room.
        code: A code of the contract's table.
        retry: Whether trying again soon may help.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float,
        code: str = "rate_limit_exceeded",
        retry: bool = True,
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.code = code
        self.retry = retry


class QuotaSpent(LimitReached):
    """The tokens or the money of a day are spent."""

    def __init__(self, message: str, *, retry_after: float) -> None:
        code = "tenant_quota_exceeded"
        super().__init__(message, retry_after=retry_after, code=code, retry=False)


class ModelNotFound(AppError):
    """No model of this name is served."""


class NotAuthenticated(AppError):
    """No key was shown, or none that is valid.

    Attributes:
        code: A code of the contract's table.
    """

    def __init__(self, message: str, *, code: str = "invalid_api_key") -> None:
        super().__init__(message)
        self.code = code


class NotFound(AppError):
    """There is nothing there, or nothing that this principal may see."""


class Overloaded(AppError):
    """More is asked for at once than can be answered."""


class RequestInProgress(AppError):
    """Another request with the same idempotency key is running."""


class ConversationNotFound(NotFound):
    """There is no such conversation, or none that this principal may see."""

    def __init__(self) -> None:
        # Nothing of the id: what is told must not differ by whose it is.
        super().__init__("There is no such conversation.")


class TooLarge(AppError):
    """The body is over the route's limit."""


class TooManyAttempts(AppError):
    """One address showed too many wrong keys.

    Attributes:
        retry_after: Seconds until it may show another.
    """

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class CommandFailed(AppError):
    """A command cannot do what it was asked for; no HTTP answer comes of it."""


class DatabaseUnusable(CommandFailed):
    """The database is damaged, or made by a newer version of frontdesk."""


class EvaluationImpossible(CommandFailed):
    """Nothing can be asked, or what was asked for cannot be done with it."""


class LoadImpossible(CommandFailed):
    """No load can be put on a service, or not as was asked."""


class NoAnswer(CommandFailed):
    """The running service that was asked gave no answer, or not one of ours."""


class NotReadable(CommandFailed):
    """A file cannot be read, or is not what a command wrote before."""


class NotWritable(CommandFailed):
    """A file cannot be written where it was asked for."""


class RetrievalUnavailable(AppError):
    """The index cannot be searched."""


class ShuttingDown(AppError):
    """The service is about to stop."""


class UpstreamFailed(AppError):
    """The upstream gave no answer, or not a whole one.

    Attributes:
        retry_after: Seconds the upstream asked to wait, or None.
        retry: Whether trying again may help.
    """

    def __init__(
        self, message: str, *, retry_after: float | None = None, retry: bool = True
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.retry = retry


class UpstreamUnavailable(UpstreamFailed):
    """No connection to the upstream, or its quota is spent."""


class UpstreamTimeout(UpstreamFailed):
    """The upstream sent no first byte in time."""


class UpstreamRefused(UpstreamFailed):
    """The upstream did not take our key."""


class UpstreamUnknownModel(UpstreamFailed):
    """The upstream has no model of this name, or another address."""


class UpstreamRejected(UpstreamFailed):
    """The upstream called the request invalid.

    Attributes:
        param: The field it named, or None.
        code: The code it gave, or ``invalid_value``.
    """

    def __init__(
        self, message: str, *, param: str | None = None, code: str = "invalid_value"
    ) -> None:
        super().__init__(message, retry=False)
        self.param = param
        self.code = code


class UpstreamBusy(UpstreamFailed):
    """The upstream limits our rate."""


class UpstreamBroken(UpstreamFailed):
    """The upstream answered something unusable."""


class UpstreamInterrupted(UpstreamFailed):
    """The upstream stopped in the middle of an answer."""


class UpstreamStalled(UpstreamInterrupted):
    """The upstream sent no further piece in time."""


class AnswerTooLong(UpstreamInterrupted):
    """The upstream sent more than an answer may have."""
