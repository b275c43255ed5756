"""The inbox's questions as somebody would write them by hand, without rights, cards' details or counters' filters."""

ORDERS = {
    "urgency": "(k.urgency <> 'urgent'), coalesce(k.waiting_since, 'infinity'), k.id desc",
    "waiting": "coalesce(k.waiting_since, 'infinity'), k.id desc",
    "activity": "c.active_at desc, k.id desc",
    "window": "case when c.heard_at > now() - interval '24 hours' then c.heard_at else 'infinity' end, k.id desc",
    "closed": "k.closed_at desc, k.id desc",
}
FILTERS: tuple[tuple[str, dict[str, str], str], ...] = (
    ("language and place", {"language": "ro", "place": "zeitz"}, "c.language = 'ro' and k.place = 'zeitz'"),
    ("need", {"need": "work.wage_unpaid"}, "k.needs @> '[\"work.wage_unpaid\"]'"),
    ("tag", {"tag": "Härtefall"}, "k.tags @> '[\"Härtefall\"]'"),
    ("nobody has it", {"assignee": "nobody"}, "k.assignee_id is null"),
    ("nothing fits", {"tag": "nothing"}, "k.tags @> '[\"nothing\"]'"),
)
COUNTS = """(select count(*) from cases where status = 'open'),
(select count(*) from cases where status = 'open' and assignee_id is null),
(select count(*) from cases where status = 'open' and assignee_id = 1),
(select count(*) from cases where status = 'snoozed'), (select count(*) from cases where status = 'closed')"""
CARD = """left join lateral (select m.text, m.kind, m.author, m.created_at from messages m
  where m.conversation_id = c.id and m.author in ('contact', 'staff') order by m.seq desc limit 1) last on true"""


def listed(order: str, where: str = "true", offset: int = 0) -> str:
    status = "closed" if order == "closed" else "open"
    return f"""select {COUNTS}, k.*, p.name, c.language, h.name, u.name, last.*
    from (select k.id from cases k join conversations c on c.id = k.conversation_id
      where k.status = '{status}' and {where} order by {ORDERS[order]} limit 50 offset {offset}) page
    join cases k on k.id = page.id join conversations c on c.id = k.conversation_id
    join contacts p on p.id = k.contact_id join channels h on h.id = c.channel_id
    left join users u on u.id = k.assignee_id {CARD}"""


SEARCH = """select k.id, p.name, m.id, m.text, m.created_at, u.name
from (select c.contact_id, max(m.id) as newest from messages m join conversations c on c.id = m.conversation_id
  where m.words @@ cast(:query as tsquery) group by 1 order by 2 desc limit 20) hits
join messages m on m.id = hits.newest join contacts p on p.id = hits.contact_id
join cases k on k.contact_id = p.id left join users u on u.id = m.user_id"""

SEARCH_FILTERED = """select k.id, p.name, m.id, m.text, m.created_at, u.name
from (select c.contact_id, max(m.id) as newest from messages m join conversations c on c.id = m.conversation_id
  join cases k on k.contact_id = c.contact_id
  where m.words @@ cast(:query as tsquery) and c.language = 'ro' and k.place = 'zeitz' and k.assignee_id is null
  group by 1 order by 2 desc limit 20) hits
join messages m on m.id = hits.newest join contacts p on p.id = hits.contact_id
join cases k on k.contact_id = p.id left join users u on u.id = m.user_id"""

THREAD = """select m.*, u.name from messages m left join users u on u.id = m.user_id
where m.conversation_id in (select c.id from conversations c join cases k on k.contact_id = c.contact_id where k.id = :case)
order by m.created_at desc, m.seq desc limit 200"""

SEARCH_THREAD = """select m.*, u.name from messages m left join users u on u.id = m.user_id
where m.conversation_id in (select c.id from conversations c join cases k on k.contact_id = c.contact_id where k.id = :case)
and m.words @@ cast(:query as tsquery) order by m.id desc limit 200"""
