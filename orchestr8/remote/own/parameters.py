"""`ansible.module_utils.common.parameters`: names that modules take from there."""

from orchestr8.remote.own.basic import PASS_BOOLS, PASS_VARS
from orchestr8.remote.own.checks import CHECKERS as DEFAULT_TYPE_VALIDATORS
from orchestr8.remote.own.hiding import env_fallback, remove_values, sanitize_keys
from orchestr8.remote.own.mistakes import AnsibleFallbackNotFound

__all__ = [
    "DEFAULT_TYPE_VALIDATORS", "PASS_BOOLS", "PASS_VARS", "AnsibleFallbackNotFound", "env_fallback",
    "remove_values", "sanitize_keys",
]  # fmt: skip
