"""Playbooks run from their text to their recap, against hosts in memory."""

from __future__ import annotations

from typing import Any

from orchestr8.core.errors import Diagnostic, Unreachable
from orchestr8.core.event import HostFinished, NobodyLeft, RunFinished
from orchestr8.engine.ports import Request


def bad(_request: Request) -> dict[str, Any]:
    return {"failed": True, "changed": False, "msg": "no"}


def lost(_request: Request) -> dict[str, Any]:
    raise Unreachable(Diagnostic("O8-2001", "gone"))


def test_tasks_run_in_order_on_every_host(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - {name: first, ping: }
            - {name: second, command: "echo hi"}
        """,
        hosts=["one", "two"],
    )
    assert ran.ends("one") == ["first ok", "second changed"]
    assert ran.tally("two") == {"ok": 2, "changed": 1}
    assert ran.result.exit_code == 0
    barrier = [line for line in ran.ends() if line.startswith("second")]
    assert ran.ends().index(barrier[0]) == 2


def test_register_when_loop_and_templates(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          vars: {greeting: "hello {{ inventory_hostname }}"}
          tasks:
            - command: "echo {{ item }}"
              loop: [a, b]
              register: out
            - debug: {msg: "{{ greeting }} {{ out.results | map(attribute='item') | list }}"}
            - {debug: {msg: never}, when: out is not changed}
            - {debug: {var: out.changed}}
            - name: filtered
              debug: {msg: "{{ item }}"}
              loop: [1, 2, 3]
              when: item != 2
        """
    )
    assert ran.ends("one") == ["command changed", "debug ok", "debug skipped", "debug ok", "filtered ok"]
    assert ran.results("debug", "one")[0]["msg"] == "hello one ['a', 'b']"
    assert ran.results("debug", "one")[2]["out.changed"] is True
    loop = ran.last("filtered", "one")
    assert [r.get("skipped", False) for r in loop["results"]] == [False, True, False]
    assert loop["msg"] == "All items completed"
    calls = [c.args for c in ran.hosts["one"].calls]
    assert [c["_raw_params"] for c in calls] == ["echo a", "echo b"]


def test_rescue_and_always(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - block:
                - {name: breaks, ping: }
                - {name: unseen, command: x}
              rescue:
                - name: caught
                  debug: {msg: "{{ ansible_failed_task.name }}: {{ ansible_failed_result.msg }}"}
              always:
                - {name: anyway, command: x}
            - {name: after, command: x}
        """,
        hosts={"one": {"ping": bad}, "two": {}},
    )
    assert ran.ends("one") == ["breaks failed", "caught ok", "anyway changed", "after changed"]
    assert ran.ends("two") == ["breaks ok", "unseen changed", "anyway changed", "after changed"]
    assert ran.last("caught", "one")["msg"] == "breaks: no"
    assert ran.tally("one") == {"ok": 3, "changed": 2, "rescued": 1}
    assert ran.result.exit_code == 0


def test_failed_and_lost_hosts_stop_the_others_go_on(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks: [{name: a, ping: }, {name: b, command: x}]
        - hosts: all
          tasks: [{name: c, command: x}]
        """,
        hosts={"one": {"ping": bad}, "two": {"ping": lost}, "three": {}},
    )
    assert ran.ends("one") == ["a failed"]
    assert ran.ends("two") == ["a unreachable"]
    assert ran.ends("three") == ["a ok", "b changed", "c changed"]
    assert ran.result.exit_code == 6


def test_handlers_run_once_at_the_end_in_their_order(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - {name: a, command: x, notify: [second, first]}
            - {name: b, command: x, notify: second}
            - {name: c, ping: , notify: never}
            - {meta: flush_handlers, when: true}
            - {name: d, command: x, notify: topic}
          handlers:
            - {name: first, command: h, notify: third}
            - {name: second, command: h}
            - {name: never, command: h}
            - {name: third, ping: , listen: topic}
        """,
        hosts=["one", "two"],
    )
    expected = ["a changed", "b changed", "c ok", "first changed", "second changed", "third ok", "d changed"]
    assert ran.ends("one") == [*expected, "third ok"]


def test_force_handlers_and_failed_hosts(play: Any) -> None:
    text = """
        - hosts: all
          force_handlers: %s
          tasks: [{name: a, command: x, notify: h}, {name: b, ping: }]
          handlers: [{name: h, command: x}]
        """
    forced = play(text % "true", hosts={"one": {"ping": bad}})
    assert forced.ends("one") == ["a changed", "b failed", "h changed"]
    plain = play(text % "false", hosts={"one": {"ping": bad}})
    assert plain.ends("one") == ["a changed", "b failed"]


def test_includes_of_tasks_and_roles(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - include_tasks: "more-{{ inventory_hostname }}.yml"
              vars: {word: hi}
            - include_tasks: each.yml
              loop: [1, 2]
            - include_role: {name: web}
              vars: {port: 81}
            - {name: after, command: x}
          handlers: []
        """,
        hosts=["one", "two"],
        files={
            "more-one.yml": "- {name: m1, debug: {msg: '{{ word }} one'}}\n",
            "more-two.yml": "- {name: m2, debug: {msg: '{{ word }} two'}}\n",
            "each.yml": "- {name: each, debug: {msg: 'item {{ item }}'}}\n",
            "roles/web/tasks/main.yml": "- {name: r, command: 'x {{ port }}', notify: rh}\n",
            "roles/web/defaults/main.yml": "port: 80\n",
            "roles/web/handlers/main.yml": "- {name: rh, debug: {msg: 'handled {{ role_name }}'}}\n",
        },
    )
    assert ran.ends("one") == [
        "include_tasks ok", "m1 ok", "include_tasks ok", "each ok", "each ok", "include_role ok", "r changed",
        "after changed", "rh ok",
    ]  # fmt: skip
    assert ran.last("m2", "two")["msg"] == "hi two"
    assert [c.args["_raw_params"] for c in ran.hosts["one"].calls] == ["x 81", "x"]
    assert ran.last("rh", "one")["msg"] == "handled web"


def test_roles_dependencies_and_precedence(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          vars: {c: play}
          roles: [{role: web, d: param}]
          tasks:
            - {name: t, debug: {msg: "{{ a }} {{ c }} {{ d | default('none') }}"}}
        """,
        files={
            "roles/web/tasks/main.yml": "- {name: w, debug: {msg: '{{ a }} {{ b }} {{ c }} {{ d }}'}}\n",
            "roles/web/defaults/main.yml": "{a: default, b: default, c: default, d: default}\n",
            "roles/web/vars/main.yml": "b: vars\n",
            "roles/web/meta/main.yml": "dependencies: [base]\n",
            "roles/base/tasks/main.yml": "- {name: b, ping: }\n",
            "group_vars/all.yml": "a: group\n",
        },
    )
    assert ran.ends("one") == ["b ok", "w ok", "t ok"]
    assert ran.last("w", "one")["msg"] == "group vars play param"


def test_until_retries_changed_when_failed_when_ignore(play: Any) -> None:
    answers = iter([1, 1, 0])

    def flaky(_request: Request) -> dict[str, Any]:
        return {"changed": False, "rc": next(answers), "stdout": "x"}

    ran = play(
        """
        - hosts: all
          tasks:
            - {name: u, command: x, register: r, until: r.rc == 0, retries: 5, delay: 1}
            - {name: c, ping: , changed_when: true}
            - {name: f, ping: , register: p, failed_when: p.rc == 0, ignore_errors: true}
            - {name: e, debug: {msg: "{{ r.attempts }} {{ p.failed }}"}}
            - {name: x, debug: {msg: "{{ nope }}"}}
        """,
        hosts={"one": {"command": flaky}},
    )
    assert ran.ends("one") == ["u ok", "c changed", "f failed ignored", "e ok", "x failed"]
    assert ran.last("e", "one")["msg"] == "3 True"
    assert "nope" in ran.last("x", "one")["msg"]
    assert ran.tally("one") == {"ok": 4, "changed": 1, "ignored": 1, "failed": 1}
    assert ran.result.exit_code == 2


def test_serial_and_max_fail_percentage(play: Any) -> None:
    text = """
        - hosts: all
          serial: [1, 50%%]
          max_fail_percentage: %s
          tasks: [{name: a, ping: }, {name: b, command: x}]
        """
    hosts = {"one": {}, "two": {"ping": bad}, "three": {}, "four": {}}
    stopped = play(text % 49, hosts=hosts)
    assert stopped.ends("one") == ["a ok", "b changed"]
    assert stopped.ends("three") == ["a ok"]
    assert stopped.ends("four") == []
    assert [type(event) for event in stopped.events[-3:]] == [HostFinished, NobodyLeft, RunFinished]
    on = play(text % 50, hosts=hosts)
    assert on.ends("three") == ["a ok", "b changed"]
    assert on.ends("four") == ["a ok", "b changed"]


def test_any_errors_fatal_stops_every_host_at_the_barrier(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          any_errors_fatal: true
          tasks: [{name: a, ping: }, {name: b, command: x}]
        - hosts: all
          tasks: [{name: c, command: x}]
        """,
        hosts={"one": {"ping": bad}, "two": {}},
    )
    assert ran.ends() in (["a one failed", "a two ok"], ["a two ok", "a one failed"])


def test_run_once_delegate_to_and_facts(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - {name: once, command: x, run_once: true, register: r}
            - {name: all, debug: {msg: "{{ r.stdout_lines }}"}}
            - {name: there, command: "for {{ inventory_hostname }}", delegate_to: two}
            - {name: fact, set_fact: {f: "{{ inventory_hostname }}!"}}
            - {name: other, debug: {msg: "{{ hostvars['one'].f }} {{ groups.all }}"}}
        """,
        hosts=["one", "two"],
    )
    assert len(ran.results("once", "one")) + len(ran.results("once", "two")) == 1
    assert ran.last("all", "two")["msg"] == ["a", "b"]
    assert sorted(c.args["_raw_params"] for c in ran.hosts["two"].calls) == ["for one", "for two"]
    assert ran.last("other", "two")["msg"] == "one! ['one', 'two']"


def test_free_and_dag_strategies(play: Any) -> None:
    free = play(
        """
        - hosts: all
          strategy: free
          tasks:
            - {name: a, command: x, notify: h}
            - {name: b, ping: }
            - {include_tasks: more.yml}
          handlers: [{name: h, command: x}]
        """,
        hosts={"one": {}, "two": {"ping": bad}},
        files={"more.yml": "- {name: m, ping: }\n"},
    )
    assert free.ends("one") == ["a changed", "b ok", "include_tasks ok", "m ok", "h changed"]
    assert free.ends("two") == ["a changed", "b failed"]
    dag = play(
        """
        - hosts: all
          strategy: dag
          tasks:
            - {name: a, ping: }
            - {name: b, command: x}
            - {name: c, command: x, needs: [a]}
            - {name: d, command: x, needs: [b]}
        """,
        hosts={"one": {"ping": bad}},
    )
    assert sorted(dag.ends("one")) == ["a failed", "b changed", "d changed"]


def test_interrupt_starts_nothing_more(play: Any) -> None:
    runs: list[Any] = []

    def press(_request: Request) -> dict[str, Any]:
        runs[0].interrupt()
        return {"changed": False}

    ran = play(
        """
        - hosts: all
          tasks: [{name: a, ping: }, {name: b, command: x}]
        """,
        hosts={"one": {"ping": press}},
        begun=runs.append,
    )
    assert ran.ends("one") == ["a ok"]
    assert ran.result.interrupted
    assert ran.result.exit_code == 130


def test_meta_end_host_end_play_and_end_role(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - {meta: end_host, when: inventory_hostname == 'one'}
            - {include_role: {name: r}}
            - {name: b, ping: }
            - {meta: end_play}
            - {name: c, ping: }
        - hosts: all
          tasks: [{name: d, ping: }]
        """,
        hosts=["one", "two"],
        files={"roles/r/tasks/main.yml": "[{name: r1, ping: }, {meta: end_role}, {name: r2, ping: }]\n"},
    )
    assert ran.ends("one") == ["d ok"]
    assert ran.ends("two") == ["meta skipped", "include_role ok", "r1 ok", "b ok", "d ok"]
    assert ran.result.exit_code == 0


def test_tags_become_environment_and_no_log(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          become: true
          environment: {A: "1"}
          tasks:
            - {name: a, ping: , tags: [x]}
            - {name: b, command: secret, tags: x, no_log: true, become_user: app, environment: {B: "{{ 2 }}"}}
            - {name: c, ping: , tags: never}
            - {name: d, ping: , tags: always, become: false}
            - {name: e, ping: }
        """,
        tags=("x",),
    )
    assert ran.ends("one") == ["a ok", "b changed", "d ok"]
    first, second, third = ran.hosts["one"].calls
    assert (first.become.user, second.become.user, third.become) == ("root", "app", None)
    assert second.environ == {"A": "1", "B": "2"}
    assert "censored" in ran.last("b", "one")


def test_a_loop_of_a_module_goes_out_in_one_flight(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - name: s
              ping: {data: "{{ item }}"}
              loop: [a, b, c]
              when: item != 'b'
              register: r
              changed_when: item == 'c'
            - {name: m, debug: {msg: "{{ r.results | map(attribute='changed') | list }}"}}
        """
    )
    assert [c.args["data"] for c in ran.hosts["one"].calls] == ["a", "c"]
    assert ran.last("m", "one")["msg"] == [False, False, True]
    assert ran.last("s", "one")["changed"]


def test_throttle_bounds_how_many_hosts_work_at_once(play: Any) -> None:
    import threading

    most, now, lock, pair = [0], [0], threading.Lock(), threading.Barrier(2, timeout=30)

    def counted(_request: Request) -> dict[str, Any]:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        pair.wait()
        threading.Event().wait(0.01)
        with lock:
            now[0] -= 1
        return {"changed": False}

    hosts = {f"h{n}": {"ping": counted} for n in range(8)}
    ran = play("- {hosts: all, tasks: [{name: a, ping: , throttle: 2}]}", hosts=hosts, forks=8)
    assert len(ran.ends()) == 8
    assert most[0] == 2


def test_unknown_handler_of_a_template_fails_the_task(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          vars: {which: nobody}
          tasks: [{name: a, command: x, notify: "{{ which }}"}, {name: b, ping: }]
        """
    )
    assert ran.ends("one") == ["a failed"]
    assert "'nobody' was not found" in ran.last("a", "one")["msg"]


def test_an_include_that_is_missing_fails_only_its_hosts(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - block:
                - {name: inc, include_tasks: "{{ inventory_hostname }}.yml"}
                - {name: b, ping: }
              rescue:
                - {name: caught, debug: {msg: "{{ ansible_failed_result.msg }}"}}
        """,
        hosts=["one", "two"],
        files={"one.yml": "- {name: i, ping: }\n"},
    )
    assert ran.ends("one")[-2:] == ["i ok", "b ok"]
    assert ran.ends("two")[-1] == "caught ok"
    assert ran.result.exit_code == 0


def test_defaults_of_modules_and_argument_templates(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          module_defaults: {ping: {data: preset}, ansible.builtin.command: {chdir: /tmp}}
          tasks:
            - {name: a, ping: }
            - {name: b, ping: {data: own}}
            - {name: c, ping: {data: "{{ omit }}"}}
            - {name: d, command: echo}
        """
    )
    calls = ran.hosts["one"].calls
    assert [c.args.get("data") for c in calls[:3]] == ["preset", "own", "preset"]
    assert calls[3].args == {"chdir": "/tmp", "_raw_params": "echo"}


def test_extended_loops_index_and_label(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - name: l
              debug: {msg: "{{ thing }} {{ at }} {{ ansible_loop.first }} {{ ansible_loop.revindex }}"}
              loop: [a, b]
              loop_control: {loop_var: thing, index_var: at, extended: true, label: "L{{ thing }}"}
            - {name: empty, debug: {msg: no}, loop: []}
            - {name: wrong, debug: {msg: no}, loop: "{{ 5 }}"}
        """
    )
    assert [r["msg"] for r in ran.last("l", "one")["results"]] == ["a 0 True 2", "b 1 False 1"]
    assert ran.ends("one") == ["l ok", "empty skipped", "wrong failed"]
    assert "must resolve to a 'list'" in ran.last("wrong", "one")["msg"]


def test_host_data_is_never_a_template(play: Any) -> None:
    def evil(_request: Request) -> dict[str, Any]:
        return {"changed": False, "rc": 0, "stdout": "{{ 6 * 7 }}", "ansible_facts": {"f": "{{ 6 * 7 }}"}}

    ran = play(
        """
        - hosts: all
          tasks:
            - {command: x, register: r}
            - {name: m, debug: {msg: "{{ r.stdout }} {{ f }}"}}
            - {name: l, debug: {msg: "{{ item }}"}, loop: ["{{ r.stdout }}"]}
        """,
        hosts={"one": {"command": evil}},
    )
    assert ran.last("m", "one")["msg"] == "{{ 6 * 7 }} {{ 6 * 7 }}"
    assert ran.last("l", "one")["results"][0]["msg"] == "{{ 6 * 7 }}"


def test_a_host_may_not_say_how_it_is_reached(play: Any) -> None:
    def sly(_request: Request) -> dict[str, Any]:
        return {"changed": False, "ansible_facts": {"ansible_host": "elsewhere", "ansible_become_user": "x"}}

    ran = play(
        """
        - hosts: all
          tasks: [{command: x}, {name: m, debug: {msg: "{{ ansible_host | default('no') }}"}}]
        """,
        hosts={"one": {"command": sly}},
    )
    assert ran.last("m", "one")["msg"] == "one"


def test_files_of_variables_and_their_rank(play: Any) -> None:
    def facts(_request: Request) -> dict[str, Any]:
        return {"changed": False, "ansible_facts": {"ansible_system": "Toy"}}

    ran = play(
        """
        - hosts: all
          vars: {a: play, b: play, where: "{{ c }}!"}
          vars_files: [vars/first.yml, "vars/{{ ansible_system }}.yml", [vars/none.yml, vars/second.yml]]
          tasks:
            - {command: x}
            - {name: m, debug: {msg: "{{ a }} {{ b }} {{ where }} {{ d }}"}, vars: {d: task}}
            - {name: e, debug: {msg: "{{ a }}"}, vars: {a: task}}
        """,
        hosts={"one": {"command": facts}},
        files={
            "vars/first.yml": "{a: first, d: first}\n",
            "vars/second.yml": "a: second\n",
            "vars/Toy.yml": "{b: toy, c: toy}\n",
        },
        extra_vars={"extra": 1},
    )
    assert ran.last("m", "one")["msg"] == "second toy toy! task"
    assert ran.last("e", "one")["msg"] == "task"
