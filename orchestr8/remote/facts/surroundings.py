"""The user, the clock, the environment, name servers, keys and local facts of a host."""

import os
import time
from typing import Any, Callable, Dict

from orchestr8.remote.facts.reading import Files


def user_facts() -> Dict[str, Any]:
    """Return the account the facts were gathered under."""
    import pwd

    facts: Dict[str, Any] = {
        "user_uid": os.getuid(),
        "user_gid": os.getgid(),
        "real_user_id": os.getuid(),
        "effective_user_id": os.geteuid(),
        "real_group_id": os.getgid(),
        "effective_group_id": os.getegid(),
    }
    try:
        entry = pwd.getpwuid(os.geteuid())
    except KeyError:
        return dict(facts, user_id=str(os.geteuid()))
    facts.update(user_uid=entry.pw_uid, user_gid=entry.pw_gid, user_id=entry.pw_name)
    facts.update(user_gecos=entry.pw_gecos, user_dir=entry.pw_dir, user_shell=entry.pw_shell)
    return facts


def date_time_facts() -> Dict[str, Any]:
    """Return the host's local time in the shapes playbooks use."""
    import datetime as dt

    epoch = time.time()
    utc = dt.datetime.fromtimestamp(epoch, dt.timezone.utc)
    local = time.localtime(epoch)
    shapes = {
        "year": "%Y",
        "month": "%m",
        "day": "%d",
        "weekday": "%A",
        "weekday_number": "%w",
        "weeknumber": "%W",
        "hour": "%H",
        "minute": "%M",
        "second": "%S",
        "date": "%Y-%m-%d",
        "time": "%H:%M:%S",
        "tz": "%Z",
        "tz_offset": "%z",
        "iso8601_basic_short": "%Y%m%dT%H%M%S",
    }
    facts = {key: time.strftime(shape, local) for key, shape in shapes.items()}
    facts["tz_dst"] = time.tzname[1]
    facts["epoch"] = facts["epoch_int"] = str(int(epoch))
    facts["iso8601"] = utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    facts["iso8601_micro"] = utc.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    facts["iso8601_basic"] = facts["iso8601_basic_short"] + utc.strftime("%f")
    return {"date_time": facts}


def load_facts() -> Dict[str, Any]:
    """Return the load averages."""
    try:
        one, five, fifteen = os.getloadavg()
    except OSError:
        return {}
    return {"loadavg": {"1m": one, "5m": five, "15m": fifteen}}


def env_facts() -> Dict[str, Any]:
    """Return the environment."""
    return {"env": dict(os.environ)}


def dns_facts(files: Files) -> Dict[str, Any]:
    """Return what the resolver's configuration says."""
    dns: Dict[str, Any] = {}
    for line in files.lines("/etc/resolv.conf"):
        words = line.split()
        if not words or words[0][0] in "#;":
            continue
        key, values = words[0], words[1:]
        if key == "nameserver":
            dns.setdefault("nameservers", []).extend(values)
        elif key == "domain" and values:
            dns["domain"] = values[0]
        elif key in ("search", "sortlist"):
            dns[key] = values
        elif key == "options":
            pairs = (value.partition(":") for value in values)
            dns["options"] = {name: value or True for name, _, value in pairs}
    return {"dns": dns}


def ssh_key_facts(files: Files) -> Dict[str, Any]:
    """Return the public host keys."""
    facts = {}
    for folder in ("/etc/ssh", "/etc/openssh", "/etc"):
        for kind in ("dsa", "rsa", "ecdsa", "ed25519"):
            words = (files.text(f"{folder}/ssh_host_{kind}_key.pub") or "").split()
            if len(words) > 1:
                facts[f"ssh_host_key_{kind}_public"] = words[1]
                facts[f"ssh_host_key_{kind}_public_keytype"] = words[0]
        if facts:
            break
    return facts


def local_facts(folder: str, warn: Callable[[str], None]) -> Dict[str, Any]:
    """Return the facts the host's administrator wrote or scripted; a broken one becomes a warning."""
    facts = {}
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".fact"))
    except OSError:
        names = []
    for name in names:
        path = os.path.join(folder, name)
        try:
            facts[name[: -len(".fact")]] = _parsed(path, _content(path))
        except (OSError, ValueError) as error:
            facts[name[: -len(".fact")]] = str(error)
            warn(str(error))
    return {"local": facts}


def _content(path: str) -> str:
    try:
        os.stat(path)
    except OSError as error:
        raise ValueError("Could not stat fact (%s): %s" % (path, error.strerror)) from None
    if not os.access(path, os.X_OK):
        with open(path, "rb") as file:
            return file.read().decode("utf-8")
    from orchestr8.remote.process import run, text

    done = run([path])
    if done.rc:
        message = "Failure executing fact script ({}), rc: {}, err: {}"
        raise ValueError(message.format(path, done.rc, text(done.stderr)))
    return text(done.stdout)


def _parsed(path: str, content: str) -> Any:
    import configparser
    import json

    try:
        return json.loads(content)
    except ValueError:
        pass
    parser = configparser.ConfigParser()
    try:
        parser.read_string(content)
    except configparser.Error:
        raise ValueError("error loading facts as JSON or ini - please check content: " + path) from None
    try:
        return {section: dict(parser.items(section)) for section in parser.sections()}
    except configparser.Error as error:
        message = "error loading facts as ini - please check content: %s (%s)"
        raise ValueError(message % (path, error)) from None
