#!/bin/bash
# Started by root: no capability is left, and what only permissions kept from others stays closed.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"
. "$NONO_TOP/tests/harness/launch.sh"

mkdir work
cd work || exit 2
plant private
chmod 000 private
plant "$HOME/.ssh/id_ed25519" key

outside '/etc/shadow' open r /etc/shadow
tries '/etc/shadow' EACCES --allow . -- open r /etc/shadow
tries 'a secret of the home' EACCES --allow . -- open r "$HOME/.ssh/id_ed25519"
tries 'a file of its own' ok --allow . -- open c mine
outside 'a file without permissions' open r private
tries 'a file without permissions, as CAP_DAC_OVERRIDE is gone' EACCES --allow . -- open r private
outside 'chroot' chroot
tries 'chroot' EPERM --allow . -- chroot
sleep 300 &
other=$!
trap 'kill $other' EXIT
for name in environ maps; do
	outside "$name of another process" open r "/proc/$other/$name"
	tries "$name of another process, as CAP_PERFMON is gone" EACCES --allow . -- \
		open r "/proc/$other/$name"
done
for mode in $modes; do
	run "$NONO" "$mode" -s --allow . -- \
		/bin/sh -c 'grep -h "^Cap" /proc/self/status | cut -f2 | sort -u'
	is "$mode: no capability in any set" "$out" 0000000000000000
	run "$NONO" "$mode" -s --allow . -- /bin/sh -c 'mknod node c 1 3 && echo made'
	is "$mode: no device node in a write grant" "$out" ''
done

finish
