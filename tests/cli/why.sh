#!/bin/bash
# `nono why`: every kind of question and answer, as text and as JSON. That the answers are true is
# tested by why_random.sh.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

unset XDG_CONFIG_HOME XDG_STATE_HOME
T=$PWD
# The working directory of a test lies below TMPDIR's parent, not below TMPDIR.
mkdir "$HOME/.ssh" "$HOME/.docker" R "$HOME/project"
touch "$HOME/.ssh/id" "$HOME/.zshrc" R/f
ln -s R/f link

why() { run "$NONO" --silent why "$@"; }
field() { sed -n "s/^ *\"$1\": \"\{0,1\}\(.*[^\",]\)\"\{0,1\},\{0,1\}\$/\1/p" <<<"$out"; }
# answer NAME STATUS REASON ARGUMENT...: both, exit code 0, nothing on standard error.
answer() {
	local name=$1 status=$2 reason=$3
	shift 3
	why --json "$@"
	is "$name" "$rc $(field status) $(field reason) $err" "0 $status $reason "
}

# ---- paths ----

answer 'sensitive' denied sensitive_path --path "$HOME/.ssh" --op read
is 'sensitive: policy_source' "$(field policy_source)" group:deny_credentials
is 'sensitive: category' "$(field category)" 'Keys, tokens and cloud credentials'
is 'sensitive: no flag' "$(field suggested_flag)" ''
answer 'below a sensitive one' denied sensitive_path --path "$HOME/.ssh/none"
answer 'not granted' denied path_not_granted --path "$HOME/none" --op read
is 'not granted: suggestion' "$(field suggested_flag)" "--read $HOME"
answer 'two missing names' denied path_not_granted --path "$HOME/project/x/y" --op write
is 'two missing names: suggestion' "$(field suggested_flag)" "--write $HOME/project"
answer 'nothing leads to /' denied path_not_granted --path /none/x
is 'nothing leads to /: suggestion' "$(field suggested_flag)" '--read /none/x'
answer 'granted' allowed granted_path --path "$T/f" --op write --allow "$T"
is 'granted: source' "$(field source)" user
is 'granted: path' "$(field granted_path)" "$T"
is 'granted: access' "$(field access)" read+write
is 'granted: option' "$(field details)" "granted by --allow $T"
is 'granted: by the kernel' "$(field enforcement)" landlock
answer 'a relative name' allowed granted_path --path f --op write --allow .
answer 'insufficient' denied insufficient_access --path "$T/R/f" --op write --read "$T/R"
is 'insufficient: source' "$(field source)" user
is 'insufficient: suggestion' "$(field suggested_flag)" "--write-file $T/R/f"
answer 'through a link' allowed granted_path --path link --read-file R/f
answer 'rights add up' allowed granted_path --path R/f --op readwrite --read R --write-file R/f
answer 'a granted file is no directory' denied path_not_granted --path R --read-file R/f
answer 'a group' allowed granted_path --path /bin/sh
has 'a group: source' "$(field source)" group:
answer 'a file that the launch makes' allowed granted_path --path new --op write --write-file new
is 'nothing was made' "$(ls)" $'R\nlink'

answer 'a protected file, granted' denied sensitive_path --path "$HOME/.zshrc" \
	--read-file "$HOME/.zshrc"
has 'a protected file, granted: the launch refuses' "$out" 'nono run would refuse to start'
answer 'bypassed' allowed granted_path --path "$HOME/.docker" --read "$HOME/.docker" \
	--bypass-protection "$HOME/.docker"
answer 'bypassed for reading only' denied insufficient_access --path "$HOME/.docker" --op write \
	--read "$HOME/.docker" --bypass-protection "$HOME/.docker"
answer 'beside the bypassed one' denied sensitive_path --path "$HOME/.ssh" --read "$HOME/.docker" \
	--bypass-protection "$HOME/.docker"
mkdir -p "$HOME/.config/gcloud"
answer 'a deny under a grant' denied sensitive_path --path "$HOME/.config/gcloud/x" --read "$HOME/.config"
has 'a deny under a grant: the launch refuses' "$out" 'deny-overlap'

if [ "$(id -u)" != 0 ]; then
	chmod 200 R/f
	answer 'file mode' denied insufficient_access --path R/f --allow R
	has 'file mode: said' "$(field details)" 'note: file mode denies this uid'
	is 'file mode: no option helps' "$(field suggested_flag) $(field enforcement)" ' none'
	chmod 600 R/f
fi
answer 'file mode allows' allowed granted_path --path R/f --allow R

# ---- profiles ----

printf '{"meta":{"name":"p"},"extends":"default","filesystem":{"allow":["$HOME/.docker"],
"read":["%s/R"],"bypass_protection":["$HOME/.docker"]}}' "$T" >"$HOME/p.json"
answer 'profile: bypassed' allowed granted_path --path "$HOME/.docker" --profile "$HOME/p.json"
is 'profile: source' "$(field source)" profile
answer 'profile: access' denied insufficient_access --path R/f --op write -p "$HOME/p.json"
answer 'profile: still protected' denied sensitive_path --path "$HOME/.ssh" -p "$HOME/p.json"
why --path R/f --profile none-such
has 'no such profile' "$rc $err" '1 nono: Profile not found: none-such'
rm "$HOME/p.json"

# ---- text ----

why --path "$T/f" --op write --allow "$T"
is 'text: allowed' "$out" "ALLOWED
  Reason: granted_path
  Granted by: $T
  Access: read+write
  Source: user
  Details: granted by --allow $T"
why --path "$T/R/f" --op write --read "$T/R"
is 'text: denied' "$out" "DENIED
  Reason: insufficient_access
  Closest match: $T/R (read, user)
  Suggested fix: --write-file $T/R/f"
why --path "$HOME/.zshrc"
has 'text: policy' "$out" '  Policy: group:deny_shell_configs'
why --color always --path "$HOME/.zshrc"
has 'colour when asked' "$out" $'\033['

# ---- hosts and ports ----

answer 'host' allowed network_allowed --host example.com --port 443
answer 'host, blocked' denied network_blocked --host example.com --port 443 --block-net
is 'host, blocked: suggestion' "$(field suggested_flag)" '--allow-connect-port 443'
answer 'URL' denied network_blocked --host https://Example.com/x --allow-connect-port 80
answer 'URL with a port' allowed network_allowed --host http://u@[::1]:8080/ --block-net --open-port 8080
answer 'listed port' allowed network_allowed --host h --port 8443 --allow-connect-port 8443
answer 'bind, listed' allowed network_allowed --port 8080 --bind --block-net --listen-port 8080
answer 'bind, not listed' denied network_blocked --port 8081 --bind --block-net --listen-port 8080
why --host 'https://[x/'
is 'no host' "$rc" 2

# ---- sockets ----

answer 'socket' allowed granted_path --unix-socket "$T/R/f"
answer 'socket, blocked' denied network_blocked --unix-socket "$T/R/f" --block-net
is 'socket, blocked: by the filter' "$(field enforcement)" seccomp
answer 'socket, bind' denied path_not_granted --unix-socket "$HOME/project/s" --bind
answer 'socket, bind, granted' allowed granted_path --unix-socket "$HOME/project/s" --bind \
	--write "$HOME/project"

# ---- scopes ----

for scope in signal abstract-unix-socket process-info; do
	why --json --scope $scope
	is "scope $scope" "$rc $(field status) $(field scope)" "0 scope $scope"
done
why --json --scope signal
abi=$(field kernel_abi)
if [ "${abi#V}" -ge 6 ]; then
	is 'scope: state' "$(field state) $(field enforced) $(field supported)" 'enforced true true'
else
	is 'scope: state' "$(field state) $(field enforced) $(field supported)" \
		'unsupported false false'
fi

# ---- the network of a profile ----

profile() {
	mkdir -p "$TMPDIR/p"
	cat >"$TMPDIR/p/$1.json"
}
profile listed <<'END'
{ "network": { "network_profile": "developer", "allow_domain": ["a.example", "*.b.example:443",
	{ "domain": "c.example", "endpoints": [{ "method": "GET", "path": "/x" }] }] } }
END
p=$TMPDIR/p/listed.json
answer 'profile: a listed host' allowed proxy_allowed -p "$p" --host https://A.example/x
is 'profile: a listed host: by what' "$(field source)" 'network.allow_domain a.example'
answer 'profile: a host beside it' denied proxy_filtered -p "$p" --host x.a.example
is 'profile: a host beside it: by what' "$(field policy_source)" 'proxy domain filter'
has 'profile: a host beside it: no start' "$(field details)" 'x.a.example is not in the allowlist; nono run would refuse to start'
answer 'profile: below a pattern' allowed proxy_allowed -p "$p" --host x.b.example
answer 'profile: the name of a pattern' denied proxy_filtered -p "$p" --host b.example
answer 'profile: endpoints' allowed proxy_allowed -p "$p" --host c.example
has 'profile: endpoints: told' "$(field details)" 'for the endpoints that the entry names'
answer 'profile: by a network profile' allowed proxy_allowed -p "$p" --host github.com
answer 'profile: metadata services' denied proxy_filtered -p "$p" --host 169.254.169.254
answer 'profile: metadata services, in IPv6' denied proxy_filtered -p "$p" --host '[::ffff:169.254.1.1]'
answer 'profile: --allow-net gives the filter up' allowed network_allowed -p "$p" --allow-net --host x.a.example
profile upstream <<<'{"network": {"upstream_proxy": "proxy.example:3128"}}'
answer 'profile: a filter without a list' allowed proxy_allowed -p "$TMPDIR/p/upstream.json" --host any.example
answer 'profile: a filter without a list: metadata' denied proxy_filtered -p "$TMPDIR/p/upstream.json" \
	--host metadata.google.internal
profile strict <<<'{"network": {"upstream_proxy": "proxy.example:3128", "block": true}}'
answer 'profile: a strict filter without a list' denied proxy_filtered -p "$TMPDIR/p/strict.json" --host any.example
profile blocked <<<'{"network": {"block": true, "connect_port": [8443], "listen_port": [8080], "open_port": [9000]}}'
p=$TMPDIR/p/blocked.json
answer 'profile: no filter' denied network_blocked -p "$p" --host a.example
if [ "${abi#V}" -ge 4 ]; then
	answer 'profile: a port to connect to' allowed network_allowed -p "$p" --host a.example --port 8443
	answer 'profile: a port to listen on' allowed network_allowed -p "$p" --bind --port 8080
	answer 'profile: a port for both' allowed network_allowed -p "$p" --bind --port 9000
fi
answer 'profile: no port to listen on' denied network_blocked -p "$p" --bind --port 8443
mkdir "$TMPDIR/sockets"
python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$TMPDIR/sockets/s"
profile sockets <<<"{\"filesystem\": {\"unix_socket\": [\"$TMPDIR/sockets/s\"]}}"
answer 'profile: a socket' allowed "$(run "$NONO" why --json --unix-socket "$TMPDIR/sockets/s" \
	--allow-unix-socket "$TMPDIR/sockets/s"; field reason)" -p "$TMPDIR/p/sockets.json" --unix-socket "$TMPDIR/sockets/s"
is 'profile: a socket: by what' "$(field source)" profile
profile sockets <<<"{\"filesystem\": {\"unix_socket\": [\"$TMPDIR/sockets/s\"]}, \"network\": {\"block\": true}}"
answer 'profile: a socket while the network is blocked' denied network_blocked -p "$TMPDIR/p/sockets.json" \
	--unix-socket "$TMPDIR/sockets/s"
rm -r "$TMPDIR/p" "$TMPDIR/sockets" "$HOME/.config/nono" "$HOME/.local" 2>/dev/null

# ---- commands ----

answer 'blocked command' denied command_policy_denied --command rm -- -rf /
is 'blocked command: group' "$(field policy_source)" group:dangerous_commands
answer 'allowed command' allowed invocation_policy_allowed --command /bin/rm --allow-command rm
answer 'any command' allowed command_not_policy_controlled --command git
answer 'another caller' denied command_policy_unavailable --command git --caller make

# ---- the command line ----

why
is 'nothing asked' "$rc $err" \
	'1 nono: Configuration parse error: --command, --path, --host, or --scope is required'
why --path x --host y
is 'two questions' "$rc" 2
why --path x y
is 'a word too many' "$rc" 2
why --path /none --exit-status
is 'exit status: denied' "$rc" 3
why --path /bin/sh --exit-status
is 'exit status: allowed' "$rc" 0
run env NONO_ALLOW="$T" "$NONO" why --json --path "$T/f"
is 'the environment grants nothing' "$(field reason)" path_not_granted
mkdir 'a,b'
answer 'no comma lists' allowed granted_path --path 'a,b/x' --allow 'a,b'
why --path f --allow none --json
is 'a missing grant' "$rc $(field reason)" '0 path_not_granted'
run "$NONO" why --path f --allow none
has 'a missing grant is told' "$err" '--allow none'
is 'nothing is left behind' "$(find "$HOME" "$TMPDIR" -mindepth 1 -not -name '.out' -not -name .err |
	sort | tr '\n' ' ')" "$HOME/.config $HOME/.config/gcloud $HOME/.docker $HOME/.ssh $HOME/.ssh/id $HOME/.zshrc $HOME/project "

finish
