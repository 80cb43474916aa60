"""Every IRI is spelled here, once: our own names under the base, and the foreign vocabularies in use."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode

from kg.errors import UnknownNameError

DEFAULT_BASE: Final = "https://w3id.org/municipal-partnerships/"
KEY: Final = re.compile(r"[a-z0-9]+(?:(?:-{1,2}|\.)[a-z0-9]+)*")

CLASSES: Final = frozenset(
    "Actor Claim Country Engagement Event LegalAct LinkRecord Offer Partnership PartnershipPhase Place "
    "Programme Project Publication Source TerritorialAuthority".split()
)
PROPERTIES: Final = frozenset(
    "actKind actorKind agent ags amount attendance audience basis broaderSubject byParty carriedBy concerns "
    "confidence country currency currentForm currentStatus earliestEnd earliestStart eastBound endDate endYear "
    "engagedIn eventKind form formerParty hasAct hasEngagement hasParty hasPhase inCountry inTerritoryOf isPartyOf "
    "isoCode latestEnd latestStart level nameInSource northBound offerKind openTo partnerOf place population "
    "preferred programmeKind projectKind property publicationKind publisherName purpose rank restsOn retrieved role "
    "seat seatBasis sector since sourceKind southBound startDate startYear status subject target value "
    "verification westBound withCountry".split()
)
GRAPHS: Final = (
    "asserted", "derived", "links", "codes", "evidence", "ontology", "shapes", "catalogue", "report",
)  # fmt: skip
DEFAULT_GRAPHS: Final = ("asserted", "derived", "links", "codes")
ENTITY_CLASSES: Final = {
    "authority": "TerritorialAuthority",
    "place": "Place",
    "country": "Country",
    "partnership": "Partnership",
    "phase": "PartnershipPhase",
    "act": "LegalAct",
    "claim": "Claim",
    "engagement": "Engagement",
    "actor": "Actor",
    "programme": "Programme",
    "project": "Project",
    "event": "Event",
    "offer": "Offer",
    "publication": "Publication",
    "source": "Source",
    "link": "LinkRecord",
    "geometry": "Geometry",
}


class Names:
    """Our own IRIs under one base.

    `base` is an absolute http(s) IRI ending in `/` (the setting `base`). Every maker returns a `NamedNode`
    and raises `UnknownNameError` for a name the ontology does not have or a key that is no key.
    """

    def __init__(self, base: str = DEFAULT_BASE) -> None:
        self.base = base

    @cache  # noqa: B019  a process has one or two of these, and they live as long as it does
    def term(self, name: str) -> NamedNode:
        """The ontology term `name`, a class or a property."""
        if name not in CLASSES and name not in PROPERTIES:
            raise UnknownNameError(f"the ontology has no term {name}")
        return NamedNode(f"{self.base}def/{name}")

    @cache  # noqa: B019
    def graph(self, name: str) -> NamedNode:
        """The named graph `name` of every release."""
        if name not in GRAPHS:
            raise UnknownNameError(f"there is no named graph {name}")
        return NamedNode(f"{self.base}graph/{name}")

    @cache  # noqa: B019
    def concept(self, scheme: str, key: str) -> NamedNode:
        """The concept `key` of the SKOS scheme `scheme`."""
        return NamedNode(f"{self.base}vocab/{scheme}/{_checked(key)}")

    def entity(self, kind: str, key: str) -> NamedNode:
        """The thing with `key` in the class `kind`, as it stands in the IRI (`authority`, `actor` …)."""
        if kind not in ENTITY_CLASSES:
            raise UnknownNameError(f"there is no class of things {kind}")
        return NamedNode(f"{self.base}id/{kind}/{_checked(key)}")


def is_key(text: str) -> bool:
    """Whether `text` can be a key: lower-case ASCII words joined by `-`, `--` or `.`."""
    return KEY.fullmatch(text) is not None


def _checked(key: str) -> str:
    if not is_key(key):
        raise UnknownNameError(f'"{key}" is no key; use lower-case letters a-z, digits and single hyphens')
    return key


def read_model_file(path: Path, base: str) -> str:
    """The text of a Turtle, JSON or SPARQL file, with the default base replaced by `base`.

    Files under `ontology/` stand on their own, so they spell the default base; another publisher's base is
    put in when they are read.
    """
    text = path.read_text(encoding="utf-8")
    return text if base == DEFAULT_BASE else text.replace(DEFAULT_BASE, base)


def _names(namespace: str, local_names: str) -> dict[str, NamedNode]:
    return {name: NamedNode(namespace + name) for name in local_names.split()}


RDF_TYPE: Final = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
RDFS: Final = _names("http://www.w3.org/2000/01/rdf-schema#", "label comment")
SKOS: Final = _names(
    "http://www.w3.org/2004/02/skos/core#",
    "altLabel prefLabel definition notation broader inScheme topConceptOf Concept ConceptScheme",
)
DCT: Final = _names(
    "http://purl.org/dc/terms/",
    "date identifier isPartOf isReplacedBy issued language rights source subject title description license",
)
FOAF: Final = _names("http://xmlns.com/foaf/0.1/", "homepage")
SCHEMA: Final = _names("https://schema.org/", "url foundingDate dissolutionDate sameAs location")
GEO: Final = _names("http://www.opengis.net/ont/geosparql#", "hasGeometry asWKT sfWithin Geometry wktLiteral")
WGS: Final = _names("http://www.w3.org/2003/01/geo/wgs84_pos#", "lat long")
ORG: Final = _names("http://www.w3.org/ns/org#", "subOrganizationOf")
XSD: Final = _names(
    "http://www.w3.org/2001/XMLSchema#", "gYear gYearMonth date decimal integer boolean string anyURI dateTime"
)

PREFIXES: Final = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": "http://purl.org/dc/terms/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "schema": "https://schema.org/",
    "org": "http://www.w3.org/ns/org#",
    "prov": "http://www.w3.org/ns/prov#",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "wgs": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "sh": "http://www.w3.org/ns/shacl#",
    "void": "http://rdfs.org/ns/void#",
    "vann": "http://purl.org/vocab/vann/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
}


def prefixes(base: str) -> dict[str, str]:
    """Prefix → namespace for writing documents: the foreign ones and our own under `base`."""
    return {**PREFIXES, "mpo": f"{base}def/", "mps": f"{base}shapes/"}
