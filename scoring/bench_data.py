"""Data to measure with: many suppliers, proposals, marks, alerts and events, made in the database from the sample.

Texts and bills of materials differ in length as real ones do. Rows are written by the owner with the guards asleep, in
one transaction; the app's role and its guards stay what they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from psycopg2.extras import execute_values

from portal.frame import roles
from portal.models import AuditEvent
from portal.record import audit
from rfp.models import Window

# Scores like those of reviewers: their fractions do not end.
THIRDS = "3000000000000"
SUPPLIERS = 1200
# Bills of materials of the first so many copies: 20 to 400 lines each, most of them short. No list reads them, and
# fifty thousand of them would take longer to write than all the rest.
WITH_BOM = 5000

SUPPLIER_ROWS = ("suppliers_site", "suppliers_owner", "suppliers_officer", "suppliers_certificate")
REVISION_ROWS = (
    "rfp_revision_items",
    "rfp_response",
    "rfp_priceline",
    "rfp_deliveryline",
    "rfp_capacity",
    "rfp_rampperiod",
    "rfp_jobsline",
    "rfp_processstep",
)
# Words for invented companies and products, as arrays of PostgreSQL.
FIRST = "ARRAY['Ash','Bitter','Cedar','Dry','Elk','Flint','Granite','Hazel','Iron','Juniper','Kettle','Lime']"
SECOND = "ARRAY['fork','root','bluff','creek','horn','hollow','reach','run','ridge','flat','stone','wood']"
TRADE = "ARRAY['Racks','Metals','Cable Works','Thermal','Switchgear','Energy','Plastics','Optics','Tool','Drives']"
FORM = "ARRAY['Inc.','LLC','Corp.','Co.','Manufacturing Company of North America, Inc.']"
# A supplier's name from its number `n`.
NAME = f"""
    ({FIRST})[1 + mod(n, 12)] || ({SECOND})[1 + mod(n / 12, 12)] || ' ' || ({TRADE})[1 + mod(n * 7, 10)] || ' '
    || n || ' ' || ({FORM})[1 + mod(n, 5)]
"""
# Long text of a length that depends on `n`: a few words to several thousand characters.
LENGTHS = "(40 + mod(n * 7919, 1000) * mod(n * 7919, 1000) / 1000 * 4)"


def build(window: Window, wanted: int, *, prefix: str = "B", vary: bool = True) -> None:
    """Suppliers, then proposals of theirs until the window has as many as wanted, all from the sample's rows.

    Without `vary` the copies belong to the sample's own suppliers, who have people that submit.
    """
    with roles.as_owner(), transaction.atomic(), connection.cursor() as cursor:
        # Received revisions and findings are guarded by triggers; only the owner's replica may write them like this.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute("SET LOCAL work_mem = '128MB'")
        if vary:
            _suppliers(cursor)
        else:
            cursor.execute(
                "CREATE TEMP TABLE companies ON COMMIT DROP AS "
                "SELECT id AS new, legal_name AS name FROM suppliers_supplier"
            )
        _proposals(cursor, window, max(0, wanted - window.proposals.count()), prefix, vary=vary)
        _count_reviews(cursor, window)
    _analyze()


def _count_reviews(cursor: Any, window: Window) -> None:
    """The triggers that count and keep sleep too."""
    for function in ("onshore_count_reviews", "onshore_keep_ready", "onshore_keep_waiting"):
        cursor.execute(
            f"SELECT {function}(ARRAY(SELECT current_revision_id FROM rfp_proposal "
            "WHERE window_id = %s AND current_revision_id IS NOT NULL))",
            [window.pk],
        )


def _analyze() -> None:
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _suppliers(cursor: Any) -> None:
    cursor.execute("SELECT count(*) FROM suppliers_supplier WHERE legal_name LIKE '%% %%'")
    known = cursor.fetchone()[0]
    cursor.execute(
        f"""
        CREATE TEMP TABLE companies ON COMMIT DROP AS
        SELECT s.id AS old, nextval(pg_get_serial_sequence('suppliers_supplier', 'id')) AS new, n, {NAME} AS name
        FROM generate_series(1, %s) AS n
        JOIN (SELECT id, row_number() OVER (ORDER BY id) AS at, count(*) OVER () AS of FROM suppliers_supplier) AS s
            ON s.at = n %% s.of + 1
        """,
        [max(0, SUPPLIERS - known)],
    )
    copy_rows(
        cursor,
        "suppliers_supplier",
        "old",
        {
            "id": "m.new",
            "legal_name": "m.name",
            "uei": "''",
            "cage": "''",
            "description": f"rpad(t.description, {LENGTHS}::int, ' ' || t.description)",
            "search_text": "replace(t.search_text, t.legal_name, m.name)",
        },
        key="id",
        mapping="companies",
        without=("search_words",),
    )
    for table in SUPPLIER_ROWS:
        copy_rows(
            cursor,
            table,
            "old",
            {"supplier_id": "m.new"},
            key="supplier_id",
            mapping="companies",
            without=("id",),
        )
    copy_rows(
        cursor,
        "suppliers_qualification",
        "old",
        {"supplier_id": "m.new", "valid_until": "t.valid_until + (m.n % 300)"},
        key="supplier_id",
        mapping="companies",
        without=("id",),
    )


def _proposals(cursor: Any, window: Window, more: int, prefix: str, *, vary: bool) -> None:
    which = "c.at = n * 7919 %% c.of + 1" if vary else "c.new = p.supplier_id"
    cursor.execute(
        f"""
        CREATE TEMP TABLE copies ON COMMIT DROP AS
        SELECT p.id AS old_proposal, p.current_revision_id AS old, gen_random_uuid() AS new_proposal,
               nextval(pg_get_serial_sequence('rfp_revision', 'id')) AS new, n, c.new AS supplier, c.name,
               20 + (380 * power(random(), 3))::int AS lines
        FROM generate_series(1, %s) AS n
        JOIN (SELECT *, row_number() OVER (ORDER BY number) AS at, count(*) OVER () AS of FROM rfp_proposal
              WHERE window_id = %s AND current_revision_id IS NOT NULL AND withdrawn_at IS NULL) AS p
            ON p.at = n %% p.of + 1
        JOIN (SELECT new, name, row_number() OVER (ORDER BY new) AS at, count(*) OVER () AS of FROM companies) AS c
            ON {which}
        """,
        [more, window.pk],
    )
    copy_rows(
        cursor,
        "rfp_proposal",
        "old_proposal",
        {
            "id": "m.new_proposal",
            "number": f"'{prefix}-' || m.n",
            "current_revision_id": "m.new",
            "supplier_id": "m.supplier",
        },
        key="id",
    )
    copy_rows(
        cursor,
        "rfp_revision",
        "old",
        {
            "id": "m.new",
            "proposal_id": "m.new_proposal",
            "title": "left(t.title || ' series ' || m.n, 200)",
            "summary": f"rpad(t.summary, {LENGTHS}::int, ' ' || t.summary)",
            "received_at": "t.received_at - m.n * interval '1 second'",
            "supplier_snapshot": "jsonb_set(t.supplier_snapshot, '{legal_name}', to_jsonb(m.name))",
        },
        key="id",
    )
    for table in REVISION_ROWS:
        copy_rows(cursor, table, "old", {"revision_id": "m.new"}, key="revision_id", without=("id",))
    copy_rows(
        cursor,
        "rfp_statement",
        "old",
        {"revision_id": "m.new", "text": f"rpad(t.text, {LENGTHS}::int, ' ' || t.text)"},
        key="revision_id",
        without=("id",),
    )
    _bills(cursor)
    _evaluation(cursor)


def _bills(cursor: Any) -> None:
    """Lines are taken in turn from all of the sample's lines."""
    cursor.execute(
        """
        CREATE TEMP TABLE lines ON COMMIT DROP AS
        SELECT id AS old, row_number() OVER (ORDER BY revision_id, position) - 1 AS at, count(*) OVER () AS of
        FROM rfp_bomline WHERE revision_id IN (SELECT DISTINCT old FROM copies)
        """
    )
    cursor.execute("CREATE INDEX ON lines (at)")
    cursor.execute(
        """
        CREATE TEMP TABLE billed ON COMMIT DROP AS
        SELECT c.new AS revision, l.old, p AS at FROM copies c
        CROSS JOIN LATERAL generate_series(1, c.lines) AS p
        JOIN lines l ON l.at = (c.n * 31 + p) %% l.of WHERE c.n <= %s
        """,
        [WITH_BOM],
    )
    copy_rows(
        cursor,
        "rfp_bomline",
        "old",
        {"revision_id": "m.revision", "position": "m.at", "line_no": "m.at::text", "parent_line": "''"},
        key="id",
        mapping="billed",
        without=("id",),
    )


def _evaluation(cursor: Any) -> None:
    """Assessments, findings, marks and scores; marks and scores differ from the sample's."""
    copy_rows(
        cursor,
        "scoring_mark",
        "old",
        {
            "revision_id": "m.new",
            "anchor": "CASE WHEN t.anchor IS NULL THEN NULL ELSE 1 + (m.n * 13 + t.criterion_id * 7 + t.id) % 5 END",
            "comment": "repeat(t.comment || ' ', 1 + (m.n % 4)::int)",
        },
        key="revision_id",
        without=("id",),
    )
    copy_rows(cursor, "rfp_assessment", "old", {"revision_id": "m.new"}, key="revision_id", without=("id",))
    cursor.execute(
        """
        CREATE TEMP TABLE assessed ON COMMIT DROP AS
        SELECT o.id AS old, a.id AS new, m.new AS revision FROM copies m
        JOIN rfp_assessment o ON o.revision_id = m.old JOIN rfp_assessment a ON a.revision_id = m.new
            AND a.input_hash = o.input_hash
        """
    )
    for table, changed in (
        ("rfp_finding", {"assessment_id": "m.new"}),
        ("scoring_automaticmark", {"assessment_id": "m.new", "revision_id": "m.revision"}),
    ):
        copy_rows(cursor, table, "old", changed, key="assessment_id", without=("id",), mapping="assessed")
    noise = "(random() - 0.5)::numeric(12, 11)"
    copy_rows(
        cursor,
        "scoring_score",
        "old",
        {
            "revision_id": "m.new",
            "supplier_name": "m.name",
            "total": f"t.total + {noise} * 20",
            "total_exact": f"coalesce(round((t.total + {noise} * 20) * {THIRDS}) || '/{THIRDS}', '')",
            "technical": f"t.technical + {noise} * 20",
            "technical_exact": f"round((t.technical + {noise} * 20) * {THIRDS}) || '/{THIRDS}'",
            "price_total": f"round(t.price_total * (1 + {noise}), 4)",
            "spread": f"abs(t.spread + {noise} * 30)",
        },
        key="revision_id",
        without=("id",),
    )


def copy_rows(
    cursor: Any,
    table: str,
    old: str,
    changed: Mapping[str, str],
    *,
    key: str,
    without: tuple[str, ...] = (),
    mapping: str = "copies",
) -> None:
    """Insert the rows of a table again for every copy; `changed` maps a column to its new SQL expression."""
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND table_schema = 'public'",
        [table],
    )
    columns = [name for (name,) in cursor.fetchall() if name not in without]
    values = [changed.get(name, f't."{name}"') for name in columns]
    names = ", ".join(f'"{name}"' for name in columns)
    cursor.execute(
        f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} "
        f"FROM {table} t JOIN {mapping} m ON t.{key} = m.{old}"
    )


# ---- what stands beside the proposals -----------------------------------------------------------------------------


def alerts(wanted: int, at: datetime) -> None:
    """Alerts of one supplier in four, so many in all; of them one in ten waits, on a few suppliers."""
    with roles.as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            """
            INSERT INTO suppliers_alert (supplier_id, source, record_id, name, role, party_id, matched_name, score,
                band, why, identifier, fingerprint, priority, reasons, state, is_current, proposals, raised_at,
                changed_at)
            SELECT s.id, 'bench', 'R-' || n, s.legal_name || ' ' || n, 'supplier', p.id, p.name,
                0.8 + n %% 19 / 100.0, 'possible', repeat('Much of the name is the same. ', 1 + n %% 5), '',
                md5(n::text), n %% 90, '{}',
                CASE WHEN s.at <= s.of / 20 THEN 'open' ELSE 'false_positive' END, true, '{}',
                %s - n * interval '1 second', %s
            FROM generate_series(1, %s) AS n
            JOIN (SELECT id, legal_name, row_number() OVER (ORDER BY id) AS at, count(*) OVER () AS of
                  FROM suppliers_supplier WHERE id %% 4 = 0) AS s ON s.at = 1 + CASE
                    WHEN n %% 10 = 0 THEN n / 10 %% (s.of / 20) ELSE s.of / 20 + n %% (s.of - s.of / 20) END
            CROSS JOIN (SELECT id, name FROM suppliers_listedparty ORDER BY id LIMIT 1) AS p
            """,
            [at, at, wanted],
        )
    _analyze()


def events(wanted: int, at: datetime) -> None:
    """Append to the audit chain, correctly linked, without waiting for each."""
    last = AuditEvent.objects.order_by("-seq").first()
    seq, previous = (last.seq, last.hash) if last else (0, audit.GENESIS)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'rfp.proposal:' || id, 'user:' || created_by_id FROM rfp_proposal ORDER BY number"
        )
        about = cursor.fetchall()
        rows = []
        for step in range(wanted):
            subject, actor = about[step * 7919 % len(about)]
            seq += 1
            moment = at + timedelta(milliseconds=step)
            facts = {"revision": step % 5 + 1, "window": step % 3 + 1}
            event = {
                "seq": seq,
                "at": moment,
                "verb": ("proposal.submitted", "proposal.attested", "proposal.revising")[step % 3],
                "actor": actor,
                "subject": subject,
                "facts": facts,
                "previous": previous,
            }
            previous = audit.link(**event)
            rows.append((*event.values(), previous))
        execute_values(
            cursor,
            "INSERT INTO portal_auditevent (seq, at, verb, actor, subject, facts, previous, hash) VALUES %s",
            [(*row[:5], json.dumps(row[5]), *row[6:]) for row in rows],
            page_size=2000,
        )
    _analyze()


def back_to_marking(window: Window, seat: int) -> None:
    """As it was while people marked: prices sealed, and half of the proposals without this reviewer's marks."""
    with roles.as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM rfp_opening WHERE window_id = %s AND envelope = 'price'", [window.pk])
        cursor.execute(
            """
            DELETE FROM scoring_mark m USING rfp_proposal p, rfp_revision r
            WHERE r.id = m.revision_id AND p.id = r.proposal_id AND p.window_id = %s
                AND m.evaluator_id = %s AND hashtext(p.number) %% 2 = 0
            """,
            [window.pk, seat],
        )
        cursor.execute(
            """
            UPDATE scoring_score s SET total = NULL, total_exact = '', is_priced = false, price_mark = NULL,
                price_total = NULL, price_reference = NULL
            FROM rfp_revision r
            JOIN rfp_proposal p ON p.id = r.proposal_id WHERE r.id = s.revision_id AND p.window_id = %s
            """,
            [window.pk],
        )
        _count_reviews(cursor, window)
    _analyze()
