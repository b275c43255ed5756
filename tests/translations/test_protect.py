"""Nothing that must stay is lost, doubled or changed: with real packages, and with translators that do their worst."""

import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.translations import hostile
from translations.kept import Way, is_latin
from translations.machine import Machine
from translations.protect import differences, shield, translate_kept

BG, DE, RO = ("bg", "de"), ("de", "bg"), ("ro", "de")


@dataclass(frozen=True)
class Nasty:
    pair: tuple[str, str]
    text: str
    kept: tuple[str, ...]  # each must stand in the result exactly as often as in the text
    names: tuple[str, ...] = ()

    @property
    def way(self) -> Way:
        return Way(*self.pair, self.names, is_latin(self.text, self.pair[0]))


NASTY = [
    Nasty(BG, "виж https://a_b.de/x_y?q=1&z=%20ä#c_d утре", ("https://a_b.de/x_y?q=1&z=%20ä#c_d",)),
    Nasty(BG, "договор: www.jobcenter-blk.de/antrag_2, не плаща", ("www.jobcenter-blk.de/antrag_2",)),
    Nasty(BG, "пиши на Ivan_P+1@mail.example.bg или ана.б@x.de", ("Ivan_P+1@mail.example.bg", "ана.б@x.de")),
    Nasty(BG, "виж t.me/some_bot и maps.app.goo.gl/Xy_1", ("t.me/some_bot", "maps.app.goo.gl/Xy_1")),
    Nasty(BG, "IBAN DE89 3704 0044 0532 0130 00 за заплата", ("DE89 3704 0044 0532 0130 00",)),
    Nasty(BG, "IBAN DE89370400440532013000 и BG80BNBA96611020345678", ("DE89370400440532013000", "BG80BNBA96611020345678")),
    Nasty(BG, "сметка de89 3704 0044 0532 0130 00, шефът", ("de89 3704 0044 0532 0130 00",)),
    Nasty(BG, "тел 0176/123 45 67 или +49 (0) 176-1234567", ("0176/123 45 67", "+49 (0) 176-1234567")),
    Nasty(BG, "звънни (03443) 12 34-56, 112 или 0 176 . 12 34", ("(03443) 12 34-56", "112", "0 176 . 12 34")),
    Nasty(BG, "тел.0888123456 утре", ("0888123456",)),
    Nasty(BG, "до 15.3. имам срок", ("15.3.",)),
    Nasty(BG, "от 15.03.2027 до 1/4/27 и 2027-05-01", ("15.03.2027", "1/4/27", "2027-05-01")),
    Nasty(DE, "Termin 3-4 Uhr oder 8:30, Zimmer 2a, am 15.3. Arzt", ("3-4", "8:30", "2a", "15.3.")),
    Nasty(DE, "Lohn 1.500,50 € und 12,82€ und € 450", ("1.500,50 €", "12,82€", "€ 450")),
    Nasty(BG, "имам 450 лв. и 1 500 лева и 20%", ("450 лв.", "1 500", "20%")),
    Nasty(DE, "nach § 626 Abs. 1 BGB und §§ 1, 2 SGB II krank", ("§ 626 Abs. 1 BGB", "§§ 1, 2 SGB II")),
    Nasty(DE, "Aktenzeichen 12 C 345/26, BG-Nummer 04502BG0012345 Geld", ("12 C 345/26", "04502BG0012345")),
    Nasty(BG, "благодаря 👍🏽 за помощ 🇧🇬 и 👨‍👩‍👧‍👦 утре 1️⃣ ❤️", ("👍🏽", "🇧🇬", "👨‍👩‍👧‍👦", "1️⃣", "❤️")),
    Nasty(BG, "знаме 🏴󠁧󠁢󠁥󠁮󠁧󠁿 и ⏰ и ™", ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", "⏰", "™")),
    Nasty(BG, "шефът каза Kündigung и Jobcenter Weißenfels", ("Kündigung", "Jobcenter Weißenfels")),
    Nasty(DE, "Der Chef Иван Петров zahlt nicht", ("Иван Петров",)),
    Nasty(RO, "Șeful Иван nu plătește ş ţ", ("Иван",)),
    Nasty(BG, "Ана и Мария-Ана, не Анастасия", ("Мария-Ана",), ("Ана", "Мария-Ана")),
    Nasty(DE, "Frau Ana Petrova (30) fragt nach Geld", ("Ana Petrova", "(30)"), ("Ana Petrova",)),
    Nasty(DE, "Der Arbeitsvertrag und das Jobcenter", ("Arbeitsvertrag", "Jobcenter")),
    Nasty(BG, "Xq0Z и Xq1Z не плаща 5 и 6 заплата xq 2 z", ("Xq0Z", "Xq1Z", "5", "6", "xq 2 z")),
    Nasty(BG, "😀😀 🙏", ("😀😀 🙏",)),
    Nasty(BG, "0176 1234567", ("0176 1234567",)),
    Nasty(BG, "12", ("12",)),
    Nasty(BG, "?!", ("?!",)),
    Nasty(BG, "той „каза: 'не (и [пак {не}])' \"да\"“ 5", ("5",)),
    Nasty(BG, "шефът\u200f не\u200b плаща\ufeff 4\u200b5\u00ad0 €\0", ("450 €",)),
    Nasty(BG, "заплата\n\n450 €\r\n- дете 3\n\tкъде?\n", ("450 €", "3", "\n\n", "\r\n")),
    Nasty(BG, "аааааа" * 160 + " не плаща 450 €", ("аааааа" * 160, "450 €")),
    Nasty(BG, "ш" * 1000, ("ш" * 1000,)),
    Nasty(BG, "шефът не плаща заплата 450 € и работа за дете и " * 45, ("450 €",)),
    Nasty(BG, "дете 0176 123 45 67 и " * 60, ("0176 123 45 67",)),
    Nasty(BG, "imam 7 deca i 4e 6efyt e v Jobcenter, tel 0888 12, ivan_p@abv.bg", ("7", "Jobcenter", "0888 12", "ivan_p@abv.bg")),
    Nasty(BG, "не не не не не не не не не 7", ("7",)),
    Nasty(BG, "450\u00a0€ и 1\u202f500 и ½ дете и 20m²", ("450\u00a0€", "1\u202f500", "½")),
    Nasty(BG, "@ivan #заплата snake_case_name __init__", ("@ivan", "#заплата", "snake_case_name", "__init__")),
    Nasty(BG, "1. договор\n2. заплата\n3) дете", ("1", "2", "3")),
    Nasty(BG, "\ue000 не \uf8ff плаща", ("\ue000", "\uf8ff")),
    Nasty(BG, "Зимна 10, бл. 5, ет. 2, ап. 7 утре", ("10", "5", "2", "7")),
]  # fmt: skip
assert len(NASTY) >= 40


def count_is_kept(nasty: Nasty, said: str) -> list[tuple[str, int, int]]:
    text = nasty.text.translate(dict.fromkeys(map(ord, "\u200b\u200f\ufeff\u00ad\0")))
    return [(each, text.count(each), said.count(each)) for each in nasty.kept if text.count(each) != said.count(each)]


@pytest.fixture(scope="module")
def machine(toy_packages: object) -> Machine:
    return Machine(toy_packages, seconds=120)  # type: ignore[arg-type]


@pytest.mark.parametrize("nasty", NASTY, ids=lambda nasty: ascii(nasty.text[:20]))
async def test_nasty_sentences_through_real_packages(machine: Machine, nasty: Nasty) -> None:
    said = await machine.translate(nasty.text, *nasty.pair, nasty.names)
    assert count_is_kept(nasty, said.text) == [], said
    assert said.untouched == (), "toy packages copy what they don't know, so nothing has to stay in the original"


@pytest.mark.parametrize("translator", hostile.ALL, ids=lambda each: each.__name__)
def test_nasty_sentences_through_hostile_translators(translator: Callable[[str], str]) -> None:
    for nasty in NASTY:
        if any(each.isspace() for each in nasty.kept) or "\0" in nasty.text:
            continue  # the engine's part: lines, and what can't be seen
        said = translate_kept(nasty.text, nasty.way, translator)
        if said is not None:
            assert count_is_kept(nasty, said) == [], (translator.__name__, said)


@pytest.mark.parametrize("translator", hostile.ALL, ids=lambda each: each.__name__)
@pytest.mark.parametrize("seed", range(4))
def test_random_sentences_through_hostile_translators(translator: Callable[[str], str], seed: int) -> None:
    """Numbers and links of any text that is made of bits in any order, glued or not."""
    chance = random.Random(seed)
    bits = [
        "шефът", "не", "Jobcenter", "450", "€", "15.3.", "0176 123", "https://a.de/x_y", "😀", "Xq0Z", "Xq", "Z", "xq1z", ",",
        "(", ")", "§ 1", "1,5", "a@b.de", "-", "4e", "_", "\u00a0", "дете", ".", "/", "DE89 3704 0044 0532 0130 00",
    ]  # fmt: skip
    for _ in range(150):
        text = "".join(
            chance.choice(bits) + chance.choice(["", " ", " "]) for _ in range(chance.randint(1, 14))
        ).strip()
        way = Way("bg", "de", (), is_latin(text, "bg"))
        said = translate_kept(text, way, translator)
        if said is None:
            continue
        for put in shield(text, way).puts:
            assert put in said, (text, said)
        assert sorted(filter(str.isdigit, text)) == sorted(filter(str.isdigit, said)) or way.latin, (text, said)


def test_a_good_translator_keeps_the_whole_sentence() -> None:
    """Marks go through as parts of one sentence; that they come back with spaces is no damage."""
    asked = []

    def translator(text: str) -> str:
        asked.append(text)
        return hostile.spaces_marks(text)

    said = translate_kept("шефът не плаща 450 € до 15.3. за дете", Way("bg", "de"), translator)
    assert said == "шефът не плаща 450 € до 15.3. за дете"
    assert asked == ["шефът не плаща Xq0Z до Xq1Z за дете"]


def test_part_by_part_where_marks_are_spoilt() -> None:
    asked = []

    def translator(text: str) -> str:
        asked.append(text)
        return hostile.drops_marks(text).upper()

    assert translate_kept("не плаща 450 €, за дете", Way("bg", "de"), translator) == "НЕ ПЛАЩА 450 €, ЗА ДЕТЕ"
    assert asked == ["не плаща Xq0Z, за дете", "не плаща", "за дете"]


def test_untouched_where_nothing_helps() -> None:
    for translator in (
        hostile.says_nothing,
        hostile.says_a_dot,
        hostile.adds_digits,
        hostile.adds_a_link,
        hostile.stutters,
    ):
        assert translate_kept("не плаща 450 €, за дете", Way("bg", "de"), translator) is None
        assert translate_kept("не плаща", Way("bg", "de"), translator) is None


def test_office_words_are_explained_once() -> None:
    said = translate_kept("Der Arbeitsvertrag vom Jobcenter", Way("de", "bg"), hostile.copies)
    assert said is not None
    assert "трудов договор (Arbeitsvertrag)" in said
    assert "Arbeitsvertrages" in str(translate_kept("wegen des Arbeitsvertrages", Way("de", "ro"), hostile.copies))
    assert translate_kept("Jobcenter (Amt)", Way("de", "tr"), hostile.copies) == "Jobcenter (Amt)"


def test_long_input_takes_no_long_time() -> None:
    for text in (
        "a-" * 3000,
        "a." * 3000,
        "1 " * 3000,
        "_" * 6000,
        " " * 6000 + "x",
        "a@" * 3000,
        "😀x" * 2000,
        "§ 1, " * 1500,
    ):
        shield(text, Way("bg", "de"))


@pytest.mark.parametrize(
    ("original", "translated", "found"),
    [
        ("450 € утре", "morgen 450€", []),
        ("1.500 лева", "1 500 Lewa", []),
        ("до 15.3.", "bis 16.3.", ["153", "163"]),
        ("виж a.de/x", "siehe", ["a.de/x"]),
    ],
)
def test_differences_are_named(original: str, translated: str, found: list[str]) -> None:
    assert differences(original, translated) == found
