"""What the ABC's pages are made of: the order of words, an answer's parts, links to chats, codes and cards."""

import re
import struct
from dataclasses import replace

import pytest

from app.qr import qr_svg
from app.registry import LiveChannel
from app.web.abc_links import chats
from app.web.abc_order import first_letter, sort_key
from app.web.abc_text import Part, Writer, german_words
from app.web.cards import Card, CardPress, shortened
from channels.webchat import WebChat
from flows.load import read_content
from flows.model import ANSWER_LANGUAGES
from flows.understand import CONTENT_DIR
from translations.phrases import catalogue

CARD = Card("bg", "Streetwork Hub", "Ежедневието от А до Я", "Не ми плащат. Какво да правя?", "Да, трябва.", "Чернова")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("bg", ["Адрес", "Без дом", "Безработица", "Ямка", "Kita"]),
        ("uk", ["Гроші", "Ґанок", "Дім", "Еко", "Єдність", "Житло", "Іспит", "Їжа", "Йод", "Kita"]),
        ("ro", ["Acte", "Ajutor", "Ăsta", "Bani", "Ieșire", "Îngrijire", "Salariu", "Școală", "Taxă", "Țară"]),
        ("de", ["Arzt", "Ärzte", "Ausweis", "Öffnung", "Ort", "Straße", "Strasse 2"]),
        ("en", ["Baby", "Back pay", "Backpack"]),
    ],
)
def test_words_are_in_the_order_of_their_language(language: str, words: list[str]) -> None:
    mixed = words[::-1]
    assert sorted(mixed, key=lambda word: sort_key(word, language)) == words


@pytest.mark.parametrize(
    ("language", "word", "letter"),
    [
        ("uk", "Їжа", "Ї"), ("ro", "școală", "Ș"), ("ro", "şcoală", "Ș"), ("de", "Öffnung", "O"), ("bg", "„Съд“", "С"),
        ("en", "24 hours", "#"), ("uk", "’яблуко", "Я"),
    ],
)  # fmt: skip
def test_the_letter_that_a_word_stands_under(language: str, word: str, letter: str) -> None:
    assert first_letter(word, language) == letter


def shape(parts: list[Part]) -> list[tuple[str, int, int]]:
    return [(part.kind, len(part.lines), len(part.items)) for part in parts]


def test_signs_lists_and_paragraphs_become_parts() -> None:
    text = "Да.\n\n⏰ 3 седмици.\nДнес.\n📄 Вземете:\n• паспорт\n• писмо\nИ ключ. ⚠️ Не подписвайте."
    parts = Writer("bg", (), None).parts(text)
    assert shape(parts) == [("", 1, 0), ("deadline", 2, 0), ("papers", 1, 2), ("", 1, 0), ("careful", 1, 0)]
    assert parts[4].lines == ["Не подписвайте."]


def test_numbers_and_addresses_become_links_but_amounts_do_not() -> None:
    writer = Writer("en", ["112", "0800 1014341", "+49 30 219653721"], None)
    assert writer.markup("Call 112.") == 'Call <a class="call" href="tel:112">112</a>.'
    assert 'href="tel:08001014341">0800 1014341<' in writer.markup("free: 0800 1014341")
    assert 'href="tel:+4930219653721"' in writer.markup("+49 30 219653721")
    assert "<a" not in writer.markup("112 € or 112,50 or 1112 or 112€")
    assert '<a href="https://bema.arbeitundleben.org" rel="noreferrer">' in writer.markup(
        "See bema.arbeitundleben.org."
    )
    assert "<a" not in writer.markup("Write to a@example.org")
    assert writer.markup("<b>") == "&lt;b&gt;"


def test_german_words_are_marked_for_reading_aloud() -> None:
    writer = Writer("bg", (), german_words(None, "bg"))
    assert writer.markup("фиш (Lohnabrechnung)") == 'фиш (<span lang="de">Lohnabrechnung</span>)'
    assert '<span lang="de">Faire Mobilität</span>' in writer.markup("Питайте Faire Mobilität, Берлин")
    assert "<span" not in writer.markup("Пишете SMS")


def test_what_is_german_in_romanian_is_known_from_the_cyrillic_texts() -> None:
    entry = next(each for each in read_content(CONTENT_DIR).entries if each.topic == "work.wage_unpaid")
    writer = Writer("ro", (), german_words(entry, "ro"))
    assert '<span lang="de">Ausgleichsquittung</span>' in writer.markup("tot (Ausgleichsquittung). Nu semnați")
    assert german_words(entry, "de") is None


def channel(name: str, link: str, place: str = "") -> LiveChannel:
    return LiveChannel(1, name, "webchat", place, {"link": link}, WebChat(), "")


def test_a_chat_opens_on_the_topic() -> None:
    channels = [
        channel("sms", "sms:+491511"),
        channel("wa", "https://wa.me/491511"),
        channel("tg", "https://t.me/some_bot"),
        channel("bad", "javascript:alert(1)"),
        replace(channel("none", ""), options={}),
    ]
    found = {each.kind: each for each in chats(channels, "work.wage_unpaid", "bg", "Не ми плащат & още?", [])}
    assert list(found) == ["telegram", "whatsapp", "sms"]
    assert found["telegram"].href == "https://t.me/some_bot?start=work-wage_unpaid--bg"
    assert found["whatsapp"].href.startswith("https://wa.me/491511?text=%D0%9D")
    assert "%26" in found["whatsapp"].href
    assert found["sms"].href.startswith("sms:+491511?body=")
    assert found["sms"].address == "+491511"
    plain = chats(channels, "", "bg", "", [])
    assert [each.href for each in plain] == ["https://t.me/some_bot", "https://wa.me/491511", "sms:+491511"]


def test_the_channel_of_the_readers_place_comes_before_that_for_everywhere() -> None:
    links = [channel("all", "https://t.me/all"), channel("here", "https://t.me/here", "weissenfels")]
    assert [each.name for each in chats(links, "", "bg", "", ["weissenfels", "burgenlandkreis"])] == ["here"]
    assert [each.name for each in chats(links, "", "bg", "", ["wuppertal"])] == ["all"]


def test_start_codes_keep_to_telegrams_alphabet() -> None:
    for entry in read_content(CONTENT_DIR).entries:
        (found,) = chats([channel("tg", "https://t.me/bot")], entry.topic, "bg", "", [])
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", found.href.partition("start=")[2])


def test_a_code_stands_on_its_own_without_styles() -> None:
    svg = qr_svg("https://example.org/abc/bg/work.wage_unpaid").decode()
    assert svg.startswith("<svg")
    assert "style" not in svg
    assert "#fff" in svg


async def test_a_card_is_what_social_media_ask_for_and_is_drawn_once() -> None:
    press = CardPress()
    picture = await press.png(CARD)
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", picture[16:24]) == (1200, 630)
    assert await press.png(CARD) is picture
    assert await press.png(replace(CARD, draft="")) != picture


async def test_words_on_a_card_are_never_read_as_code() -> None:
    await CardPress().png(replace(CARD, question='#panic("x") $ \\ ] [', answer="*x* @y <z>"))


def test_texts_are_shortened_by_sentences() -> None:
    assert shortened("One. Two. Three.", 100) == "One. Two. Three."
    assert shortened("One. Two. Three is long.", 12) == "One. Two."
    assert shortened("One very long sentence, endless", 25) == "One very long sentence …"


@pytest.mark.parametrize("language", ANSWER_LANGUAGES)
def test_every_phrase_of_the_pages_exists_in_every_language(language: str) -> None:
    english = catalogue("en", "pages")
    here = catalogue(language, "pages")
    assert set(here) == set(english)
    for key, words in here.items():
        assert set(re.findall(r"{\w+}", words)) == set(re.findall(r"{\w+}", english[key])), key
