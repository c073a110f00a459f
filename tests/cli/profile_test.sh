#!/bin/bash
# Tests of profiles: questions with the answers that are expected.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

profiles=$HOME/.config/nono/profiles
mkdir -p "$profiles" "$HOME/.ssh" "$HOME/data/sub" work
chmod 700 "$HOME/.config" "$HOME/.config/nono" "$profiles"
echo x >"$HOME/.ssh/id_rsa"
echo x >"$HOME/data/sub/file"
cd work || exit 2

# put NAME: a file from the standard input
put() {
	cat >"$1"
	chmod 600 "$1"
}
# check WORDS...
check() {
	run "$NONO" profile test "$@"
}

put "$profiles/p.json" <<'END'
{
	"filesystem": { "read": ["~/data"] },
	"network": { "allow_domain": ["api.example"] },
	"environment": { "allow_vars": ["KEEP_*"] },
	"commands": { "deny": ["deploy"] }
}
END
put "$profiles/p.test.jsonc" <<'END'
{ "cases": [ // what we rely on
	{ "name": "the data", "path": "~/data/sub/file", "expect": "allow" },
	{ "path": "~/data/sub/file", "op": "write", "expect": "deny", "reason": "insufficient_access" },
	{ "path": "~/.ssh/id_rsa", "expect": "deny", "reason": "sensitive_path" },
	{ "path": "/bin/sh", "op": "execute", "expect": "allow" },
	{ "host": "api.example", "expect": "allow" },
	{ "host": "evil.example", "expect": "deny", "reason": "proxy_filtered" },
	{ "command": "deploy", "expect": "deny" },
	{ "command": "git", "expect": "allow" },
	{ "env": "KEEP_THIS", "expect": "allow" },
	{ "env": "AWS_SECRET_ACCESS_KEY", "expect": "deny" },
] }
END
check p
is 'all as expected' "$rc $(grep -c '^ok' <<<"$out") $(grep -c '^not ok' <<<"$out")" '0 10 0'
has 'a name' "$out" 'ok 1 - the data'
has 'without a name' "$out" 'ok 2 - path write ~/data/sub/file'
is 'how many' "$(tail -n 1 <<<"$out")" '1..10'
has 'what would keep it from starting' "$out" '# nono run would refuse to start: '
check p --json
is 'JSON' "$(python3 -c 'import json,sys; d=json.load(sys.stdin)
print(d["profile"], d["passed"], d["failed"], len(d["cases"]), d["cases"][2]["reason"])' <<<"$out")" 'p 10 0 10 sensitive_path'

# The kernel gives the same answers.
put q.json <<<'{ "filesystem": { "read": ["~/data"] } }'
put q.test.jsonc <<'END'
{ "cases": [ { "path": "~/data/sub/file", "expect": "allow" }, { "path": "~/.ssh/id_rsa", "expect": "deny" },
	{ "path": "$HOME/data/new", "op": "write", "expect": "deny" } ] }
END
check ./q.json
is 'by path: the file beside it' "$rc $(grep -c '^ok' <<<"$out")" '0 3'
run "$NONO" wrap -s -p ./q.json cat "$HOME/data/sub/file"
is 'the kernel allows it' "$rc" 0
run "$NONO" wrap -s -p ./q.json cat "$HOME/.ssh/id_rsa"
is 'the kernel denies it' "$rc" 1
run "$NONO" wrap -s -p ./q.json sh -c 'echo x >~/data/new'
is 'the kernel denies writing' "$(ls "$HOME/data")" sub

# ---- what fails ----

put wrong.json <<'END'
{ "cases": [ { "path": "~/data/sub/file", "expect": "deny" }, { "path": "~/.ssh/id_rsa", "expect": "allow" },
	{ "path": "~/.ssh/id_rsa", "expect": "deny", "reason": "path_not_granted" }, { "command": "git", "expect": "allow" } ] }
END
check p wrong.json
is 'other answers: exit code' "$rc" 1
has 'other answers: told' "$out" 'not ok 1 - path read ~/data/sub/file: expected deny, is allow (granted_path)'
has 'another reason' "$out" 'not ok 3 - path read ~/.ssh/id_rsa: expected deny (path_not_granted), is deny (sensitive_path)'
has 'the one that is right' "$out" 'ok 4 - '
has 'how many failed' "$err" '3 of 4 cases failed'
check p wrong.json wrong.json --json
has 'two files' "$rc $out" '"failed": 6'

# refused NAME TEXT PART
refused() {
	put bad.json <<<"$2"
	check p bad.json
	is "refused: $1: exit code" "$rc" 1
	has "refused: $1" "$err" "'bad.json':$3"
}
refused 'no JSON' '{' ''
refused 'a list' '[]' '1:1: an object with the list "cases" is needed'
refused 'another key' '{"cases": [], "case": 1}' '1:1: an object with the list'
refused 'no subject' '{"cases": [{"expect": "deny"}]}' '1:12: a case needs a path'
refused 'two subjects' '{"cases": [{"path": "/x", "env": "A", "expect": "deny"}]}' '1:12: a case has one subject'
refused 'no answer' '{"cases": [{"path": "/x"}]}' '1:12: "expect" is needed'
refused 'a misspelt key' '{"cases": [{"path": "/x", "expekt": "deny"}]}' '1:37: a case has name, path'
refused 'an op' '{"cases": [{"path": "/x", "op": "bind", "expect": "deny"}]}' '1:12: the op of a path'
refused 'an op of a host' '{"cases": [{"host": "x", "op": "read", "expect": "deny"}]}' '1:12: the op of a host'
check p none.json
has 'no such file' "$rc $err" "1 nono: cannot read the tests 'none.json'"
check default
is 'a preset without a file' "$rc" 2
check default q.test.jsonc
is 'a preset with a file' "$rc $(grep -c '^ok' <<<"$out")" '1 2'
check none
has 'no such profile' "$rc $err" '1 nono: Profile not found: none'

# The tests are no profiles.
run "$NONO" profile list
is 'list leaves them out' "$(grep -c 'p\.test' <<<"$out")" 0
run "$NONO" profile lint
is 'lint leaves them out' "$(grep -c 'p\.test' <<<"$out$err")" 0

finish
