#!/bin/bash
# `nono profile list`, `show` and `diff`: text and JSON as they are promised.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

data=$NONO_TOP/tests/data/profile
profiles=$HOME/.config/nono/profiles
mkdir -p "$profiles"
hasnt() { # NAME TEXT PART
	case $2 in
	*"$3"*) not_ok "$1" "it has '$3'" ;;
	*) ok "$1" ;;
	esac
}
# What is printed holds the home directory.
golden() { # NAME FILE: `out` is the file's text
	is "$1" "$(sed "s,$HOME,HOME,g; s,$PWD,WORKDIR,g" <<<"$out")" "$(cat "$data/$2")"
}

# ---- list ----

run "$NONO" profile list
is 'list: exit code, no message' "$rc $err" '0 '
golden 'list' list.txt
run "$NONO" profile list --json
golden 'list: JSON' list.json

cp "$data/agent.jsonc" "$profiles/agent.jsonc"
echo '{"meta": {"name": "other"}}' >"$profiles/agent.json"
echo '{"alow": []}' >"$profiles/broken.json"
echo '{"extends": ["default", "agent"], "meta": {"name": "codex", "description": "mine"}}' >"$profiles/codex.json"
: >"$profiles/notes.txt"
run "$NONO" profile list
is 'list: user profiles: exit code' "$rc $err" '0 '
is 'list: one entry for two files' "$(grep -c '^    agent ' <<<"$out")" 1
has 'list: columns' "$out" '    codex            mine                                       extends default, agent'
has 'list: a broken file' "$out" '    broken           [error: Profile parse error: '
is 'list: no other files' "$(grep -c notes <<<"$out")" 0
is 'list: count' "$(head -n 1 <<<"$out")" 'nono profile: 14 profiles'
run "$NONO" profile list --json
has 'list: JSON: overrides' "$out" '"source": "user (overrides built-in)"'
is 'list: JSON: a broken file' "$(grep -A4 '"name": "broken"' <<<"$out" | grep -c '"error": "Profile parse error: ')" 1
rm "$profiles/broken.json" "$profiles/codex.json" "$profiles/agent.json"

# ---- show ----

run "$NONO" profile show agent
is 'show: exit code, no message' "$rc $err" '0 '
golden 'show: text' show.txt
run "$NONO" profile show agent --json
golden 'show: JSON' show.json
run "$NONO" profile show agent --origin
golden 'show: origins' show_origin.txt
run "$NONO" profile show agent --json --origin
golden 'show: origins as JSON' show_origin.json
run "$NONO" profile show agent --raw
is 'show: raw' "$(grep -c -- '->' <<<"$out")" 0
for words in 'Policy patches' 'groups.include'; do
	hasnt "show: no '$words'" "$out" "$words"
done
run "$NONO" profile show agent --format profile
printf '%s\n' "$out" >flat.json
is 'show: flat: no extends' "$rc $err $(grep -c '"extends"' <<<"$out")" '0  0'
without_extends() {
	sed '/^  "extends": \[/,/^  \]/d; /^  "extends": null/d'
}
is 'show: flat: means the same' "$("$NONO" profile show ./flat.json --json | without_extends)" \
	"$("$NONO" profile show agent --json | without_extends)"

# Legacy and canonical keys.
echo '{"meta": {"name": "x"}, "policy": {"add_allow_read": ["/opt"]}}' >legacy.json
echo '{"meta": {"name": "x"}, "filesystem": {"read": ["/opt"]}}' >canonical.json
run "$NONO" profile show ./legacy.json --json
old=$out
is 'show: legacy keys: one warning' "$rc $err" \
	"0 warning: deprecated key 'policy.add_allow_read' — use 'filesystem.read' instead (will be removed in v1.0.0, #594)"
run "$NONO" profile show ./canonical.json --json
is 'show: the same bytes for the same meaning' "$err$old" "$out"
run "$NONO" -s profile show ./legacy.json --json
is 'show: silent' "$err" ''

# ---- manifest ----

run "$NONO" profile show agent --format manifest
printf '%s\n' "$out" >manifest.json
is 'manifest: exit code' "$rc" 0
has 'manifest: version' "$out" '  "version": "0.1.0",
  "$schema": "https://nono.sh/schemas/capability-manifest.schema.json",'
has 'manifest: what it cannot carry' "$err" '  warning: a manifest cannot carry environment'
for path in "$HOME/.ssh" "$HOME/.gnupg"; do
	has "manifest: denied $path" "$out" "\"path\": \"$path\""
done
hasnt 'manifest: a bypassed path' "$out" "\"path\": \"$HOME/.docker\""
has 'manifest: ports' "$(tr -d ' \n' <manifest.json)" '"ports":{"connect":[443],"bind":[],"localhost":[3000]}'
hasnt 'manifest: names of the exporting process' "$out" "/proc/$$"
has 'manifest: /proc/self' "$out" '"path": "/proc/self"'
for preset in $("$NONO" profile list | sed -n 's/^    \([a-z-]*\) .*/\1/p'); do
	run "$NONO" profile show "$preset" --format manifest
	is "manifest: $preset" "$rc $(grep -c '"version": "0.1.0"' <<<"$out")" '0 1'
	run "$NONO" profile show "$preset" --json
	is "show: $preset: no message" "$rc $err" '0 '
done
run "$NONO" profile show node-dev --format manifest
has 'manifest: hosts of the network profile' "$out" '"registry.npmjs.org"'
has 'manifest: a proxy' "$out" '"mode": "proxy"'

# ---- diff ----

run "$NONO" profile diff default agent
is 'diff: exit code, no message' "$rc $err" '0 '
golden 'diff: text' diff.txt
run "$NONO" profile diff default agent --json
golden 'diff: JSON' diff.json
run "$NONO" profile diff --exit-code default agent
is 'diff: --exit-code' "$rc $err" '1 nono: the profiles differ'
run "$NONO" profile diff --exit-code agent agent
is 'diff: equal' "$rc $(tail -n 1 <<<"$out")" '0   (no differences)'
echo '{"meta": {"name": "x"}, "filesystem": {"read": ["/opt", "/srv"]}}' >one.json
echo '{"meta": {"name": "x"}, "filesystem": {"read": ["/srv", "/opt"]}}' >two.json
run "$NONO" profile diff --exit-code ./one.json ./two.json
is 'diff: order does not count' "$rc" 0

# ---- errors ----

run "$NONO" profile show bogus
is 'unknown' "$rc $out" '1 '
has 'unknown: message' "$err" 'nono: Profile not found: bogus'
echo '{ "filesytem": {} }' >typo.json
run "$NONO" profile show ./typo.json --json
is 'JSON error' "$rc" 1
golden 'JSON error: text' error.json
run "$NONO" profile show
is 'no name' "$rc ${err%%;*}" '2 error: the following required arguments were not provided'
run "$NONO" profile show a b
is 'two names' "$rc" 2
run "$NONO" profile show agent --format xml
has 'unknown format' "$rc $err" '2 error: invalid value'
for old in 'profiles list' 'show show' 'diff diff'; do
	set -- $old
	args=()
	[ "$1" = profiles ] || args+=(agent)
	[ "$1" != diff ] || args+=(default)
	run "$NONO" policy "$1" "${args[@]}" --json
	was=$out
	is "policy $1: warning" "$rc $err" "0 warning: 'nono policy $1' is deprecated and will be removed in a future release; use 'nono profile $2'"
	run "$NONO" profile "$2" "${args[@]}" --json
	is "policy $1: the same bytes" "$was" "$out"
done

# ---- how long it takes ----

run "$NONO" profile show node-dev --json
was=$out
run "$NONO" profile show node-dev --json --timing
is 'timing: the output is the same' "$rc $([ "$out" = "$was" ] && echo same)" '0 same'
is 'timing: each stage' "$(sed -n 's/^timing: *[0-9]*\.[0-9][0-9][0-9] ms  \([a-z ]*\).*/\1/p' <<<"$err" | paste -sd,)" \
	'load,look around,print,all of it again'
run "$NONO" profile show none --timing
has 'timing: no such profile' "$rc $err" 'Profile not found: none'

finish
