#!/bin/bash
# The system's mandatory policy: its groups, "deny", "forbid_bypass" and "max_network" hold in every
# start, and a text that is not understood or not trusted ends it. The test build reads it from a
# directory of ours; root_policy_d.sh does the same with /etc/nono/policy.d itself.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

export NONO_TEST_POLICY_D=$TMPDIR/policy.d
profiles=$HOME/.config/nono/profiles
mkdir -p "$NONO_TEST_POLICY_D" "$profiles" "$HOME/tools" "$HOME/closed/below" "$HOME/vpn" "$HOME/open" work
chmod 700 "$HOME/.config" "$HOME/.config/nono" "$profiles"
for d in tools closed closed/below vpn open; do
	echo text >"$HOME/$d/file"
done
cd work || exit 2

# policy NAME, profile NAME: the text from the standard input
policy() {
	cat >"$NONO_TEST_POLICY_D/$1"
	chmod 644 "$NONO_TEST_POLICY_D/$1"
}
profile() {
	cat >"$profiles/$1.json"
	chmod 600 "$profiles/$1.json"
}
corp=$NONO_TEST_POLICY_D/10-corp.json
profile mine <<<'{ "filesystem": { "read": ["~/open"] } }'
profile opens <<<'{ "filesystem": { "read": ["~/open", "~/closed"], "bypass_protection": ["~/closed"] } }'
cat >../manifest.json <<E2
{"version": "0.1.0", "filesystem": {"grants": [{"path": "$HOME/open", "access": "read"},
	{"path": "/usr", "access": "read"}, {"path": "/lib", "access": "read"}], "deny": []}}
E2
sed "s|/open|/closed|" ../manifest.json >../closed.json

# ---- groups and deny ----

policy 10-corp.json <<END
{ // for everybody
	"description": "Not for agents",
	"groups": { "corp_vpn": { "description": "Keys of the network",
		"allow": { "read": ["~/tools"] },
		"deny": { "access": ["~/vpn"], "commands": ["deploy"] } } },
	"deny": ["$HOME/closed", { "path": "~/open", "when": "macos" }],
}
END
for mode in run wrap; do
	for p in '' '-p mine' '-p default'; do
		# shellcheck disable=SC2086
		run "$NONO_TEST" $mode -s $p --allow-cwd --read "$HOME/open" cat "$HOME/tools/file" "$HOME/open/file"
		is "$mode $p: what a group grants, and what is beside it" "$rc $out" $'0 text\ntext'
		# shellcheck disable=SC2086
		run "$NONO_TEST" $mode -s $p --allow-cwd --read "$HOME/vpn" cat "$HOME/vpn/file"
		has "$mode $p: what a group denies" "$rc $err" "1 nono: Configuration parse error: '$HOME/vpn' is protected by policy group 'corp_vpn'"
		has "$mode $p: with the file" "$err" "of the system's policy $corp"
		# shellcheck disable=SC2086
		run "$NONO_TEST" $mode -s $p --allow-cwd --read "$HOME/closed" cat "$HOME/closed/file"
		has "$mode $p: what is denied" "$rc $err" "1 nono: Configuration parse error: '$HOME/closed' is protected by policy group 'system:10-corp'"
		# shellcheck disable=SC2086
		run "$NONO_TEST" $mode -s $p --allow-cwd --read "$HOME/closed" --bypass-protection "$HOME/closed" cat "$HOME/closed/file"
		is "$mode $p: lifted by a flag" "$rc $out" '0 text'
	done
	run "$NONO_TEST" $mode -s -p opens --allow-cwd cat "$HOME/closed/file"
	is "$mode: lifted by a profile" "$rc $out" '0 text'
	run "$NONO_TEST" $mode -s --allow-cwd deploy
	has "$mode: a command it blocks" "$rc $err" "Command 'deploy' is blocked"
	run "$NONO_TEST" $mode -s --config ../closed.json cat "$HOME/closed/file"
	has "$mode: a manifest, even one without denies" "$rc $err" "which the system's policy $corp keeps closed"
	run "$NONO_TEST" $mode -s --config ../manifest.json cat "$HOME/open/file"
	is "$mode: a manifest beside it" "$rc $out" '0 text'
done
run env SHELL=/bin/sh "$NONO_TEST" shell -s --allow-cwd --read "$HOME/closed"
has 'shell' "$rc $err" "1 nono: Configuration parse error: '$HOME/closed' is protected"
profile reads <<<'{ "filesystem": { "read": ["~/open", "~/closed"] } }'
run "$NONO_TEST" learn -s --sandboxed --yes -p reads -- cat "$HOME/closed/file"
has 'learn --sandboxed' "$out$err" "$HOME/closed/file: Permission denied"
run "$NONO_TEST" learn -s --sandboxed --yes -p reads -- cat "$HOME/open/file"
has 'learn --sandboxed: beside it' "$out" text
run "$NONO_TEST" learn -s --yes -- cat "$HOME/closed/file"
has 'learn: not proposed' "$out$err" '[system:10-corp]'
profile excludes <<<'{ "groups": { "exclude": ["corp_vpn"] } }'
run "$NONO_TEST" run -p excludes true
has 'a group cannot be excluded' "$rc $err" "Cannot exclude required groups: 'corp_vpn'"
run "$NONO" run -s --allow-cwd --read "$HOME/closed" cat "$HOME/closed/file"
is 'the release reads no other directory' "$rc $out" '0 text'

# ---- told ----

run "$NONO_TEST" why -s --json --path "$HOME/closed/below/file"
has 'why: the source' "$out" '"policy_source": "group:system:10-corp"'
has 'why: what it is for' "$out" '"category": "Not for agents"'
is 'why: the origin' "$(tr -d ' \n' <<<"$out" | grep -o '"origin":{[^}]*}')" "\"origin\":{\"kind\":\"system\",\"file\":\"$corp\"}"
run "$NONO_TEST" why -s -p mine --path "$HOME/vpn/file"
has 'why: as text, under a profile' "$out" "  Origin: system ($corp)"
run "$NONO_TEST" why -s --path "$HOME/.ssh/id"
is 'why: others have no such origin' "$(grep -c Origin <<<"$out")" 0
run "$NONO_TEST" why -s --command deploy
has 'why: a command' "$out" "  Origin: system ($corp)"
run "$NONO_TEST" profile groups
has 'list: a section of its own' "$out" "nono profile: 2 of the system's policy"
has 'list: the others are counted as before' "$out" 'nono profile: 28 groups'
run "$NONO_TEST" profile groups corp_vpn
has 'one of them' "$out" "  File:        $corp"
run "$NONO_TEST" profile groups --json
has 'list: JSON' "$(tr -d ' \n' <<<"$out")" "\"origin\":{\"kind\":\"system\",\"file\":\"$corp\"}"
run "$NONO_TEST" policy groups
has 'policy groups' "$out" 'system:10-corp'
run "$NONO_TEST" profile explain default "$HOME/vpn/file"
has 'explain' "$out" "# group:corp_vpn (required), system $corp"
run "$NONO_TEST" profile show default --format manifest
has 'a manifest carries it' "$out" "\"path\": \"$HOME/closed\""

# ---- forbid_bypass ----

policy 20-strict.json <<<'{ "forbid_bypass": true }'
strict=$NONO_TEST_POLICY_D/20-strict.json
mkdir -p "$HOME/.ssh"
echo text >"$HOME/.ssh/config"
for mode in run wrap; do
	for path in closed .ssh; do
		run "$NONO_TEST" $mode -s --allow-cwd --read "$HOME/$path" --bypass-protection "$HOME/$path" cat "$HOME/$path/file"
		has "$mode: nothing lifts $path" "$rc $err" "1 nono: Configuration parse error: --bypass-protection $HOME/$path: the system's policy $strict forbids to lift a protection"
	done
	run "$NONO_TEST" $mode -s --allow-cwd --read "$HOME/.ssh" true
	has "$mode: no bypass is advised" "$rc $err" "which the system's policy $strict keeps closed; remove the grant"
	run "$NONO_TEST" $mode --allow-cwd -p opens cat "$HOME/closed/file"
	has "$mode: nor does a profile" "$rc $err" "bypass_protection '$HOME/closed' has no effect: forbid_bypass of the system's policy $strict"
	has "$mode: nor does a profile: refused by the kernel" "$err" 'Permission denied'
	run "$NONO_TEST" $mode -s --allow-cwd -p opens cat "$HOME/open/file"
	is "$mode: the rest of that profile" "$rc $out" '0 text'
	run "$NONO_TEST" $mode --allow-cwd --allow-command deploy deploy
	has "$mode: nor a command" "$rc $err" "command 'deploy' stays blocked"
	sed "s|/open|/.ssh|" ../manifest.json >../ssh.json
	run "$NONO_TEST" $mode -s --config ../ssh.json cat "$HOME/.ssh/config"
	has "$mode: nor a manifest without denies" "$rc $err" "1 nono: Configuration parse error: '$HOME/.ssh' is protected by policy group"
done
run "$NONO_TEST" why -s --path "$HOME/.ssh/id"
has 'why: nothing lifts it' "$out" "the system's policy $strict forbids to lift it"
run "$NONO_TEST" profile groups
has 'list: nothing lifts it' "$out" "No protection can be lifted (forbid_bypass of $strict)"
run "$NONO_TEST" profile explain mine "$HOME/.ssh/id"
has 'explain: nothing lifts it' "$out" "no profile opens it: forbid_bypass of the system's policy $strict"
rm "$strict"

# ---- max_network ----

cat >../net.py <<'E2'
import socket
try:
	socket.create_connection(("127.0.0.1", 1), 1)
except OSError as e:
	print(e.errno)
E2
python=$(command -v /usr/bin/python3)
profile ports <<<'{ "network": { "connect_port": [1] } }'
for limit in blocked proxy; do
	policy 30-net.json <<<"{ \"max_network\": \"$limit\" }"
	net=$NONO_TEST_POLICY_D/30-net.json
	for mode in run wrap; do
		for p in '' '-p mine' '-p ports'; do
			# shellcheck disable=SC2086
			[ -z "$python" ] || {
				run "$NONO_TEST" $mode -s $p --allow-cwd --read .. "$python" ../net.py
				is "$mode $p, $limit: refused" "$rc $out" '0 13'
			}
			# shellcheck disable=SC2086
			run "$NONO_TEST" $mode $p --allow-cwd true
			has "$mode $p, $limit: told" "$rc $err" "max_network \"$limit\" of the system's policy $net"
		done
		for flag in '--allow-net' '--allow-connect-port 1' '--open-port 1' '--listen-port 7000'; do
			# shellcheck disable=SC2086
			run "$NONO_TEST" $mode -s --allow-cwd $flag true
			has "$mode $flag, $limit" "$rc $err" "1 nono: Configuration parse error: ${flag% *}: the system's policy $net allows no such network"
		done
		run "$NONO_TEST" $mode --config ../manifest.json true
		has "$mode, $limit: a manifest" "$rc $err" "0 "
		has "$mode, $limit: a manifest: told" "$err" "max_network \"$limit\""
	done
done
[ -z "$python" ] || {
	run "$NONO_TEST" run -s --allow-cwd --read .. --block-net "$python" ../net.py
	is 'the user may block it as well' "$rc $out" '0 13'
}
run "$NONO_TEST" run --allow-cwd --block-net true
is 'and hears nothing about it' "$rc $(grep -c max_network <<<"$err")" '0 0'
run "$NONO_TEST" why -s --json --host example.com
has 'why: a host' "$out" "max_network of the system's policy $net closes every port"
has 'why: a host: the origin' "$out" '"kind": "system"'
run "$NONO_TEST" profile explain default example.com
has 'explain: a host' "$out" "denied: max_network of the system's policy $net"
run "$NONO_TEST" profile show default --format manifest
has 'a manifest is blocked' "$out" '"mode": "blocked"'
rm "$net"
[ -z "$python" ] || {
	run "$NONO_TEST" run -s --allow-cwd --read .. "$python" ../net.py
	is 'without a limit: nobody listens' "$rc $out" '0 111'
}

# ---- refused ----

# refused NAME FILE TEXT PART: nothing starts, and everything that would judge says so
refused() {
	policy "$2" <<<"$3"
	for command in 'run --allow-cwd true' 'wrap --allow-cwd true' 'run -p default true' \
		'run --config ../manifest.json true' 'learn --yes -- true' 'why --path /etc' \
		'profile groups' 'profile show default'; do
		# shellcheck disable=SC2086
		run "$NONO_TEST" $command
		is "refused: $1: ${command%% *}: exit code" "$rc" 1
		has "refused: $1: ${command%% *}" "$err" "Configuration parse error: system policy $NONO_TEST_POLICY_D/$2$4"
	done
	rm "$NONO_TEST_POLICY_D/$2"
}
refused 'no JSON' x.json '{' ':'
for mode in run wrap; do
	# wrong NAME TEXT PART
	wrong() {
		policy x.json <<<"$2"
		run "$NONO_TEST" $mode --allow-cwd true
		has "refused: $1: $mode" "$rc $err" '1 '
		has "refused: $1: $mode: why" "$err" "nono: Configuration parse error: system policy $NONO_TEST_POLICY_D/x.json:$3"
	}
	wrong 'a list' '[]' '1:1: an object is needed'
	wrong 'an unknown key' '{"denny": []}' "1:2: unknown key 'denny'"
	wrong 'a key twice' '{"deny": [], "deny": []}' '1:'
	wrong 'no list' '{"deny": "/x"}' '1:10: a list is needed'
	wrong 'a relative path' '{"deny": ["x"]}' '1:11: a path begins with'
	wrong 'a path upwards' '{"deny": ["/x/../y"]}' '1:11: a path begins with'
	wrong 'forbid_bypass: a word' '{"forbid_bypass": "yes"}' '1:19: true or false is needed'
	wrong 'max_network: another word' '{"max_network": "none"}' '1:17: "blocked" or "proxy" is needed'
	wrong 'groups: a list' '{"groups": []}' '1:12: an object is needed'
	wrong 'a group: a list' '{"groups": {"x": []}}' '1:18: an object is needed'
	wrong 'a group: a key' '{"groups": {"x": {"denny": 1}}}' "1:19: unknown key 'denny'"
	wrong 'a group: a name' '{"groups": {"a b": {}}}' '1:13: the name of a group'
	wrong 'a group that comes with nono' '{"groups": {"deny_credentials": {}}}' '1:13: a group of this name comes with nono'
	wrong 'a group that is not required' '{"groups": {"x": {"required": false}}}' "1:31: every group of the system's policy is required"
	rm "$NONO_TEST_POLICY_D/x.json"
done
policy 11-more.json <<<'{"groups": {"corp_vpn": {}}}'
run "$NONO_TEST" run --allow-cwd true
has 'refused: one name in two files' "$rc $err" "1 "
has 'refused: one name in two files: both' "$err" "11-more.json: group 'corp_vpn' is also in $corp"
rm "$NONO_TEST_POLICY_D/11-more.json"
mkdir -p "$HOME/.config/nono/groups"
chmod 700 "$HOME/.config/nono/groups"
echo '{}' >"$HOME/.config/nono/groups/corp_vpn.json"
chmod 600 "$HOME/.config/nono/groups/corp_vpn.json"
run "$NONO_TEST" run --allow-cwd true
has 'refused: a group of the user with its name' "$rc $err" "the system's policy $corp has a group of this name"
rm "$HOME/.config/nono/groups/corp_vpn.json"
refused 'a bad name' 'a b.json' '{}' ': its name has letters'

# untrusted NAME PART
untrusted() {
	for mode in run wrap; do
		run "$NONO_TEST" $mode --allow-cwd true
		has "untrusted: $1: $mode" "$rc $err" '1 '
		has "untrusted: $1: $mode: why" "$err" "Configuration parse error: system policy $2"
	done
}
chmod 664 "$corp"
untrusted 'writable by its group' "$corp: others than root can write it; as root: chmod go-w"
chmod 646 "$corp"
untrusted 'writable by others' "$corp: others than root can write it"
chmod 000 "$corp"
untrusted 'not readable' "$corp: Permission denied; nothing is started while it cannot be read"
chmod 644 "$corp"
chmod 777 "$NONO_TEST_POLICY_D"
untrusted 'a directory writable by others' "$NONO_TEST_POLICY_D: others than root can write it"
chmod 1777 "$NONO_TEST_POLICY_D"
untrusted 'also a sticky one' "$NONO_TEST_POLICY_D: others than root can write it"
chmod 000 "$NONO_TEST_POLICY_D"
untrusted 'a directory that cannot be read' "$NONO_TEST_POLICY_D: nothing is started while it cannot be read"
export NONO_SANDBOXED=1
untrusted 'also when somebody says that this is a sandbox' "$NONO_TEST_POLICY_D: nothing is started"
unset NONO_SANDBOXED
chmod 755 "$NONO_TEST_POLICY_D"
echo '{}' >../elsewhere.json
ln -s "$PWD/../elsewhere.json" "$NONO_TEST_POLICY_D/link.json"
untrusted 'a symbolic link' "$NONO_TEST_POLICY_D/link.json: it is a symbolic link"
rm "$NONO_TEST_POLICY_D/link.json"
mkfifo "$NONO_TEST_POLICY_D/pipe.json"
untrusted 'a pipe' "$NONO_TEST_POLICY_D/pipe.json: it is no regular file"
rm "$NONO_TEST_POLICY_D/pipe.json"
mv "$NONO_TEST_POLICY_D" "$TMPDIR/real"
ln -s "$TMPDIR/real" "$NONO_TEST_POLICY_D"
untrusted 'a directory behind a link' "$NONO_TEST_POLICY_D: nothing is started"
rm "$NONO_TEST_POLICY_D"
echo >"$NONO_TEST_POLICY_D"
untrusted 'no directory' "$NONO_TEST_POLICY_D: nothing is started"
rm "$NONO_TEST_POLICY_D"
run "$NONO_TEST" run -s --allow-cwd --read "$HOME/closed" cat "$HOME/closed/file"
is 'without a policy' "$rc $out" '0 text'
mv "$TMPDIR/real" "$NONO_TEST_POLICY_D"
policy README <<<'not a policy'
policy .hidden.json <<<'not a policy'
run "$NONO_TEST" run -s --allow-cwd true
is 'other files' "$rc$err" 0
run "$NONO_TEST" run -s --allow-cwd "$NONO_TEST" wrap -s --allow-cwd true
is 'inside a sandbox' "$rc$err" 0

finish
