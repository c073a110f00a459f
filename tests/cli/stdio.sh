#!/bin/bash
# Redirected standard streams grant nothing beyond the descriptors themselves (spec 02 3.5), and
# no other descriptor reaches the program.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"
. "$NONO_TOP/tests/harness/launch.sh"

top=$PWD
mkdir work
cd work || exit 2
mkdir ../tree
plant ../tree/secret
plant ../log 'earlier line'
plant ../secret

for mode in $modes; do
	"$NONO" "$mode" -s --allow . -- /bin/cat /dev/null <../tree >../out 2>../err
	is "$mode: a directory as standard input: exit code" $? 1
	has "$mode: a directory as standard input: text" "$(cat ../err)" \
		'standard input is a directory'
	"$NONO" "$mode" -s --allow . -- /bin/cat <../log >../out 2>../err
	is "$mode: a file as standard input is read" "$(cat ../out)" 'earlier line'

	for act in 'open r' 'open t' truncate; do
		wanted=EACCES
		# Before Landlock could refuse it, the filter did, for any file.
		[ "$act" = 'open r' ] || wanted=$(by_landlock 3 EACCES EPERM)
		# shellcheck disable=SC2086
		word=$("$NONO" "$mode" -s --allow . -- "$try" $act "$top/log" 2>>../log)
		is "$mode: 2>> log, $act by path" "$word" "$wanted"
		# shellcheck disable=SC2086
		word=$("$NONO" "$mode" -s --allow . -- "$try" $act /dev/stderr 2>>../log)
		is "$mode: 2>> log, $act /dev/stderr" "$word" "$wanted"
	done
	word=$("$NONO" "$mode" -s --allow . -- "$try" open a /dev/stderr 2>>../log)
	is "$mode: 2>> log, append to /dev/stderr" "$word" ok
	"$NONO" "$mode" -s --allow . -- /bin/sh -c 'echo line >&2' 2>>../log
	is "$mode: 2>> log, the line arrives behind the others" "$(tail -n 1 ../log)" line
	is "$mode: 2>> log, what was there stays" "$(head -n 1 ../log)" 'earlier line'
	plant ../log 'earlier line'

	word=$("$NONO" "$mode" -s --allow . -- "$try" open w "$top/log" <../log)
	is "$mode: < log, writing by path" "$word" EACCES
	word=$("$NONO" "$mode" -s --allow . -- "$try" open r /dev/stdin <../log)
	is "$mode: < log, /dev/stdin" "$word" ok
	word=$(echo piped | "$NONO" "$mode" -s --allow . -- "$try" open r /dev/stdin)
	is "$mode: a pipe, /dev/stdin" "$word" ok
	word=$(echo x | "$NONO" "$mode" -s --allow . -- /bin/sh -c 'cat /dev/fd/0')
	is "$mode: a pipe, /dev/fd/0" "$word" x

	# ---- other descriptors ----

	for fd in 3 7 63 200; do
		eval "exec $fd<../secret"
		word=$("$NONO" "$mode" -s --allow . -- "$try" fd r $fd)
		is "$mode: inherited descriptor $fd" "$word" EBADF
		eval "exec $fd<&-"
	done
	exec 7<../secret
	is "outside: inherited descriptor 7" "$("$try" fd r 7)" ok
	word=$("$NONO" "$mode" -s --allow . --keep-fd 7 -- "$try" fd r 7)
	is "$mode: descriptor 7 with --keep-fd 7" "$word" ok
	word=$("$NONO" "$mode" -s --allow . --keep-fd 7 -- "$try" fd r 8)
	is "$mode: descriptor 8 with --keep-fd 7" "$word" EBADF
	exec 7<&-
done

finish
