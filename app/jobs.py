"""The task bodies, the periodic housekeeping, and the workers that run them.

The job engine is a wake-up, a lock and a clock; what there is to do always stands in our own tables. So a lost job is
found by the sweep, a repeated one finds nothing left, and a rescued twin is fenced by compare-and-set.
"""

import asyncio
import logging
from collections.abc import Callable

import procrastinate
import sqlalchemy as sa
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status

from app import (
    alerts,
    conversation,
    digests,
    escalating,
    later,
    media,
    outbox,
    privacy,
    pushing,
    readings,
    reconcile,
    returning,
    shaping,
    snooze,
)  # fmt: skip
from app.budgets import check_budgets
from app.cases import open_case
from app.editor.releasing import publish_due
from app.flow_counts import forget_old
from app.hub import Hub
from app.models import Alert, Conversation, Cursor, EarlyStatus, FeedEvent, LoginTry, Media, Message, Push, StaffSession
from app.reminders import remind_all
from app.wake import IN_QUEUE, MEDIA_QUEUE, READ_QUEUE, SHAPE_QUEUE, SYSTEM_QUEUE, out_queue
from channels.base import SendErrorKind

log = logging.getLogger(__name__)

HEARTBEAT = 3.0  # seconds
STALLED_AFTER = 15.0  # a worker silent for so long is dead: its jobs are run again
POLL = 0.5  # finishing a job does not wake the next one with the same lock
FEED_DAYS = 2
SWEEP_EVERY = "* * * * * */5"  # every five seconds: they are the last field
DESK_EVERY = "* * * * * */10"
TIDY_EVERY = "17 * * * *"
RECONCILE_EVERY = "*/5 * * * *"
READINGS_EVERY = "* * * * *"
DIGESTS_EVERY = "*/5 * * * *"
RESTART_PAUSE = 1.0

STOPPING_ERRORS = frozenset(kind.code for kind in SendErrorKind if kind.stops_contact)

CONCURRENCY = 8  # jobs at once, per queue
READ_AT_ONCE = 1  # the machine has two threads: one stays free for those who write
SHAPED_AT_ONCE = 2  # each is a process with a file in its memory


def register(jobs: procrastinate.App, hub: Hub) -> None:
    """Give the job engine its tasks. None has a retry of its own: a retried coalesced job can block itself for ever."""

    @jobs.task(name="route")
    async def route(conversation_id: int) -> None:
        await conversation.route(hub, conversation_id)

    @jobs.task(name="send")
    async def send(conversation_id: int) -> None:
        await outbox.drain(hub, conversation_id)

    @jobs.task(name="tell_staff")
    async def tell_staff(message_id: int) -> None:
        await _tell_staff(hub, message_id)

    @jobs.task(name="wake_send")
    async def wake_send(channel_id: int, conversation_id: int) -> None:
        async with hub.db.transaction() as session:
            await hub.waker.send(session, channel_id, conversation_id)

    @jobs.task(name="acknowledge")
    async def acknowledge(channel_id: int, token: str) -> None:
        if channel := hub.registry.by_id(channel_id):
            await channel.adapter.acknowledge(token)

    @jobs.task(name="seen")
    async def seen(channel_id: int, external_id: str) -> None:
        if channel := hub.registry.by_id(channel_id):
            await channel.adapter.seen(external_id)

    @jobs.task(name="fetch_media")
    async def fetch_media(media_id: int) -> None:
        await media.fetch(hub, media_id)

    @jobs.task(name="shape_media")
    async def shape_media(media_id: int) -> None:
        await shaping.shape(hub, media_id)

    @jobs.task(name="read")
    async def read(conversation_id: int) -> None:
        await readings.read(hub, conversation_id)

    @jobs.task(name="check_edit")
    async def check_edit(message_id: int) -> None:
        await conversation.check_edit(hub, message_id)

    @jobs.task(name="erase")
    async def erase(contact_id: int, language: str) -> None:
        await privacy.erase(hub, contact_id, language)

    @jobs.task(name="alert")
    async def alert(alert_id: int) -> None:
        await alerts.send(hub, alert_id)

    @jobs.task(name="push")
    async def push(push_id: int) -> None:
        await pushing.send(hub, push_id)

    # Without a lock: the one of a dead worker's sweep would keep every later one, and with it all rescue, from running.
    @jobs.periodic(cron=SWEEP_EVERY)
    @jobs.task(name="sweep", queue=SYSTEM_QUEUE, queueing_lock="sweep")
    async def sweep_now(timestamp: int) -> None:
        await rescue(jobs)
        await sweep(hub)

    # Without a lock, as the sweep: each case and reply is asked about again under the lock of its row.
    @jobs.periodic(cron=DESK_EVERY)
    @jobs.task(name="desk", queue=SYSTEM_QUEUE, queueing_lock="desk")
    async def desk_now(timestamp: int) -> None:
        await escalating.widen_due(hub)  # first: nothing may hold up a call for help
        await snooze.wake_due(hub)
        await later.send_due(hub)
        await returning.return_due(hub)
        await publish_due(hub)

    @jobs.periodic(cron=TIDY_EVERY)
    @jobs.task(name="tidy", queue=SYSTEM_QUEUE, lock="tidy", queueing_lock="tidy")
    async def tidy_now(timestamp: int) -> None:
        await tidy(hub)
        await remind_all(hub)

    @jobs.periodic(cron=RECONCILE_EVERY)
    @jobs.task(name="reconcile", queue=SYSTEM_QUEUE, queueing_lock="reconcile")
    async def reconcile_now(timestamp: int) -> None:
        await reconcile.reconcile(hub)
        await check_budgets(hub)

    @jobs.periodic(cron=READINGS_EVERY)
    @jobs.task(name="read_rest", queue=SYSTEM_QUEUE, queueing_lock="read_rest")
    async def read_rest_now(timestamp: int) -> None:
        await sweep_readings(hub)

    @jobs.periodic(cron=DIGESTS_EVERY)
    @jobs.task(name="digests", queue=SYSTEM_QUEUE, queueing_lock="digests")
    async def digests_now(timestamp: int) -> None:
        await digests.send_all(hub)


async def _tell_staff(hub: Hub, message_id: int) -> None:
    """An answer that did not arrive is a matter for a human, unless the person does not want any."""
    async with hub.db.transaction() as session:
        message = await session.get(Message, message_id)
        if message is None or message.status not in ("failed", "uncertain"):  # erased, or delivered after all
            return
        if message.payload.get("asks"):  # whether it helped is no reason to open the case again
            return
        talk = await session.get_one(Conversation, message.conversation_id, with_for_update=True)
        if talk.mode != "stopped" and message.error not in STOPPING_ERRORS:
            await open_case(hub, session, talk, reason=f"delivery_{message.status}")


async def rescue(jobs: procrastinate.App) -> None:
    """Run the jobs of dead workers again; where a twin is already waiting, the dead one's is dropped."""
    for job in await jobs.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        log.warning("job %s of a dead worker is run again", job.task_name)
        try:
            await jobs.job_manager.retry_job(job)
        except ConnectorException:
            await jobs.job_manager.finish_job(job, Status.FAILED, delete_job=True)


async def forget_workers(hub: Hub) -> None:
    """After the embedded server was started anew, whoever worked on the old one is gone: no need to wait for a pulse."""
    async with hub.db.transaction() as session:
        await session.execute(sa.text("delete from procrastinate_workers"))


async def sweep(hub: Hub) -> None:
    """Wake what waits in our tables without a job: what a crash at the wrong moment left behind."""
    async with hub.db.transaction() as session:
        unread = sa.select(Message.conversation_id).where(
            Message.direction == "in",
            Message.conversation_id == Cursor.conversation_id,
            Message.seq > Cursor.routed_seq,
        )
        for conversation_id in await session.scalars(
            sa.select(Cursor.conversation_id).where(unread.exists(), ~_has_job("in", Cursor.conversation_id))
        ):
            await hub.waker.route(session, conversation_id)
        waiting = (
            sa.select(Message.channel_id, Message.conversation_id)
            .where(Message.direction == "out", Message.status.in_(("queued", "sending")))
            .where(~_has_job("out", Message.conversation_id))
            .distinct()
        )
        for channel_id, conversation_id in (await session.execute(waiting)).all():
            await hub.waker.send(session, channel_id, conversation_id)
        now = hub.now()
        for media_id in await session.scalars(
            sa.select(Media.id).where(
                Media.status == "wanted",
                sa.or_(Media.next_try_at.is_(None), Media.next_try_at < now),
                ~_has_waiting("media", Media.id),
            )
        ):
            await hub.waker.fetch_media(session, media_id)
        await shaping.wake_unshaped(hub, session, _has_waiting("shape", Media.id))
        for alert_id in await session.scalars(
            sa.select(Alert.id).where(
                Alert.status == "queued",
                sa.or_(Alert.next_try_at.is_(None), Alert.next_try_at < now),
                ~_has_waiting("alert", Alert.id),
            )
        ):
            await hub.waker.alert(session, alert_id)
        for push_id in await session.scalars(
            sa.select(Push.id).where(
                sa.or_(Push.next_try_at.is_(None), Push.next_try_at < now), ~_has_waiting("push", Push.id)
            )
        ):
            await hub.waker.push(session, push_id)


async def sweep_readings(hub: Hub) -> None:
    """What a crash left unread, and what could not be read before packages came."""
    async with hub.db.transaction() as session:
        await readings.wake_unread(hub, session, _has_job("read", Conversation.id))


JOBS = sa.table("procrastinate_jobs", sa.column("lock"), sa.column("queueing_lock"), sa.column("status"))
ALIVE = sa.cast(JOBS.c.status, sa.Text).in_(("todo", "doing"))  # an enum of the job engine


def _has_job(prefix: str, ref: sa.ColumnElement[int] | sa.orm.InstrumentedAttribute[int]) -> sa.Exists:
    key = sa.literal(f"{prefix}:") + sa.cast(ref, sa.Text)
    return sa.exists().where(sa.or_(JOBS.c.lock == key, JOBS.c.queueing_lock == key + ":later"), ALIVE)


def _has_waiting(prefix: str, ref: sa.ColumnElement[int] | sa.orm.InstrumentedAttribute[int]) -> sa.Exists:
    return sa.exists().where(JOBS.c.queueing_lock == sa.literal(f"{prefix}:") + sa.cast(ref, sa.Text), ALIVE)


async def tidy(hub: Hub) -> None:
    """Forget what nobody needs any more."""
    day = sa.func.make_interval(0, 0, 0, 1)
    async with hub.db.transaction() as session:
        await session.execute(sa.delete(FeedEvent).where(FeedEvent.created_at < sa.func.now() - FEED_DAYS * day))
        await session.execute(sa.delete(EarlyStatus).where(EarlyStatus.created_at < sa.func.now() - FEED_DAYS * day))
        await session.execute(sa.delete(LoginTry).where(LoginTry.at < sa.func.now() - day))
        await session.execute(sa.delete(StaffSession).where(StaffSession.expires_at < sa.func.now()))
        await digests.tidy(session, hub.now())
        await forget_old(session, hub.today)


class Workers:
    """One worker per kind of queue, so that a slow provider or a rate limit never holds up reading.

    Workers end, even without an error, when the database goes away: `run` starts them again, for ever.
    """

    def __init__(self, make_jobs: Callable[[], procrastinate.App], hub: Hub, concurrency: int = CONCURRENCY) -> None:
        self._make_jobs = make_jobs
        self._hub = hub
        self._concurrency = concurrency

    async def run(self) -> None:
        while True:
            try:
                await self._run_once()
            except Exception as error:
                log.warning("workers: stopped (%s), starting again", type(error).__name__)
            await asyncio.sleep(RESTART_PAUSE)

    async def _run_once(self) -> None:
        jobs = self._make_jobs()
        register(jobs, self._hub)
        async with jobs.open_async():
            running: dict[str, asyncio.Task[None]] = {
                "in": asyncio.create_task(self._work(jobs, IN_QUEUE)),
                "sys": asyncio.create_task(self._work(jobs, SYSTEM_QUEUE)),
                "media": asyncio.create_task(self._work(jobs, MEDIA_QUEUE)),
                "read": asyncio.create_task(self._work(jobs, READ_QUEUE, READ_AT_ONCE)),
                "shape": asyncio.create_task(self._work(jobs, SHAPE_QUEUE, SHAPED_AT_ONCE)),
            }
            try:
                while not any(task.done() for task in running.values()):
                    for channel in self._hub.registry.all():
                        queue = out_queue(channel.id)
                        if queue not in running:
                            running[queue] = asyncio.create_task(self._work(jobs, queue))
                    await asyncio.wait(running.values(), timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in running.values():
                    task.cancel()
                await asyncio.gather(*running.values(), return_exceptions=True)

    async def _work(self, jobs: procrastinate.App, queue: str, most: int | None = None) -> None:
        await jobs.run_worker_async(
            queues=[queue],
            name=queue,
            concurrency=most or self._concurrency,
            install_signal_handlers=False,
            fetch_job_polling_interval=POLL,
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=STALLED_AFTER,
            shutdown_graceful_timeout=10,
            delete_jobs="always",
        )
