"""`ansible.module_utils.common.arg_spec`: parameters checked and completed by their specification."""

from copy import deepcopy
from typing import Any, Callable, Dict, List, Mapping, Sequence, Set, Tuple

from orchestr8.remote.own import checks, hiding
from orchestr8.remote.own import mistakes as wrong
from orchestr8.remote.values import spelled

Spec = Mapping[str, Dict[str, Any]]
_TYPES = "argument '%s' is of type %s%s and we were unable to convert to %s: %s"
_ITEMS = "Elements value for option '%s'%s is of type %s and we were unable to convert to %s: %s"


class ValidationResult:
    """What became of parameters, and what is wrong with them."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._no_log_values: Set[str] = set()
        self._unsupported_parameters: Set[Any] = set()
        self._supported_parameters: Dict[Any, Any] = {}
        self._validated_parameters: Dict[str, Any] = deepcopy(dict(parameters))
        self._deprecations: List[Dict[str, Any]] = []
        self._warnings: List[Dict[str, Any]] = []
        self._aliases: Dict[str, str] = {}
        self.errors = wrong.AnsibleValidationErrorMultiple()

    @property
    def validated_parameters(self) -> Dict[str, Any]:
        """Return the parameters, complete and converted."""
        return self._validated_parameters

    @property
    def unsupported_parameters(self) -> Set[Any]:
        """Return the names nobody knows."""
        return self._unsupported_parameters

    @property
    def error_messages(self) -> List[str]:
        """Return what is wrong."""
        return self.errors.messages


class Rules:
    """Relations between the parameters of one level."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        self.exclusive = source.get("mutually_exclusive")
        self._rest: Tuple[Tuple[Any, Any, Any], ...] = (
            (checks.check_required_together, source.get("required_together"), wrong.RequiredTogetherError),
            (checks.check_required_one_of, source.get("required_one_of"), wrong.RequiredOneOfError),
            (checks.check_required_if, source.get("required_if"), wrong.RequiredIfError),
            (checks.check_required_by, source.get("required_by"), wrong.RequiredByError),
        )

    def check(self, given: Mapping[str, Any], result: ValidationResult, context: Sequence[str]) -> None:
        """Note every relation that does not hold among the parameters that have a value."""
        for check, terms, kind in self._rest:
            _noted(result, kind, check, terms, given, context)


class ArgumentSpecValidator:
    """Checks parameters by a specification; `mutually_exclusive` and its kin are relations between them."""

    def __init__(
        self,
        argument_spec: Spec,
        mutually_exclusive: Any = None,
        required_together: Any = None,
        required_one_of: Any = None,
        required_if: Any = None,
        required_by: Any = None,
    ) -> None:
        self.argument_spec = argument_spec
        self._rules = Rules(
            {
                "mutually_exclusive": mutually_exclusive,
                "required_together": required_together,
                "required_one_of": required_one_of,
                "required_if": required_if,
                "required_by": required_by,
            }
        )

    def validate(self, parameters: Mapping[str, Any], *_: Any, **__: Any) -> ValidationResult:
        """Return what became of the parameters."""
        result = ValidationResult(parameters)
        level(self.argument_spec, self._rules, result.validated_parameters, result, ())
        for text in result._supported_parameters.values():
            result.errors.append(wrong.UnsupportedError(text))
        return result


class ModuleArgumentSpecValidator(ArgumentSpecValidator):
    """The same; what it warns of is told by the module."""


def level(
    spec: Spec,
    rules: Rules,
    given: Dict[str, Any],
    result: ValidationResult,
    context: Tuple[str, ...],
) -> None:
    """Complete and convert the parameters of one level in place, and go into their options."""
    _fallbacks(spec, given, result)
    _aliases(spec, given, result, context)
    _hidden(spec, given, result)
    _unknown(spec, given, result, context)
    excluded = checks.check_mutually_exclusive
    _noted(result, wrong.MutuallyExclusiveError, excluded, rules.exclusive, _valued(given), context)
    for name, each in spec.items():
        if each.get("default") is not None and given.get(name) is None:
            given[name] = deepcopy(each["default"])
    _noted(result, wrong.RequiredError, checks.check_required_arguments, spec, given, context)
    _types(spec, given, result, context)
    _choices(spec, given, result, context)
    rules.check(_valued(given), result, context)
    for name in spec:
        given.setdefault(name, spec[name].get("default"))
    _inner(spec, given, result, context)


def _valued(given: Mapping[str, Any]) -> Dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _noted(
    result: ValidationResult,
    kind: Callable[[str], Exception],
    check: Callable[..., Any],
    terms: Any,
    given: Mapping[str, Any],
    context: Sequence[str],
) -> None:
    try:
        check(terms, given, list(context) or None)
    except TypeError as error:
        result.errors.append(kind(str(error)))


def _fallbacks(spec: Spec, given: Dict[str, Any], result: ValidationResult) -> None:
    for name, each in spec.items():
        function, *rest = each.get("fallback") or (None,)
        if function is None or name in given:
            continue
        args = [arg for part in rest if not isinstance(part, Mapping) for arg in part]
        options = {key: value for part in rest if isinstance(part, Mapping) for key, value in part.items()}
        try:
            given[name] = function(*args, **options)
        except wrong.AnsibleFallbackNotFound:
            continue
        if each.get("no_log") and given[name]:
            result._no_log_values |= hiding.texts(given[name])


def _aliases(spec: Spec, given: Dict[str, Any], result: ValidationResult, context: Sequence[str]) -> None:
    for name, each in spec.items():
        aliases = each.get("aliases") or ()
        if isinstance(aliases, (str, bytes)) or not isinstance(aliases, Sequence):
            result.errors.append(wrong.AliasError("internal error: aliases must be a list or tuple"))
            continue
        used = [alias for alias in aliases if alias in given]
        for alias in aliases:
            result._aliases[alias] = name
        if used:
            if name in given:
                result._warnings.append({"option": name, "alias": used[-1]})
            given[name] = given[used[-1]]
        for old in each.get("deprecated_aliases") or ():
            if old.get("name") in given:
                where = " found in '%s'" % " -> ".join(context) if context else ""
                message = "Alias '%s'%s is deprecated. See the module docs for more information"
                result._deprecations.append(dict(_removal(old), msg=message % (old["name"], where)))


def _removal(source: Mapping[str, Any]) -> Dict[str, Any]:
    return {key: source.get(key) for key in ("version", "date", "collection_name")}


def _hidden(spec: Spec, given: Mapping[str, Any], result: ValidationResult) -> None:
    for name, each in spec.items():
        value = given.get(name)
        if each.get("no_log") and value:
            result._no_log_values |= hiding.texts(value)
        if value is not None and (each.get("removed_in_version") or each.get("removed_at_date")):
            message = "Param '%s' is deprecated. See the module docs for more information" % name
            removal = {
                "version": each.get("removed_in_version"),
                "date": each.get("removed_at_date"),
                "collection_name": each.get("removed_from_collection"),
            }
            result._deprecations.append(dict(removal, msg=message))


def _unknown(spec: Spec, given: Dict[str, Any], result: ValidationResult, context: Tuple[str, ...]) -> None:
    known = {word for name, each in spec.items() for word in (name, *(each.get("aliases") or ()))}
    unknown = [name for name in given if name not in known]
    for name in unknown:
        where = (*context, name)
        result._unsupported_parameters.add(where if context else name)
    if unknown:
        shown = [
            "%s (%s)" % (name, ", ".join(sorted(each["aliases"]))) if each.get("aliases") else name
            for name, each in sorted(spec.items())
        ]
        paths = ", ".join(sorted(".".join((*context, str(name))) for name in unknown))
        text = "%s. Supported parameters include: %s." % (paths, ", ".join(shown))
        result._supported_parameters[context] = text


def _kind(each: Mapping[str, Any]) -> Any:
    return each.get("type", "str") or "str"


def _types(spec: Spec, given: Dict[str, Any], result: ValidationResult, context: Sequence[str]) -> None:
    where = " found in '%s'." % " -> ".join(context) if context else ""
    for name, each in spec.items():
        value = given.get(name)
        if value is None:
            continue
        kind = _kind(each)
        check = kind if callable(kind) else checks.CHECKERS.get(kind, checks.check_type_str)
        try:
            given[name] = check(value)
        except (TypeError, ValueError) as error:
            shown = kind.__name__ if callable(kind) else kind
            text = _TYPES % (name, type(value).__name__, where, shown, error)
            result.errors.append(wrong.ArgumentTypeError(text))
            continue
        if each.get("elements") and isinstance(given[name], list):
            given[name] = _items(name, each["elements"], given[name], result, where.rstrip("."))


def _items(name: str, kind: Any, items: List[Any], result: ValidationResult, where: str) -> List[Any]:
    check = kind if callable(kind) else checks.CHECKERS.get(kind, checks.check_type_str)
    found = []
    for item in items:
        try:
            found.append(check(item))
        except (TypeError, ValueError) as error:
            text = _ITEMS % (name, where, type(item).__name__, kind, error)
            result.errors.append(wrong.ElementError(text))
    return found


def _choices(spec: Spec, given: Dict[str, Any], result: ValidationResult, context: Sequence[str]) -> None:
    where = " found in %s" % " -> ".join(context) if context else ""
    for name, each in spec.items():
        choices, value = each.get("choices"), given.get(name)
        if choices is None or value is None:
            continue
        shown = ", ".join(str(choice) for choice in choices)
        if isinstance(value, list):
            other = [str(item) for item in value if item not in choices]
            if other:
                text = "value of %s must be one or more of: %s. Got no match for: %s%s"
                message = text % (name, shown, ", ".join(other), where)
                result.errors.append(wrong.ArgumentValueError(message))
        elif value not in choices:
            same = spelled(value, list(choices)) if isinstance(value, (str, bool)) else []
            if same:
                given[name] = same[0]
                continue
            message = "value of %s must be one of: %s, got: %s%s" % (name, shown, value, where)
            result.errors.append(wrong.ArgumentValueError(message))


def _inner(spec: Spec, given: Dict[str, Any], result: ValidationResult, context: Tuple[str, ...]) -> None:
    for name, each in spec.items():
        options = each.get("options")
        if options is None or not (_kind(each) == "dict" or each.get("elements") == "dict"):
            continue
        if given.get(name) is None and each.get("apply_defaults"):
            given[name] = {}
        value = given.get(name)
        if value is None:
            continue
        whole = value if isinstance(value, list) else [value]
        for at, item in enumerate(whole):
            if not isinstance(item, Mapping):
                text = "value of '%s' must be of type dict or list of dicts" % name
                result.errors.append(wrong.SubParameterTypeError(text))
                continue
            whole[at] = dict(item)
            level(options, Rules(each), whole[at], result, (*context, name))
        given[name] = whole if isinstance(value, list) else whole[0]
