"""Tables that refuse TRUNCATE are emptied between two tests all the same, by their owner and by nobody else."""

from datetime import UTC, datetime

import pytest
from django.db import Error as DatabaseError
from django.db import connection, transaction

from portal.models import AuditEvent, User
from portal.record import audit


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time_of_day", [9, 10])
def test_the_chain_begins_anew_in_each_test(time_of_day: int) -> None:
    assert AuditEvent.objects.count() == 0
    user = User.objects.create(email="someone@example.com")
    audit.record("tested", user, by=user, at=datetime(2026, 5, 4, time_of_day, tzinfo=UTC))
    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_ordinary_session_cannot_truncate_the_chain() -> None:
    user = User.objects.create(email="someone@example.com")
    audit.record("tested", user, by=user, at=datetime(2026, 5, 4, 9, tzinfo=UTC))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE portal_auditevent")
    assert AuditEvent.objects.count() == 1
