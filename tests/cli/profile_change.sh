#!/bin/bash
# A profile that changed between two starts: it is told, it can be looked at, and a start can insist on
# the profile it knows. And: nothing of this asks the network.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

profiles=$HOME/.config/nono/profiles
seen=$HOME/.local/state/nono/profile-seen
mkdir -p "$profiles" data
chmod 700 "$HOME/.config" "$HOME/.config/nono" "$profiles"

# profile NAME: its text from the standard input
profile() {
	cat >"$profiles/$1.json"
	chmod 600 "$profiles/$1.json"
}

# start NAME: the line about a change, if there is one
start() {
	run "$NONO" run --profile "$1" true
	grep -o 'profile .* changed since .*' <<<"$err"
}
hash() {
	"$NONO" profile show --hash "$1"
}

# ---- the hash ----

profile a <<'END'
{ "meta": { "name": "a", "description": "one" }, "filesystem": { "read": ["/opt", "/srv"], "allow": ["~/x"] },
  "groups": { "include": ["node_runtime", "rust_runtime"] }, "network": { "open_port": [1, 2] } }
END
profile b <<'END'
{ // the same in another order, one entry twice
  "network": { "open_port": [2, 1] }, "groups": { "include": ["rust_runtime", "node_runtime", "rust_runtime"] },
  "filesystem": { "allow": ["~/x"], "read": ["/srv", "/opt", "/srv"] }, }
END
profile c <<<'{ "extends": "a" }'
profile d <<<'{ "extends": "a", "filesystem": { "read": ["/usr/share"] } }'
is 'hash: 64 digits' "$(hash a | grep -cE '^[0-9a-f]{64}$')" 1
is 'hash: order, comments and name do not count' "$(hash b)" "$(hash a)"
is 'hash: nor who wrote it' "$(hash c)" "$(hash a)"
is 'hash: a grant counts' "$([ "$(hash d)" != "$(hash a)" ] && echo differs)" differs
has 'hash: JSON' "$("$NONO" profile show a --hash --json)" "\"sha256\": \"$(hash a)\""

for mode in run wrap; do
	run "$NONO" $mode -s --profile a --expect-profile-sha256 "$(hash a)" echo started
	is "$mode: the expected profile" "$rc $out" '0 started'
	run "$NONO" $mode -s --profile a --expect-profile-sha256 "$(hash a | tr a-f A-F)" echo started
	is "$mode: the expected profile, in capitals" "$rc $out" '0 started'
	run "$NONO" $mode -s --profile d --expect-profile-sha256 "$(hash a)" echo started
	is "$mode: another profile" "$rc $out" '1 '
	has "$mode: another profile: text" "$err" "profile 'd' has the SHA-256 $(hash d), not the expected $(hash a)"
done
run "$NONO" run -s --expect-profile-sha256 "$(hash a)" --allow-cwd echo started
is 'no profile at all' "$rc $out" '2 '
has 'no profile at all: text' "$err" '--expect-profile-sha256 needs a profile'

# ---- the notice ----

profile mine <<<'{ "filesystem": { "read": ["/opt"], "deny": ["~/closed"] }, "environment": { "set_vars": { "A": "word" } } }'
is 'the first start' "$(start mine)" ''
is 'the second start' "$(start mine)" ''
profile mine <<<'{ "environment": { "set_vars": { "A": "word" } }, "filesystem": { "deny": ["~/closed"], "read": ["/opt"] } }'
is 'another order' "$(start mine)" ''
profile mine <<<'{ "filesystem": { "read": ["/opt", "/srv"], "allow": ["~/x"] }, "environment": { "set_vars": { "A": "thing" } },
	"security": { "ipc_mode": "full" } }'
run "$NONO" run --profile mine --dry-run true
run "$NONO" why --profile mine --path /opt
is 'a dry run and a question are no starts' "$(grep -c 'changed since' <<<"$err")" 0
run "$NONO" profile diff --last mine
is 'what changed, before the start' "$rc $(grep -c '^    [+-]' <<<"$out")" '0 6'
has 'what changed: a deny is gone' "$out" '- deny: ~/closed'
changed="profile 'mine' changed since last run ($(date +%F)): +2 grants, -1 deny, +1 variable, -1 variable, other settings; see nono profile diff --last mine"
is 'a changed profile' "$(start mine)" "$changed"
is 'it is told once' "$(start mine)" ''
run "$NONO" profile diff --last mine
is 'what changed, after the start' "$rc $(grep -c '^    [+-]' <<<"$out")" '0 6'
run "$NONO" profile diff --last --exit-code --json mine
is 'what changed: JSON' "$rc $(grep -c '"~/closed"' <<<"$out")" '1 1'
is 'no value of a variable is kept' "$(grep -rcE 'word|thing' "$seen" | grep -vc ':0$')" 0
is 'nobody else reads what is kept' "$(find "$seen" -perm /077)" ''
run "$NONO" wrap --profile mine true
is 'wrap looks there, too' "$(grep -c 'changed since' <<<"$err")" 0
profile mine <<<'{}'
run "$NONO" wrap --profile mine true
has 'wrap: a changed profile' "$err" "profile 'mine' changed since last run"
run "$NONO" run -s --profile mine true
is 'silent' "$rc$err" 0

# A profile that is named by its path is another one, and so is a base of it.
profile low <<<'{ "filesystem": { "read": ["/opt"] } }'
echo '{ "extends": "low" }' >data/mine.json
is 'by path: the first start' "$(start ./data/mine.json)" ''
profile low <<<'{ "filesystem": { "read": [] } }'
has 'by path: its base changed' "$(start ./data/mine.json)" "profile './data/mine.json' changed since last run ($(date +%F)): -1 grant;"
run "$NONO" profile diff --last low
has 'never started' "$rc $err" "1 nono: nothing was started under profile 'low' yet"
profile low <<<'{}'
start low >/dev/null
run "$NONO" profile diff --last low
has 'never changed' "$rc $err" "1 nono: profile 'low' is what it was at its first start"
run "$NONO" profile diff low
is 'one profile alone' "$rc" 2
run "$NONO" profile diff --last low mine
is 'two profiles and --last' "$rc" 2

# What somebody else wrote there is nothing, and a session cannot write there.
for f in "$seen"/*; do
	echo '{' >"$f"
done
is 'a broken file' "$(start low)" ''
run "$NONO" run -s --profile low --allow-cwd sh -c "echo x >'$seen/new'"
is 'a session cannot write there' "$([ -e "$seen/new" ] || echo none)" none
chmod 500 "$seen"
profile other <<<'{}'
run "$NONO" run -s --profile other echo started
is 'what cannot be kept stops nothing' "$rc $out" '0 started'
chmod 700 "$seen"
for i in $(seq 300); do
	echo '{' >"$seen/$i.json"
	touch -d '2001-01-01' "$seen/$i.json"
done
start other >/dev/null
is 'of too many the oldest goes' "$(find "$seen" -name '*.json' | wc -l)" "$((300 + $(find "$seen" -name '????????????????????????????????.json' | wc -l) - 1))"

# ---- no network ----

if strace -f true 2>/dev/null; then
	# asks NAME COMMAND...: no address outside of this machine's own kernel is talked to
	asks() {
		local name=$1
		shift
		strace -f -qq -e trace=socket,connect -o "$TMPDIR/calls" "$@" >/dev/null 2>&1
		is "no network: $name" "$(grep -cE 'AF_INET|AF_INET6|AF_UNIX' "$TMPDIR/calls")" 0
	}
	profile pack <<<'{ "extends": "always-further/claude" }'
	asks 'profile show' "$NONO" profile show claude-code
	asks 'profile show of a missing pack' "$NONO" profile show pack
	asks 'profile diff' "$NONO" profile diff claude-code codex
	asks 'profile validate' "$NONO" profile validate pack
	asks 'profile lint' "$NONO" profile lint
	asks 'why' "$NONO" why --profile claude-code --host example.com
	asks 'a dry run' "$NONO" run --profile claude-code --allow-cwd --dry-run true
	asks 'a dry run of a missing pack' "$NONO" run --profile pack --dry-run true
else
	skip 'no network' 'strace does not work here'
fi
run "$NONO" run -s --offline --profile mine echo started
is '--offline' "$rc $out" '0 started'
run env NONO_OFFLINE=1 "$NONO" wrap -s --profile mine echo started
is 'NONO_OFFLINE' "$rc $out" '0 started'

finish
