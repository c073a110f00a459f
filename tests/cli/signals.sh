#!/bin/bash
# Signals to every process of a session, exit codes, and that nothing of the tree outlives it.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"
. "$NONO_TOP/tests/harness/launch.sh"

pty=$tools/cli/pty
mkdir work
cd work || exit 2
grant=(--allow .)
log=../log

# ---- exit codes ----

for mode in $modes; do
	for code in 0 1 2 77 126 127 129 255; do
		run "$NONO" "$mode" -s "${grant[@]}" -- /bin/sh -c "exit $code"
		is "$mode: exit $code" $rc $code
	done
	for name in INT TERM HUP QUIT KILL ABRT SEGV PIPE; do
		run "$NONO" "$mode" -s "${grant[@]}" -- /bin/sh -c "kill -$name \$\$" 2>/dev/null
		is "$mode: killed by $name" $rc $((128 + $(kill -l $name)))
	done
	run "$NONO" "$mode" "${grant[@]}" -- no-such-program-here
	is "$mode: program not found" $rc 127
	plant not-executable
	run "$NONO" "$mode" "${grant[@]}" -- ./not-executable
	is "$mode: not executable" $rc 126
	printf '#!/no/such/interpreter\n' >no-interpreter
	chmod +x ./no-interpreter
	run "$NONO" "$mode" "${grant[@]}" -- ./no-interpreter
	is "$mode: interpreter not found" $rc 127
	run "$NONO" "$mode" --error-exit-code 42 "${grant[@]}" -- no-such-program-here
	is "$mode: --error-exit-code moves 127" $rc 42
	run "$NONO" "$mode" --error-exit-code 42 "${grant[@]}" -- /bin/sh -c 'exit 127'
	is "$mode: --error-exit-code leaves the program's 127 alone" $rc 127
done
run "$NONO" run "${grant[@]}" -- /bin/sh -c 'kill -TERM $$'
has 'run: a stopped session is named' "$err" '[nono] Session stopped.'
run "$NONO" run --no-diagnostics "${grant[@]}" -- /bin/sh -c 'kill -TERM $$'
is 'run: --no-diagnostics does not name it' "${err##*Session stopped*}" "$err"

# ---- who gets a signal ----

# start MODE SCRIPT: in the background; waits for its line "ready"; sets $nono (the process that
# was started), $broker (run only), $program. The shell makes its background jobs ignore INT and
# QUIT, hence env.
start() {
	local mode=$1
	rm -f $log
	env --default-signal=INT,QUIT "$NONO" "$mode" -s "${grant[@]}" -- \
		/bin/sh -c "$2" >$log 2>&1 &
	nono=$!
	wait_until 10 grep -qs ready $log || return 1
	program=$(sed -n 's/^ready //p' $log)
	broker=
	[ "$mode" = wrap ] || broker=$(awk '{print $4}' "/proc/$program/stat" 2>/dev/null)
}

loop='while :; do sleep 0.1; done'
for name in INT TERM HUP QUIT; do
	number=$(kill -l $name)
	trapping="trap 'echo got $name; exit 9' $name; echo ready \$\$; $loop"
	dying="echo ready \$\$; exec sleep 300"
	for target in nono broker program; do
		start run "$trapping"
		kill -$name "${!target}"
		wait $nono
		is "run: $name to the $target: exit code of a handler" $? 9
		is "run: $name to the $target: handled once" "$(grep -c "got $name" $log)" 1
		start run "$dying"
		kill -$name "${!target}"
		wait $nono
		is "run: $name to the $target: exit code of a death" $? $((128 + number))
	done
	start wrap "$trapping"
	kill -$name $nono
	wait $nono
	is "wrap: $name: exit code of a handler" $? 9
done

# ---- nothing is left ----

# Descendants that do what they can to get away: own session, double fork, ignored signals. sleep
# carries the word by which they are found afterwards.
word=3$(printf '%06d' $((($$ * 7 + RANDOM) % 1000000)))
tree="setsid sleep $word & (setsid sh -c 'sleep $word & sleep $word' &) ; \
	(trap '' TERM INT HUP; exec sleep $word) & (sh -c 'sleep $word &' &); "

nothing_left() {
	[ -z "$(processes_with "$word")" ]
}

some_left() {
	[ "$(processes_with "$word" | wc -l)" -ge 5 ]
}

gone_or_say() {
	if wait_until 8 nothing_left; then
		ok "$1"
	else
		not_ok "$1" "$(processes_with "$word" | wc -l) processes are left"
		# shellcheck disable=SC2046
		kill -9 $(processes_with "$word")
	fi
}

start run "$tree echo ready \$\$; exec sleep $word"
wait_until 5 some_left
is 'control: the tree runs' $? 0
kill -TERM $nono
wait $nono
is 'background processes at the end: exit code' $? 143
gone_or_say 'background processes are ended with the program'

start run "$tree echo ready \$\$; sleep 0.5; exit 3"
wait $nono
is 'background processes at a normal end: exit code' $? 3
gone_or_say 'background processes are ended at a normal end'

start run "(trap 'echo orderly; exit 0' TERM; echo up; $loop) & sleep 0.3; echo ready \$\$"
wait $nono
is 'background processes get SIGTERM before SIGKILL' "$(grep -c orderly $log)" 1

"$NONO" run -s "${grant[@]}" --keep-background -- \
	/bin/sh -c "setsid sleep $word & exit 0" >$log 2>&1
is '--keep-background: exit code' $? 0
is '--keep-background: the process stays' "$(processes_with "$word" | wc -l)" 1
# shellcheck disable=SC2046
kill -9 $(processes_with "$word")

for victim in nono broker program; do
	for delay in 0 0.002 0.01 0.05 0.2; do
		start run "$tree echo ready \$\$; exec sleep $word"
		sleep $delay
		kill -9 "${!victim}"
		wait $nono 2>/dev/null
		rc=$?
		# the guardian outlives its broker and says so with a code of its own
		[ $victim = broker ] ||
			is "kill -9 of the $victim after $delay s: exit code" $rc 137
		gone_or_say "kill -9 of the $victim after $delay s leaves nothing"
	done
done

# At any time of the launch, also before the program runs.
tries_made=0
for i in $(seq 1 40); do
	"$NONO" run -s "${grant[@]}" -- /bin/sh -c "$tree exec sleep $word" >/dev/null 2>&1 &
	nono=$!
	sleep "0.00$((RANDOM % 10))"
	victim=$nono
	if [ $((i % 2)) = 0 ]; then
		children=$(cat "/proc/$nono/task/$nono/children" 2>/dev/null)
		victim=${children%% *}
		victim=${victim:-$nono}
	fi
	kill -9 "$victim" 2>/dev/null && tries_made=$((tries_made + 1))
	wait $nono 2>/dev/null
done
gone_or_say "kill -9 of guardian or broker during the launch ($tries_made times) leaves nothing"

# ---- the terminal ----

counting='n=0; trap "n=\$((n + 1))" INT; echo ready; i=0
	while [ $i -lt 15 ]; do sleep 0.1; i=$((i + 1)); done; echo count $n; exit $n'
for mode in $modes; do
	out=$("$pty" ready $'\003' -- "$NONO" "$mode" -s "${grant[@]}" -- /bin/bash -c "$counting")
	is "$mode: one ^C arrives once" $? 1
	out=$("$pty" ready $'\003' -- "$NONO" "$mode" -s "${grant[@]}" -- \
		/bin/sh -c 'echo ready; exec sleep 20')
	is "$mode: ^C ends the program" $? 130
	out=$("$pty" ready $'\034' -- "$NONO" "$mode" -s "${grant[@]}" -- \
		/bin/sh -c 'echo ready; exec sleep 20')
	is "$mode: ^\\ ends the program" $? 131
	out=$("$pty" ready $'hello\n' -- "$NONO" "$mode" -s "${grant[@]}" -- \
		/bin/sh -c 'echo ready; read line; echo "line: $line"')
	has "$mode: the program reads its terminal" "$out" 'line: hello'
	"$pty" ready close -- "$NONO" "$mode" -s "${grant[@]}" -- \
		/bin/sh -c "echo ready; exec sleep $word" >/dev/null
	gone_or_say "$mode: the program ends with its terminal"
	# shellcheck disable=SC2016
	out=$("$pty" -- "$NONO" "$mode" -s "${grant[@]}" -- /bin/bash -c '
		[ -t 0 ] && echo "is a terminal"; : <"$(tty)" && : >"$(tty)" && echo "own node"')
	has "$mode: standard input is a terminal" "$out" 'is a terminal'
	has "$mode: its own node can be opened" "$out" 'own node'
done

finish
