#!/bin/bash
# nono-record explains the end of a session: started by hand with a plan, facts and output, then at
# the end of real sessions.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

record=$(dirname "$NONO")/nono-record
make_plan=$NONO_BUILD/tests/cli/make_plan
make_facts=$NONO_BUILD/tests/cli/make_facts
pty=$NONO_BUILD/tests/cli/pty
build=$("$make_facts" --build)
top=$PWD
mkdir project out
echo own >project/own
echo secret >out/secret
cd project || exit 2
"$make_plan" --rw . "$top/plan" /usr/bin/cat own --token=hunter2
: >"$top/output"

# conclude FACT...: with the plan and the output; stderr in $err, exit code in $rc.
conclude() {
	"$make_facts" "$top/facts" "$@"
	run "$record" conclude --plan-fd=7 --facts-fd=8 --output-fd=9 --build="$build" \
		7<"$top/plan" 8<"$top/facts" 9<"$top/output"
}

# ---- the footer -----------------------------------------------------------------------------

# Commands that a footer names are commands of this build; tests/cli/newcomer.sh types them.
query="
  Query policy: nono why --path <path> --op <read|write|readwrite>"

conclude exit=3 number=3
is 'exit code of nono-record' "$rc" 0
is 'nothing on standard output' "$out" ''
is 'footer without a finding' "$err" "
Command exited with code 3.

No path denials were observed during this session.
The failure may be unrelated to sandbox restrictions.

Sandbox policy:
  Allowed paths:
    /usr (read)
    /bin (read)
    /lib (read)
    /lib64 (read)
    $top/project (read+write)
  Network: allowed

To grant additional access, re-run with:
  --allow <path>   read and write everything below a directory
  --read <path>    read it
  --write <path>   write it

Next steps:
  Add permissions: nono run --allow <path> -- /usr/bin/cat ...$query"

echo "cat: $top/out/secret: Permission denied" >"$top/output"
conclude
has 'likely denial' "$err" "Sandbox denial: (guessed from output)
  $top/out/secret (read)
  Try: --read-file $top/out/secret"
echo "cat: $top/project/own: Permission denied" >"$top/output"
conclude
has 'the same of a granted file is none' "$err" 'No path denials were observed'
conclude exit=0 number=0
is 'and nothing after a success' "$rc $err" '0 '
"$make_facts" "$top/facts"
run "$record" conclude --plan-fd=7 --facts-fd=8 --build="$build" 7<"$top/plan" 8<"$top/facts"
has 'without output' "$err" 'No path denials were observed'

conclude "1:1:5:$top/out/secret" 2:0:6:/run/x.sock
has 'path that the broker saw' "$err" "Sandbox denial: 1 path blocked. (observed)
  $top/out/secret (read)
Fix flags: --read-file $top/out/secret"
has 'socket that the broker saw' "$err" 'IPC denial: 1 pathname Unix socket blocked. (observed)
  connect /run/x.sock (not granted)
Fix flags: --allow-unix-socket /run/x.sock'

conclude end=2 number=9 exit=137
has 'killed' "$err" 'Command killed by SIGKILL (exit code 137).'

echo "cat: $top/out/secret: Permission denied" >"$top/output"
for flag in silent no_diagnostics shell timeout oom; do
	conclude $flag=1
	is "nothing with $flag" "$rc $err" '0 '
done

# ---- the object -----------------------------------------------------------------------------

conclude silent=1 json=1
has 'object although silent' "$err" '"code": "sandbox_denied_path"'
is 'object alone' "${err:0:1}" '{'
conclude json=1
has 'object behind the footer' "$err" '"exit_code": 1'
has 'footer before the object' "$err" 'Command exited with code 1.'
"$make_facts" "$top/facts" json=1 silent=1
run "$record" conclude --plan-fd=7 --facts-fd=8 --json-fd=9 --build="$build" \
	7<"$top/plan" 8<"$top/facts" 9>"$top/json"
is 'object to a file of its own' "$rc $err $(head -c 1 "$top/json")" '0  {'

# ---- the terminal ---------------------------------------------------------------------------

conclude terminal=1
has 'lines for a terminal' "$err" $'\rCommand exited with code 1.\e[K\r'
"$make_facts" "$top/facts" terminal=1
narrow=$("$pty" -- sh -c "stty cols 28; exec '$record' conclude --plan-fd=7 --facts-fd=8 \
	--build=$build 7<'$top/plan' 8<'$top/facts'")
has 'row of 28 columns' "$narrow" $'\rCommand exited with code 1.\e[K\r'
narrow=$("$pty" -- sh -c "stty cols 27; exec '$record' conclude --plan-fd=7 --facts-fd=8 \
	--build=$build 7<'$top/plan' 8<'$top/facts'")
has 'a full row of 27 is not erased' "$narrow" $'\rCommand exited with code 1.\r'

# ---- hostile and damaged --------------------------------------------------------------------

{
	head -c 2000000 /dev/urandom
	printf '\ncat: \033]0;title\007%s/out/secret\033[31m: Permission denied\n' "$top"
} >"$top/output"
SECONDS=0
conclude
has 'random bytes before it' "$rc $err" "$top/out/secret (read)"
is 'no escape sequence gets through' "$(grep -c $'\e' <<<"$err")" 0
[ $SECONDS -lt 5 ] && ok 'in bounded time' || not_ok 'in bounded time' "$SECONDS seconds"
has 'no secret of the command line' "x${err//hunter2/FOUND}" 'Command exited'
is 'no secret of the command line, nowhere' "$(grep -c hunter2 <<<"$err")" 0

# As long, as many and as crooked as they fit: little is said, soon, and nothing for a terminal.
hostile() { # hostile NAME: the output is in $top/output
	SECONDS=0
	conclude json=1
	is "$1: is explained" "$rc" 0
	[ ${#err} -lt 20000 ] && ok "$1: shortly" || not_ok "$1: shortly" "${#err} bytes"
	[ $SECONDS -lt 5 ] && ok "$1: soon" || not_ok "$1: soon" "$SECONDS seconds"
	is "$1: nothing but text" "$(tr -d '\n\t -~\200-\377' <<<"$err" | wc -c)" 0
}
for ((n = 0; n < 12000; n++)); do
	printf "cat: '/n%d/../a/%d/./b\\xe9/%d': Permission denied\n" $n $n $n
done >"$top/output"
hostile 'many paths'
# shellcheck disable=SC1003
for piece in "'\$'\\" "\\'" "'\\''" '" -> "' 'open /' ': ' $'\e]0;x' $'\u202e' 'a/' '/dev/tcp/' '~/'; do
	{
		printf '%s' "$(yes "$piece" | head -n 100000 | tr -d '\n' | head -c 900000)"
		printf ': Permission denied\n'
	} >"$top/output"
	hostile "one line of $(printf %q "$piece")"
done

conclude version=9
is 'facts of another version' "$rc" 1
has 'its error' "$err" 'reinstall nono'
head -c 100 "$top/plan" >"$top/damaged"
"$make_facts" "$top/facts"
run "$record" conclude --plan-fd=7 --facts-fd=8 --build="$build" 7<"$top/damaged" 8<"$top/facts"
is 'damaged plan' "$rc" 1
has 'its error' "$err" 'nono: '
run "$record" conclude --plan-fd=7 --facts-fd=8 --build=other 7<"$top/plan" 8<"$top/facts"
is 'another build' "$rc" 1
has 'its error' "$err" 'different builds'
run "$record" conclude --plan-fd=7 --facts-fd=8 --build="$build"
is 'no descriptors' "$rc" 1
for words in '' conclude 'conclude --plan-fd=7' 'conclude --plan-fd=0 --facts-fd=8 --build=x' \
	'conclude --plan-fd=7 --plan-fd=8 --facts-fd=8 --build=x' 'other --plan-fd=7' \
	'conclude --plan-fd=7 --facts-fd=8 --build=x --surplus'; do
	# shellcheck disable=SC2086
	run "$record" $words
	is "usage: $words" "$rc" 2
done

# Each allocation failing in turn: an explanation or an error, never a crash.
failing=$(dirname "$NONO_TEST")/nono-record
echo "cat: $top/out/secret: Permission denied" >"$top/output"
"$make_facts" "$top/facts" json=1 "1:1:5:$top/out/secret" 2:0:6:/run/x.sock
explain() {
	run "$@" "$failing" conclude --plan-fd=7 --facts-fd=8 --output-fd=9 --build="$build" \
		7<"$top/plan" 8<"$top/facts" 9<"$top/output"
}
explain env
is 'test build' "$rc" 0
whole=$err wrong='' errors=0
for ((n = 1; n <= 300; n++)); do
	explain env NONO_TEST_FAIL_ALLOC=$n
	case $rc/$err in
	"0/$whole") ;;
	1/*'nono: '*) errors=$((errors + 1)) ;;
	*) wrong="$wrong $n:$rc" ;;
	esac
done
is 'each allocation failing' "$wrong" ''
[ $errors -gt 50 ] && ok 'they were many' || not_ok 'they were many' "$errors"

# ---- what it gives up -----------------------------------------------------------------------

"$NONO_BUILD/tests/cli/record_confine" || lib_failed=1

# ---- real sessions --------------------------------------------------------------------------

run "$NONO" run --allow . -- sh -c 'echo out; exit 3'
is 'exit code of the session' "$rc" 3
is 'output of the session' "$out" out
has 'footer of the session' "$err" 'Command exited with code 3.'
run "$NONO" run --allow . -- true
is 'no footer after a success' "$(grep -c 'Command exited' <<<"$err")" 0
run "$NONO" run --silent --allow . -- sh -c 'exit 3'
is 'no footer when silent' "$rc $err" '3 '
run "$NONO" run --no-diagnostics --allow . -- sh -c 'exit 3'
is 'no footer without diagnostics' "$(grep -c 'Command exited' <<<"$err")" 0
run "$NONO" run --allow . -- sh -c 'kill -9 $$'
has 'killed session' "$rc $err" 'Command killed by SIGKILL (exit code 137).'
seen=$("$pty" -- "$NONO" run --allow . -- cat ../out/secret)
has 'denial in a session with a terminal' "$seen" "  $top/out/secret (read)"
has 'its flag' "$seen" "  Try: --read-file $top/out/secret"
seen=$("$pty" -- "$NONO" run --allow . --read-file ../out/secret -- cat ../out/secret)
has 'with that flag' "$seen" 'secret'
is 'nothing is explained' "$(grep -c 'Sandbox denial' <<<"$seen")" 0
seen=$("$pty" -- "$NONO" run --allow . -- sh -c 'cat ../out/secret; true')
has 'denial in a session that succeeded' "$seen" 'The command succeeded, but stderr showed'

# ---- --diagnostics-json and --diagnostics-file, whoever ends the session ----------------------

field() { # field NAME JSON: its first value
	sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\).*/\1/p" <<<"$2" | head -n 1
}
told() { # told NAME JSON EXIT_CODE ORIGIN CODE
	is "$1" "$(field exit_code "$2") $(field origin "$2") $(field code "$2")" "$3 $4 $5"
}
printf '#!/nowhere/at/all\n' >bad
printf 'no program' >text
chmod +x bad text
run "$NONO" run -s --allow . --diagnostics-json -- ./bad
is 'an interpreter that is missing' "$rc" 127
told 'its object' "$err" 127 nono command_not_found
run "$NONO" run --allow . -- ./bad
has 'and the footer' "$err" 'Failed to execute command (exit code 127).'
run "$NONO" run -s --allow . --diagnostics-json -- ./text
told 'no program at all' "$err" 126 nono command_failed_likely_sandbox
run "$NONO" run -s --allow . --diagnostics-json -- no-such-command
is 'a command that is missing' "$rc" 127
told 'its object, by the front end' "$err" 127 nono command_not_found
run "$NONO" run -s --allow . --diagnostics-json --error-exit-code 9 -- no-such-command
told 'with a code of its own' "$err" 9 nono command_not_found
run "$NONO" run -s --allow . --diagnostics-json -- sh -c 'exit 127'
told 'the same code from the program' "$err" 127 child command_failed_application
run "$NONO" run -s --diagnostics-json --allow . --block-command true -- true
is 'an error of nono gives one object' "$rc $(grep -c '^{' <<<"$err")" '1 1'
run "$NONO_BUILD/tests/cli/pty" -- "$NONO" run -s --allow . --startup-timeout 1 --diagnostics-json -- sleep 20
told 'the startup timeout' "$(tr -d '\r' <<<"$out")" 137 child cancelled

run "$NONO" run -s --diagnostics-json -- true
told 'nobody to ask for the working directory' "$err" 1 nono cwd_access_required
is 'its remediation' "$(field kind "$err") $(field hint "$err")" 'allow_cwd --allow-cwd'
run "$NONO" run -s --diagnostics-json --allow-cwd -- true
is 'with that flag' "$rc" 0
run "$NONO" run -s --diagnostics-json --allow . --block-net --allow-unix-socket-dir . -- true
told 'flags that contradict each other' "$err" 1 nono configuration_error
"$make_facts" "$top/facts" end=3 step=1 error=95 exit=1 number=1 silent=1 json=1
run "$record" conclude --plan-fd=7 --facts-fd=8 --build="$build" 7<"$top/plan" 8<"$top/facts"
told 'a machine that cannot do it' "$err" 1 nono unsupported_platform_feature
run "$NONO" run --memory 100M --allow . -- true
if [ "$rc" != 0 ] && grep -q cgroup <<<"$err"; then
	run "$NONO" run --diagnostics-file "$top/d.json" --memory 100M --allow . -- true
	told 'the same of a real session' "$(cat "$top/d.json")" 1 nono unsupported_platform_feature
else
	skip 'the same of a real session' 'a cgroup can be made here'
fi
"$make_facts" "$top/facts" end=3 step=1 error=13 exit=1 number=1 silent=1 json=1
run "$record" conclude --plan-fd=7 --facts-fd=8 --build="$build" 7<"$top/plan" 8<"$top/facts"
told 'another reason' "$err" 1 nono other

echo stale >"$top/d.json"
run "$NONO" run -s --allow . --diagnostics-file "$top/d.json" -- sh -c 'exit 3'
is 'to a file: nothing on standard error' "$rc $err" '3 '
told 'to a file: the object alone' "$(cat "$top/d.json")" 3 child command_failed_application
is 'to a file: its first byte' "$(head -c 1 "$top/d.json")" '{'
run "$NONO" run -s --allow . --diagnostics-file "$top/d.json" -- true
told 'to a file: after a success' "$(cat "$top/d.json")" 0 child ''
run "$NONO" run -s --allow . --diagnostics-file "$top/new.json" -- no-such-command
told 'to a new file: an error of nono' "$(cat "$top/new.json")" 127 nono command_not_found
is 'it is closed to others' "$(stat -c %a "$top/new.json")" 600
run "$NONO" run -s --allow . --diagnostics-file "$top/d.json" -- sh -c 'ls -l /proc/self/fd'
is 'the program does not hold it' "$rc $(grep -c d.json <<<"$out")" '0 0'
run "$NONO" run --allow . --diagnostics-file here.json -- true
has 'inside a grant' "$err" 'the diagnostics file'
echo precious >"$top/precious"
ln -s "$top/precious" "$top/link"
ln "$top/precious" "$top/second"
mkfifo "$top/fifo"
for name in link second fifo project; do
	run timeout 10 "$NONO" run -s --allow . --diagnostics-file "$top/$name" -- touch started
	has "no diagnostics into a $name" "$rc $err" '1 nono: '
done
is 'nothing started, nothing emptied' "$(cat "$top/precious" started 2>/dev/null)" precious

finish
