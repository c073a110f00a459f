#!/bin/bash
# nono setup: the report, and that each line of it is proved. Removing one defence from the test
# build flips exactly its line.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

# not_enforced VARIABLE=VALUE...: names of the lines that are not enforced, in $lines.
not_enforced() {
	run env "$@" "$NONO_TEST" setup --check-only --json
	lines=$(awk '/"name":/ { split($0, a, "\""); name = a[4] }
		/"state":/ && !/"enforced"/ { printf "%s%s", sep, name; sep = " " }' <<<"$out")
}

# What is not enforced on a kernel with Landlock V1, V2, ...
old=(- 'truncate moves devices ports abstract signals' 'truncate devices ports abstract signals'
	'devices ports abstract signals' 'devices abstract signals' 'abstract signals' '' '')

# Where the system refuses namespaces, that is five lines more.
can_mount=
for kind in -m -Urm; do
	! unshare $kind mount -t devpts none /dev/pts 2>/dev/null || can_mount=1
done
if [ -z "$can_mount" ]; then
	for ((i = 1; i <= 7; i++)); do
		old[i]+="${old[i]:+ }own-terminals denied-inside metadata queues process-list"
	done
fi

# And where no cgroup is delegated, these two.
mkdir limited
can_limit=
! "$NONO" run -s --memory 64M --max-procs 9 --allow limited -- true 2>/dev/null || can_limit=1
rmdir limited
no_group='- no cgroup is delegated here: root_memory.sh'
if [ -z "$can_limit" ]; then
	for ((i = 1; i <= 7; i++)); do
		old[i]+="${old[i]:+ }memory max-procs"
	done
fi

not_enforced A=1
kernel=$(sed -n 's/.*"landlock_abi": \([0-9]*\).*/\1/p' <<<"$out")
lost=${old[kernel]:-}
is "this machine enforces all that V$kernel can" "$rc $lines" "0 $lost"

# The names in $lines that this kernel could enforce.
broken() {
	local name list=()
	for name in $lines; do
		case " $lost " in *" $name "*) ;; *) list+=("$name") ;; esac
	done
	echo "${list[*]}"
}

# since HOOK: the version of Landlock that the defence is of, or that leaves something to it.
since() {
	case $1 in
	landlock-net | filter-net-udp | filter-net-listen | filter-net-fastopen) echo 4 ;;
	scope-*) echo 6 ;;
	*) echo 1 ;;
	esac
}

# ---- each defence and its line ----

# hook LINE...; "old N": the defence exists below Landlock VN only; "-": no line, the rest says why.
expected() {
	case $1 in
	# One rule set does all of these. Below V6, where nothing else makes a domain, it is also what
	# keeps other processes away.
	landlock-fs)
		wanted=files
		[ "$kernel" -lt 3 ] || wanted+=' truncate'
		[ "$kernel" -lt 5 ] || wanted+=' devices'
		wanted+=' terminals'
		[ "$kernel" -ge 6 ] || wanted+=' processes swapped'
		echo $wanted
		;;
	landlock-net) echo tcp ;;
	scope-signal) echo signals ;;
	scope-abstract) echo abstract ;;
	close-fds) echo descriptors ;;
	stdio-alias) echo streams ;;
	caps) echo - root_setup.sh: an unprivileged user has none to lose ;;
	keyring) echo keyring ;;
	core-limit) echo core-dumps ;;
	death-signal) echo orphans ;;
	environment) echo environment ;;
	deny-overlap) echo protected ;;
	protected-roots) echo own-state ;;
	grant-identity) echo swapped ;;
	own-tty) echo terminals ;;
	devpts) echo degraded own-terminals ;;
	masks) [ -z "$can_mount" ] || echo denied-inside ;;
	pid-namespace) [ -z "$can_mount" ] || echo process-list ;;
	ipc-namespace) [ -z "$can_mount" ] || echo queues ;;
	read-only-tree) [ -z "$can_mount" ] || echo metadata ;;
	leftovers) echo leftovers ;;
	memory-limit) [ "$can_limit" ] && echo memory || echo "$no_group" ;;
	process-limit) [ "$can_limit" ] && echo max-procs || echo "$no_group" ;;
	filter-arch) echo foreign-calls ;;
	filter-uring) echo io-uring ;;
	filter-userfaultfd) echo userfaultfd ;;
	filter-clone3) echo clone3 ;;
	filter-namespaces) echo namespaces ;;
	filter-mount) echo mounts ;;
	filter-keyring) echo keyctl ;;
	filter-kernel) echo kernel ;;
	filter-handle) echo handles ;;
	filter-fanotify) echo watching ;;
	filter-personality) echo personality ;;
	filter-tty) echo typing ;;
	filter-prlimit) echo limits ;;
	filter-core) echo core-limit ;;
	filter-priority) echo priority ;;
	filter-family) echo families ;;
	filter-raw) echo raw ;;
	filter-netlink) echo netlink ;;
	filter-unix-dgram) echo unix-datagram ;;
	filter-setid) echo setid ;;
	filter-device) echo - Landlock refuses device nodes as well ;;
	filter-net-udp) echo udp ;;
	# Without any internet socket there is nothing left for the others to refuse.
	filter-net-inet) echo old 4 fast-open listen tcp udp ;;
	filter-net-unix) echo unix-sockets ;;
	filter-net-listen) echo listen ;;
	filter-net-fastopen) echo fast-open ;;
	filter-truncate) echo old 3 truncate ;;
	*) echo - a terminal, a record or a helper program has tests of its own ;;
	esac
}

# The kernel may refuse some of these by itself, with the very errno of the filter, or not have
# them; a limit of 0 that was inherited stays.
may_stay() {
	case $1 in
	filter-handle) [ "$kernel" -lt 7 ] ;;
	filter-arch) [ "$(uname -m)" != x86_64 ] || ! grep -q ' ia32_\|__ia32' /proc/kallsyms ;;
	filter-uring | filter-userfaultfd | filter-kernel | filter-raw | filter-family) false ;;
	core-limit | filter-core) [ "$(ulimit -Hc)" = 0 ] ;;
	keyring) [ ! -r /proc/keys ] ;;
	*) false ;;
	esac
}

while read -r hook; do
	wanted=$(expected "$hook")
	case $wanted in
	degraded*)
		not_enforced NONO_TEST_OFF="$hook"
		is "$hook degrades its line" "$rc $(broken)" "0 ${can_mount:+${wanted#* }}"
		continue
		;;
	-*)
		not_enforced NONO_TEST_OFF="$hook"
		is "$hook has no line: ${wanted#- }" "$(broken)" ''
		continue
		;;
	old*)
		read -r _ since wanted <<<"$wanted"
		not_enforced NONO_TEST_LANDLOCK_ABI=$((since - 1))
		before=$lines
		not_enforced NONO_TEST_LANDLOCK_ABI=$((since - 1)) NONO_TEST_OFF="$hook"
		case " $before " in
		# Degraded before: now the line is broken, which the exit code says.
		*" $wanted "*) is "$hook below V$since" "$rc $lines" "1 $before" ;;
		*) is "$hook below V$since" "$rc $(comm -13 <(tr ' ' '\n' <<<"$before" | sort) <(
			tr ' ' '\n' <<<"$lines" | sort) | paste -sd ' ')" "1 $wanted" ;;
		esac
		continue
		;;
	esac
	not_enforced NONO_TEST_OFF="$hook"
	if [ "$kernel" -lt "$(since "$hook")" ]; then
		is "$hook does nothing below V$(since "$hook")" "$rc $lines" "0 $lost"
	elif [ -z "$(broken)" ] && may_stay "$hook"; then
		skip "$hook" 'this kernel refuses it by itself'
	else
		is "$hook" "$rc $(broken)" "1 $wanted"
		has "$hook: the error" "$err" 'do not hold although this kernel could'
	fi
done < <(sed -n 's/.*\[HOOK_[A-Z_]*\] = "\([a-z0-9-]*\)".*/\1/p' "$NONO_TOP/base/hooks.c" | grep -v '^none$')

# ---- older kernels ----

for ((abi = 1; abi <= kernel && abi <= 7; abi++)); do
	not_enforced NONO_TEST_LANDLOCK_ABI=$abi
	is "V$abi: what is not enforced" "$rc $lines" "0 ${old[abi]}"
done
if [ "$kernel" -ge 4 ]; then
	run env NONO_TEST_LANDLOCK_ABI=3 "$NONO_TEST" setup --check-only
	has 'V3: the TCP line' "$out" 'TCP network filtering: not supported by this ABI (seccomp fallback'
	has 'V3: unavailable, and why' "$out" 'Landlock'
	is 'V3: reasons stand behind' "$(grep -c 'unavailable .* - needs Linux 6' <<<"$out")" 4
fi
for what in 'NONO_TEST_LANDLOCK_ABI=0 Landlock is not available: it is disabled at boot' \
	'NONO_TEST_NO_SECCOMP=1 seccomp filters are not available'; do
	run env "${what%% *}" "$NONO_TEST" setup --check-only
	is "${what%%=*}: exit code" "$rc" 1
	has "${what%%=*}: text" "$err" "nono: Setup error: ${what#* }"
done
run env NONO_TEST_LANDLOCK_ABI=0 "$NONO_TEST" setup
has 'advice about the boot parameter' "$err" 'lsm=landlock'
has 'advice about the build' "$err" 'CONFIG_SECURITY_LANDLOCK=y'

# A release looks at no such variable.
run env NONO_TEST_OFF=all NONO_TEST_LANDLOCK_ABI=0 "$NONO" setup --check-only
is 'release: test variables are nothing' "$rc" 0

# ---- the report ----

run "$NONO" setup --check-only
is 'exit code' "$rc" 0
for text in 'Platform: Linux (Landlock sandbox)' "nono binary found at $NONO" 'Kernel version: ' \
	'Landlock V' "Version: $("$NONO" --version | cut -d' ' -f2)" '[1/4] Checking installation...' \
	'[2/4] Testing sandbox support...' '[3/4] Default protections...' \
	'[4/4] Built-in profiles...' 'sensitive paths blocked by default:' \
	'dangerous commands blocked by default:' 'Filesystem ruleset creation verified' \
	'Network access: allowed by default (use --block-net to disable)' 'Installation verified!'; do
	has "says '$text'" "$out" "$text"
done
[ "$kernel" -lt 4 ] || has 'TCP line' "$out" 'TCP network rule support verified'
has 'banner on standard error' "$err" 'nono v'
is 'no quick start' "$(grep -c 'Quick start' <<<"$out")" 0
is 'names: the first eight' "$(grep -c ', \.\.\.$' <<<"$out")" 2
run "$NONO" setup --check-only -v
is '-v: all names' "$(grep -c ', \.\.\.$' <<<"$out")" 0
run "$NONO" setup
is 'plain' "$rc" 0
has 'plain: the end' "$out" 'Setup complete!'
has 'plain: quick start' "$out" 'nono run --allow . -- PROGRAM'
run "$NONO" setup --check-only --silent
has 'silent: the result is printed' "$out" 'Installation verified!'
is 'silent: nothing else' "$err" ''
run "$NONO" setup --color always --check-only
has 'colour' "$out" $'\033['
run "$NONO" setup --color always --check-only --json
is 'JSON without colour, without banner' "$(grep -c $'\033' <<<"$out") $err" '0 '
if command -v python3 >/dev/null; then
	is 'JSON parses' "$(python3 -c 'import json,sys; d=json.load(sys.stdin)
print(d["platform"], d["verified"], len(d["guarantees"]) > 40)' <<<"$out")" 'linux True True'
fi

# ---- profiles ----

run "$NONO" setup --check-only
has '46 paths' "$out" '46 sensitive paths blocked by default:'
has 'and more' "$out" '+ 131 more from extended groups'
has '46 commands' "$out" '46 dangerous commands blocked by default:'
for preset in default linux-host-compat python-dev node-dev claude-code codex opencode swival; do
	has "lists $preset" "$out" "  * $preset - "
done
run "$NONO" setup --profiles
profiles=$HOME/.config/nono/profiles
is 'examples: exit code' "$rc" 0
is 'examples: the step' "$(sed -n '/example profiles/,/^$/p' <<<"$out")" "[5/5] Setting up example profiles...
  * Created directory: $profiles
  * Generated data-processing.json
  * Generated example-agent.json
  * Generated offline-build.json"
is 'examples: modes' "$(stat -c %a "$profiles" "$profiles"/*.json | sort -u | tr '\n' ' ')" '600 700 '
for example in data-processing example-agent offline-build; do
	run "$NONO" profile validate $example --strict
	is "examples: $example loads by name" "$rc $(tail -n 1 <<<"$out")" '0   Result: valid'
done
echo '{"meta": {"name": "example-agent"}}' >"$profiles/example-agent.json"
run "$NONO" setup --profiles --shell-integration
is 'examples: an edited one stays' "$rc $(cat "$profiles/example-agent.json")" \
	'0 {"meta": {"name": "example-agent"}}'
is 'examples: is told' "$(grep -c 'example-agent.json exists, skipped' <<<"$out")" 1
has 'examples: numbers' "$out" '[6/6] Shell integration...'
run "$NONO" setup --profiles --force
is 'examples: --force' "$rc $(grep -c 'my-agent' "$profiles/example-agent.json")" '0 1'
run "$NONO" setup --profiles --check-only
is 'examples: not with --check-only' "$rc $(grep -c 'cannot be used with' <<<"$err")" '2 1'
run "$NONO" setup --force
is 'examples: --force alone' "$rc" 2

rm -r "$HOME/.config"

for shell in bash:.bashrc zsh:.zshrc fish:config.fish tcsh:.bashrc; do
	run env SHELL=/bin/${shell%:*} "$NONO" setup --shell-integration
	has "$shell" "$out" "${shell#*:}"
	has "$shell: alias" "$out" "alias nono-safe='nono run --allow-cwd --block-net --'"
	has "$shell: numbers" "$out" '[5/5] Shell integration...'
done
is 'no start-up file was touched' "$(ls -A "$HOME")" ''

# ---- wrong use, strange surroundings ----

run "$NONO" setup now
is 'an operand' "$rc $(head -n 1 <<<"$err")" "2 error: unexpected argument 'now' found"
run "$NONO" setup --allow .
is 'a flag of run' "$rc" 2
run env NONO_PROFILE=x NONO_ALLOW_DOMAIN=y "$NONO" setup --check-only
is 'variables of run do not matter' "$rc" 0
mkdir -p "$HOME/.config/nono"
echo 'x' >"$HOME/.config/nono/config.toml"
run "$NONO" setup --check-only
is 'a broken configuration' "$rc $(grep -c 'warning: .*config.toml.*: 1:2: ' <<<"$err")" '0 1'
rm -r "$HOME/.config"
run env TMPDIR=/nonexistent "$NONO" setup --check-only
is 'no directory to check in' "$rc" 1
has 'no directory to check in: advice' "$err" 'set TMPDIR'
run env -i "$NONO" setup --check-only
is 'empty environment' "$rc" 0
run sh -c '"$0" setup -s >/dev/full' "$NONO"
is 'a full disk' "$rc $err" '1 nono: cannot write to standard output: No space left on device'
"$NONO" setup 2>/dev/null | head -n 1 >/dev/null
is 'a reader that leaves' "${PIPESTATUS[0]}" 0

mkdir alone
cp "$NONO" alone/
run alone/nono setup --check-only
if [ -x /usr/local/libexec/nono/nono-broker ]; then
	skip 'without its broker' 'one is installed'
else
	is 'without its broker' "$rc $(grep -c 'unavailable  *\(processes left\|dangerous var\)' <<<"$out")" '1 2'
fi

# __prove is no command for people.
run "$NONO" __prove 1 / 1 1 1 '' x
is 'internal command outside of a sandbox' "$rc $out" '2 '
is 'it is hidden' "$("$NONO" --help | grep -c __prove)" 0

is 'nothing is left' "$(ls -A "$TMPDIR" | grep -v '^\.\(out\|err\)$')" ''
sleep 0.2
is 'no process is left' "$(pgrep -u "$(id -u)" -f "^nono __prove|setup --check-only" | wc -l)" 0

# ---- WSL2, from the marks it leaves ----

printf 'Linux version 6.6.0-Microsoft-standard-WSL2\n' >version
if unshare -rm sh -c 'mount --bind version /proc/version' 2>/dev/null; then
	wsl2() {
		run unshare -rm sh -c 'mount --bind version /proc/version && exec "$@"' - "$@"
	}
	wsl2 env NONO_TEST_LANDLOCK_ABI=3 "$NONO_TEST" setup --check-only
	has 'WSL2' "$out" 'WSL2 environment detected'
	has 'WSL2: environment' "$out" 'Environment: WSL2'
	has 'WSL2: ports' "$out" 'per-port filtering: unavailable (needs kernel 6.7+)'
	has 'WSL2: proxy' "$out" 'requires wsl2_proxy_policy opt-in'
	has 'WSL2: elevation' "$out" 'microsoft/WSL#9548'
	has 'WSL2: row of blocked features' "$out" '--upstream-bypass, --proxy-port'
	has 'WSL2: row of unavailable features' "$out" 'device ioctl filtering, signal and abstract'
	if [ "$kernel" -ge 4 ]; then
		wsl2 "$NONO" setup --check-only
		has 'WSL2 on a newer kernel: ports' "$out" 'per-port filtering: available'
		has 'WSL2 on a newer kernel: proxy' "$out" 'credential proxy: enforced'
	fi
else
	skip 'WSL2' 'no user namespaces here'
fi
run env WSL_DISTRO_NAME=Debian "$NONO" setup --check-only --json
grep -qi microsoft /proc/version || has 'a variable makes no WSL2' "$out" '"wsl2": false'

finish
