#!/bin/bash
# A start under a capability manifest (--config): what it grants works, what is beside it does not;
# what cannot be done is refused by its name. What `profile show` writes starts the same session.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

export LC_ALL=C
mkdir -p data/in data/secret shared out "$HOME/.ssh" "$HOME/notes" "$HOME/.config/nono/profiles"
chmod 700 "$HOME/.config" "$HOME/.config/nono" "$HOME/.config/nono/profiles"
for file in data/file data/in/file data/secret/file shared/file alone beside "$HOME/notes/file" "$HOME/.ssh/id"; do
	echo content >"$file"
done
top=$PWD

# What programs need to start.
base() {
	for path in /usr /bin /sbin /lib /lib32 /lib64 /etc/ld.so.cache /dev/null; do
		[ -e "$path" ] || continue
		type=directory
		[ -d "$path" ] || type=file
		printf '{ "path": "%s", "access": "%s", "type": "%s" },\n' "$path" \
			"$([ $path = /dev/null ] && echo readwrite || echo read)" $type
	done
}
system=$(base)

# manifest GRANTS [DENY [MEMBERS]]: m.json with these besides the system
manifest() {
	local grants="$system$1"
	printf '{ "version": "0.1.0",\n"filesystem": { "grants": [ %s ], "deny": [ %s ] }%s }\n' \
		"${grants%,*}${grants##*,}" "${2:-}" "${3:+, $3}" >m.json
}

grant() { # PATH ACCESS [TYPE]
	printf '{ "path": "%s", "access": "%s"%s },' "$1" "$2" "${3:+, \"type\": \"$3\"}"
}

# refused NAME TEXT-PART [COMMAND]: the start under m.json is, and nothing was started
refused() {
	run "$NONO" "${3:-run}" -s --config m.json touch "$top/out/started"
	if [ -e out/started ]; then
		not_ok "$1" 'something was started'
		rm -f out/started
	elif [ "$rc" != 1 ]; then
		not_ok "$1" "exit code $rc: ${err:0:200}"
	else
		has "$1" "$err" "$2"
	fi
}

# ---- grants ----

manifest "$(grant "$top/data/in" read)$(grant "$top/alone" read file)$(grant '~/notes' readwrite
	)$(grant '$WORKDIR/shared' write)"
for command in run wrap; do
	run "$NONO" $command -s --config m.json cat "$top/data/in/file"
	is "$command: a granted directory" "$rc $out" '0 content'
	run "$NONO" $command -s --config m.json cat "$top/data/file"
	is "$command: the file above it" "$rc $err" "1 cat: $top/data/file: Permission denied"
	run "$NONO" $command -s -c m.json cat "$top/alone"
	is "$command: a granted file" "$rc $out" '0 content'
	run "$NONO" $command -s -c m.json cat "$top/beside"
	is "$command: the file beside it" "$rc $err" "1 cat: $top/beside: Permission denied"
done
run "$NONO" run -s --config m.json sh -c 'echo new >~/notes/new && cat ~/notes/new'
is 'readwrite, and ~' "$rc $out" '0 new'
run "$NONO" run -s --config m.json sh -c "echo new >$top/shared/new"
is 'write, and $WORKDIR' "$rc $(cat shared/new)" '0 new'
run "$NONO" run -s --config m.json cat "$top/shared/new"
is 'write does not read' "$rc $err" "1 cat: $top/shared/new: Permission denied"
run "$NONO" run -s --config m.json sh -c "echo new >$top/data/in/new"
has 'read does not write' "$rc $err" "Permission denied"
run "$NONO" shell -s --no-pty --shell /bin/sh --config m.json
is 'shell' "$rc $err" '0 '
run "$NONO" run -s --config <(cat m.json) cat "$top/data/in/file"
is 'from a pipe' "$rc $out" '0 content'

# ---- the whole policy ----

plain=/etc/passwd
run "$NONO" run -s --allow-cwd cat $plain
is 'a file of the default policy' "$rc" 0
run "$NONO" run -s --config m.json cat $plain
is 'it is not granted' "$rc $err" "1 cat: $plain: Permission denied"
run "$NONO" run -s --config m.json cat "$top/beside"
is 'nor is the working directory' "$rc" 1
run env NONO_PROFILE=codex NONO_ALLOW="$top/data" "$NONO" run -s --config m.json cat "$top/data/file"
is 'NONO_PROFILE and NONO_ALLOW give way' "$rc $err" "1 cat: $top/data/file: Permission denied"
run env NONO_BLOCK_NET=1 "$NONO" run -s --config m.json true
has 'NONO_BLOCK_NET does not' "$rc $err" "2 error: the argument '--config <FILE>' cannot be used with '--block-net' (environment variable NONO_BLOCK_NET)"
run env NONO_BLOCK_NET=0 "$NONO" run -s --config m.json true
is 'NONO_BLOCK_NET that is off' "$rc $err" '0 '
for words in '--allow .' '--read .' '--write .' '--allow-file x' '--read-file x' '--write-file x' \
	'--allow-unix-socket x' '--allow-unix-socket-bind x' '--allow-unix-socket-dir .' \
	'--allow-unix-socket-dir-bind .' '--allow-unix-socket-subtree .' \
	'--allow-unix-socket-subtree-bind .' '--bypass-protection x' --allow-cwd --block-net --allow-net \
	'--listen-port 1' '--open-port 1' '--allow-connect-port 1' '--allow-command x' \
	'--block-command x' '--profile codex' '--memory 1G'; do
	run "$NONO" run --config m.json $words touch "$top/out/started"
	has "conflict: ${words% *}" "$rc $err" "2 error: the argument '--config <FILE>' cannot be used with '${words% *}"
done
run "$NONO" run -s --config m.json --workdir "$PWD" --no-audit --max-procs 1000 --dry-run true
is 'not in conflict' "$rc $err" '0 '
ln -s "$top/m.json" shared/m.json
manifest "$(grant "$top" readwrite)"
run "$NONO" run --config m.json true
has 'a manifest inside a grant' "$err" "the manifest file $top/m.json lies inside a grant: the program can rewrite it"

# ---- files that cannot be granted ----

manifest "$(grant "$top/none" read)"
refused 'a missing path' "nono: Path does not exist: $top/none; create it, or remove the grant (m.json:"
manifest "$(grant "$top/data/file" read)"
refused 'a file as a directory' "nono: Expected a directory but got a file: $top/data/file; its \"type\" is \"file\""
manifest "$(grant "$top/data" read file)"
refused 'a directory as a file' "nono: Expected a file but got a directory: $top/data; its \"type\" is \"directory\""
manifest "$(grant '$NO_SUCH_PLACE/x' read)"
refused 'a variable that is not set' "Environment variable 'NO_SUCH_PLACE' validation failed: not set"
manifest "$(grant '~' read)"
refused 'the state of nono' "Refusing to grant '$HOME' (source: user) because it overlaps protected nono state root"
manifest "$(grant '~/.nono' read)"
refused 'the state of nono, missing' "(source: user) because it overlaps protected nono state root"
manifest "$(grant '~/.config/nono' readwrite)"
refused 'the configuration of nono' "(source: user) because it overlaps nono's configuration"
manifest "$(grant '~/.config/nono' read)"
run "$NONO" run -s --config m.json true
is 'the configuration of nono, to read' "$rc $err" '0 '

# ---- denies ----

manifest "$(grant "$top/data" read)" "{ \"path\": \"$top/data/secret\" }"
refused 'a deny below a grant' 'Landlock deny-overlap'
has 'a deny below a grant: the lines' "$err" "- deny '$top/data/secret' overlaps allowed parent '$top/data' (source: user)"
has 'a deny below a grant: the next step' "$err" 'or write filesystem.deny without them.'
if unshare -m true 2>/dev/null || unshare -Urm mount -t tmpfs none /proc 2>/dev/null; then
	run "$NONO" run -s --config m.json --deny-overlap=auto cat "$top/data/file"
	is 'a deny that is covered: beside it' "$rc $out" '0 content'
	run "$NONO" run -s --config m.json --deny-overlap=auto cat "$top/data/secret/file"
	is 'a deny that is covered' "$rc $err" "1 cat: $top/data/secret/file: No such file or directory"
else
	skip 'a deny that is covered' 'this system lets nobody mount anything'
fi
manifest "$(grant "$top/data/secret" read)" "{ \"path\": \"$top/data\" }"
refused 'a grant below a deny' "the grant '$top/data/secret' is inside protected path '$top/data' (filesystem.deny of manifest 'm.json')"
manifest "$(grant "$top/data" read)" "{ \"path\": \"$top/data\" }"
refused 'a grant that is a deny' "is inside protected path '$top/data'"
ln -s data/secret link
manifest "$(grant "$top/data/secret/file" read file)" "{ \"path\": \"$top/link\" }"
refused 'a deny through a symlink' 'is inside protected path'
manifest "$(grant "$top/data/in" read)" "{ \"path\": \"$top/data/secret\" }, { \"path\": \"~/.ssh\" }"
run "$NONO" run -s --config m.json cat "$top/data/in/file"
is 'a deny beside a grant' "$rc $out" '0 content'
run "$NONO" run -s --config m.json "$NONO" why --self --json --path "$top/data/secret/file"
has 'a deny answers' "$out" '"reason": "sensitive_path"'
has 'a deny answers: whose it is' "$out" '"policy_source": "manifest"'
manifest "$(grant '~/.ssh' read)"
run "$NONO" run -s --config m.json cat "$HOME/.ssh/id"
is 'protected paths are those of the manifest alone' "$rc $out" '0 content'
sed -i 's/, "deny": \[  \]//' m.json
refused 'without a list of denies the required groups hold' \
	"the grant '$HOME/.ssh' is inside protected path '$HOME/.ssh' (group 'deny_credentials'); remove the grant, or write filesystem.deny without that path"
manifest "$(grant '~/notes' read)"
sed -i 's/, "deny": \[  \]//' m.json
run "$NONO" run -s --config m.json cat "$HOME/notes/file"
is 'beside them' "$rc $out" '0 content'
run "$NONO" run -s --config m.json "$NONO" why --self --json --path "$HOME/.ssh/id"
has 'they answer' "$out" '"policy_source": "group:deny_credentials"'
run "$NONO" run -s --config m.json cat "$HOME/.ssh/id"
is 'they deny' "$rc $err" "1 cat: $HOME/.ssh/id: Permission denied"

# ---- config.toml ----

config() {
	printf '%s\n' "$@" >"$HOME/.config/nono/config.toml"
	chmod 600 "$HOME/.config/nono/config.toml"
}
manifest "$(grant "$top/data/in" read)"
config '[profiles]' 'default = "codex"'
run "$NONO" run -s --allow-cwd cat $plain
is 'a default profile' "$rc" 0
run "$NONO" run -s --config m.json cat $plain
is 'it does not join a manifest' "$rc $err" "1 cat: $plain: Permission denied"
config '[extensions.sensitive_paths]' "ours = [\"$top/data/in\"]"
refused 'a path that config.toml closes' "the grant '$top/data/in' is inside protected path '$top/data/in' (config.toml, list 'user:ours')"
rm "$HOME/.config/nono/config.toml"
run "$NONO" run -s --config m.json cat "$top/data/in/file"
is 'without it' "$rc $out" '0 content'

# ---- network ----

# connects PORT: with bash, without other programs; a port that nobody listens on
connects() {
	run "$NONO" run -s --config m.json bash -c "echo >/dev/tcp/127.0.0.1/$1"
}
network() { # NAME MEMBERS: the network of m.json
	manifest "" "" "\"network\": { $1 }"
}
network '"mode": "unrestricted"'
connects 1
has 'unrestricted' "$err" 'Connection refused'
network '"mode": "blocked", "dns": false'
connects 1
has 'blocked' "$err" 'Permission denied'
abi=$("$NONO" run --dry-run --json --config m.json true | sed -n 's/.*"landlock_abi": \([0-9]*\).*/\1/p')
if [ "${abi:-0}" -ge 4 ]; then
	network '"mode": "blocked", "ports": { "localhost": [1] }'
	connects 1
	has 'blocked, one port of this machine' "$err" 'Connection refused'
	connects 2
	has 'blocked, another port' "$err" 'Permission denied'
	network '"ports": { "connect": [1] }'
	connects 1
	has 'one port' "$err" 'Connection refused'
	connects 2
	has 'another port' "$err" 'Permission denied'
	network '"mode": "blocked", "ports": { "bind": [4321] }'
	run "$NONO" run -s --dry-run --json --config m.json true
	has 'a port to listen on' "$(tr -d ' \n' <<<"$out")" '"bind_ports":[4321]'
else
	skip 'ports' "Landlock V$abi"
fi

# ---- processes and limits ----

manifest "" "" '"process": { "blocked_commands": ["touch", "/usr/bin/id"], "allowed_commands": ["id"] }'
refused 'a blocked command' "nono: Command 'touch' is blocked: the manifest keeps it from being started directly"
run "$NONO" run -s --config m.json id -u
is 'a blocked command that is allowed' "$rc" 0
run "$NONO" run -s --config m.json true
is 'another command' "$rc" 0
for mode in isolated allow_same_sandbox allow_all; do
	manifest "" "" "\"process\": { \"signal_mode\": \"$mode\" }"
	run "$NONO" run -s --dry-run --json --config m.json true
	got=$(tr -d ' \n' <<<"$out" | grep -o '"signal":"[a-z_, ]*"')
	as=$("$NONO" run -s --dry-run --json --profile <(echo "{\"meta\": {\"name\": \"x\"}, \"security\": {\"signal_mode\": \"$mode\"}}") true |
		tr -d ' \n' | grep -o '"signal":"[a-z_, ]*"')
	is "signal_mode $mode" "$rc $got" "0 $as"
done
manifest "" "" '"process": { "ipc_mode": "full" }'
run "$NONO" run -s --dry-run --json --config m.json true
has 'ipc_mode full' "$out" '"abstract_unix_socket": "not requested'
manifest "" "" '"process": { "exec_strategy": "supervised" }, "resources": { "memory_bytes": 50000000 }'
run "$NONO" run -s --dry-run --json --config m.json true
has 'memory_bytes' "$rc $out" '"memory_bytes": 50000000'
refused 'memory_bytes under wrap' 'process.exec_strategy "supervised" needs a parent: start it with `nono run`' wrap
manifest "" "" '"process": { "exec_strategy": "direct" }'
refused 'direct under run' 'start it with `nono wrap`'
run "$NONO" wrap -s --config m.json true
is 'direct under wrap' "$rc $err" '0 '
manifest "" "" '"process": { "exec_strategy": "monitor" }'
for command in run wrap; do
	run "$NONO" $command -s --config m.json true
	is "monitor under $command" "$rc $err" '0 '
done
manifest "" "" '"process": { "process_info_mode": "allow_all" }'
run "$NONO" run --config m.json true
has 'process_info_mode' "$rc $err" 'process.process_info_mode "allow_all" has no effect'

# ---- what this build cannot do ----

later() { # NAME PART MEMBERS
	manifest "" "" "$3"
	refused "$1" "$2"
	has "$1: the place" "$err" 'Configuration parse error: m.json:'
	run "$NONO" run --dry-run --config m.json true
	has "$1: dry run" "$rc $err" "would fail: Configuration parse error: m.json:"
}
later 'mode proxy' 'cannot apply network.mode "proxy"' '"network": { "mode": "proxy" }'
later 'allow_domains' 'cannot apply network.allow_domains' '"network": { "allow_domains": ["example.org"] }'
later 'endpoints' 'cannot apply network.endpoints' \
	'"network": { "endpoints": [ { "host": "example.org", "rules": [ { "method": "GET", "path": "/x" } ] } ] }'
later 'dns' 'cannot apply network.dns false' '"network": { "dns": false }'
later 'dns and its port' 'network.ports opens port 53' \
	'"network": { "mode": "blocked", "dns": false, "ports": { "localhost": [53] } }'
later 'credentials' 'cannot apply credentials' \
	'"credentials": [ { "name": "x", "upstream": "https://example.org", "source": "env://TOKEN" } ]'
later 'rollback' 'cannot apply rollback.enabled' \
	'"rollback": { "enabled": true }, "process": { "exec_strategy": "supervised" }'

# ---- the text ----

text() { # NAME PART TEXT
	printf '%s' "$3" >m.json
	refused "$1" "$2"
}
text 'no version' 'Configuration parse error: m.json:1:1: missing field `version`' '{}'
text 'another version' "m.json:1:13: version '0.2.0' is not known; this nono reads \"0.1.0\"" '{"version": "0.2.0"}'
text 'TOML' '--config takes a capability manifest, which is JSON' $'[profiles]\ndefault = "x"\n'
text 'a comma' 'Configuration parse error: m.json:1:20: ' $'{"version": "0.1.0",\n}'
text 'a comment' 'Configuration parse error: m.json:1:1: ' '// x'
text 'empty' 'Configuration parse error: m.json:' ''
text 'twice' 'duplicate field `version`' '{"version": "0.1.0", "version": "0.1.0"}'
text 'a type' "m.json:1:36: invalid type for 'filesystem': expected an object, found a list" \
	'{"version": "0.1.0", "filesystem": []}'
text 'an access' "invalid value 'rw' for 'access'; known: read, write, readwrite" \
	'{"version": "0.1.0", "filesystem": {"grants": [{"path": "/", "access": "rw"}]}}'
text 'no access' 'missing field `access`' '{"version": "0.1.0", "filesystem": {"grants": [{"path": "/"}]}}'
text 'a port' "'connect' must be a whole number from 1 to 65535" \
	'{"version": "0.1.0", "network": {"ports": {"connect": [65536]}}}'
text 'resources' "unknown key 'memory_byte' in 'resources'; known: memory_bytes" \
	'{"version": "0.1.0", "resources": {"memory_byte": 1}}'
text 'no memory' "'memory_bytes' must be a whole number from 1" \
	'{"version": "0.1.0", "process": {"exec_strategy": "supervised"}, "resources": {"memory_bytes": 0}}'
text 'memory without supervision' 'resources.memory_bytes requires process.exec_strategy "supervised", not "monitor"' \
	'{"version": "0.1.0", "resources": {"memory_bytes": 1000000}}'
text 'rollback without supervision' 'rollback.enabled requires process.exec_strategy "supervised"' \
	'{"version": "0.1.0", "rollback": {"enabled": true}, "process": {"exec_strategy": "direct"}}'
route() { # NAME PART SOURCE MEMBERS
	text "$1" "$2" "{\"version\": \"0.1.0\", \"credentials\": [ {\"name\": \"x\", \"upstream\": \"https://a\", \"source\": \"$3\"$4} ]}"
}
for scheme in op://a/b/c apple-password://a/b file:///a; do
	route "$scheme without a variable" 'requires env_var' $scheme ''
	route "$scheme with one" 'cannot apply credentials' $scheme ', "env_var": "X"'
done
route 'url_path' "inject mode 'url_path' requires path_pattern" env://X ', "inject": {"mode": "url_path"}'
route 'query_param' "inject mode 'query_param' requires query_param_name" env://X ', "inject": {"mode": "query_param"}'
run "$NONO" run -s --config none.json true
is 'no file' "$rc $err" "1 nono: Configuration parse error: cannot read manifest 'none.json': no such file; check the path"
run "$NONO" run -s --config . true
has 'a directory' "$rc $err" "cannot read manifest '.': this is a directory"
manifest "" "" '"netwrok": { "mode": "blocked" }, "$schema": "x", "x-team": 1'
run "$NONO" run --config m.json true
has 'an unknown key is told' "$rc $err" "unknown key 'netwrok' has no effect; did you mean 'network'?"
has 'an unknown key is told, without a near one' "$err" "unknown key 'x-team' has no effect"
is '$schema is known' "$(grep -c schema <<<"$err")" 0
chmod go+w m.json
run "$NONO" run --config m.json true
has 'a file that others may write' "$err" "manifest 'm.json' can be changed by others"
chmod go-w m.json

# ---- what `profile show` writes ----

# files WORDS...: what the plan of a start grants, by canonical names
files() {
	"$NONO" run -s --dry-run --json "$@" true | tr -d '\n' | grep -o '{ *"path": [^}]*}' |
		grep -v '"source": "system"' |
		sed 's/.*"path": "\(.*\)", *"access": "\([a-z]*\)".*/\2 \1/' |
		while read -r access path; do
			case $path in
			/proc/* | /dev/*) echo "$access $path" ;;
			*) [ ! -e "$path" ] || echo "$access $(realpath "$path")" ;;
			esac
		done | awk '{ a = $1; sub(/^[a-z]+ /, "")
			r[$0] = r[$0] || a ~ /^read/; w[$0] = w[$0] || a ~ /write$/ }
			END { for (p in r) print r[p] w[p], p }' | sort
}
rest() { # the network and the scopes
	"$NONO" run -s --dry-run --json "$@" true | tr -d ' \n' | grep -oE '"(network|scopes)":\{[^}]*\}'
}
# What a session answers about itself: denies and blocked commands.
answers() {
	"$NONO" run -s "$@" sh -c 'for path in ~/.ssh ~/.ssh/id ~/.aws/x ~/.bashrc ~/notes/file ~/.local/state/nono \
		/etc/passwd /etc/shadow '"$top/data/file $top/data/secret/file"'; do
		'"$NONO"' why --self --json --path "$path" --op readwrite | grep -E "\"(status|reason)\"" | tr -d "\n"
	done; '"$NONO"' why --self --command rm | head -n 1; '"$NONO"' why --self --command ls | head -n 1'
}
same() { # PROFILE
	run "$NONO" profile show "$1" --format manifest
	printf '%s\n' "$out" >shown.json
	is "$1: shown" "$rc" 0
	shown=$err
	was=$(files --profile "$1" --allow-cwd)
	is "$1: the same files" "$(files --config shown.json)" "$was"
	[ "$(wc -l <<<"$was")" -gt "${2:-20}" ] || not_ok "$1: the same files" "only $was"
	is "$1: the same network and scopes" "$(rest --config shown.json)" "$(rest --profile "$1")"
}
for preset in default codex claude-code go-dev python-dev; do
	same $preset
done
run "$NONO" run -s --dry-run --config shown.json true
is 'a preset with a proxy: dry run' "$rc $err" '0 '
cat >"$HOME/.config/nono/profiles/mine.json" <<END
{
	"extends": "default",
	"meta": { "name": "mine" },
	"filesystem": {
		"allow": ["$top/data/in", "~/notes"], "read_file": ["$top/alone", "~/.ssh/id"], "write": ["$top/shared"],
		"read": ["$top/data/secret", "$top/not-there"], "deny": ["$top/data/secret", "$top/out"]
	},
	"workdir": { "access": "none" },
	"commands": { "deny": ["touch"] },
	"security": { "signal_mode": "allow_all", "ipc_mode": "full" },
	"network": { "block": true, "open_port": [3000], "listen_port": [3001], "connect_port": [443] }
}
END
same mine
is 'what a manifest carries is not named' "$(grep 'cannot carry' <<<"$shown")" ''
has 'a grant that a deny takes' "$shown" "the grant '$top/data/secret' is dropped"
cat >"$HOME/.config/nono/profiles/more.json" <<END
{
	"extends": "codex",
	"meta": { "name": "more" },
	"filesystem": { "allow": ["$top/shared"], "unix_socket_dir": ["$top/out"] },
	"environment": { "deny_vars": ["X*"] },
	"binary": "/bin/sh",
	"linux": { "deny_overlap": "auto" }
}
END
run "$NONO" profile show more --format manifest
for key in filesystem.unix_socket_dir environment binary linux.deny_overlap; do
	has "a manifest cannot carry $key" "$err" "warning: a manifest cannot carry $key"
done
for profile in default codex mine; do
	"$NONO" profile show $profile --format manifest >shown.json 2>"$TMPDIR/.err"
	was=$(answers --profile $profile --allow-cwd 2>&1)
	is "$profile: the same answers" "$(answers --config shown.json 2>&1)" "$was"
	is "$profile: answers" "$(grep -o '"status"' <<<"$was" | wc -l)" 10
done
# What config.toml closes stays closed: no grant for it, and a deny, even where the profile lifts one.
cat >"$HOME/.config/nono/profiles/lifts.json" <<END
{
	"extends": "default",
	"meta": { "name": "lifts" },
	"filesystem": { "read": ["$top/alone", "$top/data/secret", "~/.ssh"], "bypass_protection": ["~/.ssh", "$top/data/secret"] }
}
END
printf '[extensions.sensitive_paths]\nours = ["%s/data/secret"]\n' "$top" >"$HOME/.config/nono/config.toml"
chmod 600 "$HOME/.config/nono/config.toml"
run "$NONO" profile show lifts --format manifest
printf '%s\n' "$out" >shown.json
has 'config.toml: told' "$rc $err" "the grant '$top/data/secret' is dropped, because group user:ours"
is 'config.toml: denied, not granted' "$(grep -A1 "\"path\": \"$top/data/secret\"" shown.json | tr -d ' \n')" "\"path\":\"$top/data/secret\"},"
is 'config.toml: what else the profile lifts' "$(grep -A1 "\"path\": \"$HOME/.ssh\"" shown.json | tr -d ' \n')" "\"path\":\"$HOME/.ssh\",\"access\":\"read\","
run "$NONO" run -s --config shown.json cat "$HOME/.ssh/id"
is 'config.toml: the manifest starts' "$rc" 0
run "$NONO" run -s --config shown.json cat "$top/data/secret/file"
has 'config.toml: and opens nothing more' "$rc $err" '1 cat: '
echo '[extensions' >"$HOME/.config/nono/config.toml"
run "$NONO" profile show lifts --format manifest
has 'config.toml: not understood' "$rc $err" '1 nono: Configuration parse error: Failed to parse user config'
rm "$HOME/.config/nono/config.toml"
mkdir 'of$HOME' && ln -s 'of$HOME' odd
echo '{ "meta": { "name": "odd" }, "filesystem": { "read": ["$WORKDIR/odd"] } }' >"$HOME/.config/nono/profiles/odd.json"
run "$NONO" profile show odd --format manifest
has 'a name that would be expanded' "$rc $err" "a manifest cannot carry filesystem: a granted path with a variable's name"
is 'it is not written' "$(grep -c 'of[$]HOME' <<<"$out")" 0

# ---- the examples of the documents ----

example() { # FILE: its first manifest
	sed 's/\\-/-/g; s/\\e/\\/g; s/\\&//g' "$1" |
		sed -n '/^{$/,/^}$/p; /^}$/q'
}
mkdir -p project
page=$NONO_TOP/build/man/nono.1
[ -f "$page" ] || page=$NONO_BUILD/man/nono.1
for document in "$page" "$NONO_TOP/docs/formats/manifest.md"; do
	example "$document" >example.json
	run "$NONO" run -s --config example.json --workdir project sh -c "echo new >$top/project/new && cat $top/project/new"
	is "example of ${document##*/}: granted" "$rc $out" '0 new'
	run "$NONO" run -s --config example.json --workdir project cat "$top/beside"
	is "example of ${document##*/}: not granted" "$rc $err" "1 cat: $top/beside: Permission denied"
done

finish
