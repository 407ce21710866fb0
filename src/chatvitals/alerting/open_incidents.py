"""Which open incidents a question is about: those of its sites, and none that its filters leave out."""

from chatvitals.query.request import Question
from chatvitals.store.control.incidents import OPEN, Incident, Incidents, Wanted

MOST_READ = 5_000


def open_incidents(incidents: Incidents, question: Question) -> list[Incident]:
    """The newest first, of the newest MOST_READ of the sites. One that doesn't name a dimension is about all of it."""
    sites = question.filters.get("site", ())
    if question.scope.sites is not None:
        allowed = question.scope.sites
        sites = tuple(site for site in sites if site in allowed) if sites else allowed
        if not sites:
            return []
    found = incidents.find(Wanted(statuses=OPEN, sites=sites), MOST_READ)
    return [incident for incident in found if concerns(question, incident)]


def concerns(question: Question, incident: Incident) -> bool:
    """Whether an incident is about nothing that the filters leave out."""
    return all(incident.labels.get(name, values[0]) in values for name, values in question.filters.items() if values)
