"""Letters that two people set to go out at a later moment: they go once, as those two read them, or not at all."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from portal.kit import formats
from portal.letters import notices
from portal.record import audit
from rfp.models import Lot
from scoring.outcomes import actions, letters, queries
from scoring.outcomes.models import Letter, Release

log = logging.getLogger(__name__)
CHANGED = "A decision, letter or debrief changed after two people agreed to send them."


def send_due(now: datetime) -> int:
    """Send the letters whose moment has come; how many. One release that fails does not keep back the others."""
    sent = 0
    for pk in queries.releases_due(now).values_list("pk", flat=True):
        try:
            sent += len(_send_one(pk, now))
        except Exception:
            # The next round tries it again; nothing of this one is stored.
            log.exception("release %s could not be sent", pk)
    return sent


def _send_one(pk: int, now: datetime) -> list[Letter]:
    """Send it, unless another worker has, somebody took it back, or what it says is not what was agreed to."""
    with transaction.atomic():
        lot = Release.objects.values_list("lot", flat=True).get(pk=pk)
        # In the order in which decisions and releases lock, so that none of them changes anything meanwhile.
        Lot.objects.select_for_update(no_key=True).get(pk=lot)
        found = queries.releases_due(now).select_for_update(of=("self",))
        release = found.select_related("window__solicitation", "lot", "proposed_by", "agreed_by").filter(
            pk=pk
        )
        due = release.first()
        if due is None:
            return []
        assert due.agreed_by is not None, "it is due"
        if letters.is_ranking_behind(due.window):
            return []
        draft = letters.draft_of(due.window, due.lot, at=now)
        why = [*draft.obstacles, *([CHANGED] if draft.digest != due.digest else [])]
        if why:
            _hold_back(due, " ".join(why), at=now)
            return []
        return actions.send_release(due, draft, by=due.agreed_by, at=now)


def _hold_back(release: Release, why: str, *, at: datetime) -> None:
    """Nothing goes out, and the two people hear why."""
    release.held_back, release.dropped_at = why[:1000], at
    release.save(update_fields=["held_back", "dropped_at"])
    window, lot = release.window, release.lot
    rfp = window.solicitation
    audit.record("release.held_back", release, by=None, at=at, window=window.number, lot=lot.code)
    notices.post(
        [each for each in (release.proposed_by, release.agreed_by) if each and each.is_active],
        key=f"release-held:{release.pk}",
        subject=f"Letters of lot {lot.code} did not go out: RFP {rfp.number}",
        body=(
            f"The letters of RFP {rfp.number}, window {window.number}, lot {lot.code} were set to go out "
            f"{formats.when(release.goes_at, rfp.time_zone)}. They did not, and no supplier was told anything.\n\n"
            f"{why}\n\nCheck the lot on the Letters page and start the release again.\n"
        ),
        at=at,
    )
