"""selinux: sets the mode and policy of SELinux."""

import os
import re
from typing import Any, Dict, List, Tuple

from orchestr8.remote.module import Arg, Call, Failure, Module
from orchestr8.remote.process import run, text
from orchestr8.remote.programs import found, must, required
from orchestr8.remote.text_file import TextFile


class Selinux(Module):
    """Sets what SELinux does, now where that is possible and at the next boot."""

    name = "selinux"
    args = {
        "policy": Arg("str", "The policy, such as targeted."),
        "state": Arg("str", "The mode.", required=True, choices=["disabled", "enforcing", "permissive"]),
        "update_kernel_param": Arg("bool", "Set the kernel's boot parameter too, by grubby.", default=False),
        "configfile": Arg("str", "The file.", default="/etc/selinux/config", aliases=["conf", "file"]),
    }

    def run(self, call: Call) -> Dict[str, Any]:
        """Compare the file and the kernel with what is wanted."""
        path, state = call["configfile"], call["state"]
        if not os.path.exists(path):
            raise Failure(f"Unable to find file {path}: this host has no SELinux", configfile=path)
        if state != "disabled" and not call["policy"]:
            raise Failure(f"Policy is required if state is not 'disabled': {state}")
        file = TextFile(os.path.realpath(path))
        now, policy = _said(file.lines)
        wanted_policy = call["policy"] or policy
        out: Dict[str, Any] = {"changed": False, "configfile": path, "state": state, "policy": wanted_policy}
        out["reboot_required"] = False
        msgs = _running(call, out)
        if policy != wanted_policy:
            msgs.append(
                f"SELinux policy configuration in '{path}' changed from '{policy}' to '{wanted_policy}'"
            )
        if now != state:
            msgs.append(f"Config SELinux state changed from '{now}' to '{state}'")
        file.settle(call, _edited(file.lines, state, wanted_policy), out)
        if call["update_kernel_param"]:
            msgs += _kernel(call, out)
        out["msg"] = ", ".join(msgs)
        return out


def _said(lines: List[str]) -> Tuple[str, str]:
    found: Dict[str, str] = {}
    for line in lines:
        match = re.match(r"^\s*(SELINUX|SELINUXTYPE)=(\S*)", line)
        if match:
            found[match.group(1)] = match.group(2)
    return found.get("SELINUX", ""), found.get("SELINUXTYPE", "")


def _edited(lines: List[str], state: str, policy: str) -> List[str]:
    wanted = {"SELINUX": state, "SELINUXTYPE": policy}
    then = []
    for line in lines:
        match = re.match(r"^\s*(SELINUX|SELINUXTYPE)=(\S*)", line)
        if match is None:
            then.append(line)
            continue
        value = wanted.pop(match.group(1), match.group(2))
        then.append(line if match.group(2) == value else f"{match.group(1)}={value}")
    return then + [f"{key}={value}" for key, value in wanted.items() if value]


def _running(call: Call, out: Dict[str, Any]) -> List[str]:
    """Tell the kernel, where it has SELinux; from and to disabled takes a boot."""
    program = found("getenforce")
    now = text(run([program], parse=True).stdout).strip().lower() if program else "disabled"
    wanted = call["state"]
    if now == wanted:
        return []
    if "disabled" in (now, wanted):
        out["reboot_required"] = True
        if now == "disabled":
            return []
        wanted = "permissive"
        if now == wanted:
            return []
    out["changed"] = True
    if not call.check:
        must([required("setenforce"), "1" if wanted == "enforcing" else "0"], "setenforce failed")
    return [f"SELinux state changed from '{now}' to '{wanted}'"]


def _kernel(call: Call, out: Dict[str, Any]) -> List[str]:
    program = required("grubby", "grubby")
    shown = text(must([program, "--info=ALL"], "grubby failed").stdout)
    arguments = re.findall(r'^args="(.*)"', shown, re.M)
    off = [" selinux=0" in " " + line for line in arguments]
    wanted = call["state"] == "disabled"
    if all(one == wanted for one in off):
        return []
    out["changed"] = out["reboot_required"] = True
    word = "--args=selinux=0" if wanted else "--remove-args=selinux"
    if not call.check:
        must([program, "--update-kernel=ALL", word], "grubby failed")
    return [f"kernel parameter selinux={'0' if wanted else '1'}"]


MODULE = Selinux
