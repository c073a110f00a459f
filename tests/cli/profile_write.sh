#!/bin/bash
# `nono profile init`, `validate`, `promote`, `schema`, `guide`.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

data=$NONO_TOP/tests/data/profile
profiles=$HOME/.config/nono/profiles
drafts=$HOME/.config/nono/profile-drafts

# ---- init ----

run "$NONO" profile init my-agent
is 'init: exit code, nothing on standard output' "$rc $out" '0 '
is 'init: messages' "$err" "Created profile at $profiles/my-agent.json
Validate with: nono profile validate my-agent
For editor autocomplete: nono profile schema -o nono-profile.schema.json"
is 'init: the file' "$(cat "$profiles/my-agent.json")" '{
  "meta": {
    "name": "my-agent"
  },
  "groups": {
    "include": []
  },
  "workdir": {
    "access": "readwrite"
  },
  "filesystem": {
    "allow": [],
    "read": []
  }
}'
is 'init: modes' "$(stat -c %a "$profiles" "$profiles/my-agent.json" | tr '\n' ' ')" '700 600 '
is 'init: nothing else is left' "$(ls -A "$profiles")" my-agent.json
run "$NONO" profile init my-agent
is 'init: it exists' "$rc $err" "1 nono: Profile file already exists: $profiles/my-agent.json
Use --force to overwrite"
run "$NONO" profile init my-agent --full --force --extends default \
	--groups node_runtime,git_config --description 'An "agent"'
is 'init: --full' "$rc" 0
is 'init: --full: the file' "$(cat "$profiles/my-agent.json")" "$(cat "$data/full.json")"
run "$NONO" profile validate my-agent --strict
is 'init: --full is valid' "$rc $(tail -n 1 <<<"$out")" '0   Result: valid'
run "$NONO" profile init test-agent --extends default --groups deny_credentials --description x -o ./here.json
is 'init: --output' "$rc $(grep -c '"name": "test-agent"' here.json)" '0 1'
run "$NONO" profile init test-agent -o ./here.json
is 'init: --output: it exists' "$rc" 1
ln -s elsewhere link.json
run "$NONO" profile init test-agent -o ./link.json
is 'init: a dangling link is not followed' "$rc $(ls elsewhere 2>&1 | grep -c '^elsewhere')" '1 0'
mv "$profiles/my-agent.json" "$profiles/my-agent.jsonc"
run "$NONO" profile init my-agent
is 'init: a .jsonc of that name' "$rc $(head -n 1 <<<"$err")" \
	"1 nono: Profile file already exists: $profiles/my-agent.jsonc"
for name in -x x- a_b '' 'a b' ../x; do
	run "$NONO" profile init -- "$name"
	is "init: bad name '$name'" "$rc" 1
	has "init: bad name '$name': message" "$err" "nono: Profile parse error: Invalid profile name '$name'"
done
run "$NONO" profile init node-dev
is 'init: a built-in name' "$rc $err" \
	"1 warning: it conflicts with the built-in 'node-dev' profile
  Try: nono profile init node-dev-local --extends node-dev"
run "$NONO" profile init node-dev -o ./other.json
is 'init: a built-in name with --output' "$rc $(ls other.json 2>&1 | grep -c '^other')" '1 0'
run "$NONO" profile init acme/tool@1.2
is 'init: a pack' "$rc $err" \
	"1 warning: 'acme/tool@1.2' is a pack reference, not a profile name.
  Try: nono profile init tool-local --extends acme/tool@1.2"
run "$NONO" profile init x1 --groups node_runtime,bogus
is 'init: unknown group' "$rc $err" \
	"1 nono: Unknown security group 'bogus'. Use \`nono profile groups\` to list available groups"
run "$NONO" profile init x1 --extends bogus
is 'init: unknown base' "$rc ${err%%(*}" "1 nono: Base profile 'bogus' not found "
is 'init: nothing was written' "$(ls -A "$profiles")" my-agent.jsonc
run "$NONO" profile init
is 'init: no name' "$rc" 2

# ---- validate ----

cp "$data/legacy.json" legacy.json
run "$NONO" profile validate ./legacy.json
is 'validate: legacy: exit code' "$rc $(tail -n 1 <<<"$out")" '0   Result: valid (2 warnings)'
has 'validate: legacy: a rule of lint' "$out" '  [warn] [P103] '
is 'validate: legacy: nine warnings' "$(grep -c "^warning: deprecated key '" <<<"$err")" 9
is 'validate: legacy: last line' "$(tail -n 1 <<<"$err")" \
	"found 9 deprecated keys; run 'nono profile guide' for migration mapping"
run "$NONO" profile validate ./legacy.json --strict
is 'validate: --strict' "$rc" 2
run "$NONO" profile validate ./legacy.json --strict --json
is 'validate: --strict --json' "$rc $(grep -c '"deprecated_keys": 9' <<<"$out")" '2 1'
echo '{"meta": {"name": "x"}}' >x.json
run "$NONO" profile validate ./x.json --strict
is 'validate: canonical' "$rc $err" '0 '
is 'validate: text' "$out" 'nono profile: validating ./x.json

  [ok]  JSON syntax valid
  [ok]  All 18 group references valid

  Result: valid'
run "$NONO" profile validate ./x.json --json
is 'validate: JSON' "$out" '{
  "file": "./x.json",
  "valid": true,
  "errors": [],
  "warnings": [],
  "deprecated_keys": 0
}'
# invalid NAME TEXT EXPECTED: the error of a profile with this text
invalid() {
	printf '%s' "$2" >bad.json
	run "$NONO" profile validate ./bad.json
	is "validate: $1: exit code" "$rc $(tail -n 1 <<<"$out") $err" \
		"1   Result: invalid (1 errors) nono: Profile parse error: validation failed"
	has "validate: $1" "$out" "  [err]  $3"
	run "$NONO" profile validate ./bad.json --json
	has "validate: $1: JSON" "$out" '"valid": false'
}
invalid 'syntax' '{"meta": }' 'JSON syntax error: ./bad.json:1:10'
invalid 'unknown key' '{"alow": []}' 'Profile error: ./bad.json:1:2'
invalid 'unknown group' '{"groups": {"include": ["bogus"]}}' "Group 'bogus' not found in policy.json"
invalid 'required group' '{"groups": {"exclude": ["deny_credentials"]}}' \
	"Cannot exclude required group 'deny_credentials'"
invalid 'base' '{"extends": "bogus"}' 'Inheritance error: '
run "$NONO" profile validate bogus
has 'validate: no such profile' "$rc $out" 'Profile not found: '
echo '{"groups": {"exclude": ["bogus"]}}' >warn.json
echo '{"filesystem": {"allow": ["~"]}}' >rule.json
run "$NONO" profile validate ./rule.json
has 'validate: what lint calls an error' "$rc $out" "0 nono profile: validating ./rule.json"
has 'validate: with its rule' "$out" '  [warn] [P106] '
run "$NONO" profile validate ./warn.json
is 'validate: warning' "$rc $(tail -n 3 <<<"$out")" "0   [warn] Excluded group 'bogus' not found in policy.json

  Result: valid (1 warnings)"
sed 's/"meta"/"alow": [], "meta"/' legacy.json >both.json
run "$NONO" profile validate ./both.json --strict
is 'validate: an error beats --strict' "$rc" 1
for preset in $("$NONO" profile list | sed -n '/Built-in/,/User/s/^    \([a-z-]*\) .*/\1/p'); do
	run "$NONO" profile validate "$preset" --strict
	is "validate: $preset" "$rc $err $(tail -n 1 <<<"$out")" '0    Result: valid'
done

# ---- schema and guide ----

run "$NONO" profile schema
is 'schema: exit code' "$rc $err" '0 '
has 'schema: draft' "$out" '"$schema": "https://json-schema.org/draft/2020-12/schema"'
has 'schema: title' "$out" '"title": "nono Profile"'
schema=$out
run "$NONO" profile schema -o s.json
is 'schema: -o' "$rc $out $(cat s.json)" "0  $schema"
run "$NONO" profile guide
is 'guide: exit code' "$rc $err" '0 '
is 'guide: heading' "$(head -n 1 <<<"$out")" '# nono Profile Authoring Guide'
for words in 'Variable Expansion' 'Tool Sandbox  command-policy denials' \
	'Proxy credential endpoint policy' invocation_policy \
	'nono why --profile <profile> --command gh -- issue comment 1052' \
	'| `policy.override_deny` | `filesystem.bypass_protection` |' \
	'| `security.groups` | `groups.include` |'; do
	has "guide: $words" "$out" "$words"
done
is 'guide: no old command' "$(grep -c 'nono policy' <<<"$out")" 0

# ---- promote ----

mkdir -p "$drafts"
draft() { # NAME: the text of a draft from standard input
	cat >"$drafts/$1.json"
}
promote() { # no terminal
	run setsid -w "$NONO" profile promote "$@"
}
draft new <<<'{"meta": {"name": "new"}, "filesystem": {"read": ["/opt"]}}'
promote new --diff
is 'promote: --diff' "$rc $out $err" '0  --- profiles/new.json
+++ profile-drafts/new.json
+{"meta": {"name": "new"}, "filesystem": {"read": ["/opt"]}}'
is 'promote: --diff writes nothing' "$(ls "$profiles/new.json" 2>&1 | grep -c '^/')" 0
promote new
is 'promote: nobody to ask' "$rc $(tail -n 1 <<<"$err")" \
	'1 nono: promoting a draft needs a terminal to ask on, or --yes'
promote new --yes --diff
is 'promote: --yes --diff' "$rc" 2
promote new --yes
is 'promote: --yes' "$rc $(tail -n 1 <<<"$err")" "0 Promoted draft to $profiles/new.json"
is 'promote: the draft is gone' "$(ls -A "$drafts")" ''
is 'promote: mode' "$(stat -c %a "$profiles/new.json")" 600

# A profile that exists: the draft must have been made from it.
draft new <<<'{"meta": {"name": "new"}, "filesystem": {"read": ["/opt"], "allow": ["/srv/x"]}}'
promote new --yes
has 'promote: no base: message' "$rc $err" 'draft base hash does not match current profile.'
echo 0000 >"$drafts/new.base"
promote new --yes
has 'promote: wrong base' "$rc $err" 'draft base hash does not match current profile.'
sha256sum "$profiles/new.json" | cut -c1-64 | tr a-f A-F >"$drafts/new.base"
promote new --yes
is 'promote: right base' "$rc $(tail -n 1 <<<"$err")" "0 Promoted draft to $profiles/new.json"
has 'promote: tells new write access' "$err" '  write access below /srv/x'
is 'promote: both files are gone' "$(ls -A "$drafts")" ''

# What runs outside, and lifted protections.
for what in '"session_hooks": {"before": {"script": "/bin/true"}}' '"binary": "claude"' \
	'"filesystem": {"read": ["~/.ssh"], "bypass_protection": ["~/.ssh"]}'; do
	key=${what%%:*}
	draft risky <<<"{\"meta\": {\"name\": \"risky\"}, $what}"
	promote risky --yes
	is "promote: $key: --yes is not enough" "$rc $(grep -c 'add --allow-risky' <<<"$err")" '1 1'
	is "promote: $key: nothing was written" "$(ls "$profiles/risky.json" 2>&1 | grep -c '^/')" 0
	promote risky --yes --allow-risky
	is "promote: $key: --allow-risky" "$rc" 0
	rm "$profiles/risky.json"
done

# Switches that lift a rule of the sandbox itself; what was so before is nothing new.
for what in '"linux": {"allow_userns": true}' '"linux": {"compat32": true}' '"linux": {"keep_file_caps": true}' \
	'"linux": {"pty_access": "all"}' '"security": {"ipc_mode": "full"}' '"security": {"signal_mode": "allow_all"}'; do
	draft switch <<<"{\"meta\": {\"name\": \"switch\"}, $what}"
	promote switch --yes
	is "promote: $what: --yes is not enough" "$rc $(grep -c 'add --allow-risky' <<<"$err")" '1 1'
	has "promote: $what: told" "$err" '  a rule of the sandbox lifted: '
	promote switch --yes --allow-risky
	draft switch <<<"{\"meta\": {\"name\": \"switch\"}, \"filesystem\": {\"read\": [\"/opt\"]}, $what}"
	sha256sum "$profiles/switch.json" | cut -c1-64 >"$drafts/switch.base"
	promote switch --yes
	is "promote: $what: it was so before" "$rc" 0
	rm "$profiles/switch.json"
done
draft switch <<<'{"meta": {"name": "switch"}, "linux": {"allow_userns": false, "pty_access": "own"}}'
promote switch --yes
is 'promote: switches that stay shut' "$rc" 0
rm "$profiles/switch.json"

# The user's tests of the profile decide, on the draft as it would be written.
mkdir -p "$HOME/seen"
cat >"$profiles/tested.test.jsonc" <<'END'
{ "cases": [ { "name": "shut", "path": "~/seen", "expect": "deny" }, { "path": "/usr/bin", "expect": "allow" } ] }
END
chmod 600 "$profiles/tested.test.jsonc"
draft tested <<<'{"meta": {"name": "tested"}, "filesystem": {"read": ["~/seen"]}}'
# What an agent puts beside its draft counts for nothing.
cp "$profiles/tested.test.jsonc" "$drafts/tested.test.jsonc"
sed -i 's/"deny"/"allow"/' "$drafts/tested.test.jsonc"
promote tested --yes
is 'promote: tests fail: exit code' "$rc" 1
has 'promote: tests fail: which' "$err" 'not ok 1 - shut: expected deny, is allow (granted_path)'
has 'promote: tests fail: what to do' "$err" "nono: 1 of 2 cases of '$profiles/tested.test.jsonc' fail with the draft, which stays a draft"
is 'promote: tests fail: nothing was written' "$(ls "$drafts/tested.json" "$profiles"/tested*)" \
	"$drafts/tested.json
$profiles/tested.test.jsonc"
promote tested --diff
is 'promote: --diff does not ask the tests' "$rc $(grep -c 'not ok' <<<"$err")" '0 0'
promote tested --yes --allow-risky
is 'promote: no flag helps' "$rc $(ls "$profiles/tested.json" 2>&1 | grep -c '^/')" '1 0'
echo '{ "cases": 1 }' >"$profiles/tested.test.jsonc"
promote tested --yes
has 'promote: tests that are none' "$rc $err" "1 "
has 'promote: tests that are none: where' "$err" "nono: '$profiles/tested.test.jsonc':1:1: an object with the list \"cases\""
is 'promote: tests that are none: nothing was written' "$(ls "$profiles/tested.json" 2>&1 | grep -c '^/')" 0
echo '{ "cases": [ { "path": "~/seen", "expect": "allow" } ] }' >"$profiles/tested.test.jsonc"
promote tested --yes
is 'promote: tests pass' "$rc $(tail -n 2 <<<"$err")" "0 1 of 1 cases of the tests hold
Promoted draft to $profiles/tested.json"
rm "$drafts/tested.test.jsonc"

# What is refused.
draft other <<<'{"meta": {"name": "new"}}'
promote other --yes
has 'promote: another name' "$rc $err" "1 nono: Profile parse error: the draft's meta.name is 'new', not 'other'"
draft codex <<<'{"meta": {"name": "codex"}}'
promote codex --yes
has 'promote: a built-in name' "$rc $err" 'would shadow a built-in profile'
draft bad <<<'{"meta": {"name": "bad"}, "groups": {"include": ["bogus"], "exclude": ["deny_credentials"]}}'
promote bad --yes
has 'promote: checks' "$rc $err" 'draft profile failed validation: unknown group bogus; cannot exclude required group deny_credentials'
ln -s "$PWD/x.json" "$drafts/linked.json"
promote linked --yes
has 'promote: a link' "$rc $err" 'the draft is not a regular file'
mkfifo "$drafts/pipe.json"
promote pipe --yes
has 'promote: a pipe' "$rc $err" 'the draft is not a regular file'
draft target <<<'{"meta": {"name": "target"}}'
ln -s "$PWD/x.json" "$profiles/target.json"
promote target --yes
has 'promote: the profile is a link' "$rc $err" 'the profile is not a regular file'
printf '{"meta": {"name": "esc", "description": "\\u001b[31m"}, "skipdirs": ["\033[2J"]}\n' >"$drafts/esc.json"
promote esc --diff
is 'promote: no escape sequences' "$(printf '%s' "$err" | grep -c "$(printf '\033')")" 0
promote bogus --yes
is 'promote: no draft' "$rc" 1
promote ../new --yes
has 'promote: bad name' "$rc $err" "Invalid profile name '../new'"

# The question.
if command -v expect >/dev/null; then
	answer() { # TEXT: the exit code of a promotion that is answered with it
		draft asked <<<"{\"meta\": {\"name\": \"asked\"}$2}"
		TEXT=$1 expect -c '
			log_user 0
			set timeout 20
			spawn -noecho $env(NONO) profile promote asked
			expect {
				-ex {draft? [y/N] } {}
				-ex {promote this draft: } {}
			}
			sleep 0.2
			send -- "$env(TEXT)\r"
			expect eof
			lassign [wait] pid spawnid os code
			exit $code'
	}
	export NONO
	answer n ''
	is 'promote: n' "$? $(ls "$profiles/asked.json" 2>&1 | grep -c '^/')" '1 0'
	answer '' ''
	is 'promote: enter' "$? $(ls "$profiles/asked.json" 2>&1 | grep -c '^/')" '1 0'
	answer y ''
	is 'promote: y' "$? $(ls "$profiles/asked.json" 2>&1 | grep -c '^/')" '0 1'
	rm -f "$profiles/asked.json"
	answer y ', "binary": "claude"'
	is 'promote: y is not enough' "$? $(ls "$profiles/asked.json" 2>&1 | grep -c '^/')" '1 0'
	answer promote ', "binary": "claude"'
	is 'promote: promote' "$? $(ls "$profiles/asked.json" 2>&1 | grep -c '^/')" '0 1'
else
	skip 'promote: the question' 'expect is not installed'
fi

finish
