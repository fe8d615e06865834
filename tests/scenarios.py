"""The acceptance scenarios of services and the tests that hold them.

`python -m tests.scenarios` makes `orchestr8/docs/scenarios.md` of this; a test compares.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent
DOCUMENT = ROOT.parent / "orchestr8" / "docs" / "scenarios.md"


@dataclass(frozen=True)
class Scenario:
    """What happens, the tests that try it (below `tests/`), and what none of them tries."""

    text: str
    tests: tuple[str, ...] = ()
    missing: str = ""

    @property
    def state(self) -> str:
        """How far it is held."""
        if not self.tests:
            return "open"
        return f"in part; missing: {self.missing}" if self.missing else "held"


_SERVICES = "fleet/test_services.py::test_"
_OWN = "fleet/test_scenarios.py::test_"
_VERBS = "fleet/test_services_verbs.py::test_"
_STEPS = "fleet/test_services_steps.py::test_"
_GATES = "fleet/test_services_gates.py::test_"
_WORK = "fleet/test_services_workload.py::test_"
_LOCKS = "faults/test_rollout_locks.py::test_"
_HAPROXY = "fleet/test_traffic_haproxy.py::test_"
_INGRESS = "fleet/test_services_ingress.py::test_"
_CADDY = "fleet/test_traffic_caddy.py::test_"
_JOBS = "fleet/test_services_jobs.py::test_"
_REGISTRY = "fleet/test_scenarios_registry.py::test_"
_RACES = "unit/services/test_lease_races.py::test_"
_FIRST = f"{_SERVICES}first_run_spreads_pins_and_records_and_the_second_does_nothing"

SCENARIOS: dict[str, Scenario] = {
    "S1": Scenario("three replicas on empty hosts", (_FIRST,)),
    "S2": Scenario("the same again, and from another machine", (_FIRST,)),
    "S3": Scenario(
        "a saved plan is what is applied",
        (f"{_OWN}s3_a_saved_plan_is_what_apply_does", f"{_VERBS}a_saved_plan_is_done_exactly_or_not_at_all"),
    ),
    "S5": Scenario(
        "only environment, a config or a secret changed",
        (f"{_SERVICES}a_changed_config_or_secret_is_rolled_out_and_the_old_one_is_kept",),
    ),
    "S6": Scenario(
        "only limits changed",
        (f"{_WORK}a_second_run_finds_nothing_to_do_and_limits_change_in_place",),
    ),
    "S7": Scenario(
        "a tag moved in the registry",
        (f"{_OWN}s7_a_tag_that_moved_is_a_change_and_one_that_did_not_is_none",),
    ),
    "S8": Scenario("scaled up and down", (f"{_SERVICES}scaling_keeps_who_is_there",)),
    "S10": Scenario(
        "a rolling update of five replicas under load",
        (
            f"{_SERVICES}a_rolling_update_never_has_fewer_nor_many_more",
            f"{_INGRESS}a_rolling_update_loses_no_request",
        ),
    ),
    "S11": Scenario(
        "numbers and percentages of surge and unavailable",
        (
            f"{_OWN}s11_percentages_are_rounded_for_safety_and_no_room_at_all_is_refused",
            f"{_SERVICES}without_surge_as_many_stop_as_may_be_missing",
        ),
    ),
    "S12": Scenario(
        "an app that crashes after a while, or lacks memory",
        (
            f"{_SERVICES}an_app_that_crashes_late_is_rolled_back_with_its_evidence",
            f"{_SERVICES}an_app_without_enough_memory_is_rolled_back_and_that_is_said",
        ),
    ),
    "S13": Scenario("a slow start", (f"{_SERVICES}a_slow_start_is_given_its_deadline",)),
    "S14": Scenario(
        "a failure in the middle: rolled back, or paused and gone on with",
        (
            f"{_SERVICES}a_failure_in_the_middle_brings_all_back_to_the_old_config",
            f"{_SERVICES}a_failure_may_pause_and_be_rolled_back_by_hand",
            f"{_OWN}s14_after_a_pause_the_same_run_again_goes_on",
        ),
    ),
    "S16": Scenario(
        "a good version after one that crashes",
        (f"{_SERVICES}a_good_version_replaces_replicas_that_all_crash",),
    ),
    "S18": Scenario(
        "one replica with a volume",
        (f"{_SERVICES}a_volume_never_has_two_holders_and_the_old_one_comes_back",),
    ),
    "S19": Scenario("a fixed port", (f"{_SERVICES}a_fixed_port_is_free_before_it_is_taken_again",)),
    "S21": Scenario(
        "ten percent of requests for a canary",
        (
            f"{_INGRESS}a_canary_gets_its_share_on_every_edge_and_loses_it_before_it_stops",
            f"{_HAPROXY}weights_drain_and_removal_under_load",
            f"{_CADDY}weights_drain_and_removal_under_load",
        ),
    ),
    "S22": Scenario(
        "errors of a canary at the balancers",
        (f"{_GATES}s22_errors_at_the_balancers_take_requests_from_a_canary_before_it_stops",),
    ),
    "S23": Scenario(
        "no figures from a metrics server",
        (f"{_GATES}s23_without_figures_a_rollout_pauses_and_figures_decide",),
    ),
    "S25": Scenario(
        "blue-green with a preview",
        (
            f"{_INGRESS}blue_green_shows_a_preview_switches_at_once_and_back",
            f"{_STEPS}blue_green_brings_up_a_whole_second_set_before_the_first_goes",
            f"{_HAPROXY}stable_and_preview_change_places_at_one_instant",
            f"{_CADDY}a_switch_loses_no_request_and_no_old_answer_follows_it",
        ),
    ),
    "S26": Scenario(
        "a check that fails after the switch",
        (
            f"{_INGRESS}a_check_that_fails_after_the_switch_switches_back",
            f"{_INGRESS}blue_green_shows_a_preview_switches_at_once_and_back",
        ),
    ),
    "S28": Scenario(
        "requests in flight, and apps that ignore the signal to end",
        (
            f"{_INGRESS}requests_in_flight_end_before_anything_is_told_to_stop",
            f"{_OWN}s28_requests_in_flight_are_ended_before_a_container_is",
            f"{_OWN}s28_an_app_that_ignores_the_signal_is_killed_at_its_grace",
        ),
    ),
    "S29": Scenario(
        "readiness without a shell or a published port",
        (f"{_WORK}every_kind_of_readiness_needs_no_published_port",),
    ),
    "S31": Scenario(
        "a host is down",
        (f"{_SERVICES}a_host_that_is_away_stops_everything_or_is_skipped",),
    ),
    "S33": Scenario(
        "an engine restarts in the middle",
        (
            f"{_OWN}s33_an_engine_that_restarts_in_the_middle_costs_no_double",
            f"{_OWN}s33_containers_that_outlive_their_engine_are_not_disturbed",
        ),
    ),
    "S34": Scenario(
        "no such tag, bad credentials, a full disk, a registry that stalls",
        (
            f"{_SERVICES}an_image_that_is_not_to_be_had_changes_nothing",
            f"{_OWN}s34_a_registry_that_stalls_or_refuses_stops_no_container",
            f"{_REGISTRY}s34_bad_credentials_are_told_with_what_helps",
            f"{_REGISTRY}s34_a_registry_that_stalls_costs_its_time_once_and_stops_nothing",
            f"{_REGISTRY}s34_a_disk_that_is_full_on_one_host_stops_no_container_on_any",
        ),
    ),
    "S35": Scenario("two sessions a host", (f"{_OWN}s35_two_sessions_a_host_are_enough",)),
    "S37": Scenario(
        "controllers that begin together, and one that dies or sleeps",
        (
            f"{_LOCKS}of_controllers_that_begin_together_one_gets_the_lock_and_the_others_learn_who",
            f"{_LOCKS}wishes_for_a_rollout_that_somebody_else_carries_out_are_refused_with_their_name",
            f"{_LOCKS}a_controller_that_slept_past_its_lease_changes_nothing_any_more",
            f"{_RACES}of_two_to_four_that_begin_together_exactly_one_wins_every_time",
        ),
    ),
    "S38": Scenario(
        "clocks of hosts that are off or jump",
        (
            "unit/services/test_clocks.py::test_whatever_clocks_show_the_same_is_done",
            "unit/services/test_clocks.py::test_leases_ask_no_date",
            "fleet/test_scenarios_clocks.py::test_s38_hosts_whose_clocks_are_off_and_jump_are_told_and_decide_nothing",
        ),
        "the engines' own clocks (the bed's hosts share the machine's: their dates move but for the engine)",
    ),
    "S39": Scenario(
        "operators of constraints, and why nothing fits",
        (
            f"{_SERVICES}what_has_no_place_is_refused_with_every_hosts_reason",
            f"{_VERBS}scale_restart_compare_and_explain",
        ),
    ),
    "S40": Scenario(
        "replicas over zones, update after update",
        (f"{_OWN}s40_replicas_stay_even_over_zones_update_after_update",),
    ),
    "S42": Scenario(
        "hosts that are drained",
        (
            f"{_VERBS}a_host_is_drained_logs_are_merged_and_commands_run_inside",
            f"{_OWN}s42_two_hosts_drained_at_once_share_one_budget",
        ),
    ),
    "S43": Scenario(
        "a service that needs a migration and a database",
        (
            f"{_OWN}s43_a_service_waits_for_what_it_depends_on",
            f"{_JOBS}a_migration_runs_once_before_the_new_version_and_its_failure_changes_nothing",
            f"{_JOBS}a_job_runs_once_however_its_controller_dies",
        ),
    ),
    "S45": Scenario(
        "a service that is gone from the playbook",
        (
            f"{_OWN}s45_a_service_that_is_gone_is_listed_and_left_alone",
            f"{_OWN}s45_what_a_playbook_lacks_goes_by_prune_with_all_that_was_its_own",
            f"{_INGRESS}a_rolling_update_loses_no_request",
        ),
    ),
}

MOMENTS: dict[str, int] = {
    "first": 46,
    "rolling": 52,
    "rolling without surge": 52,
    "recreate": 52,
    "canary": 79,
    "canary that is aborted": 49,
    "blue_green": 60,
    "rollback": 31,
    "rollback of a bad version": 36,
    "scale": 37,
}
"""How many moments before and after intents and effects a controller is killed at, by what it does."""


def table() -> str:
    """Return the document."""
    lines = [
        "# Scenarios and failpoints",
        "",
        "Written by `python -m tests.scenarios`. `tests/golden/test_scenarios_table.py` compares it with the",
        "tests that are there, and `tests/unit/services/test_failpoints.py` with its moments.",
        "",
        "| | Scenario | Held by | State |",
        "|---|---|---|---|",
    ]
    for name, each in SCENARIOS.items():
        tests = "<br>".join(f"`{test}`" for test in each.tests)
        lines.append(f"| {name} | {each.text} | {tests} | {each.state} |")
    lines += [
        "",
        "A controller is killed at each of K moments; whoever comes next converges every time.",
        "",
        "| What is done | K |",
        "|---|---|",
    ]
    lines += [f"| {story} | {number} |" for story, number in MOMENTS.items()]
    return "\n".join([*lines, f"| all | {sum(MOMENTS.values())} |", ""])


if __name__ == "__main__":
    DOCUMENT.write_text(table(), "utf-8")
