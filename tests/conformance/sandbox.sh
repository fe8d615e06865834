#!/usr/bin/env bash
# sandbox.sh WORK DISTRIBUTION SHOWN CWD COMMAND...
# Runs COMMAND in a machine of its own that looks like this one: what it writes goes to a layer in memory and is
# gone when it ends. WORK/extra and WORK/test (a layer over DISTRIBUTION) are laid into it; SHOWN are folders on
# other file systems, joined by colons, which it may read. When COMMAND begins, the time is left in WORK/began.
# Called in fresh mount, pid, uts and ipc namespaces.
set -euo pipefail
work=$1 distribution=$2 shown=$3 cwd=$4
shift 4

layers=$work/layers
mkdir "$layers"
mount -t tmpfs -o size=6g,mode=755 conformance "$layers"
mkdir "$layers"/{root,root.changes,root.spare,test.changes,test.spare}
root=$layers/root

mount -t overlay conformance "$root" \
    -o lowerdir=/,upperdir="$layers/root.changes",workdir="$layers/root.spare"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
mount -t proc proc "$root/proc"
mount -t tmpfs run "$root/run"
mkdir "$root/run/lock"
for file in /etc/resolv.conf /etc/hosts; do
    [ ! -e "$file" ] || cp --remove-destination -L "$file" "$root$file"
done

IFS=: read -ra folders <<<"$shown"
for folder in "${folders[@]}"; do
    mkdir -p "$root$folder"
    mount --bind -o ro "$folder" "$root$folder"
done

mkdir -p "$root$work/test"
mount -t overlay conformance "$root$work/test" \
    -o lowerdir="$distribution",upperdir="$layers/test.changes",workdir="$layers/test.spare"
cp -a "$work/extra/." "$root$work/"

# What targets expect of a test host: unprivileged users reach the folders below root's home, and root may log
# in by SSH at 127.0.0.1.
chmod go+x "$root/root"
prepare='
mkdir -p -m 700 /root/.ssh && mkdir -p -m 755 /run/sshd
[ -e /root/.ssh/id_rsa ] || ssh-keygen -q -t rsa -b 2048 -N "" -f /root/.ssh/id_rsa
cat /root/.ssh/id_rsa.pub >>/root/.ssh/authorized_keys
/usr/sbin/sshd -o PidFile=/run/sshd.pid -o ListenAddress=127.0.0.1
'
chroot "$root" /bin/sh -c "$prepare" </dev/null >/dev/null 2>&1 || true
date +%s.%N >"$work/began"
exec chroot "$root" /bin/bash -c 'cd "$1" && shift && exec "$@"' _ "$cwd" "$@"
