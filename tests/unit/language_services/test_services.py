"""Services as written: what is refused, with its place, and what is understood."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestr8.core.errors import InvalidInput
from orchestr8.core.secret import Secret
from orchestr8.deploy.model import (
    Affinity,
    Amount,
    Attached,
    Attachment,
    Constraint,
    Dependency,
    Limits,
    Mount,
    PortBinding,
    Reservations,
    Restart,
    ServiceSpec,
    Spread,
    Ulimit,
)
from orchestr8.language.services import check, read
from orchestr8.language.yaml import load

CASES = [
    ("repilcas: 3", "O8-1601", "did you mean `replicas`?", 2),
    ("replicas: many", "O8-1602", "a whole number", 2),
    ("replicas: -1", "O8-1602", "a whole number", 2),
    ("ports: [22:22]", "O8-1608", "the number 1342", 2),
    ("ports: ['99999']", "O8-1604", "outside 1-65535", 2),
    ("ports: ['80-81:1-3']", "O8-1604", "2 host ports cannot go to 3", 2),
    ("ports: ['80:1', '80:2']", "O8-1604", "is given twice", 2),
    ("ports: ['a.b:80:80']", "O8-1604", "is no IP address", 2),
    ("ports: ['80/icmp']", "O8-1604", "is no protocol", 2),
    ("user: 1000:50", "O8-1608", "the number 60050", 2),
    ("environment: {A: yes}", "O8-1608", "put it in quotes", 2),
    ("environment: {A: 1.10}", "O8-1608", "put it in quotes", 2),
    ("environment: {A: 0777}", "O8-1608", "put it in quotes", 2),
    ("environment: {A: }", "O8-1602", "never taken from the controller", 2),
    ("environment: [A]", "O8-1602", "never taken from the controller", 2),
    ("restart: no", "O8-1608", 'write restart: "no"', 2),
    ("restart: sometimes", "O8-1602", "on-failure:N", 2),
    ("stop_grace_period: 10sec", "O8-1602", "a duration such as", 2),
    ("stop_grace_period: 10:30", "O8-1608", "the number 630", 2),
    ("resources: {limits: {memory: lots}}", "O8-1602", "a size such as", 2),
    ("resources: {limits: {memory: 10m}, reservations: {memory: 20m}}", "O8-1605", "more than its limit", 1),
    ("volumes: ['./x:/y']", "O8-1602", "no absolute path", 2),
    ("volumes: ['a:/b:rx']", "O8-1602", "no option `rx`", 2),
    ("volumes: [{source: a}]", "O8-1602", "needs `type` and `target`", 2),
    ("labels: {o8.slot: '1'}", "O8-1602", "is reserved", 2),
    ("command: 'a \"b'", "O8-1602", "check the quotes", 2),
    ("healthcheck: {test: [curl, x]}", "O8-1602", "CMD, CMD-SHELL or NONE", 2),
    ("readiness: {http: /a, tcp: 80}", "O8-1602", "exactly one of", 2),
    ("readiness: {http: /a}", "O8-1602", "needs `port`", 2),
    ("readiness: {http: a, port: 80}", "O8-1602", "is no path", 2),
    ("readiness: {http: /, port: 80, expect: 399-200}", "O8-1605", "399 is above 200", 2),
    ("readiness: {http: /, port: 80, from: controller}", "O8-1603", "supported yet", 2),
    ("update: {max_surge: 0}", "O8-1605", "nothing can ever be replaced", 2),
    ("update: {max_surge: half}", "O8-1602", "a percentage", 2),
    ("update: {max_unavailable: 101%}", "O8-1605", "more than 100%", 2),
    ("update: {healthy_deadline: 20m}", "O8-1605", "less than progress_deadline", 2),
    ("update: {min_healthy_time: 6m}", "O8-1605", "less than healthy_deadline", 2),
    ("update: {strategy: sideways}", "O8-1602", "one of rolling", 2),
    ("update: {steps: [{scale: 1}]}", "O8-1605", "no meaning with rolling", 2),
    ("update: {retain: {running: 5m}}", "O8-1605", "with blue_green only", 2),
    ("update: {strategy: canary, on_failure: continue}", "O8-1605", "no meaning with canary", 2),
    ("update: {strategy: canary, steps: []}", "O8-1602", "at least one step", 2),
    ("update: {strategy: canary, steps: [{scale: 0}]}", "O8-1602", "above zero", 2),
    ("update: {strategy: canary, steps: [{scale: 120%}]}", "O8-1602", "up to 100%", 2),
    ("update: {strategy: canary, steps: [{scale: 2}, {scale: 1}]}", "O8-1602", "takes back", 2),
    ("update: {strategy: canary, steps: [{weight: 10}]}", "O8-1605", "no `ingress`", 2),
    ("update: {strategy: canary, steps: [{weight: 110}]}", "O8-1602", "from 0 to 100", 2),
    ("update: {strategy: canary, steps: [{run: []}]}", "O8-1602", "a list of tasks", 2),
    ("update: {strategy: canary, steps: [{pauze: 1s}]}", "O8-1601", "did you mean `pause`?", 2),
    ("update: {strategy: canary, steps: [{pause: never}]}", "O8-1602", "a duration", 2),
    ("update: {strategy: canary, steps: [{check: luck}]}", "O8-1602", "readiness", 2),
    ("update: {strategy: canary, steps: [{scale: 1, pause: 1s}]}", "O8-1602", "one of scale", 2),
    ("update: {strategy: blue_green}\n  ports: ['80:80']", "O8-1605", "one holder at a time", 2),
    ("ingress: {socket: /s, port: 80}", "O8-1602", "needs `on`", 2),
    ("ingress: {on: lb, socket: /s}", "O8-1602", "needs `port`", 2),
    ("ingress: {on: lb, socket: s, port: 80}", "O8-1602", "admin socket", 2),
    ("ingress: {on: lb, socket: /s, port: 99999}", "O8-1602", "1 to 65535", 2),
    ("ingress: {on: lb, socket: /s, prot: 80}", "O8-1601", "did you mean `port`?", 2),
    ("ingress: {on: lb, socket: /s, port: 80, via: haprox}", "O8-1602", "one of caddy, haproxy", 2),
    ("ingress: {on: lb, socket: /s, port: 80, host: 'a b'}", "O8-1602", "a host name", 2),
    ("ingress: {on: lb, socket: /s, port: 80, path: api}", "O8-1602", "beginning of a path", 2),
    ("ingress: {on: lb, socket: /s, port: 80, image: haproxy}", "O8-1605", "no meaning", 2),
    ("ingress: {on: lb, socket: /s, port: 80, mode: tcp, path: /a, listen: 1}", "O8-1605", "mode: tcp", 2),
    ("ingress: {on: lb, socket: /s, port: 80, mode: tcp}", "O8-1602", "needs `listen`", 2),
    (
        "ingress: {on: lb, socket: /s, port: 80, mode: tcp, listen: 1, via: caddy}",
        "O8-1605",
        "via: haproxy",
        2,
    ),
    ("ingress: {on: lb, socket: /s, port: 80, tls: {cert: a}}", "O8-1602", "needs `key`", 2),
    ("ingress: {on: lb, socket: /s, port: 80, match: {cookies: a}}", "O8-1601", "did you mean `cookie`?", 2),
    ("ingress: {on: lb, socket: /s, port: 80, match: {value: a}}", "O8-1602", "one of header, cookie", 2),
    ("ingress: {on: lb, socket: /s, port: 80, preview: {host: a, value: b}}", "O8-1605", "no meaning", 2),
    ("ingress: {on: lb, socket: /s, port: 80, drain: {timeout: 1h}}", "O8-1605", "progress_deadline", 2),
    ("ingress: {on: lb, socket: /s, port: 80}\n  ports: ['127.0.0.1:80:80']", "O8-1605", "loopback", 2),
    ("hooks: {pre_stop: 5}", "O8-1602", "a list of tasks", 2),
    ("hooks: {pre_deploy: 5}", "O8-1602", "a list of tasks", 2),
    ("hooks: {predeploy: []}", "O8-1601", "did you mean `pre_deploy`?", 2),
    ("secrets: [{target: /a}]", "O8-1602", "needs one of source, file, content", 2),
    ("secrets: [{source: a, file: b}]", "O8-1602", "needs one of source, file, content", 2),
    ("configs: [{content: a}]", "O8-1602", "needs `target`", 2),
    ("configs: [{content: a, target: ../x}]", "O8-1602", "is no path of a file", 2),
    ("configs: [{content: a, target: x, mode: 9}]", "O8-1602", "permissions", 2),
    ("configs: [{content: a, target: x}, {content: b, target: /x}]", "O8-1605", "mounted at /x", 2),
    ("volumes: [aa:/x]\n  configs: [{content: b, target: /x}]", "O8-1605", "mounted at /x", 1),
    ("env_file: {required: false}", "O8-1602", "needs `path`", 2),
    ("schedule: daily", "O8-1605", "only a job runs by a schedule", 2),
    ("mode: job\n  schedule: often", "O8-1602", "no day", 3),
    ("mode: jobs", "O8-1602", "job", 2),
    ("mode: job\n  restart: always", "O8-1605", "must not start it again", 3),
    ("mode: job\n  readiness: {tcp: 80}", "O8-1605", "no meaning for a job", 3),
    ("mode: job\n  update: {max_surge: 2}", "O8-1605", "how long it may take", 3),
    ("mode: job\n  placement: {on_unreachable: replace}", "O8-1605", "run a job twice", 1),
    ("transaction: Shop!", "O8-1602", "a name of lower-case letters", 2),
    ("mode: job\n  schedule: daily\n  transaction: shop", "O8-1605", "cannot be part of a transaction", 4),
    ("transaction: shop\n  update: {on_failure: pause}", "O8-1605", "does not fit a transaction", 2),
    ("build: .", "O8-1603", "not supported yet", 2),
    ("container_name: x", "O8-1603", "containers are named", 2),
    ("depends_on: [nobody]", "O8-1607", "no service `nobody`", 2),
    ("depends_on: [web]", "O8-1607", "cannot depend on itself", 2),
    ("ulimits: {nofiles: 5}", "O8-1602", "did you mean `nofile`?", 2),
    ("ulimits: {nofile: {soft: 10, hard: 5}}", "O8-1605", "above `hard`", 2),
    ("cap_add: [NET_ADMN]", "O8-1602", "did you mean `NET_ADMIN`?", 2),
    ("stop_signal: SIGTRM", "O8-1602", "did you mean `SIGTERM`?", 2),
    ("stop_signal: 65", "O8-1602", "a signal", 2),
    ("volumes: ['a b:/x']", "O8-1602", "name of a volume", 2),
    ("volumes: ['data:/x:zz']", "O8-1602", "no option `zz`", 2),
    ("networks: [a, a]", "O8-1605", "given twice", 2),
    ("network_mode: service:db", "O8-1603", "cannot be shared", 2),
    ("network_mode: nothing:db", "O8-1602", "container:NAME", 2),
    ("ipc: public", "O8-1602", "shareable", 2),
    ("mem_limit: 4m", "O8-1602", "at least 6M", 2),
    ("placement: {constraints: [nod.arch == x]}", "O8-1606", "did you mean `node.arch`?", 2),
    ("placement: {constraints: [node.arch]}", "O8-1606", "is no constraint", 2),
    ("placement: {constraints: ['node.arch =~ (']}", "O8-1606", "no regular expression", 2),
    ("placement: {constraints: [node.cpus > many]}", "O8-1606", "compares numbers", 2),
    ("placement: {preferences: [{spread: node.arch, weight: 3}]}", "O8-1602", "does not belong", 2),
    ("placement: {preferences: [{pack: true, max_skew: 3}]}", "O8-1602", "does not belong", 2),
    ("placement: {on_unreachable: panic}", "O8-1602", "one of fail, skip, replace", 2),
    ("mode: global\n  replicas: 2", "O8-1605", "one replica a host", 1),
    ("deploy: {replica: 2}", "O8-1601", "did you mean `replicas`?", 2),
    ("network_mode: host\n  ports: ['80:80']", "O8-1605", "no ports are published", 1),
]


@pytest.mark.parametrize(("line", "code", "words", "at"), CASES, ids=[c[0][:40] for c in CASES])
def test_a_mistake_is_named_with_its_place(line: str, code: str, words: str, at: int) -> None:
    found = check(load(f"web:\n  {line}\n  image: a\n", "f.yml"))
    mine = [d for d in found if d.code == code and words in f"{d.message} {d.hint}"]
    assert mine, found
    assert mine[0].span is not None
    assert mine[0].span.file == "f.yml"
    assert abs(mine[0].span.line - at) <= 1


def test_all_mistakes_of_all_services_are_found_at_once() -> None:
    text = "a: {image: x, foo: 1, ports: [99999]}\nb: {replicas: x}\nC: {image: x}\n"
    codes = [d.code for d in check(load(text, "f.yml"))]
    assert sorted(codes) == ["O8-1601", "O8-1602", "O8-1602", "O8-1604", "O8-1609"]


def test_services_that_wait_for_each_other_are_named() -> None:
    text = "a: {image: x, depends_on: [b]}\nb: {image: x, depends_on: [c]}\nc: {image: x, depends_on: [a]}\n"
    assert "a → b → c → a" in check(load(text, "f.yml"))[0].message


def test_templates_are_left_for_later() -> None:
    text = """
web:
  image: "a:{{ v }}"
  replicas: "{{ n }}"
  ports: "{{ ports }}"
  environment: {A: "{{ a }}"}
  update: {max_surge: "{{ s }}", min_healthy_time: "{{ t }}", max_unavailable: 0}
  readiness: {http: "/{{ x }}", port: "{{ p }}"}
  placement: {constraints: ["node.labels.zone == {{ zone }}", "{{ other }}"]}
other: "{{ whole }}"
"""
    assert check(load(text, "f.yml")) == ()


def test_a_mistake_in_what_a_template_gave_has_the_templates_place() -> None:
    raw = load('web:\n  image: a\n  replicas: "{{ n }}"\n', "f.yml")["web"]
    with pytest.raises(InvalidInput) as caught:
        read("web", {"image": "a", "replicas": "lots"}, raw)
    assert caught.value.diagnostics[0].span.line == 3  # type: ignore[union-attr]


def spec(text: str, **extra: Any) -> ServiceSpec:
    raw = load(f"image: a:1\n{text}", "f.yml")
    return read("web", {**raw, **extra}, raw, ["db", "cache"])


def test_defaults() -> None:
    plain = spec("")
    assert (plain.replicas, plain.mode, plain.revisions, plain.pull_policy) == (1, "replicated", 5, "missing")
    assert plain.update.max_surge == Amount(1)
    assert plain.update.max_unavailable == Amount(0)
    assert (plain.update.min_healthy_time, plain.update.healthy_deadline) == (10.0, 300.0)
    assert (plain.update.progress_deadline, plain.update.on_failure) == (600.0, "rollback")
    assert plain.readiness.kind == "running"
    assert plain.workload.limits.restart == Restart("unless-stopped")
    assert spec("healthcheck: {test: curl x}").readiness.kind == "docker"
    assert spec("healthcheck: {disable: true}").readiness.kind == "running"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8080", [PortBinding(8080)]),
        ("80:8080/udp", [PortBinding(8080, "udp", 80)]),
        ("127.0.0.1::8080", [PortBinding(8080, host_ip="127.0.0.1")]),
        ("[::1]:80:8080", [PortBinding(8080, host_port=80, host_ip="::1")]),
        ("80-81:90-91", [PortBinding(90, host_port=80), PortBinding(91, host_port=81)]),
    ],
)
def test_ports(text: str, expected: list[PortBinding]) -> None:
    assert list(spec(f"ports: ['{text}']").workload.ports) == expected


def test_a_number_in_the_list_of_ports_is_a_container_port() -> None:
    assert spec("ports: [80, {target: 81, published: 8081}]").workload.ports == (
        PortBinding(80),
        PortBinding(81, host_port=8081),
    )


def test_volumes() -> None:
    text = "volumes: ['data:/d', '/etc/x:/x:ro', /anon, {type: tmpfs, target: /t, tmpfs: {size: 1m}}]"
    assert spec(f"{text}\ntmpfs: '/r:mode=1777'").workload.mounts == (
        Mount("volume", "/d", "data"),
        Mount("bind", "/x", "/etc/x", read_only=True),
        Mount("volume", "/anon"),
        Mount("tmpfs", "/t", size=2**20),
        Mount("tmpfs", "/r", mode=0o1777),
    )


def test_environment_keeps_secrets() -> None:
    found = spec("environment: {A: 1}", environment={"A": 1, "B": Secret("hush")}).workload.environment
    assert found == {"A": "1", "B": Secret("hush")}
    assert "hush" not in str(found)
    assert spec("environment: [A=1, B=x=y, C=]").workload.environment == {"A": "1", "B": "x=y", "C": ""}


def test_a_fixed_port_or_a_single_volume_stops_first() -> None:
    for text in ("ports: ['80:80']", "volumes: ['data:/d']"):
        found = spec(text)
        assert found.exclusive
        assert (found.update.max_surge, found.update.max_unavailable) == (Amount(0), Amount(1))
    assert not spec("volumes: ['data:/d']\nreplicas: 2").exclusive
    assert not spec("volumes: ['data:/d:ro']").exclusive
    with pytest.raises(InvalidInput, match="cannot be kept"):
        spec("ports: ['80:80']\nupdate: {max_unavailable: 0}")


def test_composes_deploy_says_the_same_in_its_own_words() -> None:
    found = spec("""
deploy:
  replicas: 4
  update_config: {parallelism: 2, order: start-first, monitor: 1m30s, failure_action: pause}
  restart_policy: {condition: on-failure, max_attempts: 3}
  resources: {limits: {cpus: '0.5', memory: 50M, pids: 9}, reservations: {memory: 20M, cpus: '0.1'}}
  placement: {max_replicas_per_node: 2, constraints: [node.hostname==h1]}
""")
    assert found.replicas == 4
    assert (found.update.max_surge, found.update.max_unavailable) == (Amount(2), Amount(0))
    assert (found.update.min_healthy_time, found.update.on_failure) == (90.0, "pause")
    assert found.workload.limits == Limits(0.5, 50 * 2**20, 9, Restart("on-failure", 3))
    assert found.reservations == Reservations(0.1, 20 * 2**20)
    assert found.placement.max_per_host == 2
    assert found.placement.constraints == (Constraint("node.name", "==", ("h1",)),)
    stop_first = spec("deploy: {update_config: {parallelism: 2}}").update
    assert (stop_first.max_surge, stop_first.max_unavailable) == (Amount(0), Amount(2))


def test_placement_and_needs() -> None:
    found = spec("""
placement:
  constraints: ["node.arch in [amd64, arm64]", "node.engine version >= 20.10", "node.labels.gpu set"]
  preferences:
    - {spread: node.labels.zone, max_skew: 2, required: true}
    - {affinity: "node.labels.gen == 3", weight: -5}
    - {pack: true}
depends_on: {db: {condition: service_healthy}, cache: {required: false}}
""")
    assert [str(c) for c in found.placement.constraints] == [
        "node.arch in [amd64, arm64]",
        "node.engine version >= 20.10",
        "node.labels.gpu set",
    ]
    assert found.placement.spreads == (Spread("node.labels.zone", 2, required=True),)
    assert found.placement.affinities == (Affinity(Constraint("node.labels.gen", "==", ("3",)), -5),)
    assert found.placement.pack
    cache = Dependency("cache", "service_started", required=False)
    assert found.depends_on == (Dependency("db", "service_healthy"), cache)


def test_other_compose_keys() -> None:
    found = spec("""
command: run --fast "a b"
entrypoint: [/bin/x]
networks: {app: {aliases: [w]}, back: }
ulimits: {nofile: {soft: 1, hard: 2}, nproc: 5}
extra_hosts: ["a:1.2.3.4", "b=::1"]
logging: {driver: json-file, options: {max-size: 10m}}
x-anything: {at: all}
""").workload
    assert found.command == ("run", "--fast", "a b")
    assert found.entrypoint == ("/bin/x",)
    assert found.networks == (Attachment("app", ("w",)), Attachment("back"))
    assert found.ulimits == (Ulimit("nofile", 1, 2), Ulimit("nproc", 5, 5))
    assert found.extra_hosts == ("a:1.2.3.4", "b:::1")
    assert (found.log_driver, found.log_options) == ("json-file", {"max-size": "10m"})


VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = """
    image ports volumes environment healthcheck readiness update placement resources depends_on deploy
    command tmpfs networks ulimits labels logging restart replicas stop_grace_period extra_hosts mode scale
    mem_limit user dns sysctls revisions
""".split()  # noqa: SIM905


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4))
def test_no_value_whatever_gives_a_traceback(raw: dict[str, Any]) -> None:
    check({"web": raw})
    try:
        read("web", raw, raw)
    except InvalidInput as error:
        assert error.diagnostics  # noqa: PT017


def test_steps_are_read_in_their_order() -> None:
    steps = "[{scale: 1}, {check: readiness}, {pause: 90s}, {scale: 50%}, {pause: approval}]"
    found = spec(f"update: {{strategy: canary, steps: {steps}}}").update
    assert [str(s) for s in found.steps] == [
        "scale 1",
        "check readiness",
        "pause 90s",
        "scale 50%",
        "pause until approval",
    ]
    kept = spec("update: {strategy: blue_green, retain: {running: 5m, stopped: 2}}").update
    assert (kept.retain_running, kept.retain_stopped) == (300.0, 2)


def test_files_are_read_once_their_content_is_there() -> None:
    text = (
        "configs: [{source: conf/a.conf.j2, content: x}, "
        "{content: y, target: /b, mode: 0440, uid: 1, gid: 2}]\n"
        "secrets: [{source: pw, content: hush}]"
    )
    files = spec(text).workload.files
    assert files == {
        "/a.conf": Attached("x"),
        "/b": Attached("y", 0o440, 1, 2),
        "/run/secrets/pw": Attached(Secret("hush")),
    }
    assert isinstance(files["/run/secrets/pw"].content, Secret)
    assert files["/a.conf"].name != Attached("x", 0o400).name


def test_a_file_must_be_small_text() -> None:
    with pytest.raises(InvalidInput, match="larger than 512K"):
        spec("configs: [{target: a, content: " + "x" * (513 * 1024) + "}]")
