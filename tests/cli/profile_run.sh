#!/bin/bash
# A start under a profile: what it grants works, what is beside it does not.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"
. "$NONO_TOP/tests/harness/launch.sh"

profiles=$HOME/.config/nono/profiles
mkdir -p "$profiles" "$HOME/.ssh" data/in data/secret shared
chmod 700 "$HOME/.config" "$HOME/.config/nono" "$profiles"
echo key >"$HOME/.ssh/id_rsa"
echo config >"$HOME/.ssh/config"
echo content >data/file
echo content >data/in/file
echo content >data/secret/file
echo content >shared/file
echo content >alone
top=$PWD

# profile NAME: its text from the standard input
profile() {
	cat >"$profiles/$1.jsonc"
	chmod 600 "$profiles/$1.jsonc"
}

# inside NAME WORDS...: the words under the profile, with nothing else granted
inside() {
	run "$NONO" run -s --profile "$1" "${@:2}"
}

# refused NAME TEXT-PART WORDS...
refused() {
	run "$NONO" run --profile "${@:3}"
	is "$1: exit code" "$rc" 1
	has "$1: text" "$err" "$2"
}

# ---- grants ----

profile grants <<END
{
	// twins: each line has a neighbour that is not granted
	"filesystem": {
		"allow": ["$top/data/in"],
		"read": ["$top/shared", "$top/alone", "$top/no/such/place", "\$UNSET_VARIABLE/x"],
		"write_file": ["$top/data/file"],
	},
}
END
inside grants cat "$top/shared/file"
is 'read: a granted directory' "$rc $out" '0 content'
inside grants cat "$top/data/secret/file"
is 'read: beside it' "$rc" 1
has 'read: beside it: reason' "$err" 'Permission denied'
inside grants cat "$top/alone"
is 'read: a single file' "$rc $out" '0 content'
inside grants sh -c "echo x >$top/shared/new"
is 'read: no writing' "$([ ! -e shared/new ] && echo "$rc")" 2
inside grants sh -c "echo x >$top/data/in/new && cat $top/data/in/new"
is 'allow: reading and writing' "$rc $out" '0 x'
inside grants sh -c "echo more >>$top/data/file"
is 'write_file: writing' "$rc" 0
inside grants cat "$top/data/file"
is 'write_file: no reading' "$rc" 1
run "$NONO" wrap -s --profile grants cat "$top/shared/file"
is 'wrap: granted' "$rc $out" '0 content'
run "$NONO" wrap -s --profile grants cat "$top/data/secret/file"
is 'wrap: not granted' "$rc" 1
run env NONO_PROFILE=grants "$NONO" run -s cat "$top/shared/file"
is 'NONO_PROFILE: granted' "$rc $out" '0 content'
run env NONO_PROFILE=grants "$NONO" run -s cat "$top/data/secret/file"
is 'NONO_PROFILE: not granted' "$rc" 1
run "$NONO" run --profile grants true
is 'missing paths are no news' "$(grep -c -e 'no/such/place' -e UNSET <<<"$err")" 0
run "$NONO" run -v --profile grants true
has 'missing paths with -v' "$err" "filesystem.read '$top/no/such/place' is skipped: it does not exist"
run "$NONO" run -s --profile grants --read data/secret cat "$top/data/secret/file"
is 'a flag adds to it' "$rc $out" '0 content'

profile file-as-directory <<<"{\"filesystem\": {\"allow\": [\"$top/alone\"]}}"
refused 'allow of a file' "Profile path '$top/alone' is not a directory. Use --allow-file for single files." \
	file-as-directory true
has 'allow of a file: place' "$err" 'file-as-directory.jsonc:1:'
profile directory-as-file <<<"{\"filesystem\": {\"read_file\": [\"$top/shared\"]}}"
refused 'read_file of a directory' "Expected a file but got a directory: $top/shared" directory-as-file true

# An agent makes this one a directory or a file, as it likes.
mkdir "$HOME/.claude.lock"
run "$NONO" run -s --profile claude-code --allow-cwd sh -c 'touch ~/.claude.lock/x && echo made'
is 'a preset takes what is there' "$rc $out" '0 made'

# Its settings move behind a link, into a directory that is granted.
is 'claude-code: a link' "$(readlink "$HOME/.claude.json")" .claude/claude.json
run "$NONO" run -s --profile claude-code --allow-cwd sh -c 'cd ~/.claude && echo new >t && mv t claude.json && cat ~/.claude.json'
is 'claude-code: replacing its settings' "$rc $out" '0 new'
rm -r "$HOME/.claude" "$HOME/.claude.json" "$HOME/.claude.json.lock"
echo mine >"$HOME/.claude.json"
run "$NONO" run -s --profile claude-code --dry-run true
is 'claude-code: a dry run moves nothing' "$(cat "$HOME/.claude.json") $(ls -d "$HOME/.claude" 2>/dev/null)" 'mine '
run "$NONO" run -s --profile claude-code --allow-cwd true
is 'claude-code: what was there' "$(readlink "$HOME/.claude.json") $(cat "$HOME/.claude/claude.json")" \
	'.claude/claude.json mine'
run "$NONO" run -s --profile codex --allow-cwd sh -c 'echo x >~/.codex/config && cat ~/.codex/config'
is 'codex: a first start can save its settings' "$rc $out" '0 x'
rm -r "$HOME/.codex"
run "$NONO" run --dry-run --profile codex --allow-cwd true
[ ! -e "$HOME/.codex" ] && ok 'codex: a dry run makes nothing' || not_ok 'codex: a dry run' 'made ~/.codex'
rm "$HOME/.claude.json"
echo other >"$HOME/.claude.json"
run "$NONO" run --profile claude-code --allow-cwd true
is 'claude-code: two files stay two' "$rc $(cat "$HOME/.claude.json" "$HOME/.claude/claude.json")" "0 other
mine"
has 'claude-code: two files: said' "$err" 'could not be prepared (File exists)'
# Who only borrows the name gets nothing of it.
rm -r "$HOME/.claude" "$HOME/.claude.json"
profile claude-code <<<'{}'
inside claude-code true
is 'claude-code: another profile of that name' "$(ls -d "$HOME/.claude" 2>/dev/null)" ''
profile claude-code <<<'{"extends": "claude-code"}'
run "$NONO" run -s --profile claude-code --allow-cwd true
is 'claude-code: one that builds on it' "$(readlink "$HOME/.claude.json")" .claude/claude.json
rm "$profiles/claude-code.jsonc"

# ---- variables and tokens ----

profile variables <<'END'
{ "filesystem": { "read": ["$WORKDIR/shared", "~/plain", "$HOMEBREW/x"] } }
END
mkdir -p "$HOME/plain" "$top/elsewhere/shared" "${HOME}BREW"
echo text >"$HOME/plain/f"
echo stolen >"$top/elsewhere/shared/f"
run env WORKDIR="$top/elsewhere" UID=0 "$NONO" run -s --profile variables cat "$top/shared/file" "$HOME/plain/f"
is 'variables: their places' "$rc $out" "0 content
text"
run env WORKDIR="$top/elsewhere" "$NONO" run -s --profile variables cat "$top/elsewhere/shared/f"
is 'variables: an exported WORKDIR moves nothing' "$rc" 1
profile climbs <<<'{"filesystem": {"read": ["$HOME/../x"]}}'
refused 'variables: no climbing out' "which contains '..'" climbs true

if command -v git >/dev/null; then
	mkdir repository
	(cd repository && git init -q . && mkdir sub && echo tracked >file &&
		git config core.hooksPath "$top/data/secret" && git config include.path "$top/data/secret/file")
	profile git-top <<<'{"filesystem": {"read": ["@git:toplevel", "@git:config-files", "@git:hooks-path"]}}'
	cd repository/sub
	inside git-top cat ../file
	is 'git: the top of the checkout' "$rc $out" '0 tracked'
	inside git-top cat "$top/data/secret/file"
	is 'git: a checkout cannot name paths of the host' "$rc" 1
	cd "$top"
	inside git-top cat "$top/repository/file"
	is 'git: outside of a checkout' "$rc" 1
else
	skip 'git tokens' 'git is not installed'
fi
profile token <<<'{"filesystem": {"read": ["@git:everything"]}}'
refused 'an unknown query' "unknown git provider query 'everything'" token true
profile token <<<'{"filesystem": {"read": ["@svn:toplevel"]}}'
refused 'an unknown provider' 'unknown dynamic-token provider' token true
profile token <<<'{"filesystem": {"read": ["@plain"]}}'
inside token true
is 'a plain name with @' "$rc" 0

# ---- denies ----

profile denied <<<"{\"filesystem\": {\"read\": [\"$top/data\"], \"deny\": [\"$top/data/secret\"]}}"
refused 'a deny below a grant' "- deny '$top/data/secret' overlaps allowed parent '$top/data' (source: profile)" denied true
profile equal <<<"{\"filesystem\": {\"read\": [\"$top/shared\", \"$top/data/in\"], \"deny\": [\"$top/shared\"]}}"
run "$NONO" run --profile equal cat "$top/shared/file"
is 'a deny equal to a grant' "$rc" 1
has 'a deny equal to a grant: said' "$err" "the grant '$top/shared' is dropped"
inside equal cat "$top/data/in/file"
is 'a deny equal to a grant: the other one' "$rc $out" '0 content'
refused 'a flag below a profile deny' "is inside protected path '$top/shared' (filesystem.deny of profile 'equal')" \
	equal --read shared true
run "$NONO" run -s --profile equal --read shared --bypass-protection shared cat "$top/shared/file"
is 'a flag with its bypass' "$rc $out" '0 content'

profile ssh <<<'{"filesystem": {"read_file": ["~/.ssh/config"]}}'
inside ssh cat "$HOME/.ssh/config"
is 'a protected file' "$rc" 1
profile ssh <<<'{"filesystem": {"read_file": ["~/.ssh/config"], "bypass_protection": ["~/.ssh/config"]}}'
inside ssh cat "$HOME/.ssh/config"
is 'a protected file with its bypass' "$rc $out" '0 config'
inside ssh cat "$HOME/.ssh/id_rsa"
is 'the file beside it' "$rc" 1
run "$NONO" run --profile ssh true
has 'a bypass is said' "$err" 'bypass_protection: 1 path(s)'
profile ssh <<<'{"filesystem": {"bypass_protection": ["~/.ssh/config"]}}'
refused 'a bypass without a grant' "bypass_protection '$HOME/.ssh/config' has no matching grant" ssh true
profile ssh <<<'{"filesystem": {"bypass_protection": ["~/.aws"]}}'
run "$NONO" run --profile ssh true
has 'a bypass of what is missing' "$err" "bypass_protection '$HOME/.aws' is skipped: it does not exist"
refused 'a required group' "Cannot exclude required groups: 'deny_credentials'" \
	<(echo '{"groups": {"exclude": ["deny_credentials"]}}') true
echo '{"meta": {"name": "default"}, "filesystem": {"read": ["~/.ssh"]}}' >default.json
run "$NONO" run -s --profile ./default.json cat "$HOME/.ssh/id_rsa"
is 'a name is no key' "$rc" 1

# ---- nono's own directories ----

profile state <<<'{"filesystem": {"read": ["$XDG_STATE_HOME/nono"]}}'
refused 'the state of nono' 'overlaps protected nono state root' state true
profile config <<<'{"filesystem": {"allow": ["$NONO_CONFIG"]}}'
refused 'writing the configuration' "overlaps nono's configuration" config true
profile config <<<'{"filesystem": {"read": ["$NONO_CONFIG"], "allow": ["$NONO_CONFIG/profile-drafts"]}}'
inside config sh -c 'cat ~/.config/nono/profiles/state.jsonc >~/.config/nono/profile-drafts/x.json && echo drafted'
is 'reading it, and writing drafts' "$rc $out" '0 drafted'
inside config sh -c 'echo {} >~/.config/nono/profiles/y.json'
is 'no new profile from inside' "$([ ! -e "$profiles/y.json" ] && echo "$rc")" 2

# ---- working directory, network, environment ----

profile none <<<'{}'
run "$NONO" run -s --profile none --allow-cwd cat "$top/alone"
is 'workdir: none' "$rc" 1
profile work <<<'{"workdir": {"access": "readwrite"}}'
run "$NONO" run -s --profile work --allow-cwd sh -c 'echo x >made && cat made'
is 'workdir: readwrite' "$rc $out" '0 x'
run "$NONO" run -s --profile work cat "$top/alone"
is 'workdir: silent without --allow-cwd' "$rc" 1
has 'workdir: silent without --allow-cwd: text' "$err" 'CWD access requires --allow-cwd in non-interactive mode'
profile blocked <<<'{"network": {"block": true}}'
inside blocked bash -c 'exec 3<>/dev/tcp/127.0.0.1/9'
has 'network: blocked' "$err" "$(by_landlock 4 'Permission denied' 'Address family not supported')"
run "$NONO" run -s --profile blocked --allow-net bash -c 'exec 3<>/dev/tcp/127.0.0.1/9'
has 'network: --allow-net' "$err" 'Connection refused'
profile variables <<'END'
{ "environment": { "allow_vars": ["PATH", "KEEP_*", "LD_AUDIT"], "deny_vars": ["KEEP_OUT"],
                   "set_vars": { "MADE": "$HOME/x", "LD_DEBUG_OUTPUT": "none" } } }
END
run env KEEP_IN=1 KEEP_OUT=2 OTHER=3 LD_AUDIT= MADE=4 "$NONO" run -s --profile variables env
is 'environment' "$(grep -vE '^(NONO_|PATH=|TMPDIR=|TERM=|COLORTERM=)' <<<"$out" | sort)" "KEEP_IN=1
LD_DEBUG_OUTPUT=none
MADE=$HOME/x"
profile nothing <<<'{"environment": {"allow_vars": []}}'
run env KEEP=1 "$NONO" run -s --profile nothing env
is 'environment: an empty list' "$(grep -vcE '^(NONO_|TMPDIR=|TERM=|COLORTERM=)' <<<"$out")" 0

# ---- commands ----

profile gate <<<'{"commands": {"deny": ["ls"], "allow": ["rm"]}}'
refused 'commands.deny' "Command 'ls' is blocked: profile gate keeps it" gate ls
run "$NONO" run --profile gate rm --version
is 'commands.allow' "$rc" 0
has 'commands.allow: said' "$err" \
	'profile `gate` field `commands.allow` is deprecated in v0.33.0: startup-only command gating, not kernel-enforced'
inside gate sh -c 'ls /usr/bin >/dev/null && echo listed'
is 'commands.deny: not for children' "$rc $out" '0 listed'
profile program <<<'{"binary": "echo", "command_args": ["$HOME", "--", "last"]}'
inside program
is 'binary' "$rc $out" "0 $HOME -- last"
inside program echo first
is 'binary: its own arguments' "$rc $out" "0 first $HOME -- last"
run "$NONO" run --profile program cat "$top/alone"
is 'binary: another command' "$rc $out" "0 $HOME -- last"
has 'binary: another command: said' "$err" "Profile specifies binary 'echo'; ignoring trailing command"
profile arguments <<<'{"command_args": ["last"]}'
refused 'no command' 'No command specified' arguments
inside arguments echo first
is 'command_args' "$rc $out" '0 first last'
refused 'an unknown group' "Unknown policy group: 'node_runtim'; did you mean 'node_runtime'?" \
	<(echo '{"groups": {"include": ["node_runtim"]}}') true

# ---- terminals and device nodes ----

profile terminals <<<'{"linux": {"pty_access": "all"}}'
profile own <<<'{"linux": {"pty_access": "own"}}'
cat >pts.py <<'PY'
import errno, os, subprocess, sys
master, slave = os.openpty()
code = '''import errno, os, sys
for flags in (os.O_RDONLY, os.O_WRONLY):
    try:
        os.close(os.open(sys.argv[1], flags | os.O_NOCTTY | os.O_NONBLOCK))
        print("opened")
    except OSError as e:
        print(errno.errorcode[e.errno])
'''
print(os.ttyname(slave), flush=True)
subprocess.run(sys.argv[1:] + ["--", sys.executable, "-c", code, os.ttyname(slave)], stdin=subprocess.DEVNULL)
PY
for mode in run wrap; do
	run python3 pts.py "$NONO" $mode -s --profile terminals
	is "$mode: pty_access all: another terminal" "${out#*$'\n'}" $'opened\nopened'
	run python3 pts.py "$NONO" $mode -s --profile own
	is "$mode: pty_access own: another terminal" "${out#*$'\n'}" $'EACCES\nEACCES'
	run "$NONO" $mode --profile terminals true
	has "$mode: pty_access all: a warning" "$err" 'the program may read and write every terminal of yours'
done
run "$NONO" why -s --profile terminals --path /dev/pts
is 'why: pty_access all' "${out%%$'\n'*}" ALLOWED
run "$NONO" why -s --profile own --path /dev/pts
is 'why: pty_access own' "${out%%$'\n'*}" DENIED

for p in terminals own; do
	run "$NONO" run -s --profile $p "$NONO" why -s --self --path /dev/pts
	is "why --self: pty_access, $p" "${out%%$'\n'*}" \
		"$([ $p = terminals ] && echo ALLOWED || echo DENIED)"
done

# The overlayfs whiteout is the node that needs no power.
profile nodes <<<"{\"filesystem\": {\"allow\": [\"$top/data/in\"], \"read\": [\"$top/shared\"]}, \"linux\": {\"allow_device_nodes\": true}}"
profile no-nodes <<<"{\"filesystem\": {\"allow\": [\"$top/data/in\"]}}"
cat >node.py <<'PY'
import errno, os, sys
try:
    os.mknod(sys.argv[1], 0o20600, os.makedev(0, 0))
    print("made")
except OSError as e:
    print(errno.errorcode[e.errno])
PY
for mode in run wrap; do
	for name in nodes no-nodes; do
		run "$NONO" $mode -s --profile $name --read-file node.py python3 "$top/node.py" "$top/data/in/node"
		is "$mode: a device node, $name" "$out" "$([ $name = nodes ] && echo made || echo EACCES)"
		rm -f data/in/node
	done
	run "$NONO" $mode -s --profile nodes --read-file node.py python3 "$top/node.py" "$top/shared/node"
	is "$mode: a device node where reading is granted" "$out" EACCES
done

# ---- user namespaces ----

cat >userns.py <<'PY'
import ctypes, errno, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *args):
    r = getattr(libc, name)(*args)
    return "ok" if r == 0 else errno.errorcode[ctypes.get_errno()]
def opened(path):
    try:
        open(path).close()
        return "ok"
    except OSError as e:
        return errno.errorcode[e.errno]
NEWUSER, NEWNS = 0x10000000, 0x20000
kept = os.open("/proc/self/ns/uts", os.O_RDONLY)
print(call("unshare", NEWUSER | NEWNS))
# What stays closed, whatever capabilities there are in it.
print(call("mount", b"none", b"/tmp", b"tmpfs", 0, None), call("umount2", sys.argv[1].encode(), 2),
      call("chroot", b"/tmp"), call("setns", kept, 0), opened(sys.argv[1]), opened(sys.argv[2]))
PY
mkdir -p data/in/shut
echo x >data/in/shut/key
profile userns <<<"{\"filesystem\": {\"allow\": [\"$top/data/in\"]}, \"linux\": {\"allow_userns\": true}}"
profile no-userns <<<"{\"filesystem\": {\"allow\": [\"$top/data/in\"]}}"
profile userns-mask <<<"{\"filesystem\": {\"allow\": [\"$top/data/in\"], \"deny\": [\"$top/data/in/shut\"]}, \"linux\": {\"allow_userns\": true, \"deny_overlap\": \"auto\"}}"
closed='EPERM EPERM EPERM EPERM'
# Outside as inside: a system may refuse them to everybody.
can_nest=$(python3 userns.py /etc/passwd /etc/passwd | head -n 1)
mkdir -p "$HOME/.ssh"
[ -e "$HOME/.ssh/id" ] || echo x >"$HOME/.ssh/id"
for mode in run wrap; do
	run "$NONO" $mode -s --profile userns --read-file userns.py python3 "$top/userns.py" "$HOME/.ssh/id" "$top/data/in/shut/key"
	is "$mode: allow_userns" "$out" "$can_nest
$closed EACCES ok"
	run "$NONO" $mode -s --profile no-userns --read-file userns.py python3 "$top/userns.py" "$HOME/.ssh/id" "$top/data/in/shut/key"
	is "$mode: allow_userns is off" "$out" "EPERM
$closed EACCES ok"
	run "$NONO" $mode -s --profile userns-mask --read-file userns.py python3 "$top/userns.py" "$HOME/.ssh/id" "$top/data/in/shut/key"
	case $err in
	*'no mount namespace'*) skip "$mode: allow_userns and what is covered" 'no mount namespace' ;;
	*) is "$mode: allow_userns and what is covered" "$out" "$can_nest
$closed EACCES ENOENT" ;;
	esac
done

# Of somebody who is not root nothing is kept, because there is nothing.
profile caps <<<"{\"filesystem\": {\"allow\": [\"$top/data/in\"]}, \"linux\": {\"keep_file_caps\": true}}"
run "$NONO" run -s --profile caps grep -E '^Cap(Prm|Eff)' /proc/self/status
is 'keep_file_caps of a user' "$(awk '{ print $2 }' <<<"$out" | sort -u)" 0000000000000000

# ---- what comes later, old keys, building on another ----

for field in '"network": {"allow_domain": ["example.com"]}' '"env_credentials": {"a": "A"}' \
	'"packs": ["a/b"]' \
	'"linux": {"unix_datagram": "mediate"}' \
	'"linux": {"af_unix_mediation": "pathname"}' '"linux": {"sandbox_policy": "external"}, "network": {"block": true}' \
	'"security": {"capability_elevation": true}' '"command_policies": {"commands": {"git": {}}}'; do
	profile later <<<"{$field}"
	run "$NONO" run --profile later true
	is "later: $field: exit code" "$rc" 1
	has "later: $field: text" "$err" "which this version of nono cannot apply"
done
profile later <<<'{"linux": {"pty_access": "own", "namespaces": "auto", "compat32": false, "deny_overlap": "refuse",
	"metadata_guard": "off", "unix_datagram": "deny", "proxy_enforcement": "insecure", "sandbox_policy": "external", "net_backend": "netns"}}'
run "$NONO" run -s --profile later true
is 'later: what holds already' "$rc" 0
run "$NONO" run --profile later --block-net true
is 'later: what a blocked network needs' "$rc" 1
has 'later: what a blocked network needs: text' "$err" 'sets linux.sandbox_policy'
for mode in shell wrap; do
	run "$NONO" $mode --profile later $([ $mode = shell ] || echo true)
	is "later: linux.sandbox_policy under $mode" "$rc" 1
	has "later: linux.sandbox_policy under $mode: text" "$err" \
		'profiles containing linux.sandbox_policy are only supported by `nono run`'
done
if [ "$(id -u)" != 0 ]; then
	profile later <<<'{"linux": {"keep_file_caps": true}}'
	inside later true
	is 'later: what only root has' "$rc" 0
fi
run "$NONO" run -v --profile claude-code --allow-cwd true
has 'later: what only adds comfort' "$err" 'profile: rollback.exclude_patterns has no effect in this version of nono'
profile later <<<'{"network": {"allow_domain": ["example.com"]}}'
run "$NONO" run -s --profile later --allow-net true
is 'later: the proxy, given up' "$rc" 0
run "$NONO" run --profile later --block-net true
has 'later: a contradiction' "$err" 'is contradictory to network.allow_domain'
run "$NONO" run --profile later --dry-run true
is 'later: a dry run' "$rc" 0
has 'later: a dry run: said' "$err" 'would fail: Configuration parse error: '
run "$NONO" run -s --profile node-dev --allow-cwd --dry-run echo ok
is 'a silent dry run' "$rc $out$err" '0 '

profile old <<<"{\"policy\": {\"add_allow_read\": [\"$top/shared\"]}, \"security\": {\"groups\": [\"node_runtime\"]}}"
run "$NONO" run --profile old cat "$top/shared/file"
is 'older keys work' "$rc $out" '0 content'
is 'older keys: one line each' "$(grep -c '^warning: deprecated key ' <<<"$err")" 2
has 'older keys: text' "$err" \
	"warning: deprecated key 'policy.add_allow_read' — use 'filesystem.read' instead (will be removed in v1.0.0, #594)"
inside old cat "$top/shared/file"
is 'older keys: silent' "$rc $out$err" '0 content'

profile base <<<"{\"filesystem\": {\"read\": [\"$top/shared\"]}}"
profile child <<<"{\"extends\": \"base\", \"filesystem\": {\"read\": [\"$top/data/in\"]}}"
inside child cat "$top/shared/file" "$top/data/in/file"
is 'extends' "$rc $out" '0 content
content'
run "$NONO" run -s --profile none --extends base cat "$top/shared/file"
is '--extends' "$rc $out" '0 content'
inside none cat "$top/shared/file"
is 'without it' "$rc" 1
run "$NONO" run --extends base true
is '--extends alone' "$rc" 2

refused 'a typo' 'Profile parse error: ' <(echo '{"filesytem": {}}') true
has 'a typo: place' "$err" ":1:2: unknown key 'filesytem'; did you mean 'filesystem'?"
refused 'no such profile' "Profile not found: nonsuch" nonsuch true
chmod 622 "$profiles/base.jsonc"
refused 'a profile of everybody' 'others can change this profile' base true
run "$NONO" run -s --profile base --allow-untrusted-profile cat "$top/shared/file"
is 'a profile of everybody, all the same' "$rc $out" '0 content'
finish
