"""Danger and deadlines: what must never be missed, and the sayings that only sound like it."""

import pytest

from flows.understand import Understander

DANGER = [
    ("мъжът ми ме бие", "violence"), ("mazhat mi me bie", "violence"), ("soțul mă bate", "violence"),
    ("sotul ma bate", "violence"), ("чоловік мене б'є", "violence"), ("мій муж мене бʼє", "violence"),
    ("mein Mann schlägt mich", "violence"), ("my husband beats me", "violence"), ("муж меня бьёт", "violence"),
    ("kocam beni dövüyor", "violence"), ("шефът ме заплаши с нож", "violence"), ("ma ameninta ca ma omoara", "violence"),
    ("колишній погрожує вбити мене", "violence"), ("искам да се убия", "self_harm"), ("nu mai vreau sa traiesc", "self_harm"),
    ("не хочу жити", "self_harm"), ("I want to kill myself", "self_harm"), ("yaşamak istemiyorum", "self_harm"),
    ("бебето не диша", "medical"), ("copilul nu respira", "medical"), ("дитина не дихає", "child"),
    ("детето ми изчезна", "child"), ("учителят бие детето", "child"), ("боли ме силно в гърдите", "medical"),
    ("a facut infarct", "medical"), ("вагітна і йде кров сильно", "medical"), ("mein Vater ist bewusstlos", "medical"),
    ("тази вечер няма къде да спим", "shelter"), ("nu avem unde dormi la noapte", "shelter"),
    ("нам сьогодні ніде ночувати", "shelter"), ("с бебе сме на улицата", "shelter"), ("шефът ми взе паспорта", "exploitation"),
    ("ne tine incuiati si ne-a luat actele", "exploitation"), ("забрали паспорт і не випускають", "exploitation"),
    ("карат ме да проституирам", "exploitation"),
]  # fmt: skip

DEADLINE = [
    "утре ни гонят от квартирата", "до 3 дни трябва да напуснем жилището", "maine ne da afara din casa",
    "завтра нас виселяють з квартири", "уволниха ме преди 19 дни", "m-au concediat acum doua saptamani",
    "звільнили 20 днів тому", "утре идва съдия изпълнител", "maine vine executorul", "имам дело в съда утре",
    "срокът на писмото изтича в петък", "in 3 zile trebuie sa eliberam apartamentul", "Morgen kommt der Gerichtsvollzieher",
    "the deadline of the letter is friday", "утре ще ни спрат тока",
]  # fmt: skip

CALM = [
    "умирам от смях", "mă omoară cu munca", "шефът ме убива от работа", "I have time to kill", "kill time at work",
    "my child has school tomorrow", "утре детето е на училище", "вмираю зі сміху", "детето кашля и има температура",
    "copilul are febra si tuseste", "у дитини кашель", "децата играят на улицата", "мъжът ми не ме бие", "не ме пускат в отпуска",
    "търся квартира за четирима", "утре имам термин в джобцентъра", "mâine am programare la medic",
    "подам молба за киндергелд", "кога ще дойдат детските", "съдът прати писмо", "уволниха ме вчера",
    "преди 5 години бившият ме биеше", "plătesc chiria de două luni", "ce numar are ambulanta", "дайте номер поліції",
    "ударих си крака на работа", "cine bate, Steaua sau Dinamo",
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind"), DANGER)
def test_danger_is_seen(understander: Understander, text: str, kind: str) -> None:
    understood = understander.understand(text)

    assert kind in understood.danger
    assert understood.urgent
    assert understander.sounds_urgent(text)


@pytest.mark.parametrize("text", DEADLINE)
def test_deadlines_within_a_week_are_seen(understander: Understander, text: str) -> None:
    understood = understander.understand(text)

    assert understood.deadline
    assert understood.urgent


@pytest.mark.parametrize("text", CALM)
def test_calm_messages_raise_no_alarm(understander: Understander, text: str) -> None:
    understood = understander.understand(text)

    assert not understood.urgent, understood.reasons


def test_what_was_long_ago_and_goes_on_is_danger(understander: Understander) -> None:
    assert "violence" in understander.understand("от 5 години мъжът ми ме бие").danger
    assert "violence" in understander.understand("преди 2 години ме биеше и сега пак ме бие").danger


def test_danger_beats_an_intent(understander: Understander) -> None:
    understood = understander.understand("Помогнете! Мъжът ми ме бие")

    assert understood.danger == ("violence",)
    assert understood.decision != "intent"


def test_danger_without_a_sure_topic_names_the_need(understander: Understander) -> None:
    understood = understander.understand("дават ми да пия нещо и после ме продават")

    assert "exploitation" in understood.danger
    assert understood.topic is not None


def test_the_rule_is_named(understander: Understander) -> None:
    assert any(reason.startswith("self_harm: ") for reason in understander.understand("не ми се живее").reasons)
