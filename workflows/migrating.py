"""Operations of migrations that let people go on working."""

from __future__ import annotations

from typing import Any

from django.db.migrations import AddIndex


class AddIndexOnline(AddIndex):
    """Add an index without keeping anybody from writing; the migration must not be atomic.

    One that was broken off is begun anew: PostgreSQL leaves an index behind that it does not use.
    MariaDB adds its indexes online by itself, SQLite has one writer anyway.
    """

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        elif self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.execute(schema_editor._delete_index_sql(model, self.index.name))
            schema_editor.add_index(model, self.index, concurrently=True)
