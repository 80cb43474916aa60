"""Question → frozen answers: the only reader of the store and its queries for the pages.

A `Reader` is a release seen in one language; each `read_…` function answers one page.
"""

from kg.lookup.activities import ActivityPage, ActorPage
from kg.lookup.authorities import AuthorityPage
from kg.lookup.choices import read_choices, read_kind
from kg.lookup.collecting import ConceptPage, CountryPage, SourcePage
from kg.lookup.listing import LISTS, ListPage, read_list, summaries
from kg.lookup.partnerships import PartnershipPage
from kg.lookup.reader import LANGUAGES, Reader
from kg.lookup.site import read_dataset, read_example, read_files, read_home, read_ontology, read_quality, read_terms
from kg.lookup.things import Page, ThingPage, read_page
from kg.lookup.values import Citation, Datum, Group, Label, Ref, Summary

__all__ = [
    "LANGUAGES",
    "LISTS",
    "ActivityPage",
    "ActorPage",
    "AuthorityPage",
    "Citation",
    "ConceptPage",
    "CountryPage",
    "Datum",
    "Group",
    "Label",
    "ListPage",
    "Page",
    "PartnershipPage",
    "Reader",
    "Ref",
    "SourcePage",
    "Summary",
    "ThingPage",
    "read_choices",
    "read_dataset",
    "read_example",
    "read_files",
    "read_home",
    "read_kind",
    "read_list",
    "read_ontology",
    "read_page",
    "read_quality",
    "read_terms",
    "summaries",
]
