"""Arguments of a module: checked and converted by its `Arg`s, on the controller and on the host alike."""

from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from orchestr8.remote.module import Arg, Failure, Module
from orchestr8.remote.values import CONVERT, Unfit, spelled

Problem = Tuple[str, str]
"""An argument's name (dotted below the first level, "" for the module itself) and what is wrong with it."""


def checked(module: Any, given: Mapping[str, Any]) -> Tuple[Dict[str, Any], List[Problem]]:
    """Return the whole arguments of a module (class or object) and every problem of what was given."""
    values, problems = _converted(module.args, given, "")
    problems += _unknown(module.name, module.args, given)
    problems += _relations(module, given, values)
    return values, problems


def converted(module: Any, given: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the whole arguments of a module, or raise Failure with the problems."""
    values, problems = checked(module, given)
    if problems:
        raise Failure("; ".join(message for _, message in problems))
    return values


def convert(arg: Arg, value: Any) -> Any:
    """Return one value as an argument's type wants it, or raise ValueError."""
    return CONVERT[arg.type](value)


def name_of(args: Mapping[str, Arg], word: str) -> Optional[str]:
    """Return the argument that a name or alias means."""
    if word in args:
        return word
    return next((name for name, arg in args.items() if word in arg.aliases), None)


def _converted(
    args: Mapping[str, Arg], given: Mapping[str, Any], at: str
) -> Tuple[Dict[str, Any], List[Problem]]:
    values: Dict[str, Any] = {}
    problems: List[Problem] = []
    for name, arg in args.items():
        value = _given(name, arg, given)
        if value is None and arg.default is not None:
            value = arg.default
        if value is None:
            values[name] = None
            continue
        values[name], found = _one(name, arg, value, at)
        problems += found
    missing = [name for name, arg in args.items() if arg.required and not _present(name, arg, given)]
    if missing:
        where = " found in %s" % at.rstrip(".") if at else ""
        problems.append(
            (at.rstrip("."), "missing required arguments: %s%s" % (", ".join(sorted(missing)), where))
        )
    return values, problems


def _present(name: str, arg: Arg, given: Mapping[str, Any]) -> bool:
    return any(word in given for word in (name, *arg.aliases))


def _given(name: str, arg: Arg, given: Mapping[str, Any]) -> Any:
    for word in (name, *arg.aliases):
        if given.get(word) is not None:
            return given[word]
    return None


def _one(name: str, arg: Arg, value: Any, at: str) -> Tuple[Any, List[Problem]]:
    path = at + name
    try:
        result = CONVERT[arg.type](value)
    except Unfit as error:
        text = "argument '%s' is of type %s and we were unable to convert to %s: %s"
        return value, [(path, text % (path, type(value).__name__, arg.type, error))]
    if arg.elements is not None and isinstance(result, list):
        result, problems = _elements(path, arg, result)
    elif arg.options is not None and isinstance(result, dict):
        result, problems = _options(path, arg.options, result)
    else:
        problems = []
    if not problems and arg.choices is not None:
        result, problems = _chosen(path, arg.choices, result)
    return result, problems


def _elements(path: str, arg: Arg, items: List[Any]) -> Tuple[List[Any], List[Problem]]:
    results: List[Any] = []
    problems: List[Problem] = []
    for item in items:
        try:
            result = CONVERT[arg.elements or "raw"](item)
        except Unfit as error:
            text = "Elements value for option '%s' is of type %s and we were unable to convert to %s: %s"
            problems.append((path, text % (path, type(item).__name__, arg.elements, error)))
            continue
        if arg.options is not None and isinstance(result, dict):
            result, found = _options(path, arg.options, result)
            problems += found
        results.append(result)
    return results, problems


def _options(
    path: str, options: Mapping[str, Arg], value: Dict[str, Any]
) -> Tuple[Dict[str, Any], List[Problem]]:
    values, problems = _converted(options, value, path + ".")
    known = _words(options)
    text = "Unsupported parameters for %s: %s. Supported parameters include: %s."
    names = ", ".join(sorted(options))
    unknown = [str(word) for word in value if word not in known]
    problems += [(path + "." + word, text % (path, word, names)) for word in unknown]
    return values, problems


def _chosen(path: str, choices: Sequence[Any], value: Any) -> Tuple[Any, List[Problem]]:
    values = value if isinstance(value, list) else [value]
    fits = []
    for item in values:
        same = [
            choice
            for choice in choices
            if choice == item and isinstance(choice, bool) == isinstance(item, bool)
        ]
        same = same or spelled(item, choices)
        if not same:
            names = ", ".join(str(choice) for choice in choices)
            kind = "one or more of" if isinstance(value, list) else "one of"
            return value, [(path, "value of %s must be %s: %s, got: %s" % (path, kind, names, item))]
        fits.append(same[0])
    return (fits if isinstance(value, list) else fits[0]), []


def _words(args: Mapping[str, Arg]) -> List[str]:
    return [word for name, arg in args.items() for word in (name, *arg.aliases)]


def _unknown(module: str, args: Mapping[str, Arg], given: Mapping[str, Any]) -> List[Problem]:
    known = _words(args)
    unknown = [str(word) for word in given if word not in known]
    shown = []
    for name in sorted(args):
        aliases = args[name].aliases
        shown.append("%s (%s)" % (name, ", ".join(sorted(aliases))) if aliases else name)
    text = "Unsupported parameters for (%s) module: %s. Supported parameters include: %s."
    return [(word, text % (module, word, ", ".join(shown))) for word in unknown]


def _relations(module: Module, given: Mapping[str, Any], values: Mapping[str, Any]) -> List[Problem]:
    """Return what is wrong between arguments; only given ones clash."""
    here = {name for name, arg in module.args.items() if _given(name, arg, given) is not None}
    have = {name for name in module.args if values.get(name) is not None}
    problems: List[Problem] = []
    for names in module.exclusive:
        both = [name for name in names if name in here]
        if len(both) > 1:
            problems.append((both[1], "parameters are mutually exclusive: %s" % "|".join(names)))
    for names in module.together:
        some = [name for name in names if name in have]
        if some and len(some) < len(names):
            problems.append((some[0], "parameters are required together: %s" % ", ".join(names)))
    lacking = [names for names in module.one_of if not have.intersection(names)]
    problems += [("", "one of the following is required: %s" % ", ".join(names)) for names in lacking]
    return problems + _needs(module, values)


def _needs(module: Module, values: Mapping[str, Any]) -> List[Problem]:
    problems: List[Problem] = []
    for name, value, needed in module.required_if:
        missing = [other for other in needed if values.get(other) is None]
        if values.get(name) == value and missing:
            text = "%s is %s but all of the following are missing: %s"
            problems.append((name, text % (name, value, ", ".join(missing))))
    for name, needed in module.required_by.items():
        missing = [other for other in needed if values.get(other) is None]
        if values.get(name) is not None and missing:
            problems.append((name, "missing parameter(s) required by '%s': %s" % (name, ", ".join(missing))))
    return problems
