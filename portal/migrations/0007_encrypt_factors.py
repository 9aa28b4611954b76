"""Seeds of second factors that were stored as they are become tokens under the field key."""

from django.db import migrations

from portal.encryption import decrypt, encrypt

# What Fernet writes begins so: its version byte and the first zero bytes of the time. No seed does.
TOKEN = "gAAAAA"
SEEDS = ("secret", "seed")


def _each(data, change):
    changed = {name: change(value) if name in SEEDS and value else value for name, value in data.items()}
    if codes := data.get("migrated_codes"):
        changed["migrated_codes"] = [change(code) for code in codes]
    return changed


def _store(apps, change):
    model = apps.get_model("mfa", "Authenticator")
    for row in model.objects.exclude(type="webauthn").iterator():
        changed = _each(row.data, change)
        if changed != row.data:
            row.data = changed
            row.save(update_fields=["data"])


def forward(apps, schema_editor):
    _store(apps, lambda text: text if text.startswith(TOKEN) else encrypt(text))


def backward(apps, schema_editor):
    _store(apps, lambda text: decrypt(text) if text.startswith(TOKEN) else text)


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0006_access_log"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(forward, backward)]
