"""Storage as the widget meets it: measured, full, blocked; what it throws is thrown on."""

import pytest
from playwright.sync_api import BrowserContext
from tests.e2e.visits import sent, told, visit
from tests.support.server import Server

_MEASURED = "window.kept = chatvitals.measureStorage(handle, () => localStorage)"
_NAME_OF = "(act) => { try { eval(act); return null } catch (error) { return error.name } }"


def test_each_operation_is_measured(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site)
    page.evaluate(_MEASURED)
    page.evaluate("kept.setItem('c', 'Grüße'); window.back = kept.getItem('c'); kept.removeItem('c')")
    assert page.evaluate("[back, kept.getItem('c')]") == ["Grüße", None]
    save, restore, delete, nothing = sent(page, server, site, "persistence", 4)
    assert [event["operation"] for event in (save, restore, delete, nothing)] == [
        *("save", "restore", "delete", "restore"),
    ]
    assert all(event["success"] and 0 <= event["duration"] < 100 for event in (save, restore, delete, nothing))
    assert (save["bytes"], restore["bytes"]) == (7, 7)
    assert not delete.get("bytes")
    assert not nothing.get("bytes")
    assert save["storage"] == "localStorage"


def test_a_slow_storage_takes_its_time(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site)
    page.evaluate(
        """() => {
            const slow = {setItem: () => new Promise((done) => setTimeout(done, 250))};
            void chatvitals.measureStorage(handle, () => slow, 'server').setItem('c', 'x');
        }"""
    )
    page.clock.run_for(300)
    (save,) = sent(page, server, site, "persistence")
    assert save["duration"] == pytest.approx(250, abs=100)
    assert (save["storage"], save["success"]) == ("server", True)


def test_a_full_storage_fails_as_it_does(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site)
    page.evaluate(_MEASURED)
    page.evaluate("localStorage.setItem('full', 'x'.repeat(5 * 1024 * 1024 - 100))")
    assert page.evaluate(_NAME_OF, "kept.setItem('c', 'y'.repeat(1000))") == "QuotaExceededError"
    (save,) = sent(page, server, site, "persistence")
    assert (save["success"], save["errorType"], save["bytes"]) == (False, "QuotaExceededError", 1_000)


def test_a_blocked_storage_is_told(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site)
    page.evaluate(
        "void Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('', 'SecurityError') }})"
    )
    page.evaluate(_MEASURED)
    assert page.evaluate(_NAME_OF, "kept.getItem('c')") == "SecurityError"
    page.evaluate("chatvitals.probeStorage(handle)")
    (restore,) = sent(page, server, site, "persistence")
    assert (restore["success"], restore["errorType"]) == (False, "SecurityError")
    page.evaluate("handle.flush()")
    (probe,) = told(server, site, "storage")
    assert (probe["available"], probe["reason"]) == (False, "SecurityError")


_INDEXED = """async () => {
    const kept = chatvitals.measureStorage(handle, () => (window.area ??= chatvitals.indexedDbArea('db')), 'indexedDB');
    window.kept = kept;
    await kept.setItem('c', 'content');
    const found = await kept.getItem('c');
    await kept.removeItem('c');
    return [found, await kept.getItem('c')];
}"""


def test_indexeddb_goes_there_and_back(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site)
    assert page.evaluate(_INDEXED) == ["content", None]
    events = sent(page, server, site, "persistence", 4)
    assert [(event["operation"], event["success"], event["storage"]) for event in events] == [
        (operation, True, "indexedDB") for operation in ("save", "restore", "delete", "restore")
    ]
    assert events[1]["bytes"] == 7


def test_indexeddb_fails_as_it_does(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site)
    page.evaluate(_INDEXED)
    assert page.evaluate("kept.setItem('c', () => {}).catch((error) => error.name)") == "DataCloneError"
    save = sent(page, server, site, "persistence", 5)[-1]
    assert (save["success"], save["errorType"]) == (False, "DataCloneError")


def test_another_tab_may_delete_the_database(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site)
    page.evaluate(_INDEXED)
    page.evaluate("kept.setItem('c', 'content')")
    deleted = """new Promise((resolve) => {
        const request = indexedDB.deleteDatabase('db');
        request.onsuccess = () => resolve('deleted');
        request.onblocked = () => resolve('blocked');
    })"""
    assert page.evaluate(deleted) == "deleted"
    assert page.evaluate("kept.getItem('c')") is None
    assert page.evaluate("kept.setItem('c', 'again').then(() => kept.getItem('c'))") == "again"
    assert all(event["success"] for event in sent(page, server, site, "persistence", 8))


def test_no_indexeddb_is_told(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    browsing.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('', 'SecurityError') }")
    page = visit(browsing, host, server, site)
    assert page.evaluate(f"({_INDEXED})().catch((error) => error.name)") == "SecurityError"
    (save,) = sent(page, server, site, "persistence")
    assert (save["success"], save["errorType"]) == (False, "SecurityError")


@pytest.mark.parametrize("used", [False, True])
def test_the_probe_writes_once_the_widget_is_used(
    browsing: BrowserContext, host: str, server: Server, site: str, used: bool
) -> None:
    page = visit(browsing, host, server, site, policy="session")
    page.evaluate("void (Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError') })")
    if used:
        page.evaluate("handle.interacted()")
    page.evaluate("chatvitals.probeStorage(handle)")
    (probe,) = sent(page, server, site, "storage")
    assert (probe["available"], probe.get("reason")) == ((False, "QuotaExceededError") if used else (True, None))
    assert probe["policy"] == "session"
    assert probe["quota"] > 0


def test_the_probe_leaves_nothing(browsing: BrowserContext, host: str, server: Server, site: str) -> None:
    page = visit(browsing, host, server, site, policy="persist")
    page.evaluate("chatvitals.probeStorage(handle)")
    (probe,) = sent(page, server, site, "storage")
    assert probe["available"]
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.includes('probe'))") == []
