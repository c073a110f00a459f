#!/bin/bash
# The fixed strings of the reference that concern what this build has: scripts look for them.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

T=$PWD/t
mkdir "$T"
echo text >"$T/f"
mkdir "$HOME/.ssh" "$HOME/.sshfoo"
echo secret >"$HOME/.ssh/id_rsa"
echo mine >"$HOME/.sshfoo/own"
echo rc >"$HOME/.zshrc"

# both WANTED_RC NAME PART ARGUMENT...: streams merged, stdin /dev/null; NZ: any code but 0.
both() {
	local wanted=$1 name=$2 part=$3 merged code
	shift 3
	merged=$("$NONO" "$@" 2>&1 </dev/null)
	code=$?
	[ "$wanted" = NZ ] && [ $code != 0 ] && wanted=$code
	if [ $code != "$wanted" ]; then
		not_ok "$name" "exit code $code, wanted $wanted: ${merged:0:300}"
	elif [[ $merged != *"$part"* ]]; then
		not_ok "$name" "no '$part' in '${merged:0:300}'"
	else
		ok "$name"
	fi
	text=$merged
}

# lacks NAME PART: not in what `both` saw.
lacks() {
	[[ $text != *"$2"* ]] && ok "$1" || not_ok "$1" "'$2' is there"
}

both 0 'run: text' 'supervised mode works' run --allow "$T" -- echo 'supervised mode works'
both 0 'wrap: text' 'direct mode works' wrap --allow "$T" -- echo 'direct mode works'
for mode in run wrap; do
	both 0 "$mode: true" '' $mode --allow "$T" -- true
	both 1 "$mode: false" '' $mode --allow "$T" -- false
	both 42 "$mode: exit 42" '' $mode --allow "$T" -- sh -c 'exit 42'
	both 127 "$mode: exit 127" '' $mode --allow "$T" -- sh -c 'exit 127'
done
both NZ 'missing absolute file' 'No such file or directory' \
	run --allow "$T" -- cat /definitely-missing-file
lacks 'missing absolute file: not called a denial' 'Denied paths during this session'
both NZ 'missing file in the grant' '' run --allow "$T" -- cat "$T/missing.txt"
both NZ 'silent denial' '' run --silent --no-diagnostics --allow "$T" -- cat "$HOME/.ssh/id_rsa"
lacks 'silent denial: no advice' 'To grant additional access'

# Environment.
export LD_PRELOAD= LD_LIBRARY_PATH=/x PYTHONSTARTUP=/x NODE_OPTIONS=x PERL5OPT=x
export OP_SERVICE_ACCOUNT_TOKEN=x OP_SESSION_my=x USER=${USER:-someone}
both 0 'environment: PATH' PATH= run --allow "$T" -- env
for name in LD_PRELOAD LD_LIBRARY_PATH PYTHONSTARTUP NODE_OPTIONS PERL5OPT \
	OP_SERVICE_ACCOUNT_TOKEN OP_SESSION_my; do
	lacks "environment: no $name" "$name="
done
for name in HOME USER; do
	[[ $text == *"$name="* ]] && ok "environment: $name" || not_ok "environment: $name" missing
done
unset LD_PRELOAD LD_LIBRARY_PATH PYTHONSTARTUP NODE_OPTIONS PERL5OPT OP_SERVICE_ACCOUNT_TOKEN \
	OP_SESSION_my

# Missing paths.
skipped='some requested sandbox grants were skipped because the path does not exist'
both 0 'missing directory' "$skipped" run --allow /nonexistent/x -- echo 'should run'
both 0 'missing file' "$skipped" run --read-file /nonexistent/x -- echo 'should run'

# Dry run.
both 0 'dry run shows the path' "$T" run --dry-run --allow "$T" -- echo test
both 0 'dry run: capabilities' Capabilities: run --dry-run --allow-cwd -- echo test
both 0 'dry run: workdir' Capabilities: run --dry-run --workdir "$T" -- echo test
both 0 'dry run creates nothing' '' run --dry-run --allow "$T" -- touch "$T/x"
[ -e "$T/x" ] && not_ok 'dry run: file' 'made' || ok 'dry run: file'

# Commands.
for command in rm rmdir chmod chown sudo dd su pip npm; do
	both NZ "blocked: $command" "Command '$command' is blocked" \
		run --allow "$T" -- "$command" "$T/f"
done
is 'blocked: the file is still there' "$(cat "$T/f")" text
both 0 'allowed command' '' run --allow "$T" --allow-command rm -- rm "$T/f"
[ -e "$T/f" ] && not_ok 'allowed command: file' 'still there' || ok 'allowed command: file'
echo text >"$T/f"
both 0 'two allowed commands' '' run --allow "$T" --allow-command rm --allow-command chmod -- \
	sh -c "chmod 600 '$T/f' && rm '$T/f'"
both NZ 'blocked by flag' "Command 'echo' is blocked" run --allow "$T" --block-command echo -- echo x
both 0 'blocked by flag: children are not checked' '' \
	run --allow "$T" --block-command uname -- sh -c uname
has 'command flags are deprecated' "$text" \
	'warning: CLI flag `--block-command` is deprecated in v0.33.0'

# Protected places.
both NZ 'home' 'overlaps protected nono state root' run --allow "$HOME" -- true
mkdir -p "$HOME/.nono/rollbacks"
both NZ 'state root' 'overlaps protected nono state root' run --allow "$HOME/.nono/rollbacks" -- true
both NZ 'shell start file' '' run --read-file "$HOME/.zshrc" --allow "$T" -- cat "$HOME/.zshrc"
lacks 'shell start file: contents' $'\nrc'
both NZ 'ssh keys' '' run --read "$HOME/.ssh" --allow "$T" -- cat "$HOME/.ssh/id_rsa"
lacks 'ssh keys: contents' secret
both 0 'name with the same beginning' mine \
	run --read "$HOME/.sshfoo" --allow "$T" -- cat "$HOME/.sshfoo/own"
both NZ 'name with the same beginning: the other' '' \
	run --read "$HOME/.sshfoo" --allow "$T" -- ls "$HOME/.ssh/"
mkdir "$HOME/.docker"
both NZ 'bypass without a grant' 'no matching grant' \
	run --bypass-protection "$HOME/.docker" --dry-run -- echo
both 0 'bypass with a grant' .docker \
	run --bypass-protection "$HOME/.docker" --read "$HOME/.docker" --dry-run -- echo
both 0 'bypass: advice only when verbose' 'bypass_protection relaxing deny rule' \
	run -v --bypass-protection "$HOME/.docker" --read "$HOME/.docker" --dry-run -- echo
both 0 'old name of bypass' "warning: deprecated key '--override-deny'" \
	run --dry-run --allow "$T" --override-deny "$T" --override-deny "$T" -- echo
is 'old name of bypass: once' "$(grep -c 'deprecated key' <<<"$text")" 1
has 'old name of bypass: the new one' "$text" --bypass-protection
both 0 'no warning in help' '' run --help
lacks 'no warning in help' 'warning: deprecated key'

both 0 'silent: exactly the bytes of the program' '' \
	run --silent --allow-cwd --allow "$T" -- sh -c 'echo out; echo err >&2'
is 'silent: bytes' "$text" $'out\nerr'

# Network.
both NZ 'blocked network' '' run --block-net --allow "$T" -- \
	bash -c 'exec 3<>/dev/tcp/127.0.0.1/1' 
both 0 'blocked network: row' 'outbound blocked' run --dry-run --block-net --allow "$T" -- echo
both 0 'open network: row' 'outbound allowed' run --dry-run --allow "$T" -- echo
both 0 'open network: what stays reachable' 'D-Bus' run --dry-run --allow "$T" -- echo
both 0 'local ports: row' 'localhost:3000, 3001' \
	run --dry-run --block-net --open-port 3000 --open-port 3001 --allow "$T" -- echo
has 'local ports: wider than the name' "$text" 'by port, not by address'
both 0 'bind ports: row' ', bind: 80' run --dry-run --block-net --listen-port 80 --allow "$T" -- echo
both 0 'connect ports: row' 'TCP port 443 only' \
	run --dry-run --allow-connect-port 443 --allow "$T" -- echo
has 'connect ports: DNS' "$text" 'UDP is refused, and with it plain DNS'

# A grant of nothing at all.
both NZ 'nothing is granted' 'CWD access requires --allow-cwd' run --silent -- true

# Environment binding.
mkdir A B
NONO_ALLOW=A,B both 0 'NONO_ALLOW' "$PWD/A" run --dry-run -- echo
has 'NONO_ALLOW: second' "$text" "$PWD/B"
NONO_BLOCK_NET=1 both 0 'NONO_BLOCK_NET=1' blocked run --dry-run --allow A -- echo
NONO_BLOCK_NET=true both 0 'NONO_BLOCK_NET=true' blocked run --dry-run --allow A -- echo
NONO_NET_BLOCK=1 both 0 'NONO_NET_BLOCK' blocked run --dry-run --allow A -- echo
has 'NONO_NET_BLOCK: warning' "$text" \
	'  [nono] Warning: `NONO_NET_BLOCK` is deprecated; use `NONO_BLOCK_NET` instead.'
NONO_ALLOW_NET=1 NONO_BLOCK_NET=1 both 2 'contradictory variables' 'cannot be used with' \
	run --dry-run --allow A -- echo
NONO_ALLOW_NET=0 both 0 'a switch that is off contradicts nothing' blocked \
	run --dry-run --block-net --allow A -- echo
NONO_BLOCK_NET=2 both 2 'no boolean' \
	"invalid value '2' for '--block-net' (environment variable NONO_BLOCK_NET)" \
	run --dry-run --allow A -- echo
NONO_ALLOW=A both 0 'argv replaces the variable' "$PWD/B" run --dry-run --allow B -- echo
lacks 'argv replaces the variable: the other' "$PWD/A "

finish
