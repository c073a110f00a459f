#!/bin/bash
# What /proc gives of other processes: nothing but cmdline, stat, status (spec 02 F12).
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"
. "$NONO_TOP/tests/harness/launch.sh"

SECRET=in-environment sleep 300 &
other=$!
trap 'kill $other' EXIT
wait_until 5 grep -q sleep "/proc/$other/comm"

for name in environ maps mem; do
	[ $name = mem ] || outside "$name of another process" open r "/proc/$other/$name"
	tries "$name of another process" EACCES --allow-cwd -- open r "/proc/$other/$name"
	# the first page is not mapped: EIO is an answer of the opened file
	[ $name != mem ] || continue
	tries "$name of itself" ok --allow-cwd -- open r "/proc/self/$name"
done
for name in root cwd fd/0 exe; do
	outside "$name of another process" readlink "/proc/$other/$name"
	tries "$name of another process" EACCES --allow-cwd -- readlink "/proc/$other/$name"
	tries "$name of itself" ok --allow-cwd -- readlink "/proc/self/$name"
done
for name in cmdline stat status; do
	tries "$name of another process (residual)" ok --allow-cwd -- open r "/proc/$other/$name"
done
tries 'a file through the root of another process' EACCES --allow-cwd -- \
	open r "/proc/$other/root/etc/hosts"
tries 'the open file of another process' EACCES --allow-cwd -- open r "/proc/$other/fd/0"
tries 'tracing another process' EPERM --allow-cwd -- trace $other
tries 'a signal to another process' "$(by_landlock 6 EPERM ok)" --allow-cwd -- signal $other 0
outside 'a signal to another process' signal $other 0
for mode in $modes; do
	# shellcheck disable=SC2016
	run "$NONO" "$mode" -s --allow-cwd -- \
		/bin/sh -c 'sleep 5 & kill -0 $! && kill $! && echo ok'
	is "$mode: a signal to its own child" "$out" ok
	# a grandchild has another /proc/self than the process that made the rules
	run "$NONO" "$mode" -s --allow-cwd -- /bin/sh -c '/bin/sh -c "cat /proc/self/comm; :"; :'
	is "$mode: a grandchild reads its own /proc/self" "$out" cat
	run "$NONO" "$mode" -s --allow-cwd -- \
		/bin/sh -c '/bin/sh -c "ls /proc/self/fd >/dev/null && echo ok"; :'
	is "$mode: a grandchild lists its own descriptors" "$out" ok
done

finish
