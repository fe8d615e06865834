from __future__ import annotations

from pathlib import Path

import pytest


def test_jobs_of_a_file(apply, tmp_path: Path) -> None:
    path = tmp_path / "jobs"
    args = {"name": "back up", "cron_file": str(path), "user": "ann", "job": "/bin/save", "hour": "3"}
    assert apply("cron", check=True, **args)["changed"] is True
    assert not path.exists()
    result = apply("cron", **args)
    assert result["jobs"] == ["back up"]
    assert path.read_text() == "#Ansible: back up\n* 3 * * * ann /bin/save\n"
    assert apply("cron", **args)["changed"] is False
    args.update(disabled=True, backup=True)
    changed = apply("cron", **args)
    assert path.read_text() == "#Ansible: back up\n#* 3 * * * ann /bin/save\n"
    assert Path(changed["backup_file"]).read_text() == "#Ansible: back up\n* 3 * * * ann /bin/save\n"
    assert apply("cron", name="x", cron_file=str(path), job="y", special_time="daily")["jobs"] == [
        "back up",
        "x",
    ]
    assert apply("cron", name="back up", cron_file=str(path), state="absent")["jobs"] == ["x"]
    assert path.read_text() == "#Ansible: x\n@daily root y\n"
    path.write_text(f"{path.read_text()}\n  \t\n")
    assert apply("cron", name="x", cron_file=str(path), state="absent")["changed"] is True
    assert not path.exists()
    assert apply("cron", name="x", cron_file=str(path), state="absent")["changed"] is False


def test_variables(apply, tmp_path: Path) -> None:
    args = {"cron_file": str(tmp_path / "jobs"), "env": True}
    apply("cron", name="SHELL", job="/bin/sh", **args)
    apply("cron", name="PATH", job="/bin", insertafter="SHELL", **args)
    assert apply("cron", name="MAILTO", job="", insertbefore="PATH", **args)["envs"] == [
        "SHELL",
        "MAILTO",
        "PATH",
    ]
    assert apply("cron", name="PATH", job="/bin", **args)["changed"] is False
    assert apply("cron", name="PATH", state="absent", **args)["envs"] == ["SHELL", "MAILTO"]
    missing = apply("cron", name="A", job="b", insertafter="NOPE", **args)
    assert missing["msg"] == "Variable named 'NOPE' not found."


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({}, "You must specify 'job'"),
        ({"job": "a", "special_time": "daily", "hour": "1"}, "cannot combine special_time"),
        ({"job": "a\nb"}, "line breaks"),
        ({"job": "a", "minute": "1\n* * * * * root evil"}, "line breaks"),
        ({"job": "a", "insertafter": "x"}, "valid only with env"),
    ],
)
def test_what_cannot_be_a_job(apply, tmp_path: Path, args: dict[str, str], message: str) -> None:
    assert message in apply("cron", name="x", cron_file=str(tmp_path / "jobs"), **args)["msg"]
    assert not (tmp_path / "jobs").exists()


def test_the_crontab_of_the_system_is_left_alone(apply) -> None:
    said = apply("cron", name="x", job="true", cron_file="/etc/crontab", check=True)
    assert said["msg"] == "Will not manage /etc/crontab via cron_file, see documentation."
