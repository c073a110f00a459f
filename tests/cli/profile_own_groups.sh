#!/bin/bash
# Groups that the user wrote: a profile can include them, a required one holds in every start, and a
# text that is not understood ends the start.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

groups=$HOME/.config/nono/groups
profiles=$HOME/.config/nono/profiles
mkdir -p "$groups" "$profiles" "$HOME/tools" "$HOME/closed/below" "$HOME/open" work
chmod 700 "$HOME/.config" "$HOME/.config/nono" "$groups" "$profiles"
for d in tools closed closed/below open; do
	echo text >"$HOME/$d/file"
done
cd work || exit 2

# group NAME, profile NAME: the text from the standard input
group() {
	cat >"$groups/$1"
	chmod 600 "$groups/$1"
}
profile() {
	cat >"$profiles/$1.json"
	chmod 600 "$profiles/$1.json"
}

# ---- included ----

group my_tools.jsonc <<'END'
{ // what we all use
	"description": "Our tools",
	"allow": { "read": ["~/tools", { "path": "~/open", "when": "macos" }], "readwrite": ["$HOME/.cache/ours"] },
	"deny": { "access": ["~/closed"], "commands": ["deploy"] },
}
END
profile with <<<'{ "groups": { "include": ["my_tools"] }, "filesystem": { "read": ["~/open"] } }'
profile without <<<'{ "filesystem": { "read": ["~/open"] } }'
for mode in run wrap; do
	run "$NONO" $mode -s -p with cat "$HOME/tools/file" "$HOME/open/file"
	is "$mode: what the group grants" "$rc $out" $'0 text\ntext'
	run "$NONO" $mode -s -p without cat "$HOME/tools/file"
	is "$mode: without the group" "$rc" 1
	has "$mode: without the group: why" "$err" 'Permission denied'
	run "$NONO" $mode -s -p with --read "$HOME/closed" cat "$HOME/closed/file"
	has "$mode: what the group denies" "$rc $err" "1 nono: Configuration parse error: '$HOME/closed' is protected by policy group 'my_tools'"
	run "$NONO" $mode -s -p without --read "$HOME/closed" cat "$HOME/closed/file"
	is "$mode: who does not include it" "$rc $out" '0 text'
	run "$NONO" $mode -s -p with deploy
	has "$mode: a command it blocks" "$rc $err" "Command 'deploy' is blocked"
done
run "$NONO" why -s --json -p with --path "$HOME/closed/below/file"
has 'why: the group' "$out" '"policy_source": "group:my_tools"'
has 'why: what it is for' "$out" '"category": "Our tools"'
run "$NONO" profile validate with
is 'validate knows it' "$rc" 0
run "$NONO" profile lint with
is 'lint knows it' "$(grep -c my_tools <<<"$out$err")" 0
profile typo <<<'{ "groups": { "include": ["my_tool"] } }'
run "$NONO" run -s -p typo true
has 'a group nobody wrote' "$rc $err" "1 nono: Unknown policy group: 'my_tool'"

# ---- listed ----

run "$NONO" profile groups
has 'list: a section of its own' "$out" 'nono profile: 1 of your own'
has 'list: the others are counted as before' "$out" 'nono profile: 28 groups'
run "$NONO" profile groups my_tools
has 'one of them' "$out" "  File:        $groups/my_tools.jsonc"
run "$NONO" profile groups --json
has 'list: JSON' "$out" "\"file\": \"$groups/my_tools.jsonc\""

# ---- required ----

group team.json <<<'{ "description": "Never", "required": true, "deny": { "access": ["~/closed"] } }'
for mode in run wrap; do
	for p in without default; do
		run "$NONO" $mode -s -p $p --allow-cwd --read "$HOME/closed" cat "$HOME/closed/file"
		has "$mode: required, profile $p" "$rc $err" "1 nono: Configuration parse error: '$HOME/closed' is protected by policy group 'team'"
	done
	run "$NONO" $mode -s --allow-cwd --read "$HOME/closed" cat "$HOME/closed/file"
	has "$mode: required, without a profile" "$rc $err" "1 nono: Configuration parse error: '$HOME/closed' is protected by policy group 'team'"
	run "$NONO" $mode -s --allow-cwd --read "$HOME/open" cat "$HOME/open/file"
	is "$mode: beside it" "$rc $out" '0 text'
	run "$NONO" $mode -s --allow-cwd cat "$HOME/tools/file"
	is "$mode: one that is not required grants nothing" "$rc" 1
	run "$NONO" $mode -s --allow-cwd --read "$HOME/closed" --bypass-protection "$HOME/closed" cat "$HOME/closed/file"
	is "$mode: lifted by a flag" "$rc $out" '0 text'
done
cat >../manifest.json <<<"{\"version\": \"0.1.0\", \"filesystem\": {\"grants\": [{\"path\": \"$HOME/closed\", \"access\": \"read\"}]}}"
run "$NONO" run -s --config ../manifest.json true
has 'required, with a manifest' "$rc $err" "is inside protected path '$HOME/closed' (group 'team')"
run "$NONO" why -s --json --path "$HOME/closed/file"
has 'why: required' "$out" '"policy_source": "group:team"'
profile excludes <<<'{ "groups": { "exclude": ["team"] } }'
run "$NONO" run -p excludes true
has 'it cannot be excluded' "$rc $err" "Cannot exclude required groups: 'team'"
run "$NONO" run -s --allow-cwd sh -c "echo x >'$groups/new.json'; rm '$groups/team.json'"
is 'a program cannot change them' "$(ls "$groups" | tr '\n' ' ')" 'my_tools.jsonc team.json '

# ---- refused ----

# refused NAME FILE TEXT PART
refused() {
	group "$2" <<<"$3"
	for mode in run wrap; do
		run "$NONO" $mode --allow-cwd true
		is "refused: $1: $mode: exit code" "$rc" 1
		has "refused: $1: $mode" "$err" "nono: Configuration parse error: policy group $groups/$2$4"
	done
	rm "$groups/$2"
}
refused 'no JSON' x.json '{' ':'
refused 'a list' x.json '[]' ':1:1: an object is needed'
refused 'an unknown key' x.json '{"denny": {}}' ":1:2: unknown key 'denny'"
refused 'a part of a key' x.json '{"form": 1}' ":1:2: unknown key 'form'"
refused 'an empty key' x.json '{"": {"read": true}}' ":1:2: unknown key ''"
refused 'an unknown key below' x.json '{"allow": {"raed": []}}' ":1:12: unknown key 'raed'"
refused 'no list' x.json '{"deny": {"access": "/x"}}' ':1:21: a list is needed'
refused 'a relative path' x.json '{"deny": {"access": ["x"]}}' ':1:22: a path begins with'
refused 'a path upwards' x.json '{"deny": {"access": ["/x/../y"]}}' ':1:22: a path begins with'
refused 'a number' x.json '{"allow": {"read": [1]}}' ':1:21: a string is needed'
refused 'a condition' x.json '{"allow": {"read": [{"path": "/x", "when": "li nux"}]}}' ':1:44: this is no condition'
refused 'required: a word' x.json '{"required": "yes"}' ':1:14: true or false is needed'
refused 'a platform' x.json '{"platform": "bsd"}' ':1:14: the platforms are'
refused 'a command with a path' x.json '{"deny": {"commands": ["/bin/x"]}}' ':1:24: the name of a command is needed'
refused 'a built-in name' deny_credentials.json '{}' ': a group of this name comes with nono; rename the file'
refused 'a name with blanks' 'a b.json' '{}' ": the name of a group has letters, digits, '_' and '-'"
refused 'a second text for one name' team.jsonc '{}' ': there is another file for the same name'
group x.json <<<'{}'
chmod 666 "$groups/x.json"
run "$NONO" run --allow-cwd true
has 'refused: others may write it' "$rc $err" 'others can change it'
rm "$groups/x.json"
group README <<<'not a group'
group .hidden.json <<<'not a group'
run "$NONO" run -s --allow-cwd true
is 'other files' "$rc$err" 0
run "$NONO" run -s --allow-cwd "$NONO" wrap -s --allow-cwd true
is 'inside a sandbox' "$rc$err" 0

finish
