#!/bin/bash
# Processes of its own (--namespaces=full, linux.pid_namespace): a /proc without anybody else's, a process 1
# that nothing inside can end, and for everything else the session that it is without.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"
. "$NONO_TOP/tests/harness/launch.sh"

pty=$tools/cli/pty
mkdir work
cd work || exit 2
export NONO_UPDATE_CHECK=off
profiles=$HOME/.config/nono/profiles
mkdir -p "$profiles"
profile() { # NAME TEXT
	printf '{"meta": {"name": "%s"}, %s}' "$1" "$2" >"$profiles/$1.json"
}
profile off '"linux": {"pid_namespace": "off"}'
profile require '"linux": {"pid_namespace": "require"}'
profile look '"security": {"process_info_mode": "allow_all"}'
profile signals '"security": {"signal_mode": "allow_all"}'

SECRET=in-environment sleep 300.25 &
other=$!
trap 'kill $other' EXIT
wait_until 5 grep -q sleep "/proc/$other/comm"

plain=("$NONO" run -s --allow .)
full=("${plain[@]}" --namespaces=full)

# acts NAME WANTED COMMAND... -- ACT...: the word that `try ACT...` prints in that session.
acts() {
	local name=$1 wanted=$2 command=()
	shift 2
	while [ "$1" != -- ]; do
		command+=("$1")
		shift
	done
	shift
	run "${command[@]}" -- "$try" "$@"
	is "$name" "$out${err:+ ($err)}" "$wanted"
}

if ! unshare -mpf --mount-proc true 2>/dev/null && ! unshare -Urmpf --mount-proc true 2>/dev/null; then
	skip 'a pid namespace' 'this system lets nobody have one with its own /proc'
	run "${plain[@]}" --profile require -- true
	is 'nothing starts where it is required' "$rc" 126
	finish
fi

# ---- others: not there; without it there ----

for name in cmdline stat status; do
	acts "$name of another process" ENOENT "${full[@]}" -- open r "/proc/$other/$name"
	acts "$name of another process, without" ok "${plain[@]}" -- open r "/proc/$other/$name"
done
acts 'environ of another process' ENOENT "${full[@]}" -- open r "/proc/$other/environ"
acts 'environ of another process, without' EACCES "${plain[@]}" -- open r "/proc/$other/environ"
acts 'descriptors of another process' ENOENT "${full[@]}" -- list "/proc/$other/fd"
acts 'a signal to another process' ESRCH "${full[@]}" -- signal $other 0
acts 'a signal to another process, without' "$(by_landlock 6 EPERM ok)" "${plain[@]}" -- signal $other 0
acts 'tracing another process' ESRCH "${full[@]}" -- trace $other
run "${full[@]}" -- ps -A -o comm=
is 'ps' "$(tr '\n' ' ' <<<"$out")" 'nono-init ps '
run "${plain[@]}" -- ps -A -o args=
has 'ps, without' "$out" 'sleep 300.25'
run "${full[@]}" -- sh -c 'cat /proc/[0-9]*/cmdline | tr "\0" "\n"'
case $out in *300.25*) not_ok 'no command line of others' "$out" ;; *) ok 'no command line of others' ;; esac

# ---- its own ----

acts 'its own status' ok "${full[@]}" -- open r /proc/self/status
acts 'its own environ' ok "${full[@]}" -- open r /proc/self/environ
acts 'its own descriptors' ok "${full[@]}" -- list /proc/self/fd
acts 'the machine' ok "${full[@]}" -- open r /proc/meminfo
acts 'settings of the kernel' EROFS "${full[@]}" -- open w /proc/sys/kernel/domainname
acts 'a setting of itself' EROFS "${full[@]}" -- open w /proc/self/comm
# shellcheck disable=SC2016
run "${full[@]}" -- sh -c 'sleep 7 & cat /proc/$!/comm; kill $! && wait $!; echo $?; sh -c "cat /proc/self/comm; :"; :'
is 'its children' "$(tr '\n' ' ' <<<"$out")" 'sleep 143 cat '
# shellcheck disable=SC2016
run "${full[@]}" -- sh -c '(sleep 0.1 & sleep 0.2 & echo $! >orphan) & wait; sleep 0.1; cut -d" " -f4 /proc/$(cat orphan)/stat
	sleep 0.5; ps -A -o stat= | grep -c Z; ps -A -o comm= | grep -c sleep'
is 'orphans belong to process 1 and leave no zombies' "$(tr '\n' ' ' <<<"$out")" '1 0 0 '
run "${full[@]}" --read "$(dirname "$NONO")" -- "$NONO" run -s --no-audit --allow . -- sh -c 'ps -A -o comm= | grep -c nono-init'
is 'a session inside' "$out$err" 1
run "${full[@]}" --read "$(dirname "$NONO")" -- sh -c "mkdir -p '$TMPDIR/a' && \"$NONO\" run -s --no-audit --shared-tmp --allow . -- true; ls -d \"\$TMPDIR\"" 
has 'the directory of this session stays, whoever cleans up inside' "$out" nono-

# ---- process 1 ----

for what in KILL STOP TERM INT; do
	# shellcheck disable=SC2016
	run "${full[@]}" -- sh -c 'kill -'$what' 1 2>/dev/null; sleep 0.1; grep State /proc/1/status'
	has "it takes no SIG$what from inside" "$out" 'S (sleeping)'
done
acts 'tracing it' EPERM "${full[@]}" -- trace 1
acts 'its environment' EACCES "${full[@]}" -- open r /proc/1/environ
acts 'its memory' EACCES "${full[@]}" -- open r /proc/1/mem
run "${full[@]}" -- sh -c 'tr "\0" " " </proc/1/cmdline'
is 'its command line tells nothing of the session' "${out%%=*}" 'nono-broker --plan-fd'
run "${full[@]}" -- grep -E '^(NoNewPrivs|Seccomp|Cap(Eff|Prm|Inh|Amb)):' /proc/1/status
is 'it is confined' "$(tr -s '\t\n' '  ' <<<"$out")" \
	"CapInh: 0000000000000000 CapPrm: 0000000000000000 CapEff: 0000000000000000 CapAmb: 0000000000000000 NoNewPrivs: 1 Seccomp: 2 "

# ---- the same session otherwise ----

for code in 0 1 77 126 127 129 255; do
	run "${full[@]}" -- sh -c "exit $code"
	is "exit $code" $rc $code
done
for name in INT TERM HUP QUIT KILL ABRT SEGV PIPE; do
	run "${full[@]}" -- sh -c "kill -$name \$\$" 2>/dev/null
	is "killed by $name" $rc $((128 + $(kill -l $name)))
done
run "$NONO" run --namespaces=full --allow . -- sh -c 'kill -TERM $$'
has 'a stopped session is named' "$err" '[nono] Session stopped.'
printf '#!/no/such/interpreter\n' >no-interpreter
chmod +x no-interpreter
run "${full[@]}" -- ./no-interpreter
is 'no interpreter' $rc 127
plant not-executable
run "${full[@]}" -- ./not-executable
is 'not executable' $rc 126
is 'output ends with the program' "$(timeout 5 "${full[@]}" -- sh -c 'echo a; exec true' | cat)" a
has 'why --self' "$("${full[@]}" -- "$NONO" why --self --path /etc/shadow 2>&1)" DENIED

log=../log
# start SCRIPT: in the background, until its line "ready"; sets $nono, $broker, $init and $program.
start() {
	local pid
	rm -f $log
	env --default-signal=INT,QUIT "${full[@]}" -- sh -c "$1" >$log 2>&1 &
	nono=$!
	wait_until 10 grep -qs ready $log || return 1
	broker=$(ps -o pid= --ppid $nono | tr -d ' ')
	init='' program=''
	for pid in $(ps -o pid= --ppid "$broker"); do
		case $(cat "/proc/$pid/comm") in
		nono-init) init=$pid ;;
		*) shim=$pid program=$(ps -o pid= --ppid "$pid" | tr -d ' ') ;;
		esac
	done
}
gone() {
	[ ! -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null
}
all_gone() {
	local pid
	for pid in "$init" "$shim" "$program" $(processes_with 300.75); do
		gone "$pid" || return 1
	done
}
loop='setsid sleep 300.75 & trap "echo took" $SIGNAL; echo ready; while :; do sleep 0.05; done'

for name in INT TERM HUP QUIT USR1 USR2; do
	start "SIGNAL=$name; $(sed "s/\$SIGNAL/$name/" <<<"$loop")"
	kill -$name $nono
	wait_until 5 grep -q took $log && ok "$name to nono arrives, once" || not_ok "$name to nono arrives" "$(cat $log)"
	kill -KILL "$program"
	wait $nono 2>/dev/null
	is "$name: the program killed from outside" $? 137
	wait_until 5 all_gone && ok "$name: nothing is left" || not_ok "$name: nothing is left" "$(ps -ef)"
done
# From the first moment on: a signal that comes while the session starts is not lost.
lost=0
for delay in 0.005 0.01 0.015 0.02 0.025 0.03; do
	"${full[@]}" -- sleep 20 &
	nono=$!
	sleep $delay
	kill -TERM $nono
	wait_until 10 gone $nono || lost=$((lost + 1))
	kill -KILL $nono 2>/dev/null
	wait $nono 2>/dev/null
done
is 'signals while it starts' $lost 0

for who in nono broker init shim; do
	start "$(sed 's/\$SIGNAL/USR1/' <<<"$loop")"
	kill -KILL "${!who}"
	wait $nono 2>/dev/null
	code=$?
	wait_until 5 all_gone && ok "$who killed: nothing is left" || not_ok "$who killed: nothing is left" "$(ps -ef)"
	case $who in init | shim) is "$who killed: exit code" $code 137 ;; esac
done
start "$(sed 's/\$SIGNAL/USR1/' <<<"$loop")"
kill -KILL $nono "$broker"
wait $nono 2>/dev/null
wait_until 5 all_gone && ok 'guardian and broker killed: nothing is left' || not_ok 'guardian and broker killed: nothing is left' "$(ps -ef)"

# What the program leaves gets its moment to end, and no more than that.
begin=$(date +%s%N)
run "${full[@]}" -- sh -c 'sh -c "trap \"echo ended >asked; exit\" TERM; : >set; while :; do sleep 0.05; done" & while [ ! -e set ]; do sleep 0.05; done; exit 9'
is 'what is left behind is asked to end' "$rc $(cat asked)" '9 ended'
run "${full[@]}" -- sh -c 'exit 9'
took=$((($(date +%s%N) - begin) / 1000000))
[ $took -lt $((1900 * ${TEST_PATIENCE:-1})) ] && ok 'and nobody waits for process 1' || not_ok 'and nobody waits for process 1' "$took ms"

# ---- on a terminal ----

run "$pty" -- "${full[@]}" -- sh -c 'tty; ps -A -o comm= | tr "\n" " "; exit 7'
is 'on a terminal: exit code' $rc 7
has 'on a terminal: its first one' "$out" /dev/pts/0
has 'on a terminal: its processes' "$out" 'nono-init sh ps'
cat >program <<'END'
echo "on its terminal"
read -r line
echo "read <$line>"
END
# shellcheck disable=SC2016
out=$("$pty" 'outer$' "PS1='outer> '; \"\$NONO\" run -s --allow . --namespaces=full -- sh program"$'\n' \
	'on its terminal' $'\x1a' 'Stopped' $'fg\n' 'program' $'typed\n' 'read <typed>' $'exit\n' \
	-- env PS1='outer$ ' NONO="$NONO" bash --noprofile --norc -i 2>&1)
has 'on a terminal: ^Z and fg' "$out" 'read <typed>'
has 'without a terminal of its own' "$("$pty" -- "${full[@]}" --no-pty -- sh -c 'ps -A -o comm= | tr "\n" " "')" 'nono-init sh ps'

# ---- when ----

acts 'off' ok "${full[@]}" --profile off -- open r "/proc/$other/cmdline"
acts 'process_info_mode allow_all' ok "${full[@]}" --profile look -- open r "/proc/$other/cmdline"
acts 'signal_mode allow_all' ok "${full[@]}" --profile signals -- signal $other 0
acts 'required, and nothing else' ENOENT "${plain[@]}" --profile require -- open r "/proc/$other/cmdline"
run "${plain[@]}" --namespaces=off --profile require -- true
is 'required and --namespaces=off' "$rc" 1
has 'required and --namespaces=off: why' "$err" 'linux.pid_namespace'
run "$NONO" wrap -s --allow . --profile require -- true
is 'required under wrap' "$rc" 1
has 'required under wrap: why' "$err" 'becomes the program itself'
run "${plain[@]}" --leave-background --profile require -- true
has 'required and --leave-background' "$rc $err" 'their process 1'
run "$NONO" run --allow . --leave-background --namespaces=full -- "$try" open r "/proc/$other/cmdline"
has 'full and --leave-background' "$out$err" ok
has 'full and --leave-background: told' "$err" 'processes outside of the session can be listed'
acts 'a process that is granted by name' ok "${full[@]}" --read "/proc/$other" -- open r "/proc/$other/cmdline"
run bash -c 'exec 8</proc; exec "$@"' x "${plain[@]}" --profile require --keep-fd 8 -- true
has 'a directory that is kept open' "$rc $err" 'the /proc of the system'
acts '/proc as a whole' ENOENT "${full[@]}" --read /proc -- open r "/proc/$other/cmdline"

# ---- where /proc is covered in part, as in a container ----

# shellcheck disable=SC2016
covered=(unshare -Um --map-current-user --keep-caps sh -c 'mount -t tmpfs none /proc/sys && exec setpriv \
	--ambient-caps=-all --inh-caps=-all "$@"' sh)
if "${covered[@]}" true 2>/dev/null && ! "${covered[@]}" unshare -Urmpf --mount-proc true 2>/dev/null &&
	"${covered[@]}" unshare -Urm true 2>/dev/null; then
	run "${covered[@]}" "$NONO" run --allow . --namespaces=full -- sh -c 'chmod 700 .. || echo refused'
	has 'covered: full goes on, with all else' "$out" refused
	has 'covered: told' "$err" 'mounting its /proc: Operation not permitted'
	run "${covered[@]}" "$NONO" run -s --allow . --namespaces=require -- true
	is 'covered: require' "$rc" 126
	run "${covered[@]}" "${plain[@]}" --profile require -- true
	is 'covered: required by the profile' "$rc" 126
	run "${covered[@]}" "${full[@]}" --block-net --strict -- true
	has 'covered: strict' "$rc $err" 'those of others can be listed'
else
	skip 'where /proc is covered in part' 'this system lets nobody build that'
fi

finish
