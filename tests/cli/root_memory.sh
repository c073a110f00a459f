#!/bin/bash
# --memory and --max-procs for real: root gives an unprivileged user a subtree of the version 2
# hierarchy, as systemd does, and the user's sessions run in it.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"
. "$NONO_TOP/tests/harness/launch.sh"

# ---- setup ----------------------------------------------------------------------------------

# A mount namespace, where the hierarchy can be mounted at its place without being seen elsewhere.
if [ -z "${NONO_MEMORY_INSIDE:-}" ]; then
	NONO_MEMORY_INSIDE=1 unshare -m --propagation private bash "$0"
	exit
fi
root=/sys/fs/cgroup
if [ "$(stat -f -c %T $root)" != cgroup2fs ]; then
	mount -t cgroup2 none $root 2>"$TMPDIR/mount" || {
		skip 'everything' "no version 2 hierarchy: $(cat "$TMPDIR/mount")"
		finish
	}
fi

user=65534
# Where this script was started may not hold processes and give controllers away at once.
base=$root/nono-test.$$
service=$base/user@$user.service
own=$base/own.service
mkdir "$base" "$service" "$service/app" "$own"

clean_up() {
	local d
	for d in "$base"/* "$base"; do
		[ ! -e "$d/cgroup.kill" ] || echo 1 >"$d/cgroup.kill"
	done
	[ -z "${server:-}" ] || kill "$server"
	[ -z "${mover:-}" ] || kill "$mover"
	sleep 0.2
	find "$base" -mindepth 1 -depth -type d -exec rmdir {} \; 2>/dev/null
	rmdir "$base"
}
trap clean_up EXIT

# give DIRECTORY: what systemd gives to a user.
give() {
	chown $user "$1" "$1"/cgroup.{procs,threads,subtree_control}
}
give "$service"
give "$service/app"
give "$own"
chmod 755 "$HOME" "$TMPDIR" .
top=$PWD
mkdir work home
chown $user work home
cd work || exit 2

# become GROUP COMMAND...: the command as the user, in this group, instead of this shell.
become() {
	echo 0 >"$1/cgroup.procs" || exit 2
	shift
	exec setpriv --reuid=$user --regid=$user --clear-groups --inh-caps=-all \
		env -u XDG_RUNTIME_DIR HOME="$top/home" TMPDIR=/tmp "$@"
}

# place GROUP COMMAND...: the same in a process of its own. Into the background goes `become`, so
# that $! is the command.
place() {
	(become "$@")
}

# groups: what sessions left in the user's subtree
groups() {
	(cd "$service" && ls -d nono* 2>/dev/null)
}

gone() {
	[ -z "$(groups)" ]
}

if ! grep -qw memory $root/cgroup.controllers; then
	run place "$service/app" "$NONO" run -s --memory 64M --allow . -- touch started
	is 'no memory controller: exit code' "$rc" 1
	has 'no memory controller' "$err" "nono: resource: 'memory' controller is not delegated"
	run place "$service/app" "$NONO" run -s --max-procs 9 --allow . -- touch started
	has 'no pids controller' "$err" "nono: resource: 'pids' controller is not delegated"
	run place $root "$NONO" run -s --memory 64M --allow . -- touch started
	has 'no subtree' "$err" 'nono: resource: no delegated cgroup v2 subtree for this session'
	is 'nothing was started' "$(ls)" ''
	is 'nothing is left' "$(groups)" ''
	skip 'limits' "the memory controller belongs to the version 1 hierarchy"
	finish
fi
for d in $root "$base" "$service"; do
	echo '+memory +pids' >"$d/cgroup.subtree_control"
done

cat >hog.py <<'END'
import sys
size = int(sys.argv[1]) << 20
held = bytearray(size)
for at in range(0, size, 4096):
    held[at] = 1
print('held', flush=True)
END

# ---- what the group looks like --------------------------------------------------------------

become "$service/app" "$NONO" run -s --memory 64M --max-procs 20 --allow . -- \
	sh -c 'cat /proc/self/cgroup >place; touch ready; sleep 60' &
session=$!
wait_until 20 test -e ready || not_ok 'session' 'did not start'
leaf=$(sed -n 's/^0:://p' place)
leaf=$root${leaf#"${leaf%%/nono-test*}"}
leaf=$service/${leaf##*/}
has 'the program is in its group' "$(cat "$leaf/cgroup.procs" | wc -l)" 2
is 'memory.max' "$(cat "$leaf/memory.max")" $((64 << 20))
is 'memory.swap.max' "$(cat "$leaf/memory.swap.max" 2>/dev/null || echo 0)" 0
is 'memory.oom.group' "$(cat "$leaf/memory.oom.group")" 1
is 'memory.high is untouched' "$(cat "$leaf/memory.high")" max
is 'pids.max' "$(cat "$leaf/pids.max")" 20
broker=${leaf##*.}
is 'named by the broker' "$(tr '\0' ' ' <"/proc/$broker/cmdline" | cut -d' ' -f1)" nono-broker
grep -q app "/proc/$broker/cgroup" && ok 'the broker is outside of it' ||
	not_ok 'the broker is outside of it' "$(cat "/proc/$broker/cgroup")"
kill -TERM $session
wait $session
is 'exit code of SIGTERM' $? 143
gone && ok 'no group is left' || not_ok 'no group is left' "$(groups)"

# ---- memory ---------------------------------------------------------------------------------

run place "$service/app" "$NONO" run --memory 64M --allow . -- /usr/bin/python3 hog.py 8
is 'a program below its limit' "$rc $out" '0 held'
run place "$service/app" "$NONO" run --memory 512M --allow . -- /usr/bin/python3 hog.py 128
is 'the hog with a higher limit' "$rc $out" '0 held'
sleep 300 &
neighbour=$!
echo $neighbour >"$service/app/cgroup.procs"
run place "$service/app" "$NONO" run --memory 64M --allow . -- /usr/bin/python3 hog.py 128
is 'memory hog: exit code' "$rc $out" '137 '
for part in '[nono] memory limit exceeded:' 'limit (--memory):  64.0 MiB' 'peak memory:' 'OOM kills:' \
	'swap:' 'scope:' 'hint:              raise the limit, as in --memory 130M'; do
	has "memory hog: '$part'" "$err" "$part"
done
case $err in
*'Command killed by'*) not_ok 'one story of the end' "$err" ;;
*) ok 'one story of the end' ;;
esac
kill -0 $neighbour && ok 'the neighbour lives' || not_ok 'the neighbour lives' 'it is dead'
kill $neighbour
run place "$service/app" "$NONO" run --memory 64M --allow . -- \
	sh -c 'python3 hog.py 128; echo survived; sleep 100'
is 'a hog that is a child takes all with it' "$rc $out" '137 '
run place "$service/app" "$NONO" run -s --memory 64M --allow . -- /usr/bin/python3 hog.py 128
is 'silent' "$rc $out$err" '137 '
run place "$service/app" "$NONO_TEST" run -s --memory 64M --allow . -- /usr/bin/python3 hog.py 8
is 'test build: below the limit' "$rc $out" '0 held'
run place "$service/app" env NONO_TEST_OFF=memory-limit \
	"$NONO_TEST" run -s --memory 64M --allow . -- /usr/bin/python3 hog.py 128
is 'test build without the limit: the hog works' "$rc $out" '0 held'
# shellcheck disable=SC2016
run place "$service/app" "$NONO" run --memory 64M --allow . -- sh -c 'kill -9 $$'
is 'killed by itself' "$rc" 137
case $err in
*'memory limit exceeded'*) not_ok 'which is no story of memory' "$err" ;;
*) ok 'which is no story of memory' ;;
esac
run place "$service/app" "$NONO" run --memory 64M --allow . -- sh -c 'python3 hog.py 8; exit 139'
is 'exit 139 stays' "$rc" 139
case $err in
*'memory limit exceeded'*) not_ok 'and is no story of memory' "$err" ;;
*) ok 'and is no story of memory' ;;
esac
run place "$service/app" "$tools/cli/pty" -- "$NONO" run --memory 64M --allow . -- \
	/usr/bin/python3 hog.py 128
is 'memory hog on a terminal: exit code' "$rc" 137
has 'memory hog on a terminal' "$out" '[nono] memory limit exceeded:'
gone && ok 'no group is left of all these' || not_ok 'no group is left' "$(groups)"

# ---- processes ------------------------------------------------------------------------------

run place "$service/app" "$NONO" run --max-procs 3 --allow . -- \
	sh -c 'sleep 0.1 & sleep 0.1 & wait; echo done'
is 'a program below its limit of processes' "$rc $out" '0 done'
run place "$service/app" "$NONO" run --max-procs 2 --allow . -- \
	sh -c 'sleep 1 & sleep 1 & wait; echo done'
[ "$rc" != 0 ] && ok 'one more cannot be made' || not_ok 'one more cannot be made' "$out"
has 'which is told' "$err" '[nono] process limit reached: '
# On a terminal a process of ours stands beside the program: it does not count.
run place "$service/app" "$NONO_BUILD/tests/cli/pty" -- "$NONO" run -s --max-procs 1 --allow . -- echo alone
has 'one process on a terminal' "$rc $out" alone
run place "$service/app" "$NONO_BUILD/tests/cli/pty" -- "$NONO" run -s --max-procs 1 --allow . -- sh -c 'sleep 1 & wait; :'
has 'and not two' "$out" 'annot fork'
run place "$service/app" env NONO_TEST_OFF=process-limit \
	"$NONO_TEST" run -s --max-procs 2 --allow . -- sh -c 'sleep 1 & sleep 1 & wait; echo done'
is 'test build without the limit' "$rc $out" '0 done'

# What SIGTERM ends is the program; the rest of the bomb is deaf to it.
bomb='bomb() { bomb | bomb & }; (trap "" TERM; while :; do bomb; done) & touch ready; wait'
rm -f ready
become "$service/app" "$NONO" run -s --max-procs 60 --allow . -- \
	bash -c "$bomb" >/dev/null 2>&1 &
session=$!
wait_until 20 test -e ready || not_ok 'fork bomb' 'did not start'
full() {
	grep -qx 60 "$service"/nono.*/pids.current
}
wait_until 20 full || not_ok 'fork bomb' "made only $(cat "$service"/nono.*/pids.current)"
place "$service/app" /bin/true && ok 'fork bomb: others still fork' ||
	not_ok 'fork bomb: others still fork' 'no'
before=$(date +%s%N)
kill -TERM $session
wait $session
is 'fork bomb: exit code of SIGTERM' $? 143
took=$((($(date +%s%N) - before) / 1000000))
# Two seconds of grace, then the group is killed as a whole.
[ "$took" -lt 20000 ] && ok 'fork bomb: the broker ends it' ||
	not_ok 'fork bomb: the broker ends it' "after $took ms"
gone && ok 'fork bomb: nothing is left' || not_ok 'fork bomb: nothing is left' "$(groups)"

# The guardian has no descriptor of the group and finds the processes one by one.
rm -f ready
become "$service/app" "$NONO" run -s --max-procs 60 --allow . -- \
	bash -c "$bomb" >/dev/null 2>&1 &
session=$!
wait_until 20 test -e ready && wait_until 20 full || not_ok 'second fork bomb' 'did not start'
broker=$(groups)
kill -KILL "${broker#nono.}"
wait $session
wait_until 10 sh -c "! grep -q . $service/nono.*/cgroup.procs" &&
	ok 'fork bomb, killed broker: nothing is left' ||
	not_ok 'fork bomb, killed broker' "$(cat "$service"/nono.*/cgroup.procs | wc -l) processes"
rmdir "$service"/nono.*

# ---- what nono setup says about it ----------------------------------------------------------

# setup_lines COMMAND...: the state of both lines in $lines, the other lines that do not hold in $others.
setup_lines() {
	local names='/"name":/ { split($0, a, "\""); name = a[4]; ours = name ~ /^(memory|max-procs)$/ }'
	run place "$service/app" env "$@" setup --check-only --json
	lines=$(awk "$names"' /"state":/ && ours { split($0, a, "\""); printf "%s ", a[4] }' <<<"$out")
	others=$(awk "$names"' /"state":/ && !/"enforced"/ && !ours { printf "%s ", name }' <<<"$out")
}
setup_lines "$NONO"
is 'setup: both limits are enforced' "$rc $lines" '0 enforced enforced '
before=$others
setup_lines "$NONO_TEST"
is 'setup of the test build' "$rc $lines$others" "0 enforced enforced $before"
setup_lines NONO_TEST_OFF=memory-limit "$NONO_TEST"
is 'setup without the limit of memory: its line alone' "$rc $lines$others" "1 unavailable enforced $before"
setup_lines NONO_TEST_OFF=process-limit "$NONO_TEST"
is 'setup without the limit of processes: its line alone' "$rc $lines$others" "1 enforced unavailable $before"
gone && ok 'setup: no group is left' || not_ok 'setup: no group is left' "$(groups)"

# ---- what is left by others -----------------------------------------------------------------

dead=$(sh -c 'echo $$')
mkdir "$service/nono.$dead" "$service/nono.$dead-own" "$service/nono.$$" "$service/nono.x" \
	"$service/nono.0$dead"
run place "$service/app" "$NONO" run -s --memory 64M --allow . -- true
is 'a run beside groups of others' "$rc $err" '0 '
is 'only groups of dead sessions are removed' "$(groups | sort | tr '\n' ' ')" \
	"$(printf 'nono.%s\n' $$ "0$dead" x | sort | tr '\n' ' ')"
rmdir "$service"/nono.*
# The broker is the child of this process, and one of the next numbers is its.
# shellcheck disable=SC2016
run place "$service/app" bash -c 'for i in {1..60}; do names+=("$1/nono.$(($$ + i))"); done
	mkdir "${names[@]}"; shift; exec "$@"' bash "$service" "$NONO" run -s --memory 64M --allow . -- touch started
is 'a group of its own number: exit code' "$rc" 1
has 'a group of its own number' "$err" 'nono: resource: cannot make the group'
[ ! -e started ] && ok 'nothing is started' || not_ok 'nothing is started' 'it was'
rmdir "$service"/nono.* 2>/dev/null

rm -f ready
become "$service/app" "$NONO" run -s --memory 64M --allow . -- sh -c 'touch ready; sleep 100' \
	2>/dev/null &
session=$!
wait_until 20 test -e ready
broker=$(groups)
kill -KILL "${broker#nono.}"
wait $session
wait_until 5 sh -c "! grep -q . $service/nono.*/cgroup.procs" &&
	ok 'killed broker: the group is empty' || not_ok 'killed broker' 'processes are left'
run place "$service/app" "$NONO" run -s --memory 64M --allow . -- true
gone && ok 'killed broker: the next start removes its group' || not_ok 'killed broker' "$(groups)"

rm -f ready
run place "$service/app" "$NONO" run -s --memory 64M --leave-background --allow . -- \
	sh -c 'sleep 3 & touch ready'
is 'what may live on' "$rc" 0
is 'keeps its limits' "$(cat "$service"/nono.*/memory.max)" $((64 << 20))
sleep 4
run place "$service/app" "$NONO" run -s --memory 64M --allow . -- true
gone && ok 'and is removed when it is empty' || not_ok 'and is removed' "$(groups)"

# ---- the call of the child ------------------------------------------------------------------

place "$service/app" "$tracer" record "$PWD/trace" -- "$NONO" run -s --memory 64M --allow . -- \
	/bin/true >/dev/null 2>"$TMPDIR/err" </dev/null
is 'traced' "$? $(cat "$TMPDIR/err")" '0 '
program=$(sed -n 's/^program \([0-9]*\) fd 0 .*/\1/p' trace)
is 'the group is entered between the parent and the descriptors' \
	"$(sed -n "s/^[0-9]* child $program \([a-z_0-9]*\).*/\1/p" trace | sed -n '3,5p' | tr '\n' ' ')" \
	'getppid write close_range '

# ---- without a delegated subtree ------------------------------------------------------------

run place $root "$NONO" run -s --memory 64M --allow . -- touch started
is 'in a group of root: exit code' "$rc" 1
has 'in a group of root' "$err" "nono: resource: no delegated cgroup v2 subtree for this session"
has 'in a group of root: why' "$err" "is not this user's; start it as"
mkdir "$base/user@${user}1.service"
give "$base/user@${user}1.service"
chmod a-w "$base/user@${user}1.service/cgroup.subtree_control"
run place "$base/user@${user}1.service" "$NONO" run -s --memory 64M --allow . -- touch started
has 'in the subtree of another user' "$err" 'no delegated cgroup v2 subtree'
[ ! -e started ] && ok 'nothing is started' || not_ok 'nothing is started' 'it was'

run place "$own" "$NONO" run --memory 64M --max-procs 20 --allow . -- /usr/bin/python3 hog.py 128
is 'alone in a group of its own: the hog' "$rc" 137
has 'alone in a group of its own' "$err" 'memory limit exceeded'
run place "$own" "$NONO" run -s --memory 64M --allow . -- cat /proc/self/cgroup
has 'alone in a group of its own: the leaf' "$out" '/own.service/nono.'
is 'the group is as before' "$(cat "$own/cgroup.subtree_control")$(find "$own" -mindepth 1 -type d)" ''
sleep 300 &
echo $! >"$own/cgroup.procs"
disown
run place "$own" "$NONO" run -s --memory 64M --allow . -- touch started
has 'not alone in it' "$err" 'holds other processes and so cannot be divided'
[ ! -e started ] && ok 'nothing is started' || not_ok 'nothing is started' 'it was'

# ---- through the user's service manager -----------------------------------------------------

# One that answers, and a systemd-run that asks a process of root to be moved, as the real one asks
# the manager.
mkdir -p ../run/systemd ../bin
chmod 755 ../run ../run/systemd ../bin
/usr/bin/python3 -c '
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o777)
s.listen(8)
while True:
    s.accept()[0].close()' "$PWD/../run/systemd/private" &
server=$!
mkfifo -m 666 ../asked
while read -r pid <../asked; do
	echo "$pid" >"$service/app/cgroup.procs"
done &
mover=$!
cat >../bin/systemd-run <<END
#!/bin/bash
echo "\$*" >>$PWD/asked-for
if [ -z "\$LAZY" ]; then
	echo \$\$ >$PWD/../asked
	while ! grep -q $user.service/app /proc/self/cgroup; do :; done
fi
while [ "\$1" != -- ]; do shift; done
shift
exec "\$@"
END
chmod 755 ../bin/systemd-run
wait_until 10 test -S ../run/systemd/private
place $root env PATH="$PWD/../bin:$PATH" XDG_RUNTIME_DIR="$PWD/../run" \
	"$NONO" run -s --memory 64M --allow . -- cat /proc/self/cgroup >"$TMPDIR/out" 2>"$TMPDIR/err"
is 'through the service manager' "$? $(cat "$TMPDIR/err")" '0 '
has 'its group' "$(cat "$TMPDIR/out")" "user@$user.service/nono."
is 'asked once, for a scope' "$(sed 's, /.*/nono , nono ,' asked-for)" \
	'--user --scope --quiet --collect -- nono run -s --memory 64M --allow . -- cat /proc/self/cgroup'
: >asked-for
run place $root env PATH="$PWD/../bin:$PATH" XDG_RUNTIME_DIR="$PWD/../run" LAZY=1 \
	"$NONO" run -s --memory 64M --allow . -- touch started
has 'a manager that moves nobody' "$err" 'no delegated cgroup v2 subtree'
is 'is asked once' "$(wc -l <asked-for)" 1
run place $root env PATH="$PWD/../bin:$PATH" XDG_RUNTIME_DIR="$PWD/../run" \
	"$NONO" run -s --allow . -- true
is 'no limit, no manager' "$rc $(wc -l <asked-for)" '0 1'
kill $server
wait $server 2>/dev/null
server=
run place $root env PATH="$PWD/../bin:$PATH" XDG_RUNTIME_DIR="$PWD/../run" \
	"$NONO" run -s --memory 64M --allow . -- touch started
has 'a manager that does not answer' "$err" 'no delegated cgroup v2 subtree'
is 'is not asked' "$(wc -l <asked-for)" 1
[ ! -e started ] && ok 'nothing is started' || not_ok 'nothing is started' 'it was'

finish
