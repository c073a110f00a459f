#!/bin/bash
# What an agent runs by itself, and changed during its session: told, and recorded.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

mkdir -p "$HOME/.config/nono/profiles" "$HOME/.claude" work
cd work || exit 2
work=$(pwd -P)
hook='"hooks": { "claude-code": { "event": "Stop", "matcher": "", "script": "nono-hook.sh" } }'
printf '{ "meta": { "name": "agent" }, "workdir": { "access": "readwrite" }, %s,
	"filesystem": { "allow": ["$HOME/.claude"] } }\n' "$hook" >"$HOME/.config/nono/profiles/agent.json"
printf '{ "meta": { "name": "plain" }, "workdir": { "access": "readwrite" } }\n' >"$HOME/.config/nono/profiles/plain.json"
start() {
	run "$NONO" run --no-diagnostics --allow-cwd --profile "$@"
}
told() {
	grep -c 'changed its auto-run commands during this session' <<<"$err"
}
# row FILE: what the record of the last session says of it.
row() {
	python3 - "$HOME/.local/state/nono/audit" "$1" <<'P'
import glob, json, os, sys
last = max(glob.glob(sys.argv[1] + "/*/audit-ext.ndjson"), key=os.path.getmtime)
for line in open(last):
    body = json.loads(json.loads(line)["body_json"]) if isinstance(json.loads(line)["body_json"], str) else json.loads(line)["body_json"]
    if body["kind"] == "auto_run_changed" and body["file"] == sys.argv[2]:
        print(body["what"], *["none" if body[k] is None else "hash" if len(body[k]) == 64 else "?" for k in ("before_sha256", "after_sha256")], sep="/")
P
}
git init -q . 2>/dev/null
start agent -- true
is 'nothing changed: nothing is said' "$rc $(told)" '0 0'

# ---- what counts, and its neighbour that does not ----

while IFS='|' read -r name file command neighbour wanted; do
	start agent -- sh -c "$neighbour"
	is "$name: the neighbour is not told" "$rc $(told)" '0 0'
	start agent -- sh -c "$command"
	is "$name: told" "$rc $(grep -c "warning: $file changed its auto-run commands" <<<"$err")" '0 1'
	is "$name: in the record" "$(row "$file")" "$wanted"
done <<X
a hook of the settings|$HOME/.claude/settings.json|sed -i 's/"Stop": \[/"Start": [], "Stop": [/' ~/.claude/settings.json|sed -i 's/^{/{ "theme": "dark",/' ~/.claude/settings.json|hooks, servers, status line/hash/hash
settings of the project|$work/.claude/settings.local.json|mkdir -p .claude; echo '{ "mcpServers": {} }' >.claude/settings.local.json|mkdir -p .claude; echo '{ "a": 1 }' >.claude/settings.local.json|hooks, servers, status line/none/hash
an alias of git|$work/.git/config|git config alias.x '!touch y'|git config user.name x|commands of git/hash/hash
a pager of git|$work/.git/config|git config core.pager evil|git config core.autocrlf false|commands of git/hash/hash
another repository of git|$work/.git/commondir|echo ../x >.git/commondir|touch .git/common|file/none/hash
a hook of git|$work/.git/hooks|mkdir -p .git/hooks; echo x >.git/hooks/pre-commit|touch .git/description|files/hash/hash
servers of the project|$work/.mcp.json|echo '{}' >.mcp.json|touch mcp.json|file/none/hash
servers of the project, gone|$work/.mcp.json|rm .mcp.json|rm mcp.json|file/hash/none
tasks of an editor|$work/.vscode/tasks.json|mkdir -p .vscode; echo '{}' >.vscode/tasks.json|mkdir -p .vscode; touch .vscode/x|file/none/hash
a directory's environment|$work/.envrc|mkfifo .envrc|touch env|file/none/hash
X

# ---- who is told, and when ----

rm -f .envrc
start agent --silent -- sh -c 'echo x >.envrc'
is '--silent: nothing is said' "$rc $err" '0 '
is '--silent: recorded' "$(row "$work/.envrc")" file/none/hash
start agent --no-audit -- sh -c 'echo y >.envrc'
is 'without a record: told' "$rc $(told)" '0 1'
start plain -- sh -c 'echo z >.envrc'
is 'another profile: not looked at' "$rc $(told)" '0 0'
start agent -- sh -c 'echo zz >.envrc; exit 3'
is 'the exit code is that of the program' "$rc $(told)" '3 1'
chmod 500 "$HOME/.claude"
start agent -- sh -c 'echo y >.envrc; echo x >>.vscode/tasks.json'
is 'several in one block' "$rc $(told)" '0 2'
chmod 700 "$HOME/.claude"
finish
