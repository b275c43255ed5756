"""A town of some years in a few SQL statements: many conversations, few open cases, words as common as in life."""

import psycopg
from psycopg import sql

from translations.script import skeleton

# Said in every second, tenth, fiftieth… message: rank r is as common as 1/r.
SPOKEN = {
    "bg": "здравейте заплата договор месеца работа квартира помощ училище документи писмо шеф лекар осигуровка дете "
    "наем поща срок среща адрес мебели зъболекар пощальон",
    "ro": "bună salariu contract luni muncă locuință ajutor școală documente scrisoare șef medic asigurare copil chirie "
    "poștă termen întâlnire adresă mobilă dentist poștaș",
    "uk": "добрий зарплата договір місяці робота квартира допомога школа документи лист начальник лікар страховка дитина "
    "оренда пошта термін зустріч адреса меблі стоматолог листоноша",
}
NEEDLE = "рядкослово"  # said five times in all
PLACES = ("weissenfels", "naumburg", "zeitz", "wuppertal", "")


def seed(conninfo: str, cases: int, messages: int, user_id: int, channel_ids: list[int]) -> None:
    """`messages` in all; a few talk very much, most hardly."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(
            "set session_replication_role = replica"
        )  # what is made here needs no checks of foreign keys
        connection.execute("set maintenance_work_mem = '256MB'")
        definition = connection.execute("select pg_get_indexdef('ix_messages_words'::regclass)").fetchone()
        connection.execute("drop index ix_messages_words")  # made anew at the end, which is much faster
        values = {
            "cases": cases,
            "messages": messages,
            "user": user_id,
            "channels": channel_ids,
            "places": list(PLACES),
        }
        connection.execute("create temporary table spoken (lang int, rank int, word text, folded text)")
        rows = [
            (number, rank, word, skeleton(word))
            for number, words in enumerate(SPOKEN.values())
            for rank, word in enumerate(words.split(), start=1)
        ]
        with connection.cursor().copy("copy spoken from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        for statement in STATEMENTS:
            connection.execute(
                sql.SQL(statement).format(**{name: sql.Literal(value) for name, value in values.items()})
            )
        rare = sql.SQL(RARE).format(
            text=sql.Literal(NEEDLE), words=sql.Literal(skeleton(NEEDLE)), n=sql.Literal(messages)
        )
        connection.execute(rare)
        assert definition is not None
        connection.execute(definition[0])
        connection.execute("analyze")


STATEMENTS = (
    """insert into contacts (name, words, created_at)
    select bird || ' ' || n % 90, to_tsvector('simple', lower(bird)) || to_tsvector('simple', (n % 90)::text),
      now() - n * interval '20 minutes'
    from (select n, (array['Amsel', 'Eule', 'Lerche', 'Taube', 'Ente', 'Gans', 'Drossel'])[1 + n % 7] as bird
      from generate_series(1, {cases}) n) named""",
    """insert into addresses (channel_id, contact_id, value, lookup, masked)
    select ({channels}::bigint[])[1 + id % cardinality({channels}::bigint[])], id, '\\x00',
      decode(lpad(to_hex(id), 16, '0'), 'hex'), '… 12'
    from contacts""",
    """insert into conversations (address_id, contact_id, channel_id, mode, language, place, last_seq, heard_at,
      active_at, created_at)
    select a.id, a.contact_id, a.channel_id, 'bot', (array['bg', 'ro', 'uk'])[1 + a.id % 3],
      ({places}::text[])[1 + a.id % 5], 0, now() - a.id * interval '9 minutes', now() - a.id * interval '9 minutes',
      now() - a.id * interval '20 minutes'
    from addresses a""",
    """create temporary table talks as
    select id, channel_id, (id % 3)::int as lang, (1 + 4.6 * power(random(), -0.55))::int as share from conversations""",
    """create temporary table turns as
    select t.id, t.channel_id, t.lang, seq from talks t,
      generate_series(1, greatest(1, (t.share * {messages}::float / (select sum(share) from talks))::int)) seq""",
    """create temporary table texts as
    select n, lang, string_agg(word, ' ') as text, array_to_tsvector(array_agg(distinct folded)) as words
    from (select g.n, s.lang, s.word, s.folded from generate_series(0, 4999) g(n)
      join spoken s on s.lang = g.n % 3
      where abs(hashint4(g.n * 31 + s.rank * 7919) % 1000) < 500.0 / s.rank or s.rank = 1 + g.n % 22) chosen
    group by n, lang""",
    """insert into messages (conversation_id, channel_id, seq, direction, author, status, kind, text, words, user_id,
      external_id, created_at)
    select u.id, u.channel_id, u.seq, case when u.seq % 2 = 1 then 'in' else 'out' end,
      case u.seq % 4 when 0 then 'staff' when 2 then 'bot' else 'contact' end,
      case when u.seq % 2 = 1 then 'received' else 'delivered' end, 'text', t.text, t.words,
      case when u.seq % 4 = 0 then {user} end, u.id || ':' || u.seq,
      now() - u.id * interval '9 minutes' - (500 - least(u.seq, 500)) * interval '3 minutes'
    from turns u join texts t on t.n = ((u.id * 7 + u.seq * 13) % 1666) * 3 + u.lang
    order by u.id desc, u.seq""",
    """update conversations c set last_seq = s.n
    from (select conversation_id, max(seq) as n from messages group by 1) s where s.conversation_id = c.id""",
    """insert into cases (contact_id, conversation_id, status, urgency, reason, danger, needs, place, assignee_id,
      waiting_since, tags, closed_at, created_at)
    select contact_id, id, case when id % 20 > 0 then 'closed' when id % 200 = 0 then 'snoozed' else 'open' end,
      case when id % 60 = 0 then 'urgent' else 'normal' end, 'asked', '[]',
      jsonb_build_array((array['work.wage_unpaid', 'education.kita_place', 'housing.no_contract'])[1 + id % 3]), place,
      case when id % 3 > 0 then {user} end, case when id % 20 = 0 and id % 40 = 0 then active_at end,
      case when id % 11 = 0 then '["Härtefall"]'::jsonb else '[]' end,
      case when id % 20 > 0 then active_at end, created_at
    from conversations""",
    "update cases set words = 'hartefal' where tags <> '[]'",
    """insert into case_events (case_id, user_id, kind, text, words, data, created_at)
    select id, {user}, 'note', 'Termin am Montag, Vertrag geprüft', 'termin am montag vertrag gepruft', '{{}}', created_at
    from cases where id % 4 = 0""",
)
RARE = """update messages set text = {text}, words = {words}::tsvector
where id in (select n * {n} / 6 from generate_series(1, 5) n)"""
