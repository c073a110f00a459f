#!/bin/bash
# `nono profile lint`: each rule finds what it is about, once and in its place.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

profiles=$HOME/.config/nono/profiles
mkdir -p "$profiles" "$HOME/.ssh" "$HOME/.cargo" "$HOME/.docker" work/data other
chmod 755 . work
ln -s "$PWD/other" work/link
: >work/file
work=$PWD/work

# finds RULE SEVERITY NAME TEXT: the only finding of RULE in a file x.json of this text, where the
# text has an @.
finds() {
	local before=${4%%@*}
	printf '%s\n' "${4/@/}" >x.json
	run "$NONO" profile lint ./x.json --json
	is "$1: $3" "$(tr -d '\n' <<<"$out" | grep -oE "\"rule\": \"$1\", *\"severity\": \"[a-z]*\", *\"file\": \"[^\"]*\", *\"line\": [0-9a-z]+, *\"column\": [0-9a-z]+" |
		sed -E 's/.*"severity": "([a-z]*)".*"line": ([0-9a-z]*).*"column": ([0-9a-z]*)/\1 \2:\3/')" \
		"$2 1:$((${#before} + 1))"
}
# silent RULE NAME TEXT: no finding of the rule.
silent() {
	printf '%s\n' "$3" >x.json
	run "$NONO" profile lint ./x.json --json
	is "$1: not $2" "$(grep -c "\"rule\": \"$1\"" <<<"$out")" 0
}
name='"meta": {"name": "x"}'

# ---- files ----

finds P001 error 'an unknown key' '{@"alow": []}'
finds P005 warn 'an old key' "{$name, \"policy\": {@\"add_allow_read\": [\"$work\"]}}"
finds P005 warn 'another spelling' "{$name, \"filesystem\": {@\"ignore\": [\"$work\"]}}"
silent P005 'present keys' "{$name, \"filesystem\": {\"read\": [\"$work\"]}}"
finds P006 warn 'another name' '{"meta": {"name": @"y"}}'
finds P006 error 'the name of a preset' '{"meta": {"name": @"default"}}'
silent P006 'its own name' "{$name}"
echo '{"meta": {"name": "codex"}}' >"$profiles/codex.json"
run "$NONO" profile lint codex
is 'P007: a preset is shadowed' "$(grep -c 'warn P007: ' <<<"$out")" 1
rm "$profiles/codex.json"
echo "{$name}" >x.json
chmod 666 x.json
run "$NONO" profile lint ./x.json
is 'P303: others can write it' "$(grep -c 'warn P303: ' <<<"$out")" 1
rm x.json
silent P303 'a private file' "{$name}"

# ---- groups and inheritance ----

finds P002 error 'an unknown group' "{$name, \"groups\": {\"include\": [@\"node_runtim\"]}}"
has 'P002: the near name' "$out" "did you mean 'node_runtime'?"
finds P002 error 'an unknown network profile' "{$name, \"network\": {\"network_profile\": @\"develope\"}}"
finds P002 error 'an unknown credential' "{$name, \"network\": {\"credentials\": [@\"githb\"]}}"
finds P003 warn 'excluded, unknown' "{$name, \"groups\": {\"exclude\": [@\"bogus\"]}}"
finds P003 warn 'excluded, not included' "{$name, \"groups\": {\"exclude\": [@\"node_runtime\"]}}"
silent P003 'excluded, included' "{$name, \"groups\": {\"exclude\": [\"user_tools\"]}}"
finds P004 error 'required' "{$name, \"groups\": {\"exclude\": [@\"deny_credentials\"]}}"
echo '{"meta": {"name": "base"}, "network": {"block": true}, "environment": {"allow_vars": ["A"]}}' >base.json
finds P009 warn 'block false' "{\"extends\": \"base\", $name, \"network\": {\"block\": @false}}"
finds P009 warn 'allow_vars []' "{\"extends\": \"base\", $name, \"environment\": {\"allow_vars\": @[]}}"

# ---- paths ----

fs() { # LIST: a profile that grants it
	printf '{%s, "filesystem": {%s}}' "$name" "$1"
}
finds P008 warn 'covered' "$(fs "\"read\": [\"$work\", @\"$work/data\"]")"
finds P008 warn 'twice, in two lists' "$(fs "\"read\": [\"$work\"], \"read_file\": [@\"$work/file\"]")"
silent P008 'neighbours' "$(fs "\"read\": [\"$work\", \"$PWD/other\"]")"
finds P101 error 'inside a denied path' "$(fs '"read": [@"~/.ssh"]')"
silent P101 'with a bypass' "$(fs '"read": ["~/.ssh"], "bypass_protection": ["~/.ssh"]')"
finds P102 error 'above a denied path' "$(fs "\"read\": [@\"$work\"], \"deny\": [\"$work/data\"]")"
silent P102 'deny_overlap auto' "{$name, \"linux\": {\"deny_overlap\": \"auto\"}, \"filesystem\": {\"read\": [\"$work\"], \"deny\": [\"$work/data\"]}}"
finds P103 error 'a bypass alone' "$(fs '"bypass_protection": [@"~/.docker"]')"
finds P104 warn 'a bypass of nothing' \
	"$(fs "\"read\": [\"$work\"], \"bypass_protection\": [@\"$work\"]")"
finds P105 error 'the configuration' "$(fs '"allow": [@"$NONO_CONFIG"]')"
silent P105 'drafts' "$(fs '"allow": ["$NONO_CONFIG/profile-drafts"]')"
finds P106 warn 'reading all of /etc' "$(fs '"read": [@"/etc"]')"
finds P106 error 'writing all of the home' "$(fs '"allow": [@"~"]')"
silent P106 'a directory of it' "$(fs '"read": ["/etc/ssl"]')"
finds P107 error 'start-up files' "$(fs '"write": [@"~/.config/autostart"]')"
finds P107 error 'one of them' "$(fs '"allow_file": [@"~/.bashrc"]')"
mkdir -p work/.git/hooks
finds P107 info 'a project' "$(fs "\"allow\": [@\"$work\"]")"
rm -r work/.git
silent P107 'reading' "$(fs '"read": ["~/.local/bin"]')"
finds P108 warn 'a directory with tokens' "$(fs '"read": [@"~/.cargo"]')"
silent P108 'a part of it' "$(fs '"read": ["~/.cargo/bin"]')"
finds P109 info 'missing' "$(fs '"read": [@"/missing"]')"
finds P109 error 'a directory as a file' "$(fs "\"read_file\": [@\"$work\"]")"
finds P109 error 'a file as a directory' "$(fs "\"allow\": [@\"$work/file\"]")"
finds P110 warn 'through a link' "$(fs "\"read\": [@\"$work/link\"]")"
finds P111 warn 'braces' "$(fs '"read": [@"${HOME}/x"]')"
finds P111 warn 'a pattern' "$(fs '"read": [@"/opt/*.txt"]')"
finds P111 warn 'an unset variable' "$(fs '"read": [@"/opt/$NOT_SET_HERE"]')"
finds P112 error 'a container daemon' "$(fs '"unix_socket": [@"/run/docker.sock"]')"
finds P112 warn 'the system bus' "$(fs '"unix_socket": [@"/run/dbus/system_bus_socket"]')"

# ---- network, environment, what runs outside ----

finds P201 warn 'never used' "{$name, \"network\": {\"custom_credentials\": {\"c\": @{\"upstream\": \"https://c.example\", \"credential_key\": \"c\"}}}}"
finds P201 warn 'no source' "{$name, \"network\": {\"credentials\": [@\"github\"]}}"
GITHUB_TOKEN=x silent P201 'with its source' "{$name, \"network\": {\"credentials\": [\"github\"]}}"
finds P202 warn 'open' "{$name, \"network\": {\"block\": @false}, \"filesystem\": {\"read\": [\"~/.cargo/bin\"]}}"
silent P202 'blocked' "{$name, \"network\": {\"block\": true}, \"filesystem\": {\"read\": [\"~/.cargo/bin\"]}}"
finds P203 error 'every host' "{$name, \"network\": {\"allow_domain\": [@\"*\"]}}"
finds P203 warn 'a shared domain' "{$name, \"network\": {\"allow_domain\": [@\"*.github.io\"]}}"
silent P203 'a domain of one owner' "{$name, \"network\": {\"allow_domain\": [\"*.example.org\"]}}"
finds P204 warn 'around the filter' "{$name, \"network\": {\"allow_domain\": [\"a.b\"], \"connect_port\": [@443]}}"
finds P205 warn 'all signals' "{$name, \"security\": {\"signal_mode\": @\"allow_all\"}}"
finds P205 warn 'elevation' "{$name, \"security\": {\"capability_elevation\": @true}}"
finds P206 warn 'a loader variable' "{$name, \"environment\": {\"set_vars\": {\"LD_PRELOAD\": @\"/x\"}}}"
finds P207 warn 'all variables' "{$name, \"environment\": {\"allow_vars\": [@\"*\"]}}"
finds P207 warn 'no filter' "{$name, \"env_credentials\": {\"key\": @\"A_KEY\"}}"
finds P301 error 'a missing script' "{$name, \"session_hooks\": {\"before\": {\"script\": @\"/missing\"}}}"
finds P302 warn 'a script of a file' "{$name, \"session_hooks\": {\"before\": @{\"script\": \"/bin/true\"}}}"
finds P302 warn 'a program of a file' "{$name, \"binary\": @\"claude\"}"

# ---- levels, comments, exit codes ----

bad='{"meta": {"name": "x"}, "filesystem": {"read": [
	"/etc"
]}}'
printf '%s\n' "$bad" >x.json
run "$NONO" profile lint ./x.json
is 'warnings' "$rc" 0
run "$NONO" profile lint ./x.json --strict
is 'warnings: --strict' "$rc" 2
run "$NONO" profile lint ./x.json --rule P106=error
is 'a rule made an error' "$rc $err" '1 nono: 1 errors found'
run "$NONO" profile lint ./x.json --strict --rule P106=off --rule P202=off
is 'a rule switched off' "$rc $(head -n 1 <<<"$out")" '0 nono profile: 0 errors, 0 warnings, 0 infos'
run "$NONO" profile lint ./x.json --rule P999=off
is 'an unknown rule' "$rc" 2
run "$NONO" profile lint ./x.json --rule P106=maybe
is 'an unknown level' "$rc" 2
sed 's,"/etc",&  // nono-lint: off P106 it is a test,' x.json >y.json
run "$NONO" profile lint ./y.json
is 'silenced on its line' "$(grep -c P106 <<<"$out")" 0
sed 's,\[$,[ // nono-lint: off P106 it is a test,' x.json >y.json
run "$NONO" profile lint ./y.json
is 'silenced above' "$(grep -c P106 <<<"$out")" 0
sed 's,"/etc",&  // nono-lint: off P106,' x.json >y.json
run "$NONO" profile lint ./y.json
is 'not without a reason' "$(grep -c P106 <<<"$out")" 1
sed 's,"/etc",&  // nono-lint: off P101 it is a test,' x.json >y.json
run "$NONO" profile lint ./y.json
is 'not another rule' "$(grep -c P106 <<<"$out")" 1
cp x.json "$profiles/x.json"
mkdir -p "$HOME/.config/nono/profile-drafts"
echo '{"alow": 1}' >"$HOME/.config/nono/profile-drafts/d.json"
run "$NONO" profile lint
is 'all profiles and drafts' "$rc $(grep -c 'P106\|P001' <<<"$out")" '1 2'
for preset in $("$NONO" profile list | sed -n '/Built-in/,/User/s/^    \([a-z-]*\) .*/\1/p'); do
	run "$NONO" profile lint "$preset"
	is "no errors in $preset" "$rc $(grep -c ': error' <<<"$out")" '0 0'
done

finish
