"""Names that have to be known before the run."""

from __future__ import annotations

import os
from typing import Any

from orchestr8.core.errors import Diagnostic, O8Error
from orchestr8.core.span import span_of
from orchestr8.language.schema import is_template
from orchestr8.language.session import Session, Where


def constant(value: Any, where: Where, session: Session) -> str | None:
    """Return a name that has to be known before the run, with play and extra variables put in; or None."""
    if not is_template(value):
        return str(value)
    from orchestr8.template.scope import Scope
    from orchestr8.template.templar import Templar

    try:
        found = Templar().render(value, Scope(session.extra_vars, where.names, _magic(where, session)))
    except O8Error as error:
        hint = "use the dynamic `include_…` instead, or pass the variable with -e"
        message = f"the name of a static import has to be known before the run: {error.message}"
        session.findings.add(Diagnostic("O8-1406", message, span_of(value), hint))
        return None
    return str(found)


def _magic(where: Where, session: Session) -> dict[str, Any]:
    known: dict[str, Any] = {"playbook_dir": os.path.abspath(session.playbook_dir)}
    if where.role:
        known["role_name"] = where.role.role.short
        known["role_path"] = os.path.abspath(where.role.role.path)
    return known
