#!/bin/bash
# nono-screen taken over: in the hooks build it does one hostile act right behind its confinement.
# Each ends the session; without the confinement the same act has its effect. Then the signals and
# processes with which the program may try to get at the helpers.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"
. "$NONO_TOP/tests/harness/launch.sh"
. "$NONO_TOP/tests/harness/tmux.sh"
trap close_tmux EXIT

pty=$tools/cli/pty
mkdir work
cd work || exit 2

# The session with an act, on a terminal that types K when it begins; between two looks at the modes.
cat >../attacked <<'A'
#!/bin/sh
stty -a >../before
echo begin
"$NONO_TEST" run -s --allow . -- /bin/sh -c 'touch ran; read a; read b; eval "$a"'
echo "code $?"
stty -a >../after
A
chmod +x ../attacked

attacked() {
	rm -f typed ran ../before ../after
	out=$(env NONO_TEST_ATTACK="screen:$1" NONO_TEST_OFF="$2" \
		"$pty" begin $'K\n' ATTACK $'\n\n' -- ../attacked)
}

acts='open connect signal exec fork key type push modes dup executable-memory'
for act in $acts; do
	attacked "$act" ''
	case $out in
	*ATTACK*) not_ok "$act" "'$out'" ;;
	*) ok "$act: it is killed in the act" ;;
	esac
	has "$act: the session ends with the message" "$out" 'nono-screen, which draws the terminal'
	has "$act: the exit code is nono's" "$out" 'code 1'
	is "$act: the program does not run, nothing is typed" "$(ls)" ''
	is "$act: modes of the terminal" "$(cat ../after)" "$(cat ../before)"

	attacked "$act" screen-confine
	case $out in
	*"ATTACK-SUCCEEDED $act"*) ok "$act: works without the confinement" ;;
	*"ATTACK-REFUSED push 5"*) skip "$act: works without the confinement" 'this kernel has no TIOCSTI' ;;
	*) not_ok "$act: works without the confinement" "'${out:0:300}'" ;;
	esac
done
attacked type screen-confine
is 'type: without the confinement the program reads it' "$(ls)" $'ran\ntyped'

attacked crash ''
has 'crash: the session ends with the message' "$out" 'nono-screen, which draws the terminal'
is 'crash: modes of the terminal' "$(cat ../after)" "$(cat ../before)"
out=$(env NONO_TEST_ATTACK=screen:crash "$pty" -- "$NONO" run -s --allow . -- echo works)
has 'the release has no such act' "$out" works

# ---- what comes from the keyboard and from the job's shell never reaches a helper --------------

printf "PS1='outer\$ '\n" >../rc
open_pane env NONO="$NONO" bash --noprofile --rcfile "$PWD/../rc" -i
await 'outer$'
type_text "\"\$NONO\" run -s --allow . -- /bin/bash -c 'trap \"echo inter\\rupted\" INT; echo u\"\"p-now; while :; do sleep 0.2; done'"
press Enter
await up-now
top=$(tm display-message -p -t $pane '#{pane_pid}')
# Names and states of the helpers below the pane's shell: "nono-broker S,nono-broker S,...".
helpers() {
	ps -A -o pid=,ppid=,comm=,state= | awk -v top="$top" '
		{ parent[$1] = $2; line[$1] = $1 " " $3; if ($3 !~ /^nono-/) delete line[$1]; bad[$1] = $4 ~ /[TZ]/ }
		END { for (p in line) {
			for (q = p; q > 1 && q != top; q = parent[q])
				;
			if (q == top)
				print line[p] (bad[p] ? " stopped" : "")
		} }' | sort
}
at_work=$(helpers)
is 'control: guardian, broker, shim and screen' "$(grep -c nono- <<<"$at_work")" 4
for i in 1 2 3; do
	press C-c
	await interrupted
done
is '^C: the helpers are as before' "$(helpers)" "$at_work"
group=$(ps -o pgid= -p "$(awk '/nono-broker/ { print $1; exit }' <<<"$at_work")" | tr -d ' ')
kill -CONT -"$group"
kill -WINCH -"$group"
sleep 0.3
is 'SIGCONT and SIGWINCH to the group: the helpers are as before' "$(helpers)" "$at_work"
for i in 1 2; do
	press C-z
	await Stopped
	is "^Z, time $i: only the guardian is stopped" \
		"$(helpers | sed 's/ stopped//')/$(helpers | grep -c stopped)" "$at_work/1"
	type_text 'clear; fg'
	press Enter
	wait_until 5 shows_not Stopped
	sleep 0.5
	is "fg, time $i: the helpers are as before" "$(helpers)" "$at_work"
done
press C-z
await Stopped
type_text 'clear; bg'
press Enter
sleep 0.5
is 'bg: the helpers are as before' "$(helpers)" "$at_work"
type_text 'kill %1; wait'
press Enter
sleep 0.5
press C-c
wait_until 10 eval '[ -z "$(helpers)" ]'
is 'the end of the job is that of the helpers' "$(helpers)" ''
close_pane

# ---- the shim, from inside ---------------------------------------------------------------------

word=5$(printf '%06d' $((($$ * 7 + RANDOM) % 1000000)))
no_word() {
	[ -z "$(processes_with "$word")" ]
}
for signal in STOP KILL TERM HUP INT TSTP; do
	cat >../inside <<A
#!/bin/sh
stty -a >../before
"\$NONO" run -s --allow . -- /bin/sh -c 'setsid sleep $word & kill -$signal \$PPID || echo refused; sleep 1; echo went on'
echo "code \$?"
stty -a >../after
A
	chmod +x ../inside
	rm -f ../after
	out=$("$pty" -- ../inside)
	case $signal in
	STOP | KILL)
		has "kill -$signal of the shim: the message" "$out" \
			'job-control process of this session was stopped or killed'
		has "kill -$signal of the shim: the exit code is nono's" "$out" 'code 1'
		;;
	*)
		has "kill -$signal of the shim: nothing happens" "$out" 'went on'
		has "kill -$signal of the shim: the exit code is the program's" "$out" 'code 0'
		;;
	esac
	is "kill -$signal of the shim: modes" "$(cat ../after)" "$(cat ../before)"
	if wait_until 8 no_word; then
		ok "kill -$signal of the shim: nothing is left"
	else
		not_ok "kill -$signal of the shim" 'processes are left'
	fi
done
# shellcheck disable=SC2016
# Not dumpable, nobody inside can trace it or read its memory.
out=$("$pty" -- "$NONO" run -s --allow . -- /bin/sh -c '
	(: </proc/self/mem) && echo own opens; (: </proc/$PPID/mem) || echo closed')
has 'control: a process opens its own memory' "$out" 'own opens'
has 'the memory of the shim cannot be opened' "$out" closed

finish
