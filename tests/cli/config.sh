#!/bin/bash
# config.toml: where it is looked for, what is refused, what its keys do; themes and colours.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

unset XDG_CONFIG_HOME NO_COLOR
dir=$HOME/.config/nono
file=$dir/config.toml
mkdir -p "$dir" work
cd work || exit 2

config() {
	rm -rf "$file"
	printf '%s\n' "$@" >"$file"
	chmod 600 "$file"
}
dry() {
	run "$NONO" run --dry-run --allow . "$@" -- true
}

# ---- reading ----

rm -f "$file"
dry
is 'no file' "$rc" 0
config '[ui]' 'theme = "latte"'
dry --color always
is 'a good file' "$rc" 0

config '[ui]' 'theme = latte'
for mode in run wrap; do
	run "$NONO" $mode -s --allow . -- touch started
	is "$mode: malformed" "$rc $err" "1 nono: Configuration parse error: Failed to parse user \
config '$file': 2:9: not a value: strings stand in quotes"
done
run "$NONO" shell -s --allow .
is 'shell: malformed' "$rc" 1
is 'malformed: nothing started' "$(ls)" ''
run "$NONO" --help
is 'malformed: help works' "$rc $err" '0 '
run "$NONO" --version
is 'malformed: version works' "$rc $err" '0 '

config '[ui]' 'detach_sequence = "d"'
dry
has 'one key is no detach sequence' "$rc $err" \
	'2:1: detach sequence must contain at least two key presses'
config '[redaction]' 'allow_unredacted_defaults = ["code"]'
dry
has 'showing secrets needs the gate' "$rc $err" 'unsafe_redaction_overrides = true'

config '[ui]'
chmod 620 "$file"
dry
has 'group-writable' "$rc $err" "Failed to read config '$file': others may write it"
chmod 602 "$file"
dry
has 'world-writable' "$rc $err" 'others may write it'
chmod 644 "$file"
dry
is 'readable for all' "$rc" 0

rm -f "$file"
head -c $((1024 * 1024)) /dev/zero | tr '\0' '\n' >"$file"
dry
is '1 MiB' "$rc" 0
echo >>"$file"
dry
has '1 MiB and a byte' "$rc $err" 'larger than 1 MiB'
rm -f "$file"
mkfifo "$file"
dry
has 'a FIFO' "$rc $err" 'not a regular file'
rm -f "$file"
mkdir "$file"
dry
has 'a directory' "$rc $err" 'not a regular file'
rmdir "$file"
config '[ui]' 'theme = 1'
mv "$file" "$HOME/elsewhere"
ln -s "$HOME/elsewhere" "$file"
dry
has 'a symbolic link is followed' "$rc $err" '2:1: ui.theme must be a string in quotes'
rm -f "$file"

# ---- where ----

mkdir -p "$HOME/xdg/nono"
printf 'x' >"$HOME/xdg/nono/config.toml"
run env XDG_CONFIG_HOME="$HOME/xdg" "$NONO" run --dry-run --allow . -- true
has 'XDG_CONFIG_HOME' "$rc $err" "'$HOME/xdg/nono/config.toml': 1:2: '=' is expected"
config '[ui]'
for bad in xdg ../home/xdg "$HOME/missing"; do
	run env XDG_CONFIG_HOME="$bad" "$NONO" run --dry-run --allow . -- true
	is "XDG_CONFIG_HOME=$bad is not used" "$rc" 0
done
mkdir -p nono
printf 'x' >nono/config.toml
run env XDG_CONFIG_HOME=. "$NONO" run --dry-run --allow . -- true
is 'never relative to the project' "$rc" 0
rm -r nono

# One failed open is all that a missing file costs.
if command -v strace >/dev/null; then
	rm -f "$file"
	run strace -f -e trace=%file,read -o "$TMPDIR/trace" "$NONO" run -s --dry-run --allow . true
	is 'no file: one open' "$(grep -c 'config.toml' "$TMPDIR/trace") $(
		grep -c 'config.toml.*ENOENT' "$TMPDIR/trace")" '1 1'
fi

# ---- keys ----

config 'x = 1' '[ui]' 'them = "a"' '[rollback]' 'max_sessions = 3'
dry
is 'unknown keys: no word' "$(grep -c 'config.toml' <<<"$err")" 0
dry -v
is 'unknown keys at -v' "$(grep -c "unknown key '" <<<"$err") $(grep -c "'ui.them'" <<<"$err")" '2 1'
has 'a key of a later build at -v' "$err" "'rollback.max_sessions' has no effect in this build"

config '[overrides.commands]' '[trusted_keys]'
dry
is 'overrides and trusted keys: warnings' "$(grep -c 'warning:.*has no effect' <<<"$err")" 2

# ---- a default profile ----

mkdir -p "$HOME/.config/nono/profiles" place other
chmod 700 "$HOME/.config/nono/profiles"
echo text >place/file
echo text >other/file
top=$PWD
profile() {
	cat >"$HOME/.config/nono/profiles/$1.json"
	chmod 600 "$HOME/.config/nono/profiles/$1.json"
}
profile mine <<<"{\"filesystem\": {\"read\": [\"$top/place\"]}}"
profile theirs <<<"{\"filesystem\": {\"read\": [\"$top/other\"]}}"
config '[profiles]' 'default = "mine"'
for mode in run wrap; do
	run "$NONO" $mode -s cat "$top/place/file"
	is "$mode: the default profile" "$rc $out" '0 text'
	run "$NONO" $mode -s cat "$top/other/file"
	is "$mode: what it does not grant" "$rc" 1
	run "$NONO" $mode -s -p theirs cat "$top/other/file" "$top/place/file"
	is "$mode: a flag names another" "$rc $out" '1 text'
	run env NONO_PROFILE=theirs "$NONO" $mode -s cat "$top/other/file" "$top/place/file"
	is "$mode: a variable names another" "$rc $out" '1 text'
	run "$NONO" $mode true
	has "$mode: the banner names it" "$err" '  profile mine (config.toml)'
	run "$NONO" $mode -p theirs true
	is "$mode: the banner does not name it" "$(grep -c 'config.toml' <<<"$err")" 0
done
run sh -c 'echo "cat $1/place/file $1/other/file" | "$0" shell -s --shell /bin/sh' "$NONO" "$top"
is 'shell: the default profile' "$out" text
run "$NONO" why -s --path place/file
is 'why: the default profile' "${out%%$'\n'*}" ALLOWED
run "$NONO" why -s -p theirs --path place/file
is 'why: a flag names another' "${out%%$'\n'*}" DENIED
config '[profiles]' 'default = "none"'
run "$NONO" run true
is 'a default profile that is missing: exit code' "$rc" 1
has 'a default profile that is missing' "$err" 'Profile not found: none'
has 'a default profile that is missing: who named it' "$err" "(profiles.default of $HOME/.config/nono/config.toml)"
run "$NONO" run -s -p default true
is 'the policy without it' "$rc" 0

# ---- sensitive paths ----

mkdir -p "$HOME/closed/below" "$HOME/open"
echo text >"$HOME/closed/below/file"
echo text >"$HOME/open/file"
profile opens <<<'{"filesystem": {"read": ["~/closed", "~/open"], "bypass_protection": ["~/closed"]}}'
config '[extensions.sensitive_paths]' 'ours = ["~/closed"]'
for mode in run wrap; do
	run "$NONO" $mode -s --allow-cwd --read "$HOME/open" cat "$HOME/open/file"
	is "$mode: beside a sensitive path" "$rc $out" '0 text'
	run "$NONO" $mode --read "$HOME/closed" cat "$HOME/closed/below/file"
	is "$mode: a sensitive path" "$rc" 1
	has "$mode: a sensitive path: text" "$err" "is protected by policy group 'user:ours'"
	run "$NONO" $mode --read-file "$HOME/closed/below/file" cat "$HOME/closed/below/file"
	has "$mode: below a sensitive path" "$rc $err" "is protected by policy group 'user:ours'"
	run "$NONO" $mode -s --allow-cwd --read "$HOME/closed" --bypass-protection "$HOME/closed" cat "$HOME/closed/below/file"
	is "$mode: a sensitive path, lifted by a flag" "$rc $out" '0 text'
	run "$NONO" $mode -s -p opens cat "$HOME/open/file" "$HOME/closed/below/file"
	is "$mode: a profile cannot lift it" "$rc $out" '1 text'
	run "$NONO" $mode -p opens true
	has "$mode: a profile cannot lift it: said" "$err" 'group user:ours keeps'
	run "$NONO" $mode -s -p opens --bypass-protection "$HOME/closed" cat "$HOME/closed/below/file"
	is "$mode: a profile grants it, a flag lifts it" "$rc $out" '0 text'
done
run "$NONO" why -s --json --path "$HOME/closed/below/file"
has 'why: a sensitive path' "$out" '"policy_source": "group:user:ours"'
run "$NONO" run -s -p default --allow-cwd "$NONO" why -s --self --json --path "$HOME/closed/below/file"
has 'why --self: a sensitive path' "$out" '"policy_source": "group:user:ours"'
rm -r "$HOME/closed" "$HOME/open" "$HOME/.config/nono/profiles" place other

config '[extensions.dangerous_commands]' 'ours = ["touch"]'
run "$NONO" run -s --allow . -- touch started
has 'a dangerous command of ours' "$rc $err" "nono: Command 'touch' is blocked"
is 'it did not run' "$(ls)" ''
run "$NONO" run -s --allow . -- mkdir made
is 'its neighbour runs' "$rc $(ls)" '0 made'
run "$NONO" run -s --allow . --allow-command touch -- touch started
is '--allow-command' "$rc $(ls | tr '\n' ' ')" '0 made started '

config '[redaction]' 'extra_flags = ["--pin"]' 'extra_headers = ["X-Pin"]' 'extra_query_keys = ["pin"]'
run "$NONO" run --dry-run --allow . -- echo --pin 1234 -H 'X-Pin: 1234' 'h?pin=1234&a=1' --token 1234
has 'redaction' "$err" "Would execute: echo --pin '[REDACTED]' -H 'X-Pin: [REDACTED]' \
'h?pin=[REDACTED]&a=1' --token '[REDACTED]'"
run "$NONO" run --dry-run --json --allow . -- echo --pin=1234
is 'redaction in JSON' "$(grep -c 1234 <<<"$out")" 0
config '[redaction]' 'unsafe_redaction_overrides = true' 'allow_unredacted_defaults = ["--token"]'
run "$NONO" run --dry-run --allow . -- echo --token 1234 --auth 5678
has 'a default that is shown' "$err" "Would execute: echo --token 1234 --auth '[REDACTED]'"

# ---- what a session does with them ----

config '[redaction]' 'extra_flags = ["--PIN"]' 'extra_env_vars = ["my_code", " "]' \
	'unsafe_redaction_overrides = true' 'allow_unredacted_defaults = ["--token"]'
rm -rf "$HOME/.local/state/nono"
MY_CODE=1 OTHER_CODE=1 run "$NONO" run -s --allow . -- echo --pin 1234 --token shown
is 'the session runs' "$rc" 0
records=$HOME/.local/state/nono/audit/*/
has 'the record hides and shows what the file says' "$(cat $records/session.json | tr -d ' \n')" \
	'"command":["echo","--pin","[REDACTED]","--token","shown"]'
has 'the record tells the changes' "$(cat $records/audit-events.ndjson)" \
	'"redaction_policy":{"added_flags":["--pin"],"removed_flags":["--token"],'\
'"added_env_vars":["my_code"]}'
names=$(grep -o '"environment_names.*environment_count' $records/audit-ext.ndjson)
has 'other variables are named' "$names" OTHER_CODE
is 'variables of the file are not' "$(grep -c MY_CODE <<<"$names")" 0

long=$(printf '%0.sx' $(seq 4097))
config '[redaction]' "extra_flags = [\"$long\"]"
run "$NONO" run -s --allow . -- true
has 'a name too long to be carried' "$rc $err" '1 nono: [redaction] of config.toml lists'

pty=$NONO_BUILD/tests/cli/pty
image='\033Pq#0~~\033\\' # sixel
for level in standard strict off; do
	config '[ui]' "terminal_filter = \"$level\""
	out=$("$pty" -- "$NONO" run -s --allow . -- printf "before$image\033]52;c;?\007after" |
		tr -d '\r\033')
	case $level in
	standard) has 'standard: images pass, the clipboard is not read' "$out" \
		'beforePq#0~~\after' ;;
	strict) has 'strict: neither' "$out" beforeafter ;;
	off) has 'off: everything passes' "$out" 'beforePq#0~~\]52;c;?'$'\a''after' ;;
	esac
done

# What scrolled out and is kept can still be explained.
mkdir -m 700 "$HOME/closed"
for rows in 100 5; do
	config '[ui]' "scrollback_rows = $rows"
	out=$("$pty" -- "$NONO" run --allow . -- /bin/sh -c "echo 'cat: $HOME/closed: Permission denied'
		seq 60; exit 1" | tr -d '\r')
	case $rows in
	100) has 'within the scrollback' "$out" 'Sandbox denial: (guessed from output)' ;;
	5) has 'beyond the scrollback' "$out" 'No path denials were observed' ;;
	esac
done
rm -f "$file"

# ---- themes ----

esc=$'\033'
theme() {
	run env "${@:2}" COLORTERM=truecolor "$NONO" run --dry-run --color always --allow . \
		${theme_flag:+--theme "$theme_flag"} -- true
	has "$theme_name" "$err" "$esc[38;2;$1m"
}
rm -f "$file"
theme_flag='' theme_name='default theme' theme '250;179;135'
config '[ui]' 'theme = "latte"'
theme_flag='' theme_name='theme of the file' theme '254;100;11'
theme_flag='' theme_name='NONO_THEME before the file' theme '239;159;118' NONO_THEME=frappe
theme_flag=tokyo theme_name='--theme before both' theme '255;158;100' NONO_THEME=frappe
theme_flag='' theme_name='empty NONO_THEME' theme '254;100;11' NONO_THEME=
theme_flag=Catppuccin-Macchiato theme_name='an alias, any case' theme '245;169;127'
theme_flag=nonsense theme_name='an unknown theme' theme '250;179;135'
has 'an unknown theme is named' "$err" "unknown theme 'nonsense'"
is 'an unknown theme is no error' "$rc" 0
run env COLORTERM=truecolor NONO_THEME=latte "$NONO" --color always --help
has 'theme of help' "$out" "$esc[38;2;254;100;11m"
for depth in 'TERM=xterm-256color 38;5;216' 'TERM=xterm 33'; do
	run env -u COLORTERM "${depth% *}" "$NONO" run --dry-run --color always --theme mocha \
		--allow . -- true
	has "${depth% *}" "$err" "$esc[${depth#* }m"
done
run "$NONO" run --dry-run --color always --json --allow . -- true
is 'JSON has no colour' "$(grep -c "$esc" <<<"$out")" 0

# ---- inside ----

config '[ui]' 'theme = "latte"'
cp "$NONO" ./nono
run "$NONO" wrap -s --allow . -- ./nono wrap -s --allow . -- true
is 'inside a sandbox the file may be unreadable' "$rc $err" '0 '

finish
