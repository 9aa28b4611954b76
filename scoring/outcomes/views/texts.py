"""What suppliers will read before it is released: one letter, one debrief, and the wording of an outcome."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from portal.kit import clock
from portal.kit.formats import count_of
from portal.kit.refused import Refused
from rfp.models import Criterion, Proposal
from scoring.outcomes import actions, debriefs, letters, queries, wording
from scoring.outcomes.forms import DebriefForm, LetterForm
from scoring.outcomes.models import Outcome
from scoring.outcomes.queries import Due
from scoring.panel.views.room import Room, in_room, with_proposal
from scoring.ranking.models import RankedProposal


def _due_of(room: Room, proposal: Proposal) -> Due:
    """Raises Http404 before prices open, and for who may not read letters."""
    assert proposal.window_id is not None, "it is visible"
    if not room.sees_pairs or not room.access[proposal.window_id].of(proposal.lot_id).price_open:
        raise Http404
    rows = RankedProposal.objects.filter(ranking__window=proposal.window_id, proposal=proposal)
    row = get_object_or_404(
        rows.select_related("revision", "proposal__supplier").defer("revision__supplier_snapshot")
    )
    return queries.dues([row])[0]


@with_proposal
def preview(request: HttpRequest, room: Room, proposal: Proposal) -> HttpResponse:
    """One letter with real data: as it would go out now, or as it went out."""
    due = _due_of(room, proposal)
    assert proposal.window is not None, "it is visible"
    prepared = None
    if due.is_news:
        words = queries.words_of(room.solicitation.pk)
        [prepared] = letters.prepare(proposal.window, proposal.lot, [due], words, at=clock.wall_time())
    context = {
        "proposal": proposal,
        "window": proposal.window,
        "due": due,
        "letter": prepared or due.told,
        "is_held": prepared is not None,
        "to": list(proposal.supplier.members.filter(is_active=True).values_list("email", flat=True)),
    }
    return render(request, "scoring/outcomes/preview.html", room.context("letter_list", **context))


@with_proposal
def debrief(request: HttpRequest, room: Room, proposal: Proposal) -> HttpResponse:
    """The explanations of one proposal: the chair edits or accepts them until they are released; others read."""
    due = _due_of(room, proposal)
    made = debriefs.debriefs_of(room.solicitation, [due])[proposal.pk]
    may_edit = (due.told is None or due.is_news) and actions.may_answer_for(proposal, room.user)
    form = (
        DebriefForm(request.POST if request.method == "POST" else None, lines=made.lines)
        if may_edit
        else None
    )
    if request.method == "POST":
        if form is None:
            raise Http404
        if form.is_valid():
            try:
                _answer_for(room, proposal, form)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                return _next(request, room, proposal)
    context = {"proposal": proposal, "window": proposal.window, "due": due, "debrief": made, "form": form}
    return render(request, "scoring/outcomes/debrief.html", room.context("letter_list", **context))


def _answer_for(room: Room, proposal: Proposal, form: DebriefForm) -> None:
    criteria = {each.pk: each for each in Criterion.objects.filter(solicitation=room.solicitation)}
    edited: list[actions.Explanation] = []
    accepted: list[actions.Explanation] = []
    for line, text in form.said():
        said = actions.Explanation(criterion=criteria[line.criterion], text=text, mark=line.mark)
        if text != line.text:
            edited.append(said)
        elif not line.is_accepted:
            accepted.append(said)
    actions.answer_for(proposal, edited=edited, accepted=accepted, by=room.user, at=clock.wall_time())


def _next(request: HttpRequest, room: Room, proposal: Proposal) -> HttpResponse:
    """On to the next debrief of the lot that has drafts, or back to the letters when there is none."""
    assert proposal.window is not None, "it is visible"
    hidden = room.viewer.conflicts.suppliers
    found = queries.due_in(proposal.window, proposal.lot)
    due = [each for each in found if each.is_news and each.row.supplier_id not in hidden]
    told = debriefs.debriefs_of(proposal.window.solicitation, due)
    waiting = [each.row for each in due if told[each.row.proposal_id].waiting]
    saved = f"Debrief of {proposal.number} accepted."
    if not waiting:
        messages.success(request, f"{saved} No drafts are left in lot {proposal.lot.code}.")
        address = reverse("scoring:letter_list", args=[proposal.lot.solicitation.number])
        return redirect(f"{address}?window={proposal.window.number}&lot={proposal.lot.code}")
    messages.success(
        request, f"{saved} {count_of(len(waiting), 'debrief')} to go in lot {proposal.lot.code}."
    )
    places = [each.row.proposal_id for each in due]
    own = places.index(proposal.pk) if proposal.pk in places else 0
    # The next one down the list; from its end, the first.
    after = next((row for row in waiting if places.index(row.proposal_id) > own), waiting[0])
    return redirect("scoring:debrief_edit", pk=after.proposal_id)


@in_room
def words(request: HttpRequest, room: Room, outcome: str) -> HttpResponse:
    """The words of the letters about one outcome, with the placeholders that may stand in them."""
    if not room.decides or outcome not in Outcome.values:
        raise Http404
    kind = Outcome(outcome)
    now = queries.words_of(room.solicitation.pk)[kind]
    form = LetterForm(
        request.POST if request.method == "POST" else None, initial={"subject": now.subject, "body": now.body}
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_letter(
                room.solicitation,
                kind,
                subject=form.cleaned_data["subject"],
                body=form.cleaned_data["body"].replace("\r\n", "\n"),
                by=room.user,
                at=clock.wall_time(),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Letter saved: {kind.label}.")
            return redirect("scoring:letter_list", number=room.solicitation.number)
    context = {"form": form, "kind": kind, "placeholders": wording.PLACEHOLDERS.values()}
    return render(request, "scoring/outcomes/words.html", room.context("letter_list", **context))
