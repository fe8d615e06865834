"""What differed when the same playbooks were run by ansible-core 2.19 and by us."""

from __future__ import annotations

from typing import Any

from orchestr8.core.event import Included, ItemFinished


def test_handlers_are_named_by_each_item_of_a_loop(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - {ping: , loop: [a, b, c], when: item != 'c', changed_when: item == 'b', notify: "do {{ item }}"}
          handlers:
            - {name: do a, debug: {msg: handled a}}
            - {name: do b, debug: {msg: handled b}}
        """
    )
    # The task as a whole changed, and every round that was not skipped names its handler.
    assert ran.msgs("one") == ["handled a", "handled b"]


def test_what_a_module_did_stays_when_its_conditions_cannot_be_judged(play: Any) -> None:
    ran = play(
        "[{hosts: all, tasks: [{command: echo, changed_when: nothing_known, ignore_errors: true}, "
        "{name: two, command: echo, failed_when: nothing_known, ignore_errors: true}]}]"
    )
    assert [ran.last(name, "one")["changed"] for name in ("command", "two")] == [True, True]


def test_a_rescue_knows_the_failed_task_by_name_action_and_arguments(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          vars: {why: bad}
          tasks:
            - block: [{fail: {msg: "{{ why }}"}}]
              rescue:
                - debug: {msg: "[{{ ansible_failed_task.name }}] {{ ansible_failed_task.action }}"}
                - debug: {msg: "{{ ansible_failed_task.args }} {{ ansible_failed_result.exception }}"}
        """
    )
    assert ran.msgs("one")[1:] == ["[] fail", "{'msg': 'bad'} (traceback unavailable)"]


def test_items_tell_who_did_their_work(play: Any) -> None:
    ran = play(
        "[{hosts: one, tasks: [{ping: , delegate_to: '{{ item }}', loop: [one, two]}]}]", hosts=["one", "two"]
    )
    assert [e.delegate for e in ran.events if isinstance(e, ItemFinished)] == ["one", "two"]


def test_an_omitted_part_of_a_text_is_nothing(play: Any) -> None:
    ran = play("[{hosts: all, tasks: [{debug: {msg: 'x{{ omit }}y{{ none_such | default(omit) }}'}}]}]")
    assert ran.msgs("one") == ["xy"]


def test_a_play_without_a_name_is_called_by_its_hosts_and_no_limit_is_undefined(play: Any) -> None:
    text = "{{ ansible_play_name }} {{ ansible_limit is defined }}"
    ran = play(f"[{{hosts: [one, two], tasks: [{{debug: {{msg: '{text}'}}}}]}}]", hosts=["one", "two"])
    assert ran.msgs("one") == ["one,two False"]


def test_a_job_that_is_waited_for_has_started_and_finished(play: Any) -> None:
    ran = play("[{hosts: all, tasks: [{command: echo, async: 5, poll: 1}]}]")
    result = ran.last("command", "one")
    assert (result["started"], result["finished"]) == (True, True)


def test_groups_of_modules_have_defaults_below_those_of_modules(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          module_defaults:
            mysql_info: {login_user: own}
            group/community.mysql.all: {login_user: group, login_host: db}
          tasks:
            - {community.mysql.mysql_info: }
        """,
        hosts={"one": {"mysql_info": lambda _: {"changed": False}}},
    )
    assert ran.hosts["one"].calls[0].args == {"login_user": "own", "login_host": "db"}


def test_an_import_may_leave_out_a_role_that_has_run(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          roles: [r]
          tasks:
            - import_role: {name: r}
            - import_role: {name: r, allow_duplicates: false}
        """,
        files={"roles/r/tasks/main.yml": "- debug: {msg: in r}\n"},
    )
    assert ran.msgs("one") == ["in r", "in r"]


def test_included_files_are_told_by_their_whole_path(play: Any, tmp_path: Any) -> None:
    ran = play(
        "[{hosts: all, tasks: [{include_tasks: more.yml}, {name: vars, include_vars: v.yml}]}]",
        files={"more.yml": "- ping:\n", "v.yml": "a: 1\n"},
    )
    assert [e.name for e in ran.events if isinstance(e, Included)] == [str(tmp_path / "more.yml")]
    assert ran.last("vars", "one")["ansible_included_var_files"] == [str(tmp_path / "v.yml")]


def test_a_random_choice_of_one_list_is_that_list(play: Any) -> None:
    ran = play("""[{hosts: all, tasks: [{debug: {msg: "{{ lookup('random_choice', ['a', 'b']) }}"}}]}]""")
    assert ran.msgs("one") == [["a", "b"]]


def test_facts_of_rounds_go_to_the_host_of_each_round(play: Any) -> None:
    ran = play(
        """
        - hosts: one
          tasks:
            - block:
                - {set_fact: {x: "{{ item }}"}, loop: [two, three]}
                - {setup: , loop: [two, three]}
              delegate_to: "{{ item }}"
              delegate_facts: true
            - debug: {msg: "{{ [hostvars.two.x, hostvars.three.x, x is defined] }}"}
            - debug: {msg: "{{ [hostvars.two.me, hostvars.three.me, me is defined] }}"}
        """,
        hosts={
            name: {"setup": lambda _, name=name: {"changed": False, "ansible_facts": {"me": name}}}
            for name in ("one", "two", "three")
        },
    )
    assert ran.msgs("one") == [["two", "three", False], ["two", "three", False]]


def test_variables_of_an_imported_playbook_outweigh_those_of_its_plays(play: Any) -> None:
    ran = play(
        "[{import_playbook: other.yml, vars: {a: import, b: import}}]",
        files={"other.yml": "[{hosts: all, vars: {b: x, c: y}, tasks: [debug: {msg: '{{ a + b + c }}'}]}]"},
    )
    assert ran.msgs("one") == ["importimporty"]


def test_a_host_that_may_be_unreachable_is_not_failed(play: Any) -> None:
    ran = play(
        "[{hosts: all, tasks: [{command: 'true', ignore_unreachable: true, register: r}, "
        "{debug: {msg: '{{ [r is unreachable, r is failed] }}'}}]}]",
        hosts={"one": {"command": lambda _: {"unreachable": True, "msg": "gone"}}},
    )
    assert ran.msgs("one")[-1:] == [[True, False]]


def test_a_file_that_cannot_be_included_is_named_with_the_reason(play: Any) -> None:
    ran = play(
        "[{hosts: all, tasks: [{block: [{include_tasks: none.yml}], rescue: "
        "[{debug: {msg: '{{ [ansible_failed_result.include, ansible_failed_result.reason] }}'}}]}]}]"
    )
    assert ran.msgs("one")[-1:] == [["none.yml", "there is no file of tasks `none.yml`"]]


def test_what_is_registered_says_nothing_that_only_reporters_look_at(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - {debug: {msg: x}, loop: [1], register: a}
            - {debug: {msg: x}, when: false, register: b}
            - debug: {msg: "{{ [a.results[0].keys() | sort, a.failed, b.keys() | sort] }}"}
        """
    )
    told = ["ansible_loop_var", "changed", "failed", "item", "msg"]
    skipped = ["changed", "false_condition", "skip_reason", "skipped"]
    assert ran.msgs("one")[-1:] == [[told, False, skipped]]
