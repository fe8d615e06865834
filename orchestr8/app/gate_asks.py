"""Wiring of checks that the controller itself is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from orchestr8.engine.services.gate_port import Ask, Question, Reading


def gate_asks() -> Mapping[str, Ask]:
    """Return what takes the samples of checks that the controller is asked for; loaded when used."""
    rooms = {
        "http": "web.ask_http",
        "prometheus": "prometheus.ask_prometheus",
        "exec": "program.ask_program",
        "testinfra": "testinfra.ask_testinfra",
    }
    return {kind: _later(*place.split(".")) for kind, place in rooms.items()}


def _later(room: str, name: str) -> Ask:
    def ask(question: Question) -> Reading:
        found: Reading = getattr(import_module(f"orchestr8.gates.{room}"), name)(question)
        return found

    return ask
