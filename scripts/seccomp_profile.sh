#!/usr/bin/env bash
# Rewrites docker/seccomp.json: the system calls that the systemd unit allows too, by the groups that systemd knows.
set -euo pipefail
cd "$(dirname "$0")/.."

expand() {
    systemd-analyze --no-pager syscall-filter "$1" | sed -e 1d -e 's/^ *//' -e '/^#/d' | while read -r name; do
        case $name in @*) expand "$name" ;; ?*) echo "$name" ;; esac
    done
}
# Beyond the unit's: @setuid, which the container's own starter needs to become an ordinary user. Short of it: what Docker's
# own list keeps from containers because it reaches out of them.
names=$({
    comm -23 <(expand @system-service | sort -u) <({
        expand @privileged
        expand @resources
        expand @keyring
        printf '%s\n' io_uring_enter io_uring_register io_uring_setup setns userfaultfd
    } | sort -u)
    expand @setuid
    printf '%s\n' chroot capset seccomp
} | sort -u | sed -e 's/.*/"&"/' | paste -sd, | sed 's/,/, /g' | fold -sw 116 | sed -e 's/ *$//' -e 's/^/        /')
cat > docker/seccomp.json << END
{
  "defaultAction": "SCMP_ACT_ERRNO",
  "defaultErrnoRet": 1,
  "archMap": [
    {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": []},
    {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": []}
  ],
  "syscalls": [
    {
      "names": [
$names
      ],
      "action": "SCMP_ACT_ALLOW"
    }
  ]
}
END
