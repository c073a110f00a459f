#!/bin/bash
# What a profile grants and recorded runs did not use.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

profiles=$HOME/.config/nono/profiles
mkdir -p "$profiles" a/deep/er b
chmod 700 "$HOME/.config" "$HOME/.config/nono" "$profiles"
echo x >a/deep/x
echo x >b/y
top=$PWD

# profile NAME: its text from the standard input
profile() {
	cat >"$profiles/$1.json"
	chmod 600 "$profiles/$1.json"
}
# record FILE LINE...: a record of one run
record() {
	local file=$1
	shift
	printf '%s\n' '{"nono_use":1,"profile":"default","started":"x","cmd_sha256":"x","coverage":"full"}' "$@" >"$file"
}
path() { # PATH ACCESS [RESULT [KIND]]
	echo "{\"path\":\"$1\",\"access\":\"$2\",\"kind\":\"${4:-file}\",\"result\":\"${3:-ok}\",\"source\":\"learn\"}"
}
link() { # HOST PORT ACCESS
	echo "{\"addr\":\"192.0.2.1\",\"port\":$2,\"host\":\"$1\",\"access\":\"$3\",\"kind\":\"network\",\"count\":1,\"source\":\"learn\"}"
}
drift() {
	run "$NONO" profile drift "$@"
}
# part TITLE: the lines of a part of the answer
part() {
	sed -n "/^  $1:\$/,/^\$/p" <<<"$out" | sed '1d;/^$/d;s/^ *//'
}

profile p <<END
{
	"filesystem": {
		"allow": ["$top/a"],
		"read": ["$top/b"]
	},
	"network": { "allow_domain": ["d.example", "used.example"] }
}
END
file=$profiles/p.json

# ---- the example of the manual ----

record one "$(path "$top/a/deep/x" read)" "$(path "$top/b/y" metadata)" "$(path "$top/b/z" read missing)" \
	"$(link used.example 443 connect)"
drift p --from one
is 'unused' "$(part Unused)" "/filesystem/read/0  $top/b  # $file:4
/network/allow_domain/0  d.example  # $file:6"
is 'narrower' "$(part 'Could be narrower')" "/filesystem/allow/0  filesystem.allow -> filesystem.read  # it was only read
/filesystem/allow/0  $top/a -> $top/a/deep  # nothing beside this directory was used"
is 'nothing was missing' "$(part Missing)" ''
has 'what it is about' "$out" "nono profile: drift of 'p' over 1 run (full coverage)"
is 'exit code' "$rc" 0
drift p --from one --exit-code
has '--exit-code' "$rc $err" '1 nono: the profile grants what was not used'
drift p --from one --json
is 'JSON' "$(python3 -c 'import json,sys; d=json.load(sys.stdin)
print(d["profile"], d["runs"], d["coverage"], [u["pointer"] for u in d["unused"]], [n["to"] for n in d["narrower"]], d["missing"])' <<<"$out")" \
	"p 1 full ['/filesystem/read/0', '/network/allow_domain/0'] ['filesystem.read', '$top/a/deep'] []"

# ---- more runs, more uses ----

record two "$(path "$top/a/new" write ok created)" "$(path "$top/b/y" read)" "$(link d.example 443 connect)"
drift p --from one --from two --exit-code
is 'two runs: nothing is left' "$rc $(part Unused)$(part 'Could be narrower')" '0 '
has 'two runs: said' "$out" '(the profile fits)'
has 'two runs: counted' "$out" 'over 2 runs'
record wo "$(path "$top/a/new" write)"
drift p --from wo
has 'only written' "$(part 'Could be narrower')" 'filesystem.allow -> filesystem.write  # it was only written'
record deeper "$(path "$top/a/deep/er/1" readwrite)" "$(path "$top/a/deep/er/2/3" read)" "$(path "$top/a/deep/er" read ok directory)"
drift p --from deeper
is 'the deepest common directory' "$(part 'Could be narrower')" \
	"/filesystem/allow/0  $top/a -> $top/a/deep/er  # nothing beside this directory was used"
record beside "$(path "$top/ab" read)" "$(path "$top/a" read denied directory)"
drift p --from beside
has 'a name that only begins alike, and a refusal, are no use' "$(part Unused)" "/filesystem/allow/0  $top/a"
is 'a refusal is missing' "$(part Missing)" "read $top/a (1 time)"
record denied "$(path /nowhere/x write denied)" "$(link evil.example 443 connect)" "$(link used.example 443 connect)"
drift p --from denied --from denied
is 'missing' "$(part Missing)" "write /nowhere/x (2 times)
connect evil.example (2 times)"

# ---- groups, ports, bypasses, origins ----

profile base <<<"{ \"groups\": { \"include\": [\"node_runtime\", \"rust_runtime\"] }, \"filesystem\": { \"read\": [\"~/.ssh\"] } }"
profile q <<END
{
	"extends": "base",
	"filesystem": { "bypass_protection": ["~/.ssh"] },
	"network": { "listen_port": [80, 81], "connect_port": [443], "open_port": [9, 10] }
}
END
mkdir -p "$HOME/.nvm" "$HOME/.ssh"
record net "$(link x 81 bind)" "$(link x 80 connect)" "$(link x 443 connect)" "$(link x 9 bind)" "$(path "$HOME/.nvm/x" read)"
drift q --from net
is 'groups, ports and bypasses' "$(part Unused | sed 's/  #.*//')" "/filesystem/read/0  ~/.ssh
/filesystem/bypass_protection/0  ~/.ssh
/groups/include/1  rust_runtime
/network/open_port/1  10
/network/listen_port/0  80"
has 'who wrote it' "$(part Unused)" "~/.ssh  # $profiles/base.json:1"
record key "$(path "$HOME/.ssh/config" read)"
drift q --from key
is 'a bypass that was needed' "$(part Unused | grep -c ssh)" 0

# ---- a real run ----

if strace true 2>/dev/null; then
	run "$NONO" learn --sandboxed --profile q --record real -- cat "$top/b/y" "$HOME/.nvm/none"
	if [ -s real ]; then
		drift q --from real
		has 'a recorded run' "$out" "drift of 'q' over 1 run"
		has 'a recorded run: what was refused' "$(part Missing)" "read $top/b/y (1 time)"
	else
		not_ok 'a recorded run' "${err:0:200}"
	fi
else
	skip 'a recorded run' 'programs cannot be traced here'
fi

# ---- a draft ----

drafts=$HOME/.config/nono/profile-drafts
mkdir -p c only/deep "$HOME/.nvm"
echo x >c/z
echo x >only/deep/x
profile w <<END
// what my agent may do
{
	"groups": { "include": ["node_runtime", "rust_runtime"] },
	"filesystem": {
		// the sources
		"allow": ["$top/a", "$top/only"],
		"read": [
			"$top/b", // the books, all of them
			"$top/c"  // the sea
		]
	},
	"network": { "listen_port": [80, 81] }
}
END
cp "$profiles/w.json" w.before
record used "$(path "$top/a/1" read)" "$(path "$top/a/2" write)" "$(path "$top/only/deep/x" read)" "$(path "$top/c/z" read)" \
	"$(path "$HOME/.nvm/x" read)" "$(link x 81 bind)" "$(path /nowhere/x read denied)"
drift w --from used --write w
is 'a draft: exit code' "$rc" 0
has 'a draft: said' "$err" "Draft written to $drafts/w.json; look at it with: nono profile promote w --diff"
is 'a draft: what goes, and what stays' "$(cat "$drafts/w.json" 2>&1)" "// what my agent may do
{
	\"meta\": {\"name\": \"w\"},
	\"groups\": { \"include\": [\"node_runtime\"] },
	\"filesystem\": {
		// the sources
		\"allow\": [\"$top/a\"],
		\"read\": [
			\"$top/only/deep\",
			\"$top/c\"  // the sea
		]
	},
	\"network\": { \"listen_port\": [81] }
}"
is 'a draft: the profile is what it was' "$(cmp "$profiles/w.json" w.before && echo same)" same
is 'a draft: from what it was made' "$(cat "$drafts/w.base")" "$(sha256sum <w.before | cut -c 1-64)"
has 'a draft: the answer is told, too' "$(part Unused)" "/filesystem/read/0  $top/b"
drift w --from used --write w
has 'a draft: there is one already' "$rc $err" "1 nono: --write: there is a draft '$drafts/w.json' already"
run "$NONO" profile promote w --diff
has 'a draft: its diff' "$rc $err" "\"$top/b\", // the books, all of them"
run "$NONO" profile promote w --yes
is 'a draft: promoted' "$rc $(ls "$drafts" | grep -c '^w')" '0 0'
drift w --from used --exit-code
is 'a draft: it fits now' "$rc $(part Unused)" '0 '
drift w --from used --write w
has 'nothing to change' "$rc $err" '0 No draft was written'
is 'nothing to change: no file' "$(ls "$drafts" | grep -c '^w')" 0

# What is inherited is left where it is written.
drift q --from net --write q
has 'a draft of an heir' "$rc $err" '0 2 entries are not in the draft'
is 'a draft of an heir: its own' "$(grep -c bypass_protection.*ssh "$drafts/q.json") $(grep -o 'listen_port.*' "$drafts/q.json")" \
	'0 listen_port": [81], "connect_port": [443], "open_port": [9] }'
rm -f "$drafts"/q.*

# Under another name it is a profile of its own.
cp w.before ./elsewhere.json
drift ./elsewhere.json --from used --write fresh
is 'another name' "$rc $(ls "$drafts")" '0 fresh.json'
run "$NONO" profile promote fresh --yes
is 'another name: promoted' "$rc $(ls "$profiles/fresh.json")" "0 $profiles/fresh.json"

no_draft() { # NAME PART WORDS...
	local name=$1 part=$2
	shift 2
	drift "$@"
	has "no draft: $name" "$err" "$part"
	is "no draft: $name: nothing written" "$((rc > 0)) $(ls "$drafts")" '1 '
}
no_draft 'of a preset' "profile 'node-dev' comes with nono" node-dev --from used --write x
no_draft 'of that name' "'a b' is no profile name" p --from used --write 'a b'
no_draft 'of another profile' "profile 'q' exists and is another one than 'p'" p --from used --write q
sed 's/"full"/"partial"/' used >half
no_draft 'from records with holes' 'a draft is only made of records with full coverage' p --from half --write p
mv "$profiles/p.json" "$profiles/p.jsonc"
no_draft 'beside a .jsonc' "'$profiles/p.jsonc' is used instead" p --from used --write p
mv "$profiles/p.jsonc" "$profiles/p.json"

# ---- refused ----

drift p
is 'no record' "$rc" 2
drift p --from none
has 'a record that is not there' "$rc $err" "1 nono: cannot read the record 'none'"
: >empty
drift p --from empty
has 'an empty record' "$rc $err" "1 nono: the record 'empty' is empty"
echo '{"a":1}' >other
drift p --from other
has 'another file' "$rc $err" "1 nono: 'other' is no record of a run"
record broken '{"path":'
drift p --from broken
has 'a broken line' "$rc $err" "1 nono: 'broken', line 2, is no record of a run"
drift p --from one --min-runs 2
has '--min-runs' "$rc $err" '1 nono: 1 runs are recorded, and --min-runs wants 2'
drift none --from one
has 'no such profile' "$rc $err" '1 nono: Profile not found: none'
sed 's/"full"/"partial"/' one >partly
drift p --from one --from partly
has 'an incomplete record' "$out" 'over 2 runs (partial coverage)'
record odd "$(path $'/tmp/\\u001b[31mred' read denied)"
drift p --from odd
is 'no control byte is printed' "$(grep -c $'\e' <<<"$out")" 0

finish
