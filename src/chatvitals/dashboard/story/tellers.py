"""Which function tells which kind of event."""

from collections.abc import Callable
from typing import Any

from chatvitals.catalogue import kinds
from chatvitals.catalogue.kinds import Message
from chatvitals.dashboard.story import tell_kept, tell_page, tell_talk
from chatvitals.dashboard.story.moment import Told
from chatvitals.query.session_events import SessionEvent

TELLERS: dict[type, Callable[[Any], Told]] = {
    kinds.Persistence: tell_kept.persistence,
    kinds.Restoration: tell_kept.restoration,
    kinds.Navigation: tell_kept.navigation,
    kinds.Loss: tell_kept.loss,
    kinds.Storage: tell_kept.storage,
    kinds.Message: tell_talk.message,
    kinds.Connection: tell_talk.connection,
    kinds.Stream: tell_talk.stream,
    kinds.Api: tell_talk.api,
    kinds.TabSync: tell_talk.tab_sync,
    kinds.Boot: tell_page.boot,
    kinds.Bundle: tell_page.bundle,
    kinds.Render: tell_page.render,
    kinds.Scroll: tell_page.scroll,
    kinds.Memory: tell_page.memory,
    kinds.Error: tell_page.error,
    kinds.Host: tell_page.host,
    kinds.Sdk: tell_page.sdk,
}
"""Every kind has one."""


def tell(told: SessionEvent) -> Told:
    """What an event says in plain words."""
    if told.by_back_end and isinstance(told.event, Message):
        return tell_talk.back_ends_message(told.event)
    return TELLERS[type(told.event)](told.event)
