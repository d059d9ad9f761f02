"""What the service says in its own words, in the language of the question. Pure."""

from typing import Literal

Phrase = Literal["unknown", "nearest", "greeting", "quoted", "down"]
"""What is said: that the answer is unknown, what the nearest documents are, a reply
to a greeting, that an answer is quoted because the model is down, and that neither
the model nor the documents give an answer."""

_PHRASES: dict[str, dict[Phrase, str]] = {
    "en": {
        "unknown": "I do not know: I found no answer to this in the documentation.",
        "nearest": "The nearest documents are:",
        "greeting": "Hello! Ask me anything about the documentation.",
        "quoted": "The answering model cannot be reached at the moment. This is quoted word for word from the documentation:",
        "down": "The answering model cannot be reached at the moment.",
    },
    "de": {
        "unknown": "Das weiß ich nicht: In der Dokumentation habe ich darauf keine Antwort gefunden.",
        "nearest": "Am nächsten kommen diese Dokumente:",
        "greeting": "Hallo! Fragen Sie mich etwas zur Dokumentation.",
        "quoted": "Das Antwortmodell ist gerade nicht erreichbar. Dies ist wörtlich aus der Dokumentation zitiert:",
        "down": "Das Antwortmodell ist gerade nicht erreichbar.",
    },
    "fr": {
        "unknown": "Je ne sais pas : je n’ai pas trouvé de réponse dans la documentation.",
        "nearest": "Les documents les plus proches sont :",
        "greeting": "Bonjour ! Posez-moi une question sur la documentation.",
        "quoted": "Le modèle de réponse est injoignable pour le moment. Voici ce que dit la documentation, mot pour mot :",
        "down": "Le modèle de réponse est injoignable pour le moment.",
    },
    "es": {
        "unknown": "No lo sé: no he encontrado una respuesta en la documentación.",
        "nearest": "Los documentos más cercanos son:",
        "greeting": "¡Hola! Pregúntame lo que quieras sobre la documentación.",
        "quoted": "El modelo de respuesta no está disponible en este momento. Esto es lo que dice la documentación, palabra por palabra:",
        "down": "El modelo de respuesta no está disponible en este momento.",
    },
    "it": {
        "unknown": "Non lo so: non ho trovato una risposta nella documentazione.",
        "nearest": "I documenti più vicini sono:",
        "greeting": "Ciao! Chiedimi qualcosa sulla documentazione.",
        "quoted": "Il modello di risposta non è raggiungibile al momento. Ecco che cosa dice la documentazione, parola per parola:",
        "down": "Il modello di risposta non è raggiungibile al momento.",
    },
    "pt": {
        "unknown": "Não sei: não encontrei uma resposta na documentação.",
        "nearest": "Os documentos mais próximos são:",
        "greeting": "Olá! Pergunte-me algo sobre a documentação.",
        "quoted": "O modelo de resposta não está acessível neste momento. Isto é o que diz a documentação, palavra por palavra:",
        "down": "O modelo de resposta não está acessível neste momento.",
    },
    "nl": {
        "unknown": "Dat weet ik niet: ik heb er in de documentatie geen antwoord op gevonden.",
        "nearest": "De dichtstbijzijnde documenten zijn:",
        "greeting": "Hallo! Vraag me iets over de documentatie.",
        "quoted": "Het antwoordmodel is nu niet bereikbaar. Dit staat woordelijk in de documentatie:",
        "down": "Het antwoordmodel is nu niet bereikbaar.",
    },
    "ja": {
        "unknown": "わかりません。ドキュメントに答えが見つかりませんでした。",
        "nearest": "最も近いドキュメントは次のとおりです。",
        "greeting": "こんにちは。ドキュメントについて何でもお尋ねください。",
        "quoted": "現在、回答モデルに接続できません。以下はドキュメントからの引用です。",
        "down": "現在、回答モデルに接続できません。",
    },
    "zh": {
        "unknown": "我不知道：在文档中没有找到答案。",
        "nearest": "最接近的文档是：",
        "greeting": "您好！关于文档的问题都可以问我。",
        "quoted": "目前无法连接回答模型。以下内容逐字引自文档：",
        "down": "目前无法连接回答模型。",
    },
    "ru": {
        "unknown": "Не знаю: в документации я не нашёл ответа на этот вопрос.",
        "nearest": "Ближайшие документы:",
        "greeting": "Здравствуйте! Задайте мне вопрос по документации.",
        "quoted": "Модель, которая пишет ответы, сейчас недоступна. Вот дословная цитата из документации:",
        "down": "Модель, которая пишет ответы, сейчас недоступна.",
    },
    "ar": {
        "unknown": "لا أعرف: لم أجد إجابة عن هذا السؤال في الوثائق.",
        "nearest": "أقرب الوثائق هي:",
        "greeting": "مرحبًا! اسألني أي شيء عن الوثائق.",
        "quoted": "لا يمكن الوصول إلى نموذج الإجابة حاليًا. هذا اقتباس حرفي من الوثائق:",
        "down": "لا يمكن الوصول إلى نموذج الإجابة حاليًا.",
    },
}


def phrase(which: Phrase, language: str) -> str:
    """Return a fixed sentence in `language`, or in English."""
    return _PHRASES.get(language, _PHRASES["en"])[which]
