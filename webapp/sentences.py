"""The one sentence at the top of a page that can be quoted as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch

from markupsafe import Markup

from kg.lookup import (
    ActivityPage,
    ActorPage,
    AuthorityPage,
    ConceptPage,
    CountryPage,
    PartnershipPage,
    SourcePage,
    ThingPage,
)
from kg.lookup.partnerships import Party
from kg.lookup.values import Standing
from webapp.rendering import label, name
from webapp.wording import date, joined, since, translated, when


@singledispatch
def sentence(page: object) -> Markup:
    """What the page says in short; nothing for things that need no introduction."""
    return Markup("")


@sentence.register
def _(page: AuthorityPage) -> Markup:
    called, sure, unsure = name(page.about.ref), len(page.sure), len(page.lasting) - len(page.sure)
    parts = [_partnerships_of(page)] if sure else []
    if page.paused:
        parts.append(translated("authority.paused", n=page.paused))
    if unsure:
        parts.append(translated("authority.unsure" if sure else "authority.named", n=unsure, name=called))
    if page.others:
        key = "authority.others" if page.lasting else "authority.only_others"
        parts.append(translated(key, n=len(page.others), name=called))
    if not parts:
        parts.append(translated("authority.none" if page.in_focus else "authority.nothing", name=called))
    return Markup(" ").join(parts)


@sentence.register
def _(page: PartnershipPage) -> Markup:
    standing, parties = page.standing, _named(page.parties)
    text = _standing(standing, parties)
    if standing.form:
        begun = Markup(" ") + since(page.form_since) if page.form_since else ""
        text += translated("partnership.form", form=name(standing.form) + begun)
    text += "."
    if standing.paused and standing.status:
        status = name(standing.status)
        if standing.status_since:
            status = translated("status.since", status=status, since=since(standing.status_since))
        text += " " + translated("partnership.paused", status=status)
    return text


@sentence.register
def _(page: ActorPage) -> Markup:
    called, partnerships, activities = name(page.about.ref), page.partnerships, len(page.activities)
    parts = []
    if len(partnerships) == 1:
        parts.append(translated("actor.one", name=called, partnership=name(partnerships[0])))
    elif partnerships:
        parts.append(translated("actor.many", n=len(partnerships), name=called))
    if activities:
        key = "actor.also" if partnerships else "actor.activities"
        parts.append(translated(key, n=activities, name=called))
    return Markup(" ").join(parts) or translated("actor.none", name=called)


@sentence.register
def _(page: ActivityPage) -> Markup:
    parts = [name(page.kind)] if page.kind else []
    if page.since or page.until:
        parts.append(when(page.since, page.until))
    return Markup(", ").join(parts)


@sentence.register
def _(page: ConceptPage | ThingPage) -> Markup:
    return label(page.definition) if page.definition else Markup("")


@sentence.register
def _(page: CountryPage) -> Markup:
    if not page.pages.total:
        return translated("country.none", name=name(page.about.ref))
    called = name(page.about.ref)
    text = (
        translated("country.has", n=page.lasting, name=called)
        if page.lasting
        else translated("country.past", name=called)
    )
    if page.oldest:
        begun = since(page.oldest.standing.since[:4])
        text += translated("country.oldest", since=begun, partnership=name(page.oldest.ref))
    parts = [text + "."]
    if page.ended:
        parts.append(translated("country.ended", n=page.ended))
    if page.declined:
        parts.append(translated("country.declined", n=page.declined))
    if page.planned:
        parts.append(translated("country.planned", n=page.planned))
    return Markup(" ").join(parts)


@sentence.register
def _(page: SourcePage) -> Markup:
    return translated("source.carries", n=page.claims)


def _partnerships_of(page: AuthorityPage) -> Markup:
    sure = len(page.sure)
    text = translated("authority.has" if page.in_focus else "authority.recorded", n=sure, name=name(page.about.ref))
    if page.in_focus and len(page.countries) > 1:
        text += translated("authority.countries", n=len(page.countries))
    if page.oldest:
        partners = joined(name(party.ref) for party in page.oldest.partners)
        key = "authority.oldest" if sure > 1 else "authority.only"
        text += translated(key, since=since(page.oldest.standing.since[:4]), partner=partners)
    return text + "."


def _standing(standing: Standing, parties: Markup) -> Markup:
    if standing.declined:
        return translated("partnership.declined", parties=parties)
    if standing.state == "planned":
        return translated("partnership.planned", parties=parties)
    if standing.state == "over":
        return _over(standing, parties)
    if standing.since:
        return translated("partnership.lasts", parties=parties, since=since(standing.since))
    return translated("partnership.undated", parties=parties)


def _over(standing: Standing, parties: Markup) -> Markup:
    begin, end = date(standing.since), date(standing.until)
    if begin and end:
        return translated("partnership.over", parties=parties, begin=begin, end=end)
    if begin:
        return translated("partnership.over_since", parties=parties, since=since(standing.since))
    return translated("partnership.over_undated", parties=parties)


def _named(parties: Sequence[Party]) -> Markup:
    """The parties, with the country of those abroad as seen from the first."""
    home = parties[0].country if parties else None
    return joined(
        name(party.ref)
        + (Markup(" ({})").format(name(party.country)) if party.country and party.country != home else "")
        for party in parties
    )
