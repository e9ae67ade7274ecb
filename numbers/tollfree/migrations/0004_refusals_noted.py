from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("tollfree", "0003_inventory")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="numberorder",
            name="noted_at",
            field=models.DateTimeField(help_text="When somebody took note that it was refused.", null=True),
        ),
    ]
