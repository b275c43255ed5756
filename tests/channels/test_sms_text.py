"""Segments, price, and the copy of a text for SMS."""

import itertools
import math
import random
from decimal import Decimal

import pytest

from channels.base import Button
from channels.sms_text import Segments, for_sms, is_gsm, price, segments
from channels.text import clean_text, numbered, utf16_length
from channels.transliterate import transliterate

# GSM 03.38 row by row, as its table stands in the standard; the test's own copy.
GSM_TABLE = (
    "@£$¥èéùìòÇ\nØø\rÅå" "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ" " !\"#¤%&'()*+,-./" "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO" "PQRSTUVWXYZÄÖÑÜ§" "¿abcdefghijklmno" "pqrstuvwxyzäöñüà"
)  # fmt: skip
GSM_ESCAPED = "^{}\\[~]|€\f"
ALPHABET = set(GSM_TABLE.replace("\x1b", "") + GSM_ESCAPED)


def slow_count(text: str) -> tuple[str, int, int]:
    """Writes every segment out, unit by unit, and takes back what it must not break."""
    gsm = set(text) <= ALPHABET
    if gsm:
        atoms = [["ESC", char] if char in GSM_ESCAPED else [char] for char in text]
    else:
        encoded = [char.encode("utf-16-be", "surrogatepass") for char in text]
        atoms = [[one[at : at + 2].hex() for at in range(0, len(one), 2)] for one in encoded]
    stream = list(itertools.chain.from_iterable(atoms))
    whole, part = (160, 153) if gsm else (70, 67)
    if len(stream) <= whole:
        return ("GSM-7" if gsm else "UCS-2", len(stream), min(1, len(stream)))
    starts = {0, *itertools.accumulate(len(atom) for atom in atoms)}
    cut = count = 0
    while cut < len(stream):
        end = min(cut + part, len(stream))
        while end not in starts:
            end -= 1
        cut, count = end, count + 1
    return ("GSM-7" if gsm else "UCS-2", len(stream), count)


def test_20000_random_texts() -> None:
    chance = random.Random(20260101)
    alphabets = ["abc €", "a€[~", "абв", "а😀", "aа😀€", GSM_TABLE.replace("\x1b", "") + GSM_ESCAPED, "ș€a", "\ud83da"]
    lengths = [0, 1, 69, 70, 71, 134, 135, 152, 153, 154, 159, 160, 161, 305, 306, 307, 500]
    for number in range(20_000):
        length = lengths[number % len(lengths)] if number % 2 else chance.randrange(400)
        text = "".join(chance.choices(alphabets[number % len(alphabets)], k=length))
        found = segments(text)
        assert (found.encoding, found.units, found.count) == slow_count(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Segments("GSM-7", 0, 0, 160)),
        ("a" * 160, Segments("GSM-7", 160, 1, 160)),
        ("a" * 161, Segments("GSM-7", 161, 2, 153)),
        ("a" * 306, Segments("GSM-7", 306, 2, 153)),
        ("a" * 307, Segments("GSM-7", 307, 3, 153)),
        ("€" * 80, Segments("GSM-7", 160, 1, 160)),
        ("a" * 152 + "€" + "a" * 152, Segments("GSM-7", 306, 3, 153)),  # the escape is not parted from its sign
        ("я" * 70, Segments("UCS-2", 70, 1, 70)),
        ("я" * 71, Segments("UCS-2", 71, 2, 67)),
        ("я" * 66 + "😀" + "я" * 66, Segments("UCS-2", 134, 3, 67)),  # an emoji is not parted
        ("a" * 159 + "ț", Segments("UCS-2", 160, 3, 67)),  # one letter makes three of one
        ("a" * 159 + "”", Segments("UCS-2", 160, 3, 67)),
        ("Größe: Ä Ö Ü ß à é ñ §", Segments("GSM-7", 22, 1, 160)),
        ("`", Segments("UCS-2", 1, 1, 70)),
        ("ç", Segments("UCS-2", 1, 1, 70)),
    ],
)
def test_segments(text: str, expected: Segments) -> None:
    assert segments(text) == expected


BULGARIAN = (
    "Ако шефът не ви плаща, имате право на заплата и без писмен договор. Запишете дните и часовете, снимайте графика "
    "и съобщенията. Пишете му писмено до кога да плати. Не подписвайте нищо, което не разбирате. Срокът може да е "
    "кратък. Помощта е безплатна и поверителна. Отговорете с 0, за да говорите с човек. "
)
ROMANIAN = (
    "Dacă șeful nu vă plătește, aveți dreptul la salariu și fără contract scris. Notați zilele și orele, fotografiați "
    "orarul și mesajele. Scrieți-i până când trebuie să plătească. Nu semnați nimic ce nu înțelegeți. Termenul poate fi "
    "scurt. Ajutorul este gratuit și confidențial. Răspundeți cu 0 pentru un om. "
)
UKRAINIAN = (
    "Якщо начальник не платить, ви маєте право на зарплату і без письмового договору. Записуйте дні та години, "
    "фотографуйте графік і повідомлення. Напишіть йому, до якого дня він має заплатити. Не підписуйте того, чого не "
    "розумієте. Строк може бути короткий. Допомога безкоштовна. Напишіть 0, щоб поговорити з людиною."
)


@pytest.mark.parametrize(
    ("text", "language", "script", "encoding", "count"),
    [
        (BULGARIAN, "bg", "Cyrl", "UCS-2", 5),
        (BULGARIAN, "bg", None, "UCS-2", 5),
        (BULGARIAN, "bg", "Latn", "GSM-7", 3),
        (ROMANIAN, "ro", "Latn", "GSM-7", 2),
        (ROMANIAN, "ro", None, "GSM-7", 2),
        (UKRAINIAN, "uk", "Cyrl", "UCS-2", 5),
        (UKRAINIAN, "uk", "Latn", "GSM-7", 3),
    ],
)
def test_the_studys_numbers(text: str, language: str, script: str | None, encoding: str, count: int) -> None:
    """300 characters as written take five segments; folded Romanian two, Latin Bulgarian and Ukrainian three."""
    text = (text * 2)[:300]
    assert (segments(text).encoding, segments(text).count) == ("UCS-2", 5)
    found = segments(for_sms(text, language, script))
    assert (found.encoding, found.count) == (encoding, count)


def test_price() -> None:
    assert price("я" * 71, Decimal("7.9")) == Decimal("15.8")
    assert price("", Decimal("7.9")) == 0


@pytest.mark.parametrize(
    ("text", "language", "script", "copy"),
    [
        ("ăâîșțşţ ĂÂÎȘȚŞŢ", "ro", "Latn", "aaistst AAISTST"),
        ("s\u0326i t\u0326a\u0306ra", "ro", "Latn", "si tara"),
        ("„Da“ ”x” «y» ‘z’ – — … № 5 § 5", "ro", None, '"Da" "x" "y" \'z\' - - ... No. 5 § 5'),
        ("5\u00a0€, 20\u202f°C", "de", "Latn", "5 €, 20 C"),
        ("• eins\n• zwei → drei", "de", "Latn", "- eins\n- zwei -> drei"),
        ("Größe, Straße, schön, Ärger", "de", "Latn", "Größe, Straße, schön, Ärger"),
        ("šč ğı Łódź ½ ²", "de", None, "sc gi Lodz 1/2 2"),
        ("Добре 👍🏽!", "bg", "Cyrl", "Добре!"),
        ("👋 Здравейте 😀 хора 👨‍👩‍👧", "bg", "Cyrl", "Здравейте хора"),
        ("📞 112\n⚠️ Внимание", "bg", "Cyrl", "112\nВнимание"),
        ("1️⃣ Работа\n2️⃣Дом", "bg", "Cyrl", "1 Работа\n2 Дом"),
        ("🇧🇬", "bg", "Cyrl", "🇧🇬"),
        ("„Да“ – № 5…", "bg", "Cyrl", '"Да" - № 5…'),
        ("Șeful – Шеф", "ro", "Latn", "Șeful - Шеф"),  # no cheaper without the accents, so they stay
        ("a\r\nb\u2028c\u200bd\u00ad", "en", None, "a\nb\ncd"),
        ("https://a.example/x_y?b=[1]&c={2}~|", "en", None, "https://a.example/x_y?b=[1]&c={2}~|"),
        ("", "bg", "Latn", ""),
    ],
)
def test_copies_for_sms(text: str, language: str, script: str | None, copy: str) -> None:
    assert for_sms(text, language, script) == copy


def test_nothing_is_cut() -> None:
    text = "Дълъг текст за всички. " * 200
    assert for_sms(text, "bg", "Cyrl") == text
    assert len(for_sms(text, "bg", "Latn")) >= len(text)


@pytest.mark.parametrize("letter", "ăâîșțşţčšžğıłąęőűçáíóúřďťňĂÂÎȘȚŞŢÇŁŐœẞ–—„“”…№•→©´`\u00a0")
def test_latin_letters_and_signs_fit_the_gsm_alphabet(letter: str) -> None:
    copy = for_sms(f"a{letter}b", "ro", "Latn")
    assert is_gsm(copy)
    assert len(copy) >= 3


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("Здравейте", "Zdraveyte"),
        ("Щъркел, щъркел, ЩЪРКЕЛ, Щ", "Shtarkel, shtarkel, SHTARKEL, Sht"),
        ("София, МАРИЯ, линия, Ия", "Sofia, MARIA, linia, Ia"),
        ("България, в България! БЪЛГАРИЯ", "Bulgaria, v Bulgaria! BULGARIA"),
        ("български", "balgarski"),
        ("линията, Илиян, маи", "liniyata, Iliyan, mai"),
        (
            "Ямбол, Юлия, Ценово, Чирпан, Жеравна, Шумен, Хасково",
            "Yambol, Yulia, Tsenovo, Chirpan, Zheravna, Shumen, Haskovo",
        ),
        ("Кьосе, Йордан, ѝ, и\u0300", "Kyose, Yordan, i, i"),
        ("Стара-Загора ЕООД 2024 OK", "Stara-Zagora EOOD 2024 OK"),
        ("ПОМОЩ!", "POMOSHT!"),
    ],
)
def test_bulgarian_by_the_act(text: str, latin: str) -> None:
    assert transliterate(text, "bg") == latin


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("Алушта Андрій", "Alushta Andrii"),
        ("Володимир Гадяч Галаґан", "Volodymyr Hadiach Halagan"),
        ("Єнакієве Гаєвич", "Yenakiieve Haievych"),
        ("Їжакевич Кадиївка Мар'їне", "Yizhakevych Kadyivka Marine"),
        ("Йосипівка Стрий", "Yosypivka Stryi"),
        ("Київ Ніжин Щербухи Гоща", "Kyiv Nizhyn Shcherbukhy Hoshcha"),
        (
            "Юрій Корюківка Яготин Ярошенко Костянтин Знам’янка",
            "Yurii Koriukivka Yahotyn Yaroshenko Kostiantyn Znamianka",
        ),
        ("Феодосія Згорани Розгон ЗГОДА", "Feodosiia Zghorany Rozghon ZGHODA"),
        ("Івано-Франківськ, Нью-Йорк", "Ivano-Frankivsk, Niu-York"),
        ("Русь, льодяник, ЩО", "Rus, lodianyk, SHCHO"),
        ("за\u0301мок", "zamok"),
        ("'слово'", "'slovo'"),
    ],
)
def test_ukrainian_by_resolution_55(text: str, latin: str) -> None:
    assert transliterate(text, "uk") == latin


def test_other_languages_stay() -> None:
    assert transliterate("Привет", "ru") == "Привет"


def test_numbers_for_buttons() -> None:
    buttons = [Button("human", "Човек"), Button("a", " Първо\nи "), Button("b", "Второ")]
    assert numbered(buttons) == "1 Първо и\n2 Второ\n0 Човек"
    assert numbered([]) == ""


def test_small_helpers() -> None:
    assert clean_text("a\x00\ud83d😀") == "a\ufffd😀"
    assert utf16_length("a😀") == 3
    assert math.ceil(segments("я" * 400).count) == 6
