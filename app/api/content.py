"""What the messages of a request may hold, beyond the types of their fields. Pure."""

from collections.abc import Callable, Sequence

from app.api.schema import RequestMessage, ToolCall
from app.errors import ContextTooLong, InvalidRequest
from app.messages import JSON

MAX_TEXT = 1_000_000
"""Characters of text in a conversation; more is not worth counting in tokens."""

MAX_IMAGES = 20


def check_messages(messages: Sequence[RequestMessage]) -> None:
    """Check each message, and that the last one can be answered.

    Raises:
        InvalidRequest: One breaks a rule; `param` is its path.
        ContextTooLong: There is more text than any model reads.
    """
    text = images = 0
    for position, message in enumerate(messages):
        path = f"messages[{position}]"
        _check_message(message, path)
        text += _characters(message)
        images += _images(message)
    if images > MAX_IMAGES:
        raise InvalidRequest(f"More than {MAX_IMAGES} images.", param="messages")
    if text > MAX_TEXT:
        raise ContextTooLong(f"The conversation has more than {MAX_TEXT} characters.")
    _check_last(messages[-1], f"messages[{len(messages) - 1}]")


def _check_message(message: RequestMessage, path: str) -> None:
    if message.content is None and message.role not in ("assistant", "function"):
        raise InvalidRequest(
            f"`{path}.content` is required.",
            param=f"{path}.content",
            code="missing_required_parameter",
        )
    if message.role == "tool" and not message.tool_call_id:
        raise InvalidRequest(
            f"`{path}.tool_call_id` is required.",
            param=f"{path}.tool_call_id",
            code="missing_required_parameter",
        )
    if isinstance(message.content, list):
        for number, part in enumerate(message.content):
            _check_part(part, message.role, f"{path}.content[{number}]")


def _check_last(message: RequestMessage, path: str) -> None:
    if message.role not in ("user", "tool", "function"):
        raise InvalidRequest(
            f"The last message must be a question: its role is {message.role}, "
            "not user or tool.",
            param=f"{path}.role",
        )
    if message.role == "user" and not message.content:
        raise InvalidRequest("The last message is empty.", param=f"{path}.content")


def _check_part(part: JSON, role: str, path: str) -> None:
    kind = part.get("type")
    check = _PARTS.get(kind) if isinstance(kind, str) else None
    if check is None or (kind == "refusal" and role != "assistant"):
        known = ", ".join(_PARTS)
        message = f"`{path}.type` must be one of {known}."
        code = "invalid_value" if "type" in part else "missing_required_parameter"
        raise InvalidRequest(message, param=f"{path}.type", code=code)
    check(part, path)


def _check_text(part: JSON, path: str) -> None:
    _string(part, str(part["type"]), path)


def _check_image(part: JSON, path: str) -> None:
    image = _object(part, "image_url", path)
    url = _string(image, "url", f"{path}.image_url")
    if not url.startswith(("https://", "data:image/")):
        raise InvalidRequest(
            f"`{path}.image_url.url` must start with https:// or data:image/.",
            param=f"{path}.image_url.url",
        )
    if image.get("detail") not in (None, "auto", "low", "high", "original"):
        param = f"{path}.image_url.detail"
        message = f"`{param}` must be auto, low, high or original."
        raise InvalidRequest(message, param=param)


def _check_audio(part: JSON, path: str) -> None:
    audio = _object(part, "input_audio", path)
    _string(audio, "data", f"{path}.input_audio")
    _string(audio, "format", f"{path}.input_audio")


def _check_file(part: JSON, path: str) -> None:
    _object(part, "file", path)


def _object(holder: JSON, name: str, path: str) -> JSON:
    value = holder.get(name)
    if not isinstance(value, dict):
        raise _wrong(value, name, path, "an object")
    return value


def _string(holder: JSON, name: str, path: str) -> str:
    value = holder.get(name)
    if not isinstance(value, str):
        raise _wrong(value, name, path, "a string")
    return value


def _wrong(value: object, name: str, path: str, expected: str) -> InvalidRequest:
    code = "missing_required_parameter" if value is None else "invalid_type"
    param = f"{path}.{name}"
    return InvalidRequest(f"`{param}` must be {expected}.", param=param, code=code)


def _characters(message: RequestMessage) -> int:
    called = sum(map(_arguments, message.tool_calls or ()))
    if isinstance(message.content, list):
        texts = (part.get(n) for part in message.content for n in ("text", "refusal"))
        return called + sum(len(text) for text in texts if isinstance(text, str))
    return called + len(message.content or "")


def _arguments(call: ToolCall) -> int:
    of_function = len(call.function.arguments) if call.function else 0
    return of_function + (len(call.custom.input) if call.custom else 0)


def _images(message: RequestMessage) -> int:
    parts = message.content if isinstance(message.content, list) else ()
    return sum(part.get("type") == "image_url" for part in parts)


_PARTS: dict[str, Callable[[JSON, str], None]] = {
    "text": _check_text,
    "image_url": _check_image,
    "input_audio": _check_audio,
    "file": _check_file,
    "refusal": _check_text,
}
