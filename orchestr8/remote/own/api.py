"""`ansible.module_utils.api`: parameters of web interfaces, and trying again."""

import functools
import secrets
import time
from typing import Any, Callable, Dict, Optional


def rate_limit_argument_spec(spec: Optional[Dict[str, Any]] = None) -> Dict[str, Any]:
    """Return the parameters of a limited rate."""
    return dict({"rate": {"type": "int"}, "rate_limit": {"type": "int"}}, **(spec or {}))


def retry_argument_spec(spec: Optional[Dict[str, Any]] = None) -> Dict[str, Any]:
    """Return the parameters of trying again."""
    return dict({"retries": {"type": "int"}, "retry_pause": {"type": "float", "default": 1}}, **(spec or {}))


def basic_auth_argument_spec(spec: Optional[Dict[str, Any]] = None) -> Dict[str, Any]:
    """Return the parameters of a web interface with a password."""
    own: Dict[str, Any] = {
        "api_username": {"type": "str"},
        "api_password": {"type": "str", "no_log": True},
        "api_url": {"type": "str"},
        "validate_certs": {"type": "bool", "default": True},
    }
    return dict(own, **(spec or {}))


def rate_limit(rate: Optional[int] = None, rate_limit: Optional[int] = None) -> Any:
    """Return a decorator that lets `rate` calls happen in so many seconds."""
    pause = float(rate_limit) / float(rate) if rate is not None and rate_limit is not None else 0.0

    def wrapper(function: Callable[..., Any]) -> Callable[..., Any]:
        last = [0.0]

        @functools.wraps(function)
        def limited(*args: Any, **kwargs: Any) -> Any:
            time.sleep(max(0.0, last[0] + pause - time.monotonic()) if last[0] else 0)
            result = function(*args, **kwargs)
            last[0] = time.monotonic()
            return result

        return limited

    return wrapper


def retry(retries: Optional[int] = None, retry_pause: float = 1) -> Any:
    """Return a decorator that calls again until something comes back, so many times."""

    def wrapper(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def retried(*args: Any, **kwargs: Any) -> Any:
            left = retries or 1
            while left:
                left -= 1
                result = function(*args, **kwargs)
                if result or retries is None:
                    return result
                time.sleep(retry_pause)
            raise Exception("Retry limit exceeded: %d" % (retries or 1))

        return retried

    return wrapper


def generate_jittered_backoff(retries: int = 10, delay_base: float = 3, delay_threshold: float = 60) -> Any:
    """Yield pauses that grow, each of a random part of its length."""
    for attempt in range(retries):
        yield secrets.randbelow(1000) / 1000.0 * min(delay_threshold, delay_base * 2**attempt)


def retry_never(exception_or_result: Any) -> bool:
    """Return that nothing is worth another try."""
    return False


def retry_with_delays_and_condition(
    backoff_iterator: Any, should_retry_error: Optional[Callable[..., bool]] = None
) -> Any:
    """Return a decorator that calls again after each pause while the error is worth it."""
    worth = should_retry_error or retry_never
    pauses = list(backoff_iterator)

    def wrapper(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def retried(*args: Any, **kwargs: Any) -> Any:
            for pause in pauses:
                try:
                    return function(*args, **kwargs)
                except Exception as error:
                    if not worth(error):
                        raise
                time.sleep(pause)
            return function(*args, **kwargs)

        return retried

    return wrapper
