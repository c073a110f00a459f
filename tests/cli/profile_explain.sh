#!/bin/bash
# `nono profile explain`: the verdict of the plan, and where each rule was written.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

profiles=$HOME/.config/nono/profiles
mkdir -p "$profiles" "$HOME/.ssh" data/sub
: >"$HOME/.ssh/id_rsa"
: >data/sub/file
ln -s data/sub link
data=$PWD/data
cat >"$profiles/top.json" <<END
{
  "meta": { "name": "top" },
  "filesystem": { "read": ["$data"] }
}
END
cat >"$profiles/middle.json" <<END
{
  "extends": "top",
  "meta": { "name": "middle" },
  "filesystem": { "read": ["$data"], "allow": ["$data/sub"] }
}
END
cat >"$profiles/low.json" <<END
{
  "extends": "middle",
  "meta": { "name": "low" },
  "network": { "allow_domain": ["a.example", "*.b.example", "github"] },
  "environment": { "deny_vars": ["SECRET_*"], "set_vars": { "SET": "1" } }
}
END

# ---- paths ----

run "$NONO" profile explain low "$data/sub/file"
is 'a granted path' "$rc $err" '0 '
is 'a granted path: text' "$(sed "s,$HOME,HOME,g; s,$PWD,WORKDIR,g" <<<"$out")" \
	"nono profile: 'WORKDIR/data/sub/file' under 'low'

  requested  WORKDIR/data/sub/file
  expanded   WORKDIR/data/sub/file
  canonical  WORKDIR/data/sub/file

  read       allowed (granted_path)
  write      allowed (granted_path)

  Rules, in the order in which they count:
  * allow  read+write WORKDIR/data/sub  # HOME/.config/nono/profiles/middle.json:4
    allow  read       WORKDIR/data  # HOME/.config/nono/profiles/top.json:3; also HOME/.config/nono/profiles/middle.json:4

  Enforced by: landlock"
run "$NONO" profile explain low "$data/file"
is 'only for reading' "$(grep -E '^  (read|write) ' <<<"$out")" '  read       allowed (granted_path)
  write      denied (insufficient_access)'
has 'only for reading: what would allow it' "$out" "to allow: add \"$data/file\" to filesystem.allow in $profiles/low.json"
run "$NONO" profile explain low ~/.ssh/id_rsa
has 'a denied path' "$out" '  read       denied (sensitive_path)'
has 'a denied path: the group' "$out" '* deny              ~/.ssh  -> '
has 'a denied path: required' "$out" '# group:deny_credentials (required)'
has 'a denied path: what would allow it' "$out" 'to filesystem.read_file and to filesystem.bypass_protection'
run "$NONO" profile explain low '~/.ssh/id_rsa'
has 'the home is expanded' "$out" "  expanded   $HOME/.ssh/id_rsa"
run "$NONO" profile explain low "$PWD/link/file"
has 'a link: told' "$out" "$PWD/link is a link to data/sub"
has 'a link: followed' "$out" "  canonical  $data/sub/file"
has 'a link: allowed' "$out" '  write      allowed (granted_path)'
run "$NONO" profile explain low /nowhere
has 'no rule' "$out" '  read       denied (path_not_granted)'

# What the kernel does is what was said.
kernel() { # PATH
	"$NONO" wrap -s --profile middle -- cat "$1" >/dev/null 2>&1 && echo allowed || echo denied
}
for path in "$data/sub/file" "$HOME/.ssh/id_rsa" "$profiles/low.json" /etc/hosts; do
	run "$NONO" profile explain middle "$path"
	is "the kernel agrees about ${path##*/}" "$(sed -n 's/^  read *\([a-z]*\) .*/\1/p' <<<"$out")" \
		"$(cd / && kernel "$path")"
done

run "$NONO" profile explain low ~/.ssh/id_rsa --json
is 'JSON: exit code' "$rc $err" '0 '
for part in '"status": "denied"' '"reason": "sensitive_path"' '"effect": "deny"' '"decisive": true' \
	'"enforced_by": [' '"profile_pointer": "/filesystem/read_file/-"' '"flag": "--read-file"' \
	'"name": "deny_credentials"'; do
	has "JSON: $part" "$out" "$part"
done
if command -v python3 >/dev/null; then
	is 'JSON parses' "$(python3 -c 'import json,sys; d=json.load(sys.stdin)
print(d["kind"], d["decisions"]["read"]["status"], d["provenance"][0]["origin"]["kind"])' <<<"$out")" \
		'path denied group'
fi

# ---- hosts and variables ----

host() { # HOST STATUS
	run "$NONO" profile explain low "$1"
	is "host $1" "$rc $(sed -n '3s/^  \([a-z]*\):.*/\1/p' <<<"$out")" "0 $2"
}
host a.example allowed
host x.a.example denied
host x.b.example allowed
host b.example denied
host xb.example denied
host github.com allowed
host evil.example denied
run "$NONO" profile explain default anything.example
has 'host: open' "$out" 'allowed: the network is open'
variable() { # NAME STATUS
	run "$NONO" profile explain low "$1"
	is "variable $1" "$rc $(sed -n '3s/^  \([a-z]*\):.*/\1/p' <<<"$out")" "0 $2"
}
variable EDITOR allowed
variable SECRET_KEY denied
variable SECRET allowed
variable SET allowed
variable LD_PRELOAD denied
variable NONO_PROFILE denied

run "$NONO" profile explain bogus /x
is 'unknown profile' "$rc" 1
run "$NONO" profile explain low
is 'no subject' "$rc" 2

finish
