"""What services name on the controller: files, variables, env files."""

from __future__ import annotations

from pathlib import Path

import pytest
from services_world import World

from orchestr8.core.errors import InvalidInput
from orchestr8.core.secret import Secret
from orchestr8.core.span import Text
from orchestr8.deploy.model import Attached, ServiceSpec, Update, Workload
from orchestr8.engine.services.bringing import Bringer
from orchestr8.language.search import Search
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar


@pytest.fixture
def bringer(tmp_path: Path) -> Bringer:
    for name, text in {
        "files/a.conf": "{{ not_rendered }}\n",
        "templates/b.conf.j2": "port={{ port }}\n",
        "app.env": "A=1\nB=2\n",
        "key.pem": "PRIVATE",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    scope = Scope({"port": 80, "password": Text("{{ word }}!"), "word": "hunter2"})
    return Bringer(Search(str(tmp_path / "site.yml"), str(tmp_path)), Templar(), scope)


def test_configs_are_read_and_templates_are_rendered(bringer: Bringer) -> None:
    found = bringer.brought({"configs": ["a.conf", {"source": "b.conf.j2"}, {"content": "x"}, 5]})
    assert [c.get("content") for c in found["configs"][:3]] == ["{{ not_rendered }}\n", "port=80\n", "x"]
    assert found["configs"][3] == 5


def test_secrets_come_from_variables_and_files_and_show_nothing(bringer: Bringer) -> None:
    found = bringer.brought({"secrets": ["password", {"file": "key.pem"}]})["secrets"]
    assert [s["content"] for s in found] == [Secret("hunter2!"), Secret("PRIVATE")]
    assert "hunter2" not in repr(found)


def test_certificates_come_from_files_and_variables(bringer: Bringer) -> None:
    tls = {"cert": {"source": "password"}, "key": {"file": "key.pem"}}
    found = bringer.brought({"ingress": {"on": "edge", "tls": tls}})["ingress"]
    assert found["tls"]["cert"]["content"] == Secret("hunter2!")
    assert found["tls"]["key"]["content"] == Secret("PRIVATE")
    assert bringer.brought({"ingress": {"on": "edge"}})["ingress"] == {"on": "edge"}


def test_env_files_are_weaker_than_environment(bringer: Bringer) -> None:
    asked = {"env_file": ["app.env", {"path": "gone.env", "required": False}], "environment": ["B=3"]}
    assert bringer.brought(asked) == {"environment": {"A": "1", "B": "3"}}


@pytest.mark.parametrize(
    ("service", "why"),
    [
        ({"secrets": ["unknown"]}, "no variable `unknown`"),
        ({"configs": ["gone.conf"]}, "there is no file `gone.conf`"),
        ({"env_file": "gone.env"}, "there is no file `gone.env`"),
        ({"env_file": "files/a.conf"}, "line 1"),
    ],
)
def test_what_is_missing_is_said(bringer: Bringer, service: dict[str, object], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        bringer.brought(service)


def test_files_go_with_the_last_revision_that_has_them() -> None:
    world = World()

    def web(text: str) -> ServiceSpec:
        files = {"/etc/a": Attached(text), "/run/secrets/b": Attached(Secret("same"))}
        work = Workload("app:v1", files=files)
        return ServiceSpec("web", work, replicas=4, update=Update(min_healthy_time=1.0), revisions=2)

    for text in ("one", "two", "three", "four"):
        assert world.bring(web(text)).verdicts["web"].end == "converged"
    for held in world.files.values():
        assert {file.text for file in held.kept["web"].values()} == {"three", "four", "same"}
