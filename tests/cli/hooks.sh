#!/bin/bash
# Hooks of agents: the script, the entry in the agent's settings, what is never touched, and
# `nono hooks`.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

settings=$HOME/.claude/settings.json
data=$HOME/.local/share/nono/agent-hooks/claude-code
script=$data/nono-hook.sh
record=$HOME/.local/state/nono/agent-hooks.json
profiles=$HOME/.config/nono/profiles
mkdir -p "$profiles" "$HOME/.claude" work
cd work || exit 2
work=$PWD

# profile NAME HOOKS: with this object as `hooks`.
profile() {
	printf '{ "meta": { "name": "%s" }, "workdir": { "access": "readwrite" }, "hooks": %s }\n' \
		"$1" "$2" >"$profiles/$1.json"
}
hook='"matcher": "Read|Bash", "script": "nono-hook.sh"'
profile agent "{ \"claude-code\": { \"event\": \"PostToolUseFailure\", $hook } }"
start() {
	run "$NONO" run --allow-cwd --profile agent "$@"
}
# fresh [TEXT]: nothing is installed, and the settings are this text.
fresh() {
	rm -rf "$HOME/.local/share/nono" "$record" "$HOME/.claude"
	mkdir "$HOME/.claude"
	[ $# = 0 ] || printf '%s' "$1" >"$settings"
}
# js EXPRESSION [FILE]: of `d`, the JSON in the file or on standard input; in Python.
js() {
	python3 -c 'import json, sys
d = json.load(open(sys.argv[2]) if len(sys.argv) > 2 else sys.stdin)
r = eval(f"({sys.argv[1]},)")
print(*r)' "$@"
}
warned() {
	grep -m 1 '^  Warning: Failed to install hooks: ' <<<"$err"
}

# ---- installing ----

fresh
start --dry-run -- true
is 'a dry run installs nothing' "$rc $(ls -A "$HOME/.claude")" '0 '
start -- true
is 'first start: exit code' "$rc" 0
has 'first start: message' "$err" "  Installing claude-code hook to $script
"
is 'first start: modes' "$(stat -c %a "$HOME/.local/share/nono/agent-hooks" "$data" "$script" "$settings" | tr '\n' ' ')" \
	'755 755 755 600 '
entry="{
        \"matcher\": \"Read|Bash\",
        \"hooks\": [
          {
            \"type\": \"command\",
            \"command\": \"$script\"
          }
        ]
      }"
is 'first start: the settings' "$(cat "$settings")" "{
  \"hooks\": {
    \"PostToolUseFailure\": [
      $entry
    ]
  }
}"
is 'first start: the record' "$(js '" ".join([h["target"], h["script"], h["settings"], *h["made"]]) if (h := d["hooks"][0]) else 0' "$record")" \
	"claude-code $script $settings file hooks event"
is 'first start: the hash in the record' "$(js 'd["hooks"][0]["sha256"]' "$record")" \
	"$(sha256sum <"$script" | cut -d' ' -f1)"
before=$(stat -c '%i %z' "$settings" "$script" "$record")
start -- true
is 'second start: nothing is written' "$(stat -c '%i %z' "$settings" "$script" "$record")" "$before"
is 'second start: nothing is said' "$(grep -c -i hook <<<"$err")" 0
run "$NONO" wrap --allow-cwd --profile agent -- true
is 'wrap: nothing is said' "$rc $(grep -c -i hook <<<"$err")" '0 0'
fresh
run "$NONO" wrap -s --allow-cwd --profile agent -- true
is 'wrap installs, --silent says nothing' "$rc $err $(js '*d["hooks"]' "$settings")" '0  PostToolUseFailure'

# ---- the script ----

# shellcheck disable=SC2016
start -- sh -c 'echo "{\"hook_event_name\": \"PostToolUse\"}" | "$0"' "$script"
is 'inside: the event' "$(js 'd["hookSpecificOutput"]["hookEventName"]' <<<"$out")" PostToolUse
has 'inside: what is granted' "$(js 'd["hookSpecificOutput"]["additionalContext"]' <<<"$out")" "
  $(realpath "$work") (readwrite)
"
has 'inside: the network' "$(js 'd["hookSpecificOutput"]["additionalContext"]' <<<"$out")" 'the network is open'
start --block-net -- sh -c '"$0" </dev/null' "$script"
has 'inside: the network is blocked' "$(js 'd["hookSpecificOutput"]["additionalContext"]' <<<"$out")" \
	'the network is blocked'
mkdir 'a"b\c},{"original"'
start --read 'a"b\c},{"original"' -- sh -c '"$0" </dev/null' "$script"
is 'inside: any name is a JSON string' "$rc $(js 'len(d["hookSpecificOutput"])' <<<"$out")" '0 2'
run env -u NONO_CAP_FILE "$script"
is 'outside: silence' "$rc $out$err" '0 '
run env NONO_CAP_FILE=/nowhere "$script"
is 'outside, with a file that is not there: silence' "$rc $out$err" '0 '
start -- sh -c 'echo evil >>"$0"' "$script"
has 'the program cannot write it' "$rc $err" '2 '
is 'the program cannot write it: it is as it was' "$(tail -n 1 "$script" | cut -c1-6)" 'printf'
start -s --allow "$data" -- true
is 'a grant around it' "$rc" 0
start --allow "$data" -- true
has 'a grant around it is told' "$err" "the hook script $(realpath "$script") lies inside a grant"

# ---- a settings file of the user's ----

mine='// mine
{
	"model": "opus", /* the best */
	"hooks": {
		"PostToolUseFailure": [
			{ "matcher": "X", "hooks": [{ "type": "command", "command": "true" }, ], }, // mine, too
		],
		"Stop": [],
	},
	"theme": "dark"
}
'
fresh "$mine"
chmod 640 "$settings"
start -- true
is 'settings of the user: one entry more' "$(diff <(printf '%s' "$mine") "$settings" | grep -c '^<') $(diff \
	<(printf '%s' "$mine") "$settings" | grep -c '^>')" '0 9'
is 'settings of the user: the mode' "$(stat -c %a "$settings")" 640
run "$NONO" hooks remove
is 'removed: message' "$rc $out" "0   Removed claude-code hook from $settings"
is 'removed: as it was' "$(cat "$settings"; echo .)" "$mine."
is 'removed: the script' "$(ls -A "$data")" ''
run "$NONO" hooks remove
is 'removed twice' "$rc $out" '0   No hooks of agents are installed.'
fresh
start -- true
run "$NONO" hooks remove
is 'a file of ours goes' "$rc $(ls -A "$HOME/.claude")" '0 '
fresh '{}'
start -- true
run "$NONO" hooks remove
is 'a file of the user stays' "$rc $(cat "$settings")" '0 {}'

# Two entries of ours, one list of hooks.
profile other "{ \"claude-code\": { \"event\": \"Stop\", $hook } }"
fresh '{ "model": "x" }'
start -- true
run "$NONO" run -s --allow-cwd --profile other -- true
is 'two entries' "$(js '*[f"{k}:{len(v)}" for k, v in d["hooks"].items()]' "$settings")" 'PostToolUseFailure:1 Stop:1'
run "$NONO" hooks status
is 'two entries: status' "$rc $(grep -c '(installed)$' <<<"$out")" '0 4'
run "$NONO" hooks remove claude-code
is 'two entries: removed' "$rc $(cat "$settings")" '0 { "model": "x" }'

# Names of former versions are the same hook.
# shellcheck disable=SC2016
for old in '$HOME/.claude/hooks/nono-hook.sh' "$HOME/.claude/hooks/nono-hook.sh"; do
	fresh "{\"hooks\": {\"PostToolUseFailure\": [{\"matcher\": \"Old\", \"hooks\": [{\"command\": \"$old\", \"type\": \"command\"}]}]}}"
	start -- true
	is "replaced in place: ${old:0:5}" "$(cat "$settings")" \
		"{\"hooks\": {\"PostToolUseFailure\": [{\"matcher\": \"Old\", \"hooks\": [{\"command\": \"$script\", \"type\": \"command\"}]}]}}"
done

# ---- what somebody changed ----

fresh
start -- true
sed -i 's/Read|Bash/Read|Bash|Mine/' "$settings"
run "$NONO" hooks status --json
is 'edited entry: status' "$(js 'd["hooks"][0]["script_state"], d["hooks"][0]["entry_state"]' <<<"$out")" 'installed changed'
before=$(cat "$settings")
run "$NONO" hooks remove
has 'edited entry: told' "$out" "the PostToolUseFailure entry in $settings was changed, and stays"
is 'edited entry: it stays, with its script' "$rc $(cat "$settings") $(ls "$data")" "0 $before nono-hook.sh"
sed -i 's/|Mine//' "$settings"
run "$NONO" hooks remove
is 'edited back: removed' "$rc $(ls -A "$HOME/.claude" "$data")" "0 $HOME/.claude:

$data:"
fresh
start -- true
echo '# mine' >>"$script"
run "$NONO" hooks remove
has 'changed script: told' "$out" "$script was changed, and stays"
is 'changed script: it stays' "$rc $(tail -n 1 "$script")" '0 # mine'
start -- true
echo '# mine' >>"$script"
start -- true
has 'changed script: put right' "$err" '  Updating claude-code hook (new version available)
'
is 'changed script: as it should be' "$(grep -c '# mine' "$script")" 0

# ---- scripts of the user's ----

mkdir -p "$HOME/.config/nono/hooks"
printf '#!/bin/sh\necho mine\n' >"$HOME/.config/nono/hooks/nono-hook.sh"
start -- sh -c '"$0"' "$script"
is 'a script of the user goes before' "$rc $out" '0 mine'
run "$NONO" hooks status --json
is 'its hash is recorded' "$(js 'd["hooks"][0]["script_state"]' <<<"$out")" installed
rm "$HOME/.config/nono/hooks/nono-hook.sh"

# ---- what is left as it is ----

# untouched NAME TEXT REASON: the settings stay, the session goes on.
untouched() {
	fresh "$2"
	start -- echo works
	is "$1: the session goes on" "$rc $out" '0 works'
	has "$1: warning" "$(warned)" "$3"
	is "$1: the settings" "$(cat "$settings"; echo .)" "$2."
}
untouched 'no JSON' '{ "a": ' "'$settings': it cannot be read"
untouched 'a key twice' '{ "a": 1, "a": 2 }' 'it cannot be read'
untouched 'empty' '' 'it is empty'
untouched 'a list' '[]' 'it holds no object'
untouched 'hooks is a list' '{ "hooks": [] }' '"hooks" is no object'
untouched 'the event is no list' '{ "hooks": { "PostToolUseFailure": {} } }' '"PostToolUseFailure" is no list'
untouched 'a key in escapes' '{ "\u0068ooks": { "Stop": [] } }' 'leaves no place for a change'
untouched 'huge' "{ \"a\": [$(printf '%01100000d' 0 | sed 's/0/0,/g;s/,$//')] }" "is larger than"

fresh '{}'
chmod 400 "$settings"
start -- true
has 'read-only: warning' "$(warned)" "'$settings' is read-only"
is 'read-only: as it was' "$rc $(cat "$settings")" '0 {}'
fresh '{}'
chmod 500 "$HOME/.claude"
start -- true
has 'read-only directory: warning' "$(warned)" "cannot write '$settings'"
is 'read-only directory: as it was' "$rc $(cat "$settings")" '0 {}'
chmod 700 "$HOME/.claude"
fresh
mkfifo "$settings"
start -- true
has 'a pipe: warning' "$rc $(warned)" 'is not a regular file'
fresh '{}'
ln "$settings" "$HOME/second.json"
start -- true
has 'a second name: warning' "$(warned)" 'has several names'
is 'a second name: as it was' "$(cat "$HOME/second.json")" '{}'
rm "$HOME/second.json"

# link NAME TARGET: what it leads to.
link() {
	fresh
	ln -s "$2" "$settings"
	start -- true
}
echo '{}' >"$TMPDIR/outside.json"
link '' "$TMPDIR/outside.json"
has 'a link out of the home directory: warning' "$(warned)" 'which is no place of its own'
is 'a link out of the home directory: as it was' "$rc $(cat "$TMPDIR/outside.json")" '0 {}'
echo '{ "meta": { "name": "victim" } }' >"$profiles/victim.json"
link '' "$profiles/victim.json"
has 'a link to a profile: warning' "$(warned)" 'which is no place of its own'
is 'a link to a profile: as it was' "$rc $(cat "$profiles/victim.json")" '0 { "meta": { "name": "victim" } }'
link '' ../nothing.json
has 'a link to nothing: warning' "$(warned)" 'leads to nothing'
is 'a link to nothing: still nothing' "$rc $([ -e "$HOME/nothing.json" ] || echo none)" '0 none'
mkdir "$HOME/dotfiles"
echo '{ "model": "x" }' >"$HOME/dotfiles/claude.json"
link '' ../dotfiles/claude.json
is 'a link in the home directory is followed' "$rc $(warned) $(js '*d["hooks"]' "$HOME/dotfiles/claude.json")" \
	'0  PostToolUseFailure'
is 'a link in the home directory stays' "$(readlink "$settings")" ../dotfiles/claude.json
run "$NONO" hooks remove
is 'a link in the home directory: removed' "$rc $(cat "$HOME/dotfiles/claude.json") $(readlink "$settings")" \
	'0 { "model": "x" } ../dotfiles/claude.json'

# What is in the place of nono's own directory.
fresh '{}'
mkdir -p "$HOME/.local/share/nono" "$HOME/elsewhere"
ln -s "$HOME/elsewhere" "$HOME/.local/share/nono/agent-hooks"
start -- true
has 'scripts behind a link: warning' "$(warned)" "cannot use '$data'"
is 'scripts behind a link: as it was' "$rc $(ls -A "$HOME/elsewhere") $(cat "$settings")" '0  {}'
rm -r "$HOME/.local/share/nono"
mkdir -p "$data"
chmod 777 "$data"
start -- true
has 'scripts that others may write: warning' "$(warned)" "cannot use '$data'"
fresh '{}'
printf '{ "hooks": 1 }' >"$record"
start -- true
has 'a record of somebody else: warning' "$(warned)" 'is not what nono wrote'
is 'a record of somebody else: nothing is added' "$(cat "$settings")" '{}'

profile unknown "{ \"claude-code\": { \"event\": \"Stop\", \"matcher\": \"\", \"script\": \"no-such.sh\" } }"
profile path "{ \"claude-code\": { \"event\": \"Stop\", \"matcher\": \"\", \"script\": \"../nono-hook.sh\" } }"
profile agent2 "{ \"other-agent\": { \"event\": \"Stop\", $hook } }"
fresh '{}'
run "$NONO" run --allow-cwd --profile unknown -- true
has 'an unknown script' "$rc $(warned)" 'Unknown hook script: no-such.sh'
run "$NONO" run --allow-cwd --profile path -- true
has 'a path for a script' "$rc $(warned)" "'../nono-hook.sh' is not the plain name of a file"
run "$NONO" run --allow-cwd --profile agent2 -- true
has 'an unknown agent' "$rc $err" 'hooks.other-agent is skipped'
is 'nothing of that is installed' "$(cat "$settings") $(ls "$HOME/.local/share")" '{} '

# ---- others write at the same time ----

# Between the look at the file and the change of its name there is half a second here.
if strace -f true 2>/dev/null; then
	fresh '{}'
	start -- true
	echo '{}' >"$settings"
	strace -qq -f -e trace=renameat2 -e inject=renameat2:delay_enter=500000 -o "$TMPDIR/calls" \
		"$NONO" hooks install --profile agent >/dev/null 2>"$TMPDIR/told" &
	for ((i = 0; i < 200; i++)); do
		grep -q renameat2 "$TMPDIR/calls" 2>/dev/null && break
		sleep 0.05
	done
	sleep 0.1
	echo '{ "model": "newer" }' >"$settings"
	wait $!
	is 'changed meanwhile: both are there' "$? $(js 'd["model"], *d["hooks"]' "$settings")" \
		'0 newer PostToolUseFailure'
	echo '{}' >"$settings"
	: >"$TMPDIR/calls"
	(while [ ! -e "$TMPDIR/enough" ]; do
		echo "{ \"n\": $((n++)) }" >"$TMPDIR/new"
		mv "$TMPDIR/new" "$settings"
		sleep 0.02
	done) &
	writer=$!
	strace -qq -f -e trace=renameat2 -e inject=renameat2:delay_enter=300000 -o "$TMPDIR/calls" \
		"$NONO" hooks install --profile agent >/dev/null 2>"$TMPDIR/told"
	code=$?
	touch "$TMPDIR/enough"
	wait $writer
	is 'changed all the time: given up' "$code $(grep -o 'is being changed by another program' "$TMPDIR/told")" \
		'1 is being changed by another program'
	is 'changed all the time: theirs is there' "$(js '*d' "$settings")" n
	is 'nothing of ours is left behind' "$(ls -A "$HOME/.claude")" settings.json
else
	skip 'others write at the same time' 'strace does not work here'
fi

# ---- nono hooks ----

fresh
run "$NONO" hooks status
is 'status of nothing' "$rc $out" '0   No hooks of agents are installed.'
run "$NONO" hooks status --json
is 'status of nothing, JSON' "$rc $(js d <<<"$out")" "0 {'hooks': []}"
run "$NONO" hooks install
is 'install: those of claude-code' "$rc $out" "0   Installing claude-code hook to $script"
run "$NONO" hooks install
is 'install: once more' "$rc $out" '0   Everything is installed.'
run "$NONO" hooks status
is 'status' "$rc $out" "0   claude-code PostToolUseFailure (Read|Write|Edit|Bash)
    script:   $script (installed)
    settings: $settings (installed)"
rm "$script"
echo '{}' >"$settings"
run "$NONO" hooks status --json
is 'status: what is missing' "$(js 'd["hooks"][0]["script_state"], d["hooks"][0]["entry_state"]' <<<"$out")" 'missing missing'
run "$NONO" hooks remove
is 'remove: what is missing' "$rc $(js 'd["hooks"]' "$record")" '0 []'
run "$NONO" hooks install no-such-agent
is 'install: unknown agent' "$rc $err" \
	"1 nono: 'no-such-agent' is no agent that nono knows hooks of; known is claude-code"
run "$NONO" hooks install --profile node-dev
has 'install: a profile without hooks' "$rc $err" "1 nono: profile 'node-dev' names no hooks"
fresh '[]'
run "$NONO" hooks install
has 'install: an error is one' "$rc $err" "1 nono: '$settings': it holds no object"

run "$NONO" hooks approvals
is 'approvals: none' "$rc $out" '0   No session hooks are approved.'
mkdir -p "$HOME/.local/state/nono"
printf '{"version": 1, "approved": [{"path": "/a b", "sha256": "00"}, {"path": "/c", "sha256": "11"}]}' \
	>"$HOME/.local/state/nono/approved-hooks.json"
run "$NONO" hooks approvals list
is 'approvals' "$rc $out" '0   /a b
    sha256 00
  /c
    sha256 11'
run "$NONO" hooks approvals revoke '/a b'
is 'approvals: revoke' "$rc $out" '0   Revoked /a b'
run "$NONO" hooks approvals --json
is 'approvals: JSON' "$rc $(js d <<<"$out")" "0 {'approved': [{'path': '/c', 'sha256': '11'}]}"
run "$NONO" hooks approvals revoke '/a b'
has 'approvals: nothing to revoke' "$rc $err" "1 nono: nothing is approved of '/a b'"
run "$NONO" hooks approvals forget
is 'approvals: usage' "$rc" 2
finish
