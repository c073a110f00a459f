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

# ---- tried in a sandbox ----

mkdir -p "$HOME/data/keys" "$HOME/tools"
echo x >"$HOME/data/keys/private"
put live.json <<<'{ "filesystem": { "read": ["~/data", "~/tools"], "allow": ["$WORKDIR"], "write_file": ["~/notes"] } }'
cp /bin/true "$HOME/tools/program"
touch "$HOME/notes"
mkfifo "$HOME/data/fifo"
put live.test.jsonc <<'END'
{ "cases": [
	{ "name": "file", "path": "~/data/sub/file", "expect": "allow" },
	{ "name": "directory", "path": "~/data", "expect": "allow" },
	{ "name": "denied", "path": "~/.ssh/id_rsa", "expect": "deny" },
	{ "name": "write-only", "path": "~/notes", "expect": "deny" },
	{ "name": "written", "path": "~/notes", "op": "write", "expect": "allow" },
	{ "name": "read-only", "path": "~/data/sub/file", "op": "write", "expect": "deny" },
	{ "name": "fifo", "path": "~/data/fifo", "expect": "allow" },
	{ "name": "device", "path": "/dev/null", "op": "write", "expect": "allow" },
	{ "name": "own process", "path": "/proc/self/status", "expect": "allow" },
	{ "name": "made", "path": "new", "op": "write", "expect": "allow" },
	{ "name": "made in", "path": ".", "op": "write", "expect": "allow" },
	{ "name": "not made", "path": "~/data/new", "op": "write", "expect": "deny" },
	{ "name": "nowhere", "path": "~/data/none", "expect": "allow" },
	{ "name": "deep", "path": "~/data/none/none", "op": "write", "expect": "deny" },
	{ "name": "host", "host": "a.example", "expect": "allow" },
] }
END
# A case, by its name, as --live tells it.
case_of() {
	sed -n "s/^\(ok\|not ok\) [0-9]* - $1\b/\1/p" <<<"$out"
}
before=$(find "$HOME" . | sort)
check ./live.json --live
is 'live: exit code' "$rc $(grep -c '^not ok' <<<"$out")" '0 0'
for name in file directory denied write-only written read-only fifo device 'own process'; do
	is "live: $name" "$(case_of "$name")" ok
done
for name in made 'made in' 'not made'; do
	is "live: $name" "$(case_of "$name" | head -n 1)" 'ok # not tried: writing there means to make a file; see --live-write'
done
is 'live: nothing there' "$(case_of nowhere)" 'ok # not tried: nothing is there'
is 'live: a host' "$(case_of host)" 'ok # not tried: only paths are tried'
has 'live: how many' "$out" '# 9 of 15 tried in a sandbox'
is 'live: nothing was made' "$(find "$HOME" . | sort)" "$before"
is 'live: nothing was written' "$(stat -c %s "$HOME/notes")" 0
check ./live.json --live-write
is 'live-write: exit code' "$rc $(grep -c '^not ok' <<<"$out")" '0 0'
for name in made 'not made' 'made in'; do
	is "live-write: $name" "$(case_of "$name" | head -n 1)" ok
done
is 'live-write: no directory to make it in' "$(case_of deep)" 'ok # not tried: there is no such directory'
has 'live-write: how many' "$out" '# 12 of 15 tried in a sandbox'
is 'live-write: nothing is left' "$(find "$HOME" . | sort)" "$before"
check ./live.json --live-write --json
is 'live-write: JSON' "$(python3 -c 'import json,sys; d=json.load(sys.stdin)
c = {x["name"]: x for x in d["cases"]}
print(d["tried"], c["file"]["enforced"], c["denied"]["enforced"], c["denied"]["errno"], c["host"]["enforced"], c["host"]["not_tried"])' <<<"$out")" \
	'12 allow deny EACCES None only paths are tried'
# Nothing is granted for the sake of the test: not even nono itself.
put self.json <<END
{ "cases": [ { "path": "$(dirname "$NONO")/nono-profile", "expect": "deny" } ] }
END
check ./live.json self.json --live
is 'live: nono is not granted' "$rc $(head -n 1 <<<"$out" | cut -c 1-4)" '0 ok 1'

# Programs are asked about, not run: no kernel before 6.14 can be.
put program.json <<'END'
{ "cases": [ { "path": "~/tools/program", "op": "execute", "expect": "allow" }, { "path": "~/data/sub/file", "op": "execute", "expect": "allow" } ] }
END
check ./live.json program.json --live
case $out in
*'tools/program # not tried: this kernel cannot be asked'*) skip 'live: a program' 'Linux 6.14' ;;
*) is 'live: a program' "$rc $(head -n 1 <<<"$out")" '0 ok 1 - path execute ~/tools/program' ;;
esac
has 'live: no program' "$out" 'not tried: it is no program of this user'

# A kernel that does something else: here one without the rules.
run env NONO_TEST_OFF=landlock-fs "$NONO_TEST" profile test ./live.json --live
is 'live: a mismatch: exit code' "$rc" 1
has 'live: a mismatch' "$out" 'not ok 3 - denied: MISMATCH: nono why says deny (sensitive_path), the kernel allows it'
is 'live: where it agrees' "$(case_of file)" ok
run env NONO_TEST_OFF=landlock-fs "$NONO_TEST" profile test ./live.json --live --json
is 'live: a mismatch: JSON' "$(python3 -c 'import json,sys; d=json.load(sys.stdin)
c = d["cases"][2]; print(c["is"], c["enforced"], c["ok"])' <<<"$out")" 'deny allow False'
run env NONO_TEST_OFF=landlock-fs "$NONO_TEST" profile test ./live.json
is 'without --live it is not seen' "$rc" 0

# What covers a denied path is not that path.
put masked.json <<<'{ "filesystem": { "allow": ["~/data"], "deny": ["~/data/keys", "~/data/sub/file"] }, "linux": { "deny_overlap": "auto" } }'
put masked.test.jsonc <<'END'
{ "cases": [ { "path": "~/data/keys/private", "expect": "deny" }, { "path": "~/data/keys", "expect": "deny" },
	{ "path": "~/data/sub/file", "expect": "deny" }, { "path": "~/data/sub", "expect": "allow" } ] }
END
check ./masked.json --live
case $err in
*'gives the session no mount namespace'*) skip 'live: covered' 'no mount namespace' ;;
*)
	is 'live: covered' "$rc $(grep -c '^ok [0-9] - [^#]*$' <<<"$out")" '0 4'
	run env NONO_TEST_OFF=masks "$NONO_TEST" profile test ./masked.json --live
	is 'live: not covered' "$rc $(grep -c 'MISMATCH' <<<"$out")" '1 3'
	;;
esac

check p --live
has 'live: what would not start' "$rc $err" '1 nono: --live: nothing can be tried, because nono run would refuse to start: '

# The tests are no profiles.
run "$NONO" profile list
is 'list leaves them out' "$(grep -c 'p\.test' <<<"$out")" 0
run "$NONO" profile lint
is 'lint leaves them out' "$(grep -c 'p\.test' <<<"$out$err")" 0

finish
