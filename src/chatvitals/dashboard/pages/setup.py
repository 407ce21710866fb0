"""`/dashboard/setup`: from no site to the first event."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from chatvitals.dashboard.elements.table import Table
from chatvitals.dashboard.page import Action, Done, Page, PageContext, Visit, help_
from chatvitals.dashboard.setup.sign import HOUR_MS, Sign, sign_of
from chatvitals.dashboard.setup.snippets import Snippet, snippets
from chatvitals.dashboard.system.ingest import outcomes_table
from chatvitals.dashboard.system.meanings import meaning_of
from chatvitals.errors import BadRequest
from chatvitals.query.outcomes import OutcomeCount, Outcomes, count_outcomes
from chatvitals.query.request import Question, Window
from chatvitals.store.control.sites import ANY_ORIGIN, Site, check_site_name

PATH = "/dashboard/setup"
MAKE = "/dashboard/setup/sites"

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?|null", re.IGNORECASE)
_MOST_ORIGINS = 100


@dataclass(frozen=True, slots=True)
class SiteLink:
    """A site to set up."""

    name: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupContext(PageContext):
    """The guide, for one site or for none yet."""

    sites: tuple[SiteLink, ...] = help_("The sites that there are, with links to their guides")
    site: str = help_("The site that the guide is for; empty for none")
    key: str = help_("Its newest living write key; empty where it has none")
    origins: tuple[str, ...] = help_("The origins whose pages may write to it; empty for any")
    snippets: tuple[Snippet, ...] = help_("What to paste, by where it goes")
    address: str = help_("The address in the snippets that stands for this page's own; empty where public_url tells it")
    sign: Sign | None = help_("Whether events come; None where there is no site")
    refused: Table | None = help_("What was refused of it in the last hour and what to do; None where nothing was")
    figures: str = help_("A link to the site's figures")


def build(visit: Visit) -> SetupContext:
    """Of the site that the view filters by, or the only one."""
    parts, view = visit.parts, visit.view
    sites = parts.sites.all()
    site = _chosen(sites, view.filters.get("site", ()))
    key = _living_key(visit, site.name) if site else ""
    url = parts.settings.public_url or _listens_on(visit)
    engine = parts.source.engine
    return SetupContext(
        heading="Set up",
        sites=tuple(
            SiteLink(one.name, view.where("site", one.name).href(PATH), site is not None and one.name == site.name)
            for one in sites
        ),
        site=site.name if site else "",
        key=key,
        origins=() if site is None or ANY_ORIGIN in site.allowed_origins else site.allowed_origins,
        snippets=snippets(url, key) if key else (),
        address="" if parts.settings.public_url else url,
        sign=sign_of(engine, site.name, visit.now_ms) if site else None,
        refused=_refused(visit, site.name) if site else None,
        figures=view.where("site", site.name).href("/dashboard/performance") if site else "",
    )


def make_site(visit: Visit, fields: Mapping[str, str]) -> Done:
    """Make a site with a write key, or a key for a site that has none."""
    name = check_site_name(fields.get("name", "").strip())
    origins = _origins(fields.get("origins", ""))
    sites = visit.parts.sites
    to = visit.view.where("site", name).href(PATH)
    if _living_key(visit, name):
        return Done(f"{name} is there already, and has a write key", to)
    sites.ensure_site(name, origins)
    sites.add_key(name, "made on the dashboard")
    return Done(f"{name} has a write key", to)


def _chosen(sites: list[Site], names: tuple[str, ...]) -> Site | None:
    wanted = names[:1] or tuple(site.name for site in sites)
    if not names and len(sites) != 1:
        return None
    found = next((site for site in sites if site.name in wanted), None)
    if found is None:
        raise BadRequest(f"there is no site {names[0][:64]!r}", "site")
    return found


def _living_key(visit: Visit, site: str) -> str:
    living = [key.key for key in visit.parts.sites.all_keys() if key.site == site and key.revoked_ms is None]
    return living[-1] if living else ""


def _listens_on(visit: Visit) -> str:
    settings = visit.parts.settings
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def _refused(visit: Visit, site: str) -> Table | None:
    """What wasn't kept of the site's events, and of those that told no site: it may be this one's key that is wrong."""
    window = Window(visit.now_ms - HOUR_MS, visit.now_ms)
    counted = count_outcomes(visit.parts.source.engine, Question(window, {"site": (site, "")})).outcomes
    lost = [one for one in counted if not _kept(one)]
    return outcomes_table(Outcomes(sum(one.n for one in lost), 0, lost)) if lost else None


def _kept(counted: OutcomeCount) -> bool:
    meaning = meaning_of(counted.outcome, counted.reason)
    return meaning is not None and meaning.kept


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(dict.fromkeys(text.split()))
    if len(origins) > _MOST_ORIGINS:
        raise BadRequest(f"at most {_MOST_ORIGINS} origins", "origins")
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise BadRequest(f"{origin[:100]!r} is no origin: give scheme and host, as https://acme.example", "origins")
    return tuple(origin.lower() for origin in origins) or (ANY_ORIGIN,)


PAGE = Page(PATH, "setup", "Set up", "setup.html", build, filtered=False, section="system")
ACTIONS = (Action(MAKE, make_site),)
