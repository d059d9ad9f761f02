import time

import pytest

from app.chat.language import guess_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("how do I reset the hub?", "en"),
        ("Wie lange hält der H2 ohne Strom durch?", "de"),
        ("comment réinitialiser le hub ?", "fr"),
        ("¿cómo puedo restablecer el concentrador?", "es"),
        ("come posso ripristinare il dispositivo?", "it"),
        ("como posso redefinir o dispositivo?", "pt"),
        ("hoe kan ik de hub terugzetten?", "nl"),
        ("ネット回線が切れている間、測定値は残りますか", "ja"),
        ("Businessプランだと、APIは何回まで呼べますか", "ja"),
        ("如何重置设备", "zh"),
        ("Как сбросить устройство?", "ru"),
        ("Як скинути пристрій?", "uk"),
        ("كيف أعيد ضبط الجهاز؟", "ar"),
        ("डिवाइस को कैसे रीसेट करें", "hi"),
        ("E-104", ""),
        ("", ""),
    ],
)
def test_a_question_shows_its_language(text: str, language: str) -> None:
    assert guess_language(text) == language


def test_a_guess_takes_less_than_a_millisecond() -> None:
    text = "Wie lange hält der H2 ohne Strom durch? " * 3
    guess_language(text)

    start = time.process_time()
    for _ in range(100):
        guess_language(text)

    assert time.process_time() - start < 0.1
