"""What people do with suppliers and screening lists: each verb once, with who (`by`) and when (`at`)."""

from suppliers.actions.alerts import CODES, assign_alert, decide_alert
from suppliers.actions.companies import change_profile, register_supplier, sign_attestations
from suppliers.actions.lists import LoadedAlready, activate_list, load_list, preview_list, stage_list
from suppliers.actions.refused import Refused
from suppliers.actions.standings import (
    ACTS,
    act_on_standing,
    ask_for_approval,
    begin_qualification,
    missing_sections,
    override_finding,
    preview_again,
    propose_settings,
    put_in_force,
    save_category,
    waive,
    withdraw_waiver,
)
from suppliers.actions.team import (
    accept_invitation,
    appoint_owner,
    change_level,
    decide_join_request,
    invite,
    remove_member,
    withdraw_invitation,
)

__all__ = [
    "ACTS",
    "CODES",
    "LoadedAlready",
    "Refused",
    "accept_invitation",
    "act_on_standing",
    "activate_list",
    "appoint_owner",
    "ask_for_approval",
    "assign_alert",
    "begin_qualification",
    "change_level",
    "change_profile",
    "decide_alert",
    "decide_join_request",
    "invite",
    "load_list",
    "missing_sections",
    "override_finding",
    "preview_again",
    "preview_list",
    "propose_settings",
    "put_in_force",
    "register_supplier",
    "remove_member",
    "save_category",
    "sign_attestations",
    "stage_list",
    "waive",
    "withdraw_invitation",
    "withdraw_waiver",
]
