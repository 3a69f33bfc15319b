"""What can be done to the chosen items: the verbs that all of them have, and why one can't be done now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.verbs import Offer, Verb

Target = tuple[Ref, Verb]
"""An item, and the verb of its kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A verb by its name, on one item or on several."""

    verb: Verb
    """That of the first item; those of other kinds have its name."""
    on: tuple[Target, ...]
    reason: str = ""
    """Why it can't be done; empty when it can."""
    known: bool = True
    """Whether it is known yet what the user may do."""
    key: str = ""
    """The key that does it, as it is written; empty if it has none."""

    @property
    def name(self) -> str:
        """What it is called: ``promote``, ``set image``."""
        return called(self.verb)


def called(verb: Verb) -> str:
    """Return a verb's name, with its noun where one word is not enough."""
    return f"{verb.name} {verb.noun}" if verb.noun else verb.name


def verb_id(verb: Verb) -> str:
    """Return a verb's key-map id: ``verb.set-image``."""
    return f"verb.{called(verb).replace(' ', '-')}"


def place_of(ref: Ref) -> str:
    """Name an item in its namespace, with its part: ``shop/shop-api``."""
    place = f"{ref.namespace}/{ref.name}" if ref.namespace else ref.name
    return f"{place}/{ref.part}" if ref.part else place


def grouped(ref: Ref) -> str:
    """Name an item above what can be done to it: ``Rollout shop/shop-api``."""
    return f"{ref.kind} {place_of(ref)}"


def choices(offers: Mapping[Ref, Sequence[Offer]]) -> tuple[Choice, ...]:
    """Return the verbs that every item has, in the order of the first one's offers."""
    if not offers:
        return ()
    by_name = {ref: {offer.verb.name: offer for offer in found} for ref, found in offers.items()}
    first, *others = by_name.values()
    return tuple(
        _choice({ref: found[name] for ref, found in by_name.items()})
        for name in first
        if all(name in found for found in others)
    )


def _choice(offers: Mapping[Ref, Offer]) -> Choice:
    on: dict[Ref, Target] = {}
    for ref, offer in offers.items():
        meant = ref if offer.verb.of_part else msgspec.structs.replace(ref, part="")
        on.setdefault(meant, (ref, offer.verb))
    targets = tuple(on.values())
    return Choice(
        verb=targets[0][1],
        on=targets,
        reason=_reason(offers, targets),
        known=all(offer.known for offer in offers.values()),
    )


def _reason(offers: Mapping[Ref, Offer], targets: Sequence[Target]) -> str:
    if len(targets) > 1 and not all(verb.bulk for _, verb in targets):
        return "can only be done to one at a time"
    refused = {ref: offer.reason for ref, offer in offers.items() if offer.reason}
    if not refused:
        return ""
    ref, reason = next(iter(refused.items()))
    alike = len(refused) == len(offers) and len({*refused.values()}) == 1
    return reason if alike else f"{place_of(ref)}: {reason}"
