#!/bin/bash
# `nono why --self`: from inside, the answers of outside; and the state file they come from, which the
# program can read and nothing more.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

unset XDG_CONFIG_HOME XDG_STATE_HOME XDG_RUNTIME_DIR NONO_CAP_FILE
T=$PWD run_root=$HOME/.local/state/nono/run
mkdir "$HOME/.ssh" granted out
touch "$HOME/.ssh/id" granted/f out/f

# ---- outside ----

run "$NONO" why --self --json --path /etc/passwd
is 'outside' "$rc $out" '0 {
  "status": "not_sandboxed",
  "message": "Not running inside a nono sandbox"
}'
run "$NONO" why --self --path x
is 'outside, as text' "$rc $out" '0 NOT SANDBOXED
  Reason: Not running inside a nono sandbox'
run "$NONO" why --self --allow . --path x
is 'no options beside --self' "$rc" 2

# ---- the same answers ----

answers() { # ARGUMENT...: status and reason for a list of questions
	local q
	while read -r q; do
		# shellcheck disable=SC2086
		eval "set -- $q"
		"$NONO" why --json "${self[@]}" "$@" </dev/null | grep -E '"(status|reason|state)"'
	done <<-END
		--path /etc/passwd
		--path /etc/shadow
		--path "$HOME/.ssh/id"
		--path "$HOME/none" --op write
		--path "$T/granted/f" --op readwrite
		--path "$T/granted/new" --op write
		--path "$T/out/f"
		--path /usr/bin/env --op write
		--path /proc/self/status
		--path /dev/null --op readwrite
		--host example.com
		--port 3000 --bind
		--scope signal
		--scope abstract-unix-socket
		--command rm
		--command git
	END
}
export NONO T
# Functions do not pass into a sandbox by the environment.
asking="self=(--self); $(declare -f answers); answers"
for options in '' "--allow $T/granted" "--allow $T/granted --block-net --open-port 3000" \
	"--read $T/granted --write-file $T/out/f"; do
	# shellcheck disable=SC2206
	set -- $options
	self=("$@")
	outside=$(answers)
	for mode in wrap run shell; do
		if [ $mode = shell ]; then
			inside=$(echo "$asking" |
				"$NONO" shell --no-diagnostics --shell /bin/bash "$@" 2>/dev/null)
		else
			inside=$("$NONO" $mode --no-diagnostics "$@" -- \
				bash -c "$asking" 2>/dev/null </dev/null)
		fi
		is "$mode ${options:-without options}: the answers of outside" "$inside" "$outside"
	done
done

# ---- the file ----

inside() { run "$NONO" wrap --no-diagnostics --allow "$T/granted" -- "$@"; }

inside sh -c 'stat -c %a "$NONO_CAP_FILE"; echo "$NONO_CAP_FILE"'
is 'only its owner reads it, nobody writes' "${out%%$'\n'*}" 400
path=${out#*$'\n'}
is 'wrap leaves it' "$([ -f "$path" ] && echo there)" there
case $path in
"$run_root"/.nono-????????????????-*.json) ok 'its name' ;;
*) not_ok 'its name' "$path" ;;
esac
run "$NONO" run --no-diagnostics --allow "$T/granted" -- sh -c 'echo "$NONO_CAP_FILE"'
is 'the next start removes what is left' "$([ -e "$path" ] || echo gone)" gone
is 'run removes its own' "$([ -e "$out" ] || echo gone) $(ls "$run_root")" 'gone '
for attempt in 'echo x >>"$NONO_CAP_FILE"' 'rm -f "$NONO_CAP_FILE"' 'chmod 600 "$NONO_CAP_FILE" &&
	echo x >"$NONO_CAP_FILE"' 'mv "$NONO_CAP_FILE" granted/x' 'touch "$(dirname "$NONO_CAP_FILE")/x"' \
	'ls "$(dirname "$NONO_CAP_FILE")"' 'ln "$NONO_CAP_FILE" granted/x'; do
	inside sh -c "before=\$(cat \"\$NONO_CAP_FILE\") && { ! { $attempt; } 2>/dev/null; } &&
		[ \"\$before\" = \"\$(cat \"\$NONO_CAP_FILE\")\" ]"
	is "inside: $attempt" "$rc" 0
done
run "$NONO" wrap --no-diagnostics --allow "$T/granted" -- sh -c 'TMPDIR=/ "$NONO" why --self --path /'
is 'another TMPDIR inside' "$rc" 0

mkdir -m 700 runtime
export XDG_RUNTIME_DIR=$T/runtime
inside sh -c 'echo "$NONO_CAP_FILE"; "$NONO" why --self --exit-status --path "$T/granted/f"'
has 'XDG_RUNTIME_DIR' "$rc ${out%%$'\n'*}" "0 $T/runtime/nono/"
run "$NONO" wrap --no-diagnostics --allow "$T/runtime" -- sh -c 'echo "$NONO_CAP_FILE"'
has 'not where a grant reaches' "$out" "$run_root/"
chmod 770 runtime
inside sh -c 'echo "$NONO_CAP_FILE"'
has 'not where others write' "$out" "$run_root/"
unset XDG_RUNTIME_DIR

mv "$run_root" "$run_root.away"
: >"$run_root"
inside sh -c 'echo "$NONO_CAP_FILE"; "$NONO" why --self --path /'
has 'none can be written: said' "$err" 'Capability state file could not be written'
is 'none can be written: the program runs' "${out%%$'\n'*}" /dev/null
has 'none can be written: --self says so' "$err" 'SECURITY: NONO_CAP_FILE validation failed'
run "$NONO" run --allow "$T/granted" -- true
has 'none can be written: run says it, too' "$rc $err" 'Capability state file could not be written'
rm "$run_root"
mv "$run_root.away" "$run_root"

run "$NONO" wrap --no-state --no-diagnostics --allow "$T/granted" -- sh -c \
	'echo "$NONO_CAP_FILE"; ls "$1" | wc -l' sh "$run_root"
is '--no-state' "$out" $'/dev/null\n0'

# ---- what is not believed ----

bad=$TMPDIR/.nono-0000000000000000-1.json
good='{"fs":[],"net_blocked":false,"allowed_commands":[],"blocked_commands":[],"abi":6}'
refused() { # NAME REASON CONTENTS [PATH]
	printf '%s' "$3" >"$bad"
	run env NONO_CAP_FILE="${4:-$bad}" "$NONO" why --self --path /
	is "$1: exit code" "$rc" 1
	has "$1" "$err" "SECURITY: NONO_CAP_FILE validation failed"
	has "$1: why" "$err" "$2"
}
printf '%s' "$good" >"$bad"
run env NONO_CAP_FILE="$bad" "$NONO" why --self --exit-status --path /
is 'the least that is read' "$rc $err" '3 '
refused 'relative' 'not absolute' "$good" ./x.json
refused 'another name' 'name of a state file' "$good" /etc/passwd
refused 'no file' 'cannot be opened' "$good" "$TMPDIR/.nono-1.json"
cp "$bad" "$HOME/.nono-1.json"
refused 'another place' 'not where' "$good" "$HOME/.nono-1.json"
ln -s "$bad" "$TMPDIR/.nono-2.json"
refused 'a link' 'cannot be opened' "$good" "$TMPDIR/.nono-2.json"
mkfifo "$TMPDIR/.nono-3.json"
refused 'a pipe' 'not a file' "$good" "$TMPDIR/.nono-3.json"
refused 'no JSON' '1:2' '{'
refused 'JSON with comments' 'a comment' "$good//"
refused 'no list' "'fs'" '{"net_blocked":false,"allowed_commands":[],"blocked_commands":[],"abi":6}'
refused 'an access' "'fs'" "${good/\[\]/[{\"original\":\"/a\",\"path\":\"/a\",\"access\":\"x\",
\"is_file\":true,\"source\":\"user\"\}]}"
refused 'a source' "'fs'" "${good/\[\]/[{\"original\":\"/a\",\"path\":\"/a\",\"access\":\"read\",
\"is_file\":true,\"source\":\"me\"\}]}"
refused 'large' '1 MiB' "$(head -c 1048577 /dev/zero | tr '\0' ' ')"
chmod 622 "$bad"
refused 'writable for others' 'others may write' "$good"
chmod 600 "$bad"
printf '%s' "${good/\[\]/[{\"original\":\"/none/x\",\"path\":\"/none/x\",\"access\":\"read\",\"is_file\":true,\"source\":\"user\"\},{\"original\":\"/etc\",\"path\":\"/etc\",\"access\":\"read\",\"is_file\":false,\"source\":\"user\"\}]}" >"$bad"
run env NONO_CAP_FILE="$bad" "$NONO" why --self --exit-status --path /etc/passwd
is 'a grant that is gone: the rest is answered' "$rc" 0
has 'a grant that is gone: said' "$err" "'/none/x' is gone"

finish
