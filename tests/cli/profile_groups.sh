#!/bin/bash
# `nono profile groups`, and how `nono` becomes nono-profile.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

# ---- the list ----

run "$NONO" profile groups
is 'list: exit code, no message' "$rc $err" '0 '
is 'list: counts' "$(grep '^nono profile' <<<"$out")" 'nono profile: 28 groups
nono profile: 6 extended groups'
is 'list: lines' "$(grep -c '^  [a-z]' <<<"$out")" 34
run "$NONO" profile groups --all-platforms
is 'all platforms' "$(head -n 1 <<<"$out")" 'nono profile: 40 groups (all platforms)'
run "$NONO" profile groups --json
is 'JSON: objects' "$(grep -c '^    "name"' <<<"$out") $(grep -c '"extended": true' <<<"$out")" '34 6'

# ---- one group ----

HOME=/home/ada run "$NONO" profile groups deny_shell_history
is 'detail' "$out" "nono profile: group 'deny_shell_history'

  Description: History of shells and interpreters
  Platform:    cross-platform
  Required:    yes

  deny.access:
    ~/.bash_history -> /home/ada/.bash_history
    ~/.zsh_history -> /home/ada/.zsh_history
    ~/.history -> /home/ada/.history
    ~/.python_history -> /home/ada/.python_history"
HOME=/home/ada run "$NONO" profile groups --json claude_cache_linux
is 'detail: JSON' "$out" '{
  "name": "claude_cache_linux",
  "description": "Cache of Claude Code",
  "platform": "linux",
  "required": false,
  "allow": {
    "readwrite": [
      {
        "raw": "~/.cache/claude-cli-nodejs",
        "expanded": "/home/ada/.cache/claude-cli-nodejs"
      }
    ]
  },
  "deny": {}
}'
run env -u TMPDIR HOME=/home/ada "$NONO" profile groups system_write_linux
has 'detail: a variable' "$out" '$TMPDIR -> /tmp'
run "$NONO" profile groups bogus
is 'unknown' "$rc $out $err" '1  nono: group '\''bogus'\'' not found in policy.json. Use `nono profile groups` to list available groups'
run "$NONO" profile groups bogus --json
is 'unknown: JSON' "$rc $(grep -c '"error": {' <<<"$out")" '1 1'

# ---- old names ----

run "$NONO" policy groups
old=$out
is 'policy: warning' "$rc $err" "0 warning: 'nono policy groups' is deprecated and will be removed in a future release; use 'nono profile groups'"
run "$NONO" profile groups
is 'policy: the same bytes' "$old" "$out"
run "$NONO" policy groups bogus
is 'policy: the same exit code' "$rc" 1
run "$NONO" policy --help
is 'policy --help' "$rc $(grep -c deprecated <<<"$out")" "0 $(grep -c deprecated <<<"$out")"
has 'policy --help: deprecated' "$out" deprecated

# ---- usage ----

for parent in profile policy; do
	run "$NONO" $parent
	is "bare $parent" "$rc $out $(grep -c '^USAGE' <<<"$err")" '2  1'
	run "$NONO" $parent --help
	is "$parent --help" "$rc $err $(grep -c "nono $parent" <<<"$out")" \
		"0  $(grep -c "nono $parent" <<<"$out")"
	run "$NONO" $parent help groups
	has "$parent help groups" "$out" "nono $parent groups"
done
run "$NONO" help profile groups
has 'help profile groups' "$out" 'nono profile groups [OPTIONS] [NAME]'
run "$NONO" help run groups
is 'help of a word that is no command' "$rc" 2
run "$NONO" profile grups
is 'a near name' "$rc $(sed -n 2p <<<"$err")" "2   tip: a similar subcommand exists: 'groups'"
run "$NONO" profile groups a b
is 'one word too many' "$rc ${err%%$'\n'*}" "2 error: unexpected argument 'b' found"
run "$NONO" profile groups --json --json
is 'twice' "$rc $(grep -c 'multiple times' <<<"$err")" '2 1'
run "$NONO" profile groups -- --json
is 'a name behind --' "$rc $out" '1 '
"$NONO" profile groups 2>err | head -n 1 >/dev/null
is 'a reader that leaves' "${PIPESTATUS[0]} $(cat err)" '0 '
run sh -c '"$0" profile groups >/dev/full' "$NONO"
is 'a full disk' "$rc" 1

# ---- becoming nono-profile ----

run "${NONO%/*}/nono-profile" profile groups --json user_tools
direct=$out
run "$NONO" profile groups --json user_tools
is 'nono-profile does the same itself' "$direct" "$out"
mkdir alone fake
cp "$NONO" alone/
if [ ! -e /usr/local/libexec/nono/nono-profile ]; then
	run alone/nono profile groups
	is 'missing: exit code' "$rc $out" '1 '
	is 'missing: the message' "$err" "nono: cannot start '/usr/local/libexec/nono/nono-profile': No such file or directory; nono and nono-profile are installed together"
else
	skip 'missing' 'nono is installed in /usr/local'
fi
run alone/nono --help
is 'missing: other commands work' "$rc" 0
printf '#!/bin/sh\ntouch started\n' >fake/nono-profile
chmod 755 fake/nono-profile
for variable in PATH LD_LIBRARY_PATH NONO_PROFILE_PROGRAM NONO_LIBEXECDIR NONO_LIBEXEC LIBEXECDIR; do
	run env $variable="$PWD/fake:$PATH" "$NONO" profile groups user_tools
	is "$variable chooses no other program" "$rc $(ls started 2>&1 | grep -c '^started')" '0 0'
done

finish
