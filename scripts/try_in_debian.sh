#!/usr/bin/env bash
# Tries, where no Docker engine runs, what is written for one: the Dockerfile's own steps in a clean Debian folder, then `demo`
# there, as the image's user, without capabilities, under docker/seccomp.json, with the browser's sandbox on. With --boot, also
# what `schedule install` writes: Debian's systemd is booted in that folder, in namespaces of its own, and runs it.
#
# Root, debootstrap and python3-seccomp are needed; DEBIAN_BASE=FOLDER spares making the clean folder once more. Downloads go through whatever apt and pip are set up to use.
set -euo pipefail
cd "$(dirname "$0")/.."

boot=${1:-}
folder=$(mktemp -d "${TMPDIR:-/var/tmp}/pec-autorenew-debian.XXXXXX")
booted=
say() { printf 'try_in_debian: %s\n' "$*" >&2; }
tidy() {
    if [ -n "$booted" ]; then
        kill -KILL "$booted" 2> /dev/null || true  # unshare is deaf to less; its systemd dies with it
        wait "$booted" 2> /dev/null || true
    fi
    sleep 1
    mount | awk -v f="$folder/" 'index($3, f) == 1 {print $3}' | sort -r | xargs -r umount -l
    rm -rf --one-file-system "$folder"
}
trap tidy EXIT

[ "$(id -u)" = 0 ] || { say "only root can make a Debian folder"; exit 2; }
for needed in debootstrap unshare nsenter; do
    command -v "$needed" > /dev/null || { say "$needed is needed"; exit 2; }
done
python=/usr/bin/python3
"$python" -c 'import seccomp' || { say "python3-seccomp is needed"; exit 2; }

# -- a clean Debian, and the packages that pip would fetch ----------------------------------------------------------------

suite=$(sed -n 's/^FROM debian:\([a-z]*\)-slim.*/\1/p' Dockerfile | sort -u)
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' "Codename: $suite" | sort -u | head -n 1)
say "a clean $suite"
if [ -n "${DEBIAN_BASE:-}" ]; then
    cp -a "$DEBIAN_BASE" "$folder/base"
else
    debootstrap --variant=minbase "$suite" "$folder/base" ${mirror:+"$mirror"} > "$folder/debootstrap.log" ||
        { tail "$folder/debootstrap.log"; exit 1; }
fi
cp /etc/resolv.conf "$folder/base/etc/resolv.conf"
mkdir "$folder/wheels" "$folder/context"
git ls-files -z pec_autorenew config.example.toml constraints.txt LICENSE README.md pyproject.toml |
    xargs -0 cp --parents -t "$folder/context"
.venv/bin/python -m pip download --quiet --dest "$folder/wheels" --constraint constraints.txt . hatchling \
    2> "$folder/download.log" || { tail "$folder/download.log"; exit 1; }

# -- the Dockerfile's steps -------------------------------------------------------------------------------------------------

enter() { # the root of a stage
    mount -t proc proc "$1/proc"
    mount --rbind /dev "$1/dev" && mount --make-rslave "$1/dev"
    mkdir -p "$1/wheels" && mount --bind "$folder/wheels" "$1/wheels"
}
leave() {
    umount "$1/wheels" "$1/proc" && umount -l "$1/dev" && rmdir "$1/wheels"
}

root= stage=0 workdir=/
declare -A stages
declare -a environment=()
while IFS= read -r line; do
    instruction=${line%% *} rest=${line#* }
    case $instruction in
        FROM)
            [ -z "$root" ] || leave "$root"
            stage=$((stage + 1)) root=$folder/stage$stage workdir=/
            cp -a "$folder/base" "$root" && enter "$root"
            name=${rest##* }
            stages[$name]=$root
            ;;
        RUN)
            say "RUN ${rest:0:90}"
            env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive \
                PIP_CONFIG_FILE=/dev/null PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels ${http_proxy:+http_proxy="$http_proxy"} \
                chroot "$root" /bin/sh -c "cd $workdir && $rest" > "$folder/run.log" 2>&1 || { tail -n 30 "$folder/run.log"; exit 1; }
            ;;
        WORKDIR) workdir=$rest && mkdir -p "$root$workdir" ;;
        COPY)
            case $rest in
                --from=*) from=${rest#--from=} from=${from%% *} && read -r _ source target <<< "$rest" &&
                    mkdir -p "$root$(dirname "$target")" && cp -a "${stages[$from]}$source" "$root$target" ;;
                ". .") cp -a "$folder/context/." "$root$workdir" ;;
                *) say "not known here: $line" && exit 1 ;;
            esac
            ;;
        ENV) read -ra environment <<< "$rest" ;;
        USER) user=${rest%%:*} ;;
        ENTRYPOINT | CMD) ;;
        *) say "not known here: $line" && exit 1 ;;
    esac
done < <(grep -v '^ *#' Dockerfile | sed -e ':join' -e '/\\$/{N;s/\\\n */ /;b join' -e '}' | grep .)

# -- as the container would run it ---------------------------------------------------------------------------------------------

say "demo as $user, without capabilities, under docker/seccomp.json"
cat > "$folder/under.py" << 'END'
import ctypes, json, os, sys
import seccomp
profile, root, user, *command = sys.argv[1:]
rules = json.load(open(profile))
allowed = seccomp.SyscallFilter(seccomp.ERRNO(rules["defaultErrnoRet"]))
for name in rules["syscalls"][0]["names"]:
    try:
        allowed.add_rule(seccomp.ALLOW, name)
    except (RuntimeError, OSError):  # of another architecture
        pass
kernel = ctypes.CDLL(None, use_errno=True)
def do(call, *arguments):
    if call(*arguments):
        raise OSError(ctypes.get_errno(), f"{call.__name__}{arguments}")
# Not chroot, within which the kernel grants nobody a user namespace.
MS_BIND, MS_REC, MNT_DETACH, PR_CAPBSET_DROP = 0x1000, 0x4000, 2, 24
do(kernel.mount, root.encode(), root.encode(), None, MS_BIND | MS_REC, None)
os.chdir(root)
do(kernel.pivot_root, b".", b".")
do(kernel.umount2, b".", MNT_DETACH)
for capability in range(64):
    kernel.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
os.setgroups([])
os.setgid(int(user))
os.setuid(int(user))
os.chdir("/var/lib/pec-autorenew")
allowed.load()  # sets no_new_privs
os.execve(command[0], command, dict(os.environ))
END
run_demo() { # the profile
    env -i "${environment[@]}" TMPDIR=/tmp unshare --mount --pid --fork --kill-child --mount-proc="$root/proc" \
        "$python" "$folder/under.py" "$1" "$root" "$user" /opt/pec-autorenew/bin/pec-autorenew demo
}
mount -t tmpfs tmpfs "$root/tmp" -o mode=1777
run_demo docker/seccomp.json | tail -n 3
say "the same under a profile without chroot, which the sandbox needs: it must fail"
sed 's/"chroot", //' docker/seccomp.json > "$folder/without.json"
if run_demo "$folder/without.json" > "$folder/without.log" 2>&1; then
    say "a browser without its sandbox was started" && exit 1
fi
leave "$root"
umount "$root/tmp"
[ "$boot" = --boot ] || { say "done" && exit 0; }

# -- systemd, booted ---------------------------------------------------------------------------------------------------------

say "booting $suite's systemd in the same folder"
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"
mount -t proc proc "$root/proc"
DEBIAN_FRONTEND=noninteractive chroot "$root" sh -c \
    'apt-get update && apt-get install --yes --no-install-recommends systemd systemd-sysv dbus' > "$folder/run.log" 2>&1 ||
    { tail -n 30 "$folder/run.log"; exit 1; }
umount "$root/proc"
cat > "$folder/boot.sh" << 'END'
set -e
mount --make-rprivate /
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
mount -t tmpfs -o mode=755 dev dev
for one in null zero full random urandom tty; do
    mknod -m 666 dev/$one c $(stat -c '%Hr %Lr' /dev/$one)
done
mkdir -p dev/pts dev/shm oldroot
mount -t devpts devpts dev/pts -o newinstance,ptmxmode=666
mount -t tmpfs tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
pivot_root . oldroot
umount -l /oldroot
mount --make-rshared /
exec env -i container=unshare PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --log-target=journal
END
setsid unshare --pid --fork --mount --uts --ipc --net --cgroup --kill-child bash "$folder/boot.sh" "$root" > "$folder/boot.log" 2>&1 &
booted=$!
inside() {
    nsenter -t "$first" -m -u -i -n -p -C -r -w env -i PATH=/opt/pec-autorenew/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@"
}
first=
for _ in $(seq 60); do
    first=$(pgrep -P "$booted" | head -n 1) || true
    [ -n "$first" ] && state=$(inside systemctl is-system-running 2> /dev/null) || true
    case ${state:-} in running | degraded) break ;; esac
    sleep 0.5
done
say "systemd is ${state:-not there}"
[ "${state:-}" = running ]
inside sh -euc '
    userdel pec-autorenew
    rm -rf /var/lib/pec-autorenew
    install -d -m 755 /etc/pec-autorenew
    install -d -m 700 /etc/credstore
    (umask 077 && echo single-password > /etc/credstore/pec-autorenew.single)
    systemd-run --quiet --unit=mock pec-autorenew mock-portal serve --port 8181 --control-port 8182 --layout g4 \
        --scenario single --clock "$(date -Iseconds)"
    cat > /etc/pec-autorenew/config.toml << END
[portal]
base_url = "http://127.0.0.1:8181/"
[ledger]
state_dir = "/var/lib/pec-autorenew"
[limits]
max_per_mailbox = "40.00"
max_per_run = "200.00"
max_per_month = "500.00"
[mandate]
given_by = "Prova Provetti"
given_on = 2026-11-01
accept = ["condizioni-generali", "clausole-vessatorie", "informativa-privacy"]
[[accounts]]
name = "single"
username = "200001@aruba.it"
password = { credential = "single" }
END
    for _ in $(seq 40); do ! journalctl -u mock | grep -q 8181 || break; sleep 0.5; done
    pec-autorenew -c /etc/pec-autorenew/config.toml schedule install
    pec-autorenew schedule show
    systemd-analyze verify /etc/systemd/system/pec-autorenew.service /etc/systemd/system/pec-autorenew.timer
    systemd-analyze security --no-pager pec-autorenew.service | tail -n 1
    systemctl start pec-autorenew.service || { journalctl --no-pager -o cat -u pec-autorenew -u mock; exit 1; }
    python3 -c "
import json, urllib.request
orders = json.load(urllib.request.urlopen(\"http://127.0.0.1:8182/truth\"))[\"orders\"]
print(len(orders), \"order(s) at the mock\")
raise SystemExit(len(orders) != 1)"
    if grep -qs "^Uid:.\b$(id -u pec-autorenew)\b" /proc/[0-9]*/status; then echo "a process remains"; exit 1; fi
    install -d /etc/systemd/system/pec-autorenew.service.d
    for line in Nice=5 RestrictNamespaces=yes SystemCallFilter=~chroot MemoryDenyWriteExecute=yes; do
        printf "[Service]\nTimeoutStartSec=45\nExecStart=\nExecStart=%s\n%s\n" \
            "$(command -v pec-autorenew) -c /etc/pec-autorenew/config.toml list" "$line" > /etc/systemd/system/pec-autorenew.service.d/x.conf
        systemctl daemon-reload
        systemctl reset-failed pec-autorenew.service 2> /dev/null || true
        if systemctl start pec-autorenew.service 2> /dev/null; then starts=yes; else starts=no; fi
        echo "$line: does the browser start? $starts"
        case $line,$starts in Nice=5,yes | [!N]*,no) ;; *) exit 1 ;; esac
    done
    rm -r /etc/systemd/system/pec-autorenew.service.d
    pec-autorenew schedule remove
'
say "done"
