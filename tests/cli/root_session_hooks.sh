#!/bin/bash
# session_hooks of a profile: what they are told, what they export, whose scripts are run, and what
# happens when they fail. Root, for a home that no directory above it lets others write: that is
# part of what is asked of a script.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

box=$(mktemp -d /opt/nono-hooks.XXXXXX) || {
	skip 'session_hooks' 'no directory in /opt can be made'
	finish
}
trap 'rm -rf "$box"' EXIT
export HOME=$box/home
mkdir "$HOME"
profiles=$HOME/.config/nono/profiles
hooks=$HOME/hooks
mkdir -p "$profiles" "$hooks" "$HOME/work"
cd "$HOME/work" || exit 2

# script NAME LINE...: an executable script.
script() {
	printf '%s\n' '#!/bin/sh' "${@:2}" >"$hooks/$1"
	chmod 755 "$hooks/$1"
}
# profile NAME MEMBERS: with these members in session_hooks.
profile() {
	printf '{ "meta": { "name": "%s" }, "workdir": { "access": "readwrite" },
		"session_hooks": { %s } }\n' "$1" "$2" >"$profiles/$1.json"
}
session() {
	run "$NONO" run --silent --allow-cwd --profile "$@"
}

# ---- what they are told, what they export ----

# shellcheck disable=SC2016
script before 'echo "$NONO_HOOK_TYPE $NONO_WORKDIR $NONO_SESSION_ID" >"$HOME/hooks/told"' \
	'ls -l "$NONO_ENV_FILE" | cut -c1-10 >"$HOME/hooks/mode"' 'echo "$NONO_ENV_FILE" >"$HOME/hooks/where"' \
	'echo "TOKEN=a=b c" >>"$NONO_ENV_FILE"' 'echo "# NO=1" >>"$NONO_ENV_FILE"' \
	'echo "LD_PRELOAD=/evil.so" >>"$NONO_ENV_FILE"' 'echo "NONO_SANDBOXED=0" >>"$NONO_ENV_FILE"' \
	'echo "KEPT=new" >>"$NONO_ENV_FILE"' 'echo chatter; read -r x && echo "stdin: $x"; exit 0'
# shellcheck disable=SC2016
script after 'echo "$NONO_HOOK_TYPE $NONO_EXIT_CODE $NONO_WORKDIR $NONO_SESSION_ID" >"$HOME/hooks/end"' \
	'ps -o pgid= $$ >"$HOME/hooks/group" 2>/dev/null; exit 0'
profile both "\"before\": { \"script\": \"$hooks/before\" }, \"after\": { \"script\": \"$hooks/after\" }"
export KEPT=old
session both -- sh -c 'echo "$TOKEN|$LD_PRELOAD|$NONO_SANDBOXED|$KEPT|$NO"; exit 7'
is 'exports reach the program, dangerous ones do not' "$out" 'a=b c||1|new|'
is 'the exit code is that of the program' "$rc" 7
read -r type workdir id <"$hooks/told"
is 'before: what it is told' "$type $workdir" "before $(pwd -P)"
is 'before: the file is private' "$(cat "$hooks/mode")" '-rw-------'
is 'before: the file is gone' "$([ -e "$(cat "$hooks/where")" ] || echo gone)" gone
is 'after: what it is told' "$(cat "$hooks/end")" "after 7 $(pwd -P) $id"
is 'what they print is not shown' "$err" ''
rm -f "$hooks/end" "$hooks/told"
session both -- sh -c 'kill -TERM $$'
is 'after a signal' "$rc $(cut -d' ' -f1,2 "$hooks/end")" '143 after 143'
rm -f "$hooks/end" "$hooks/told"
session both --no-session-hooks -- sh -c 'echo "$TOKEN"'
is '--no-session-hooks' "$rc $out $(ls "$hooks" | grep -c 'told\|end')" '0  0'
run "$NONO" run --silent --allow-cwd --profile both --dry-run -- true
is 'a dry run starts nothing' "$rc $(ls "$hooks" | grep -c 'told\|end')" '0 0'
run "$NONO" wrap --silent --allow-cwd --profile both -- true
run "$NONO" wrap --allow-cwd --profile both -- true
has 'wrap says so' "$err" 'are run by `nono run` only'
is 'wrap has none' "$rc $(ls "$hooks" | grep -c 'told\|end')" '0 0'

# The process that waits for `after` passes signals on.
"$NONO" run --silent --allow-cwd --profile both -- sh -c 'trap "exit 9" TERM; echo >ready
	while :; do sleep 0.1; done' &
pid=$!
for ((i = 0; i < 100; i++)); do
	[ -e ready ] && break
	sleep 0.1
done
kill -TERM $pid
wait $pid
is 'SIGTERM reaches the program' "$? $(cut -d' ' -f1,2 "$hooks/end")" '9 after 9'
rm -f ready "$hooks/end"

# A stopped job is stopped as a whole, and goes on as a whole.
# state WANTED: of the job's process, within ten seconds.
state() {
	for ((i = 0; i < 100; i++)); do
		[[ $(ps -o stat= -p $pid) == "$1"* ]] && return
		sleep 0.1
	done
	return 1
}
setsid "$NONO" run --silent --allow-cwd --profile both -- sh -c 'echo >ready; sleep 2; exit 5' &
pid=$!
for ((i = 0; i < 100; i++)); do
	[ -e ready ] && break
	sleep 0.1
done
kill -TSTP -$pid
state T && ok 'a stopped job' || not_ok 'a stopped job' "$(ps -o stat= -p $pid)"
kill -CONT -$pid
wait $pid
is 'and one that goes on' $? 5
is 'after a stopped job' "$(cut -d' ' -f1,2 "$hooks/end")" 'after 5'
rm -f ready "$hooks/end"

# ---- failures ----

fails() { # NAME LINES... : the hook `before` fails, the session goes on
	session failing -- echo went on
	is "$1: the session goes on" "$rc $out" '0 went on'
}
# A quiet start shows no warnings.
warned() {
	run "$NONO" run --allow-cwd --profile failing -- true
	has "$1" "$err" "$2"
}
script bad 'echo "TOKEN=x" >>"$NONO_ENV_FILE"; echo why it failed >&2; exit 3'
profile failing "\"before\": { \"script\": \"$hooks/bad\" }"
fails 'exit code'
warned 'exit code: told' 'failed with exit code 3; the session goes on'
warned 'exit code: with what it said' 'why it failed'
profile failing "\"before\": { \"script\": \"$hooks/bad\", \"required\": true }"
session failing -- touch started
is 'required: refused' "$rc $([ -e started ] && echo started)" '1 '
has 'required: told' "$err" 'failed with exit code 3'
script slow 'echo "TOKEN=x" >>"$NONO_ENV_FILE"; sleep 600 & sleep 600'
profile failing "\"before\": { \"script\": \"$hooks/slow\", \"timeout_secs\": 1 }"
begin=$(date +%s)
session failing -- sh -c 'echo "went on$TOKEN"'
is 'timeout: goes on, without its exports' "$rc $out" '0 went on'
is 'timeout: in time' "$(($(date +%s) - begin < 20))" 1
warned 'timeout: told' 'took longer than 1 s'

# ---- whose scripts ----

# refused_script NAME PATH REASON
refused_script() {
	profile failing "\"before\": { \"script\": \"$2\" }"
	warned "$1" "$3"
}
script good 'exit 0'
refused_script 'missing' "$hooks/absent" 'not found'
cp "$hooks/good" "$hooks/plain" && chmod 644 "$hooks/plain"
refused_script 'not executable' "$hooks/plain" 'is not executable'
refused_script 'a directory' "$hooks" 'is not a regular file'
cp "$hooks/good" "$hooks/shared" && chmod 775 "$hooks/shared"
refused_script 'writable by others' "$hooks/shared" 'can be written by others'
mkdir -p "$hooks/open" && cp "$hooks/good" "$hooks/open/x" && chmod 1777 "$hooks/open"
refused_script 'a sticky directory does not help' "$hooks/open/x" 'world-writable directory'
profile failing "\"before\": { \"script\": \"hooks/good\" }"
warned 'not absolute' 'absolute'

# In a grant: the program could write what runs without a sandbox.
for kind in before after; do
	printf '#!/bin/sh\n' >inside && chmod 755 inside
	profile failing "\"$kind\": { \"script\": \"$PWD/inside\" }"
	session failing -- touch started
	is "inside a grant, $kind: refused" "$rc $([ -e started ] && echo started)" '1 '
	has "inside a grant, $kind: told" "$err" 'lies inside a grant'
done
session failing --no-session-hooks -- true
is 'inside a grant, without hooks' "$rc" 0
rm -f inside

# Changed while the session ran: by somebody outside of it, as the program cannot.
script later 'echo ran >"$HOME/hooks/ran"'
profile both "\"after\": { \"script\": \"$hooks/later\" }"
session both -- true
is 'after: runs' "$(cat "$hooks/ran")" ran
rm -f "$hooks/ran"
"$NONO" run --allow-cwd --profile both -- sh -c 'echo >ready; sleep 3' 2>"$TMPDIR/.err" &
pid=$!
for ((i = 0; i < 100; i++)); do
	[ -e ready ] && break
	sleep 0.1
done
echo '# changed' >>"$hooks/later"
wait $pid
has 'after: changed meanwhile' "$(cat "$TMPDIR/.err")" 'was changed during the session'
is 'after: changed meanwhile, not run' "$([ -e "$hooks/ran" ] || echo no)" no
rm -f ready

# ---- a profile that was named by its path: asked once for each script as it is ----

pty=$NONO_BUILD/tests/cli/pty
script cloned 'echo ran >>"$HOME/hooks/ran"'
profile cloned "\"before\": { \"script\": \"$hooks/cloned\" }"
mkdir -p "$HOME/clone" && mv "$profiles/cloned.json" "$HOME/clone/cloned.json"
named=("$NONO" run --allow-cwd --profile "$HOME/clone/cloned.json" -- true)
run "${named[@]}"
is 'nobody to ask: refused' "$rc $([ -e "$hooks/ran" ] || echo no)" '1 no'
has 'nobody to ask: told' "$err" 'is not approved'
run "$pty" '[y/N] ' $'n\n' -- "${named[@]}"
is 'no' "$rc $([ -e "$hooks/ran" ] || echo no)" '1 no'
run "$pty" '[y/N] ' $'y\n' -- "${named[@]}"
is 'yes' "$rc $(cat "$hooks/ran")" '0 ran'
has 'the question names the script' "$out" "$hooks/cloned"
run "${named[@]}"
is 'asked once' "$rc $(wc -l <"$hooks/ran")" '0 2'
echo '# changed' >>"$hooks/cloned"
run "${named[@]}"
is 'a changed script is asked for again' "$rc $(wc -l <"$hooks/ran")" '1 2'
is 'approvals are private' "$(stat -c %a "$HOME/.local/state/nono/approved-hooks.json")" 600
finish
