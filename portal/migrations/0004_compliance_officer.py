from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0003_letters_to_addresses"),
    ]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="role",
            field=models.CharField(
                choices=[
                    ("supplier", "Supplier"),
                    ("reviewer", "Reviewer"),
                    ("admin", "Admin"),
                    ("officer", "Compliance officer"),
                    ("auditor", "Auditor"),
                ],
                default="supplier",
                max_length=10,
            ),
        ),
    ]
