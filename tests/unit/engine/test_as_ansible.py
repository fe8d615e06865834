"""What playbooks written for Ansible rely on, each once found missing by Ansible's own tests."""

from __future__ import annotations

from typing import Any

from orchestr8.core.event import Remarked, Warned
from orchestr8.engine.ports import Request


def test_a_template_may_name_the_action_of_each_host(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - set_fact: {which: "{{ 'debug' if inventory_hostname == 'one' else 'ping' }}"}
            - {name: mapping, action: {module: "{{ which }}"}}
            - {name: text, action: "{{ 'debug' }} msg='a b'"}
            - {name: nobody, action: "{{ 'no_such' }}", ignore_errors: true}
        """,
        hosts=["one", "two"],
    )
    assert "ping" not in ran.last("mapping", "one")
    assert "mapping ok" in ran.ends("two")
    assert ran.last("text", "two")["msg"] == "a b"
    assert "couldn't resolve module/action 'no_such'" in ran.last("nobody", "one")["msg"]


def test_a_throttle_that_is_no_number_fails_the_task(play: Any) -> None:
    ran = play('[{hosts: all, tasks: [{ping: , throttle: "{{ word }}", vars: {word: nope}}]}]')
    assert "Failed to convert the throttle value to an integer" in ran.last("ping", "one")["msg"]


def test_a_wrong_keyword_that_is_ignored_fails_at_run_time_only(play: Any) -> None:
    ran = play(
        "[{hosts: all, tasks: [{debug: , diff: 'yes.', ignore_errors: true, register: r}, "
        "{debug: {msg: '{{ r.msg }} {{ r.exception is defined }}'}}]}]"
    )
    assert ran.msgs("one")[-1] == "The value 'yes.' could not be converted to 'bool' True"


def test_meta_says_what_it_did_or_why_not(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - {meta: end_host, when: inventory_hostname == 'two'}
            - ping:
        """,
        hosts=["one", "two"],
    )
    said = [event.message for event in ran.events if isinstance(event, Remarked)]
    assert sorted(said) == [
        "META: end_host conditional evaluated to False, continuing execution for one",
        "META: ending play for two",
    ]
    assert ran.ends("one") == ["meta skipped", "ping ok"]
    assert ran.tally("one") == {"ok": 1}


def test_names_of_variables_are_checked_when_templates_give_them(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - {name: word, set_fact: {"{{ 'true' }}": x}, ignore_errors: true}
            - {name: number, set_fact: {"{{ 1 }}": x}, ignore_errors: true}
        """
    )
    assert "Invalid variable name 'true'" in ran.last("word", "one")["msg"]
    assert "Invalid variable name '1' of type 'int'" in ran.last("number", "one")["msg"]


def test_files_are_looked_for_along_the_search_path(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          roles: [r]
          tasks: [{debug: {msg: "{{ lookup('file', 'f') }} {{ ansible_search_path | length }}"}}]
        """,
        files={
            "roles/r/tasks/main.yml": "- debug: {msg: \"{{ lookup('file', 'f') }}\"}\n",
            "roles/r/tasks/f": "of the tasks",
            "files/f": "of the play",
        },
    )
    assert ran.msgs("one") == ["of the tasks", "of the play 1"]


def test_a_skipped_result_keeps_a_condition_that_is_no_text(play: Any) -> None:
    def never(_request: Request) -> dict[str, Any]:
        raise AssertionError

    ran = play("[{hosts: all, tasks: [{ping: , when: false}]}]", hosts={"one": {"ping": never}})
    assert ran.last("ping", "one")["false_condition"] is False


def test_a_keyword_that_is_omitted_is_what_stands_further_out(play: Any) -> None:
    asked: list[str | None] = []

    def ping(request: Request) -> dict[str, Any]:
        asked.append(request.become.user if request.become else None)
        return {"changed": False}

    play(
        """
        - hosts: all
          become: true
          become_user: nobody
          tasks:
            - {ping: , become: "{{ omit }}"}
            - {ping: , become: false}
            - {ping: , become_user: "{{ none_such | default(omit) }}"}
        """,
        hosts={"one": {"ping": ping}},
    )
    assert asked == ["nobody", None, "nobody"]


def test_forgiven_hosts_go_on_behind_the_block_and_failed_ones_leave_the_lists(play: Any) -> None:
    text = """
        - hosts: all
          tasks:
            - block:
                - {fail: , when: inventory_hostname == 'one'}
              always:
                - {meta: %s}
            - debug: {msg: "{{ ansible_play_batch }} {{ ansible_play_hosts }}"}
        """
    ran = play(text % "clear_host_errors", hosts=["one", "two"])
    assert len(ran.msgs("one")) == 2
    assert ran.result.exit_code == 0
    ran = play(text % "noop", hosts=["one", "two"])
    assert ran.msgs("two") == ["['two'] ['two']"]
    assert ran.result.exit_code == 2


def test_hosts_of_other_batches_are_hosts_of_the_play(play: Any) -> None:
    ran = play(
        "[{hosts: all, serial: 1, tasks: [{debug: "
        '{msg: "{{ ansible_play_batch | length }}{{ ansible_play_hosts | length }}"}}]}]',
        hosts=["one", "two"],
    )
    assert ran.msgs("one") == ran.msgs("two") == ["12"]


def test_files_of_a_role_are_inside_of_it(play: Any) -> None:
    ran = play(
        "[{hosts: all, tasks: [{include_role: {name: r, tasks_from: '{{ playbook_dir }}/x.yml'}}]}]",
        files={"roles/r/tasks/main.yml": "[]", "x.yml": "[]"},
    )
    assert "is not inside the expected role path" in str(ran.last("include_role", "one"))


def test_handlers_notified_by_later_handlers_run_and_one_that_fails_is_rescued(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - {command: echo, notify: second}
            - block:
                - {command: echo, notify: bad}
                - {meta: flush_handlers}
              rescue:
                - {name: caught, debug: {msg: "{{ ansible_failed_task.name }}"}}
            - {command: echo, notify: never}
            - {meta: flush_handlers, when: false}
            - {fail: }
          handlers:
            - {name: first, ping: }
            - {name: second, command: echo, notify: first}
            - {name: bad, fail: }
            - {name: never, debug: {msg: never}}
        """
    )
    assert ran.msgs("one")[-2:] == ["bad", "Failed as requested from task"]
    ran = play(
        """
        - hosts: all
          tasks: [{command: echo, notify: second}]
          handlers: [{name: first, ping: }, {name: second, command: echo, notify: first}]
        """
    )
    assert ran.ends("one") == ["command changed", "second changed", "first ok"]


def test_a_missing_handler_may_be_a_warning(play: Any) -> None:
    text = '[{hosts: all, tasks: [{command: echo, notify: "{{ name }}", vars: {name: none}}]}]'
    assert play(text).result.exit_code == 2
    ran = play(text, missing_handlers=True)
    assert ran.result.exit_code == 0
    assert any(isinstance(event, Warned) and "'none' was not found" in str(event) for event in ran.events)


def test_a_label_that_cannot_be_rendered_fails_the_item_and_sees_what_it_registered(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - command: id
              name: each
              loop: [here, left out]
              loop_control: {label: "{{ r.stdout }}"}
              when: item == 'here'
              register: r
              ignore_errors: true
        """
    )
    here, left = ran.last("each", "one")["results"]
    assert not here.get("failed")
    assert (left["failed"], left["skipped"]) == (True, True)
    assert "no attribute 'stdout'" in left["msg"]


def test_an_omitted_check_mode_is_the_runs(play: Any) -> None:
    written = "[{hosts: all, tasks: [{ping: , check_mode: '{{ omit }}', diff: '{{ omit }}'}]}]"
    for checked in (True, False):
        ran = play(written, check=checked, diff=checked)
        [asked] = ran.hosts["one"].calls
        assert (asked.check, asked.diff) == (checked, checked)


def test_an_include_may_apply_whom_its_tasks_notify(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - include_tasks: {file: more.yml, apply: {notify: tell}}
          handlers:
            - {name: tell, debug: {msg: told}}
            - {name: other, debug: {msg: other}}
        """,
        files={"more.yml": "- command: x\n- {command: x, notify: other}\n"},
    )
    assert ran.msgs("one")[-2:] == ["told", "other"]


def test_hosts_that_could_not_be_reached_are_asked_again_after_errors_were_cleared(play: Any) -> None:
    def away(_request: Any) -> dict[str, Any]:
        return {"unreachable": True, "msg": "away"}

    text = """
        - hosts: all
          tasks:
            - {ping: }
            - {meta: %s}
        - hosts: all
          tasks: [{debug: {msg: "{{ ansible_play_batch }}"}}]
        """
    hosts = {"one": {"ping": away}, "two": {}}
    assert play(text % "clear_host_errors", hosts=hosts).msgs("two") == [["one", "two"]]
    assert play(text % "noop", hosts=hosts).msgs("two") == [["two"]]


def test_the_first_file_found_is_the_nearest_of_its_kind(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          vars: {names: [x.yml]}
          tasks:
            - include_role: {name: outer}
            - {debug: {msg: "{{ item | dirname | basename }}"}, with_first_found: [x.yml]}
            - {include_vars: "{{ item }}", with_first_found: [x.yml]}
            - {debug: {msg: "{{ read }}"}}
        """,
        files={
            "roles/outer/tasks/main.yml": "- include_role: {name: inner}\n",
            "roles/outer/vars/x.yml": "read: not this\n",
            "roles/inner/tasks/main.yml": "- include_tasks: \"{{ lookup('first_found', names) }}\"\n",
            "roles/inner/tasks/x.yml": "- debug: {msg: of the role}\n",
            "files/x.yml": "read: not this\n",
            "vars/x.yml": "read: of the variables\n",
        },
    )
    assert ran.msgs("one") == ["of the role", "files", "of the variables"]


def test_meta_tasks_are_chosen_by_tags_as_others_are(play: Any) -> None:
    text = """
        - hosts: all
          tasks:
            - {meta: end_play, tags: x}
            - {meta: end_play}
            - {debug: {msg: said}, tags: y}
        """
    assert play(text, tags=("y",)).msgs("one") == ["said"]
    assert play(text, tags=("x", "y")).msgs("one") == []


def test_tags_that_are_templates_choose_tasks(play: Any) -> None:
    text = """
        - hosts: all
          vars: {t: [one, two]}
          tasks:
            - {debug: {msg: task}, tags: '{{ t }}'}
            - block: [{debug: {msg: block}}]
              tags: ['{{ t[0] }}']
            - {debug: {msg: other}, tags: three}
    """
    assert play(text, tags=("one",)).msgs("one") == ["task", "block"]
    assert play(text, tags=("two", "three")).msgs("one") == ["task", "other"]
    assert play(text, skip_tags=("one",)).msgs("one") == ["other"]


def test_what_sends_files_does_not_go_on_by_itself(play: Any) -> None:
    ran = play("- hosts: all\n  tasks: [{script: /nowhere.sh, async: 5, poll: 0, ignore_errors: true}]\n")
    assert ran.last("script", "one")["msg"] == "This action (script) does not support async."
