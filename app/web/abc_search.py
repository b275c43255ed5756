"""Search in the ABC: what the hub understands, and words that begin alike; danger comes before everything else."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from app.web.abc_views import Abc, Helper, Question
from flows.understand import Context, Understander
from translations.script import skeleton

TOPICS = 5
SERVICES = 3
LONGEST = 300  # characters of a question that are read
SHORTEST_WORD = 3
COMMON = 8  # a word that begins like something in more topics than these tells nothing
LIKELY = 0.12  # below that the understander's guesses are noise beside plain words

DANGER_NUMBERS: Mapping[str, tuple[str, ...]] = {
    "violence": ("110", "116 016"),
    "self_harm": ("112", "0800 111 0 111"),
    "child": ("110", "112"),
    "medical": ("112", "116117"),
    "shelter": ("112", "110"),
    "exploitation": ("110", "0800 1014341", "0800 0005602"),
}
"""Numbers of the directory by what the words warn of; lines in other languages than the reader's are left out."""
DANGER_TOPICS: Mapping[str, str] = {
    "violence": "safety.violence",
    "child": "safety.emergency_numbers",
    "medical": "health.doctor_emergency",
    "shelter": "housing.homeless_shelter",
    "exploitation": "safety.exploitation",
    "self_harm": "safety.emergency_numbers",
}


@dataclass(frozen=True, slots=True)
class Found:
    emergency: list[Helper]
    questions: list[Question]
    services: list[Helper]


def search(abc: Abc, understander: Understander, text: str) -> Found:
    text = text.strip()[:LONGEST]
    if not text:
        return Found([], [], [])
    understood = understander.understand(text, Context(language=abc.language, place=abc.place or None))
    topics = [DANGER_TOPICS[danger] for danger in understood.danger if danger in DANGER_TOPICS]
    topics += understood.topics
    topics += [each.topic for each in understood.candidates if each.score >= LIKELY]
    words = _words(text)
    if understood.decision != "answer" and not understood.danger:
        topics += by_words(abc, words)
    questions = abc.questions(dict.fromkeys(topics))[:TOPICS]
    emergency = _emergency(abc, understood.danger)
    above = {each.service.slug for each in emergency}
    services = [each for each in _services(abc, words, questions) if each.service.slug not in above]
    return Found(emergency, questions, services[:SERVICES])


def by_words(abc: Abc, words: list[str]) -> list[str]:
    """Topics whose words, label or question begin like words of the search, the best first."""
    answers = {topic: found for topic in abc.library.entries if (found := abc.answer(topic)) is not None}
    strong = {topic: _words(" ".join((*each.words, each.label))) for topic, each in answers.items()}
    weak = {topic: _words(each.question) for topic, each in answers.items()}
    scores: Counter[str] = Counter()
    for word in words:
        here = {topic: 2 * _begins(word, strong[topic]) + _begins(word, weak[topic]) for topic in answers}
        hits = {topic: score for topic, score in here.items() if score}
        if len(hits) <= COMMON:  # 'how' and 'where' stand in half of all questions
            scores.update(hits)
    return [topic for topic, _ in scores.most_common()]


def _services(abc: Abc, words: list[str], questions: list[Question]) -> list[Helper]:
    """Services that are named in the search, then those that help with the best answer."""
    near, far = abc.directory()
    named = [each for each in (*near, *far) if any(_begins(word, _words(each.service.name)) for word in words)]
    helping = [abc.helper(each) for each in abc.helpers(questions[0].topic)] if questions else []
    found = {each.service.slug: each for each in (*named, *helping) if each.reachable}
    return list(found.values())


def _emergency(abc: Abc, danger: tuple[str, ...]) -> list[Helper]:
    numbers = dict.fromkeys(number for each in danger for number in DANGER_NUMBERS.get(each, ("112", "110")))
    return [
        each
        for each in abc.by_numbers(numbers)
        if not each.service.languages or {abc.language, "de"} & set(each.service.languages)
    ]


def _words(text: str) -> list[str]:
    """Folded as the understander folds them: Bulgarian in Latin letters meets Bulgarian in Cyrillic ones."""
    return [word for word in skeleton(text).split() if len(word) >= SHORTEST_WORD]


def _begins(word: str, others: list[str]) -> int:
    """Endings change with the grammar: most of the word is enough."""
    stem = word[: max(SHORTEST_WORD, len(word) - 2)] if len(word) > SHORTEST_WORD + 1 else word
    return int(any(other.startswith(stem) for other in others))
