"""pamd: rules of a service, with everything that is no such rule left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.modules.conftest import Apply

TEXT = (
    "#%PAM-1.0\n"
    "auth      required  pam_env.so\n"
    "auth\t[success=1 default=ignore]\tpam_unix.so nullok\n"
    "@include common-account\n"
    "password  requisite pam_pwquality.so retry=3\n"
)
UNIX = {"type": "auth", "control": "[success=1 default=ignore]", "module_path": "pam_unix.so"}


@pytest.mark.parametrize(
    ("args", "old", "new"),
    [
        ({**UNIX, "new_control": "sufficient"}, "[success=1 default=ignore]", "sufficient"),
        ({**UNIX, "module_arguments": ["nodelay", "nullok"]}, ".so nullok", ".so nodelay nullok"),
        ({**UNIX, "module_arguments": ["nodelay"], "state": "args_present"}, "nullok", "nullok nodelay"),
        ({**UNIX, "module_arguments": ["nullok"], "state": "args_absent"}, " nullok", ""),
        (
            {
                "type": "password", "control": "requisite", "module_path": "pam_pwquality.so",
                "module_arguments": ["retry=5"], "state": "args_present",
            },
            "password  requisite pam_pwquality.so retry=3",
            "password\trequisite\tpam_pwquality.so retry=5",
        ),
        (
            {
                **UNIX, "state": "before", "new_type": "auth", "new_control": "required",
                "new_module_path": "pam_faillock.so", "module_arguments": ["preauth"],
            },
            "auth\t[success",
            "auth\trequired\tpam_faillock.so preauth\nauth\t[success",
        ),
        (
            {
                **UNIX, "state": "after", "new_type": "auth", "new_control": "[default=die]",
                "new_module_path": "pam_faillock.so",
            },
            "nullok\n",
            "nullok\nauth\t[default=die]\tpam_faillock.so\n",
        ),
        ({**UNIX, "state": "absent"}, "auth\t[success=1 default=ignore]\tpam_unix.so nullok\n", ""),
    ],
)  # fmt: skip
def test_edits(apply: Apply, tmp_path: Path, args: dict[str, Any], old: str, new: str) -> None:
    path = tmp_path / "service"
    path.write_text(TEXT)
    assert apply("pamd", name="service", path=str(tmp_path), check=True, **args)["changed"] is True
    assert path.read_text() == TEXT
    result = apply("pamd", name="service", path=str(tmp_path), **args)
    assert path.read_text() == TEXT.replace(old, new)
    assert (result["changed"], result["change_count"]) == (True, 1)
    if "new_control" not in args or args.get("state") in ("before", "after"):
        assert apply("pamd", name="service", path=str(tmp_path), **args)["changed"] is False


def test_a_rule_that_is_not_there_changes_nothing(apply: Apply, tmp_path: Path) -> None:
    (tmp_path / "service").write_text(TEXT)
    args = {**UNIX, "type": "session", "new_control": "required"}
    assert apply("pamd", name="service", path=str(tmp_path), **args)["changed"] is False
    assert "there is no such file" in apply("pamd", name="other", path=str(tmp_path), **args)["msg"]
