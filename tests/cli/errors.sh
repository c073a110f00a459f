#!/bin/bash
# Every error text of spec 02 25 that these modes can reach, and every kind of bad input: one clear
# line, the right exit code, nothing started.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"
. "$NONO_TOP/tests/harness/launch.sh"

mkdir work
cd work || exit 2
plant file
mkdir directory
ln -s loop loop
trace=$TMPDIR/trace

# refused NAME CODE TEXT ARGUMENT...: for both modes; the program would leave a file "ran".
refused() {
	local name=$1 code=$2 text=$3 mode
	shift 3
	for mode in $modes; do
		run "${with[@]}" "$NONO" "$mode" "$@"
		is "$mode: $name: exit code" $rc "$code"
		has "$mode: $name: text" "$err" "$text"
		if [ "$code" = 2 ]; then
			has "$mode: $name: form" "$err" 'error: '
			case $err in
			*"nono v"*) not_ok "$mode: $name: no banner" "$err" ;;
			esac
		else
			has "$mode: $name: form" "$err" 'nono: '
		fi
		if [ -e ran ] || [ -n "$out" ]; then
			not_ok "$mode: $name: nothing runs" "$out"
			rm -f ran
		else
			ok "$mode: $name: nothing runs"
		fi
	done
}

with=()
ran=(-- /bin/sh -c 'echo ran; touch ran')

# The control: these arguments start something.
for mode in $modes; do
	run "$NONO" "$mode" -s --allow . "${ran[@]}"
	is "$mode: control: it runs" "$rc $out $(ls ran)" '0 ran ran'
	rm -f ran
done

# ---- texts of spec 02 25 ----

refused 'a missing path with --strict-paths' 1 'Path does not exist:' \
	--allow-cwd --strict-paths --read missing "${ran[@]}"
refused 'a socket directory that is a file' 1 'Expected a directory but got a file:' \
	--allow-cwd --allow-unix-socket-dir file "${ran[@]}"
refused 'a socket that is a directory' 1 'Expected a file but got a directory:' \
	--allow-cwd --allow-unix-socket directory "${ran[@]}"
refused 'a path that goes in circles' 1 'Failed to canonicalize path' \
	--allow-cwd --read loop "${ran[@]}"
refused 'a file for --allow' 1 'Configuration parse error:' --allow-cwd --allow file "${ran[@]}"
refused 'a file for --allow: the way out' 1 --allow-file --allow-cwd --allow file "${ran[@]}"
refused 'a directory for --read-file' 1 'Expected a file but got a directory:' \
	--allow-cwd --read-file directory "${ran[@]}"
modes=run
refused 'no command' 1 'No command specified' --allow .
refused 'no command behind --' 1 'No command specified' --allow . --
modes=wrap
refused 'no command' 2 'required arguments were not provided' --allow .
modes='run wrap'
refused 'silent without the working directory' 1 \
	'CWD access requires --allow-cwd in non-interactive mode' -s "${ran[@]}"
refused 'a blocked command' 1 "Command 'sudo' is blocked:" --allow . -- sudo true
refused 'a blocked command by its path' 1 "Command 'rm' is blocked:" --allow . -- /bin/rm file
refused 'a command of --block-command' 1 "Command 'sh' is blocked:" \
	--allow . --block-command sh -- sh -c 'echo ran'
refused 'a program that does not exist' 127 'Command execution failed:' \
	--allow . -- no-such-program
refused 'a path that does not exist' 127 'Command execution failed:' --allow . -- ./no-such
refused 'a program that is not executable' 126 'Command execution failed:' --allow . -- ./file
refused 'a directory as the program' 126 'Command execution failed:' --allow . -- ./directory
printf 'no program\n' >text
chmod +x text
refused 'a file that is no program' 126 'Command execution failed:' --allow . -- ./text
with=(env HOME=relative)
refused 'a relative HOME' 1 "Environment variable 'HOME' validation failed:" --allow . "${ran[@]}"
with=(env TMPDIR=relative)
refused 'a relative TMPDIR' 1 "Environment variable 'TMPDIR' validation failed:" \
	--allow . "${ran[@]}"
with=()
mkdir -p "$HOME/.ssh" "$HOME/.local/state/nono"
refused 'a secret directory' 1 '--bypass-protection' --allow-cwd --read "$HOME/.ssh" "${ran[@]}"
refused 'the home above secrets' 1 "$HOME" --allow-cwd --read "$HOME" "${ran[@]}"
refused 'the state of nono' 1 'overlaps protected nono state root' \
	--allow-cwd --read "$HOME/.local/state/nono" "${ran[@]}"
refused 'a bypass without a grant' 1 'has no matching grant' \
	--allow-cwd --bypass-protection "$HOME/.ssh" "${ran[@]}"

# Failures between fork and execve, made by the tracer.
# in_child MODE CALL CODE TEXT
in_child() {
	local mode=$1 call=$2 code=$3 text=$4 command number
	command=("$NONO" "$mode" -s --allow . "${ran[@]}")
	# Broker and child run side by side: the number of a call differs from launch to launch, and
	# an attempt that hit another call says nothing about this one.
	for _ in {1..20}; do
		# A state file that `wrap` left would be removed by the next start, with more calls.
		rm -rf "$HOME/.local/state/nono/run"
		"$tracer" record "$trace" -- "${command[@]}" >/dev/null 2>&1 </dev/null
		rm -rf ran "$HOME/.local/state/nono/run"
		number=$(sed -n "s/^\([0-9]*\) [a-z]* [0-9]* $call .*/\1/p" "$trace" | tail -n 1)
		run "$tracer" inject "${number:-1}" EPERM "$TMPDIR/end" -- "${command[@]}"
		! grep -q "/${call%% *} " "$TMPDIR/end" || break
	done
	has "$mode: $call fails: that call" "$(cat "$TMPDIR/end")" "/${call%% *} "
	is "$mode: $call fails: exit code, nothing runs" "$rc $out$(ls ran 2>/dev/null)" "$code "
	has "$mode: $call fails: text" "$err" "nono: $text"
}
in_child run landlock_restrict_self 126 'failed to apply sandbox in supervised child:'
in_child run seccomp 126 'failed to apply sandbox in supervised child:'
in_child run capset 126 'failed to apply sandbox in supervised child:'
in_child run fchdir 126 'failed to enter child working directory'
in_child wrap landlock_restrict_self 1 'failed to apply sandbox in'
in_child wrap fchdir 1 'failed to enter child working directory'

# Nested beyond the 16 layers of Landlock: each level starts the next.
nest=()
for i in $(seq 1 17); do
	nest+=("$NONO" wrap -s --allow . --read "$(dirname "$NONO")" --)
done
run "${nest[@]}" /bin/sh -c 'echo ran'
is 'nested 17 times: nothing runs' "$out" ''
has 'nested 17 times: text' "$err" 'Landlock layer limit reached (nested sandboxes)'
run "${nest[@]:0:16}" /bin/sh -c 'echo ran'
is 'nested twice: runs' "$out" ran

# ---- usage ----

refused 'an unknown flag' 2 unexpected --allow . --no-such-flag "${ran[@]}"
refused 'a flag with a typo' 2 '--allow' --alow . "${ran[@]}"
refused 'a flag with a typo: the suggestion' 2 'similar argument exists' --alow . "${ran[@]}"
refused 'a missing value' 2 'a value is required for' --allow
refused 'port 70000' 2 70000 --allow . --open-port 70000 "${ran[@]}"
refused 'port 0' 1 open_port --allow . --block-net --open-port 0 "${ran[@]}"
refused 'a port that is a word' 2 'invalid value' --allow . --open-port http "${ran[@]}"
refused 'contradictory flags' 2 'cannot be used with' --allow . --block-net --allow-net "${ran[@]}"
refused 'an empty list element' 2 'invalid value' --allow .,,. "${ran[@]}"
refused '--keep-fd of a closed descriptor' 1 'keep-fd 77' --allow . --keep-fd 77 "${ran[@]}"
refused 'a flag of a later build' 2 'not available in this build: --env-credential' \
	--allow . --env-credential x "${ran[@]}"
with=(env NONO_BLOCK_NET=2)
refused 'a variable that is no boolean' 2 NONO_BLOCK_NET --allow . "${ran[@]}"
with=()

run "$NONO"
is 'no subcommand: exit code' "$rc $out" '2 '
has 'no subcommand: help on standard error' "$err" wrap
run "$NONO" rnu
is 'unknown subcommand: exit code' $rc 2
has 'unknown subcommand: text' "$err" 'unrecognized subcommand'
run "$NONO" --version
is '--version' "$rc $out" "0 nono $(cat "$NONO_TOP/VERSION")"

# ---- every failure leaves a line, whatever the verbosity ----

for mode in $modes; do
	for arguments in '--allow . -- no-such-program' '-s --allow . -- no-such-program' \
		'-s -- true' '-s --allow . -- sudo true'; do
		# shellcheck disable=SC2086
		run "$NONO" "$mode" $arguments
		is "$mode $arguments: one line that says why" \
			"$(grep -c '^nono: ' <<<"$err")" 1
	done
	# No byte of ours reaches the terminal raw.
	run "$NONO" "$mode" -s --allow . -- $'no\e]0;title\a-such'
	case $err in
	*$'\e'* | *$'\a'*) not_ok "$mode: control characters are shown harmless" "$err" ;;
	*) ok "$mode: control characters are shown harmless" ;;
	esac
done

finish
