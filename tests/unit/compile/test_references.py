"""Variables nobody defines are found, and nothing else is taken for one."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from orchestr8.app.catalog import Actions, catalog
from orchestr8.compile.references import Sources, check_references
from orchestr8.language.load import Loader
from orchestr8.language.reading import StaticReader

Check = Callable[..., list[tuple[str, str]]]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Return a function that gives severity and message of what is found in one play's keywords."""
    monkeypatch.chdir(tmp_path)

    def found(
        rest: str, files: Mapping[str, str] | None = None, known: tuple[str, ...] = ()
    ) -> list[tuple[str, str]]:
        for name, text in {"p.yml": "- hosts: all\n" + rest, **(files or {})}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        loader = Loader(catalog(Actions()))
        playbook = loader.playbook(["p.yml"])
        reader = StaticReader(loader.files)
        diagnostics = check_references(
            playbook, known, Sources(reader.template, reader.variables, reader.line)
        )
        return [(each.severity, each.message) for each in diagnostics]

    return found


SHOW = "    - debug: {msg: '{{ x }}'}\n"


@pytest.mark.parametrize(
    "rest",
    [
        "  vars: {x: 1}\n  tasks:\n" + SHOW,
        "  vars_prompt: [{name: x}]\n  tasks:\n" + SHOW,
        "  tasks:\n    - include_tasks: {file: i.yml, apply: {vars: {x: 1}}}\n",
        "  vars_files: [v.yml]\n  tasks:\n" + SHOW,
        "  tasks:\n    - include_vars: v.yml\n" + SHOW,
        "  tasks:\n    - include_vars: {file: w.yml, name: x}\n" + SHOW,
        "  tasks:\n    - set_fact: {x: 1}\n" + SHOW,
        "  tasks:\n    - set_fact: x=1\n" + SHOW,
        "  tasks:\n    - ping:\n      register: x\n" + SHOW,
        "  tasks:\n    - add_host: {name: h, x: 1}\n" + SHOW,
        "  tasks:\n    - debug: {msg: '{{ x }}'}\n      loop: [1]\n      loop_control: {loop_var: x}\n",
        "  tasks:\n    - debug: {msg: '{{ x }}'}\n      vars: {x: 1}\n",
        "  tasks:\n    - block:\n        - debug: {msg: '{{ x }}'}\n      vars: {x: 1}\n",
        "  tasks:\n    - debug: {msg: '{{ x | default(1) }}'}\n",
        "  tasks:\n    - debug: {msg: '{{ x }}'}\n      when: x is defined\n",
        "  tasks:\n    - assert: {that: x is defined}\n" + SHOW,
        "  vars: {x: \"{{ lookup('env', 'NONE', default=undefined) }}\"}\n  tasks:\n" + SHOW,
        "  tasks:\n    - debug: {msg: '{{ x }}'}\n      ignore_errors: true\n",
        "  ignore_errors: true\n  tasks:\n    - debug: {msg: '{{ x }}'}\n",
        "  tasks:\n    - debug: {msg: '{{ ansible_x }} {{ groups.all }} {{ item }} {{ omit }}'}\n",
        "  tasks:\n    - debug: {msg: '{% for x in [1] %}{{ x }}{% endfor %}'}\n",
        "  tasks:\n    - debug: {msg: !unsafe '{{ x }}'}\n",
        "  vars: {unused: '{{ x }}'}\n",
        "  roles: [{role: r, x: 1}]\n  tasks:\n" + SHOW,
        "  roles: [d]\n  tasks:\n" + SHOW,
        "  vars: {t: {a: {b: 1}}}\n  tasks:\n    - debug: {msg: '{{ t.a.b }} {{ t.keys() }}'}\n",
    ],
)
def test_what_is_defined_somewhere_is_known(check: Check, rest: str) -> None:
    files = {
        "v.yml": "x: 1\n",
        "w.yml": "y: 1\n",
        "i.yml": "- debug: {msg: '{{ x }}'}\n",
        "roles/r/tasks/main.yml": "[]",
        "roles/d/defaults/main.yml": "x: 1\n",
    }
    assert check(rest, files) == []


def test_a_templated_file_of_variables_may_be_any_in_the_folder(check: Check) -> None:
    rest = "  tasks:\n    - include_vars: '{{ ansible_os_family }}.yml'\n" + SHOW
    assert check(rest, {"vars/Debian.yml": "x: 1\n"}) == []
    assert [severity for severity, _ in check(rest, {"vars/Debian.yml": "y: 1\n"})] == ["warning"]


def test_templates_with_options_in_their_first_line(check: Check) -> None:
    rest = "  tasks:\n    - template: {src: a.j2, dest: /x}\n"
    assert check(rest, {"a.j2": "#jinja2: trim_blocks: False\n{{ 1 }}\n"}) == []


def test_names_of_the_inventory_are_known(check: Check) -> None:
    assert check("  tasks:\n" + SHOW, known=("x",)) == []


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("  tasks:\n" + SHOW, "the variable `x` is nowhere defined"),
        ("  tasks:\n    - ping:\n      when: x\n", "the variable `x` is nowhere defined"),
        ("  tasks:\n    - ping:\n      until: x.y > 1\n", "the variable `x` is nowhere defined"),
        ("  tasks:\n    - ping:\n      loop: '{{ x }}'\n", "the variable `x` is nowhere defined"),
        (
            "  vars: {a: '{{ x }}'}\n  tasks:\n    - debug: {msg: '{{ a }}'}\n",
            "the variable `x` is nowhere defined",
        ),
        ("  vars: {a: {b: {c: 1}}}\n  tasks:\n    - debug: {msg: '{{ a.b.d }}'}\n", "`a.b` has no `d`"),
        ("  tasks:\n    - debug: {msg: '{{ 1 | nofilter }}'}\n", "there is no filter `nofilter`"),
        ("  roles: [t]\n", "the variable `deep` is nowhere defined"),
    ],
)
def test_what_nobody_defines_is_an_error(check: Check, rest: str, message: str) -> None:
    files = {
        "roles/t/tasks/main.yml": "- template: {src: a.j2, dest: /x}\n",
        "roles/t/templates/a.j2": "\n{{ deep }}\n",
    }
    assert check(rest, files) == [("error", message)]


@pytest.mark.parametrize(
    "rest",
    [
        "  tasks:\n    - debug: {msg: '{{ x }}'}\n      when: inventory_hostname == 'a'\n",
        "  tasks:\n    - ping:\n      when: 1 == 1 or x\n",
        "  tasks:\n    - debug: {msg: '{{ 1 if true else x }}'}\n",
        "  tasks:\n    - include_vars: '{{ ansible_os_family }}.yml'\n" + SHOW,
        "  vars_files: ['{{ ansible_os_family }}.yml']\n  tasks:\n" + SHOW,
        "  tasks:\n    - set_fact: {'{{ ansible_x }}': 1}\n" + SHOW,
        "  tasks:\n    - include_role: {name: '{{ ansible_x }}'}\n" + SHOW,
    ],
)
def test_what_may_be_all_right_is_a_warning(check: Check, rest: str) -> None:
    assert check(rest) == [("warning", "the variable `x` is nowhere defined")]


@pytest.mark.parametrize(
    ("role", "found"),
    [
        ("{role: r, size: 1}", []),
        ("{role: r}", [("error", "role `r` needs `size`, which nothing defines")]),
        ("{role: r, size: 1, siez: 2}", [("error", "role `r` takes no `siez`")]),
        (
            "{role: r, size: many}",
            [
                (
                    "error",
                    (
                        "role `r`: argument 'size' is of type str and we were unable to convert to int:"
                        " \"'many'\" cannot be converted to an int"
                    ),
                )
            ],
        ),
        ("{role: r, size: '{{ x }}'}\n  vars: {x: 1}", []),
        ("{role: r, when: x is defined}", [("warning", "role `r` needs `size`, which nothing defines")]),
        ("r\n  vars: {size: 1}", []),
    ],
)
def test_what_a_role_asks_for_is_looked_at(check: Check, role: str, found: list[tuple[str, str]]) -> None:
    spec = "argument_specs: {main: {options: {size: {type: int, required: true}}}}\n"
    assert check(f"  roles:\n    - {role}\n", {"roles/r/meta/main.yml": spec}) == found
