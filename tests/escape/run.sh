#!/bin/bash
# The escape suite: every line of rows.txt outside of nono, under `run`, `wrap`, `run` on a terminal
# and `shell` of the release programs, and in the hooks build with its defences switched off, all
# together and all but one.
#
#   tests/escape/run.sh [ROW...]        e.g. tests/escape/run.sh E1 G2
#
# Started by root it runs root's subset, then, as an unprivileged user, the attacks that root must
# prepare, and with ESCAPE_ALL=1 everything else too. Prints `ok escape: ...`,
# `not ok escape: ...: reason`, `skip escape: ...: reason` and the matrix of defences and rows.
set -u
export LC_ALL=C
# Nobody answers the question behind a refused session.
export NONO_NO_SAVE_PROMPT=1

fail() {
	echo "not ok escape: setup: $*"
	exit 1
}

# ---- setup: programs into a place every user may read, then one phase per user ----------------

prepare() {
	local here top build release hooks

	here=$(cd "$(dirname "$0")" && pwd)
	top=${NONO_TOP:-$(cd "$here/../.." && pwd)}
	build=${NONO_BUILD:-$top/build}
	release=${NONO:-$top/build/bin/nono} hooks=${NONO_TEST:-$top/build-test/bin/nono}
	[ -x "$release" ] || fail "$release is missing; make it first"
	[ -x "$hooks" ] || fail "$hooks is missing; make test-programs first"
	# Not below /tmp, where the default policy lets everything be written.
	TOP=$(mktemp -d /var/tmp/nono-escape.XXXXXX) || exit 1
	trap 'chmod -R u+rwX "$TOP"; rm -rf "$TOP"' EXIT
	chmod 755 "$TOP"
	mkdir "$TOP/bin" "$TOP/release" "$TOP/hooks" "$TOP/root" "$TOP/user"
	cp "${release%/*}"/nono* "$TOP/release/" && cp "${hooks%/*}"/nono* "$TOP/hooks/" &&
		cp "$build"/tests/escape/* "$build/tests/cli/try" "$TOP/bin/" &&
		cp "$here/run.sh" "$here/rows.txt" "$TOP/" ||
		fail "cannot copy the programs; make check builds them"
	chmod -R a+rX "$TOP"
	export ESCAPE_TOP=$TOP
}

if [ "${ESCAPE_PHASE:-}" = "" ]; then
	prepare
	status=0
	if [ "$(id -u)" != 0 ]; then
		ESCAPE_PHASE=user ESCAPE_WHO=user bash "$TOP/run.sh" "$@" || status=1
		exit $status
	fi
	uid=${ESCAPE_UID:-65534}
	cp "$TOP/bin/g8_setid_program" "$TOP/bin/setuid"
	chmod 4755 "$TOP/bin/setuid"
	chown "$uid:$uid" "$TOP/user"
	# A mount namespace: what the controls of root's rows mount, nobody else sees.
	ESCAPE_PHASE=root ESCAPE_WHO=root,limits unshare -m --propagation private \
		bash "$TOP/run.sh" "$@" || status=1
	ESCAPE_PHASE=user ESCAPE_WHO=setid${ESCAPE_ALL:+,user} \
		setpriv --reuid="$uid" --regid="$uid" --clear-groups --inh-caps=-all \
		bash "$TOP/run.sh" "$@" || status=1
	exit $status
fi

# ---- one phase --------------------------------------------------------------------------------

who=$ESCAPE_PHASE
base=$ESCAPE_TOP/$who
bin=$ESCAPE_TOP/bin
release=$ESCAPE_TOP/release/nono
hooks=$ESCAPE_TOP/hooks/nono
wanted=" $* "
failed=0
modes="run wrap"
landlock=$("$bin/try" landlock)
own_devpts=
for kind in -m -Urm; do
	! unshare $kind mount -t devpts none /dev/pts 2>/dev/null || own_devpts=1
done

unset TMPDIR XDG_STATE_HOME XDG_CONFIG_HOME "${!NONO_@}"
mkdir -p "$base"/{project,out,ro}
mkdir -p "$base"/home/{.nono,.local/state/nono,.config/nono/profiles,.ssh}
export HOME=$base/home
export ESC_HOME=$HOME ESC_WORK=$base/project ESC_OUT=$base/out ESC_SECRET=$base/out/secret
export ESC_READ_ONLY=$base/ro/file ESC_READ_ONLY_DIR=$base/ro ESC_UID
export ESC_DENIED=$base/project/denied
export ESC_SETUID=$bin/setuid ESC_PLAIN=$bin/g8_setid_program
ESC_UID=$(id -u)
[ "$ESC_UID" != 0 ] || ESC_UID=1	# only used as the outer number of an id map
reset_files() {
	printf 'outside-secret' >"$base/out/secret"
	printf 'movable' >"$base/out/movable"
	printf 'read-only' >"$base/ro/file"
	printf 'granted' >"$base/project/granted"
	mkdir -p "$base/project/denied" "$base/project/above/denied" "$base/project/.git/hooks"
	printf 'secret' | tee "$base/project/denied/key" >"$base/project/above/denied/key"
	printf '{}' >"$HOME/.config/nono/profiles/mine.json"
	printf '{"filesystem": {"deny": ["%s", "%s"]}}' "$base/project/denied" "$base/project/above/denied" \
		>"$HOME/.config/nono/profiles/masked.json"
	printf '{}' >"$HOME/.config/nono/profiles/victim.json"
	printf 'secret' >"$HOME/.ssh/key"
	ln -sfn "$HOME/.local/state/nono" "$base/out/state-link"
}
reset_files
cd "$base/project" || exit 1

mkfifo "$base/alive"
"$bin/outside" serve "$base" "$base/alive" &
victim=$!
exec 9>"$base/alive"
for _ in $(seq $((100 * ${TEST_PATIENCE:-1}))); do
	[ -e "$base/env" ] && break
	sleep 0.05
done
[ -e "$base/env" ] || fail "the victim did not start"
while IFS= read -r line; do export "${line?}"; done <"$base/env"

# What other programs of the user keep in System V memory and queues.
export ESC_MEMORY ESC_QUEUE
ESC_MEMORY=$(ipcmk -M 4096 | grep -oE '[0-9]+$') && ESC_QUEUE=$(ipcmk -Q | grep -oE '[0-9]+$') ||
	fail "cannot make System V memory and a queue"
trap 'ipcrm -m "$ESC_MEMORY" -q "$ESC_QUEUE"' EXIT

# Every failing line goes through here; the matrix needs no more than the counts.
say_ok() { echo "ok escape: $1"; }
say_not() {
	echo "not ok escape: $1: $2"
	failed=1
}
say_skip() { echo "skip escape: $1: $2"; }

# Limits need the version 2 hierarchy; root mounts it where nobody did.
case $ESCAPE_WHO in
*limits*)
	[ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ] ||
		mount -t cgroup2 none /sys/fs/cgroup 2>/dev/null
	if ! grep -qw memory /sys/fs/cgroup/cgroup.controllers 2>/dev/null; then
		ESCAPE_WHO=${ESCAPE_WHO%,limits}
		case $wanted in "  " | *" E5 "*)
			say_skip E5 "the memory controller belongs to the version 1 hierarchy" ;;
		esac
	fi ;;
esac

# ---- scenes: how the attack is started, and with which grants ---------------------------------

# Sets launcher and flags.
scene() {
	launcher=() environment=()
	flags=(-s --allow "$base/project" --read "$bin" --read "$base/ro")
	case $1 in
	default) ;;
	block) flags+=(--block-net) ;;
	masked) flags+=(--profile masked --deny-overlap=auto) ;;
	full | processes) flags+=(--namespaces=require) ;;
	narrowed) flags+=(--namespaces=require --read "$base/project/.git/hooks") ;;
	listen-port) flags+=(--block-net --listen-port 45678) ;;
	open-port) flags+=(--block-net --open-port 45678) ;;
	connect-port) flags+=(--allow-connect-port 45678) ;;
	terminal) launcher=("$bin/pty_run") ;;
	screen) launcher=("$bin/pty_run" -s) ;;
	fds) launcher=("$bin/outside" fds) ;;
	key) launcher=("$bin/outside" key) ;;
	core) launcher=(bash -c 'ulimit -S -c "$(ulimit -H -c)"; exec "$@"' core) ;;
	core-soft-zero) launcher=(bash -c 'ulimit -S -c 0; exec "$@"' core) ;;
	legacy-state) flags+=(--allow "$HOME/.nono") ;;
	state) flags+=(--allow "$HOME/.local/state/nono") ;;
	state-link) flags+=(--allow "$base/out/state-link") ;;
	home) flags+=(--allow "$HOME") ;;
	profile-file) flags+=(--allow-file "$HOME/.config/nono/profiles/mine.json") ;;
	config) flags+=(--allow "$HOME/.config/nono") ;;
	old-landlock) environment=(NONO_TEST_LANDLOCK_ABI=2) ;;
	driver) ;;
	*) fail "rows.txt: unknown scene $1" ;;
	esac
}

declare -A result	# "NAME" or "twin NAME" -> "succeeded", "ERRNO", "skipped: ...", "ok"

# Run one program and fill `result`: start WHERE MODE OFF PROGRAM SCENE
start() {
	local where=$1 mode=$2 off=$3 program=$4 nono line name status said limit=20
	local command=()

	scene "$5"
	nono=$release
	[ "$where" = hooks ] && nono=$hooks
	[ "$program" = e5_starvation ] && limit=120 # several sessions, one of them starving
	reset_files
	export ESC_SCENE=$5
	# On a terminal, nono gives the program one of its own; as a shell it is the program itself.
	case $mode in
	pty | shell)
		[ "$5" != terminal ] || launcher=()
		[ "$5" = screen ] || launcher=("$bin/pty_run" -a "${launcher[@]}")
		;;
	esac
	if [ "$5" = driver ]; then
		command=("${launcher[@]}" "$bin/$program" "$nono" "${mode/pty/run}")
	elif [ "$where" = outside ]; then
		command=("${launcher[@]}" "$bin/$program")
	elif [ "$mode" = shell ]; then
		command=("${launcher[@]}" "$nono" shell "${flags[@]}" --shell "$bin/$program")
	else
		command=("${launcher[@]}" "$nono" "${mode/pty/run}" "${flags[@]}" -- "$bin/$program")
	fi
	if [ "$where" = hooks ]; then
		environment+=(NONO_TEST_OFF="$off")
	fi
	result=()
	env "${environment[@]}" timeout -k 1 $((limit * ${TEST_PATIENCE:-1})) "${command[@]}" \
		</dev/null 9>&- >"$base/stdout" 2>"$base/stderr"
	status=$?
	while IFS= read -r line; do
		case $line in
		"nono: "*) ;;	# on a terminal, what nono says is among the lines
		"twin "*" ok") name=${line% ok}; result[$name]=ok ;;
		*" failed: "*) name=${line%% failed: *}; result[$name]=${line##* failed: } ;;
		*" succeeded") name=${line% succeeded}; result[$name]=succeeded ;;
		*" skipped: "*) name=${line%% skipped: *}; result[$name]="skipped: ${line#* skipped: }" ;;
		esac
	done < <(sed $'s/\e\\[[0-9;?]*[a-zA-Z]//g; s/\e[()].//g; s/\x0f//g; s/^\r*//; s/\r$//' \
		"$base/stdout")
	# A launch that nono refuses is an answer too, when the error says why.
	refused=
	said=${#result[@]}
	[ -z "${result[queue]:-}" ] || said=$((said - 1))	# pty_run's own line
	if [ $said = 0 ] && [ $status = 1 ] &&
		grep -qiE "refusing to|kernel Landlock ABI doesn't support it" \
			"$base/stderr" "$base/stdout"; then
		refused=1
	fi
	ended="exit $status: $(tail -n 1 "$base/stderr" | tr -d '\r' | cut -c1-160)"
}

# The answer of the last start() for one attack.
answer() {
	if [ -n "$refused" ]; then
		echo refused
	else
		echo "${result[$1]:-nothing ($ended)}"
	fi
}

# ---- the checks -------------------------------------------------------------------------------

declare -A matrix hook_seen row_seen
hook_order=() row_order=()

mark() {	# HOOK ROW STATE: the worst of the row's attacks is shown
	local at="$1/$2"

	[ -n "${hook_seen[$1]:-}" ] || { hook_seen[$1]=1; hook_order+=("$1"); }
	[ -n "${row_seen[$2]:-}" ] || { row_seen[$2]=1; row_order+=("$2"); }
	case "${matrix[$at]:-}" in
	FAIL) ;;
	*) [ "$3" = kernel ] && [ -n "${matrix[$at]:-}" ] || matrix[$at]=$3 ;;
	esac
}

# Every twin the control had must be there and work, if rows.txt does not say otherwise.
twins() {	# LABEL [ROW SCENE]: these when inside
	local name hook_list in

	for name in "${!result[@]}"; do
		case $name in "twin "*) expected_twins[$name]=1 ;; esac
	done
	for name in "${!expected_twins[@]}"; do
		in=ok hook_list=-
		[ $# = 1 ] || on_this_kernel "$2" "${name/ /:}" "$3"
		if [ "${result[$name]:-}" = "$in" ]; then
			say_ok "$1 $name $in"
		else
			say_not "$1 $name" "${result[$name]:-nothing ($ended)}"
		fi
	done
}

# All lines of rows.txt that share row, program and scene are answered by the same starts.
group() {	# ROW PROGRAM SCENE; arrays: names defences inside outside
	local row=$1 program=$2 scene_name=$3 label="$1 $3" i mode hook off all got why where other
	local expected
	local -A control hooks_of_row=() expected_twins=()
	local modes=$modes

	# wrap has no processes of its own.
	case $row/$scene_name in E5/* | */processes) modes=run ;; esac

	for i in "${!names[@]}"; do
		for hook in ${defences[$i]//,/ }; do
			[ "$hook" = - ] || hooks_of_row[$hook]=1
		done
	done
	all=$(IFS=,; echo "${!hooks_of_row[*]}")

	# (1) outside
	if [ "$scene_name" != driver ]; then
		start outside - - "$program" "$scene_name"
		for i in "${!names[@]}"; do
			got=$(answer "${names[$i]}")
			control[$i]=$got
			case "${outside[$i]}/$got" in
			*/succeeded) say_ok "$label ${names[$i]} outside succeeds" ;;
			*/nothing*) say_not "$label ${names[$i]} outside" "$got" ;;
			*/skipped*) say_skip "$label ${names[$i]} outside" "${got#skipped: }" ;;
			varies/*) say_skip "$label ${names[$i]} outside" "the kernel refuses it here: $got" ;;
			"${outside[$i]}/${outside[$i]}") say_ok "$label ${names[$i]} outside $got" ;;
			*) say_not "$label ${names[$i]} outside" "$got" ;;
			esac
		done
		twins "$label outside"
	else
		# The driver's control is the hooks build with the defence off.
		for i in "${!names[@]}"; do control[$i]=succeeded; done
	fi

	# (2) the release
	# An older Landlock is played by the hooks build with all defences on; tests/vm has the real.
	where=release
	[ "$scene_name" = old-landlock ] && where=hooks
	for mode in $modes pty shell; do
		# wrap has no process that could look at the output.
		case $scene_name/$mode in driver/shell | screen/wrap) continue ;; esac
		start $where "$mode" "" "$program" "$scene_name"
		for i in "${!names[@]}"; do
			got=$(answer "${names[$i]}")
			expected=${inside[$i]}
			# The parent is the job-control shim, inside like the program and trusted
			# as little; tests/cli/terminal_attack.sh has what its end brings.
			case "$row ${names[$i]} $mode" in
			"E2 parent pty" | "E2 parent shell") expected=succeeded ;;
			# In a devpts of the session's own it is not there at all.
			"A4 "*" pty" | "A4 "*" shell") [ -z "$own_devpts" ] || expected=ENOENT ;;
			esac
			case $got in
			"$expected") say_ok "$label ${names[$i]} $mode $got" ;;
			skipped*) say_skip "$label ${names[$i]} $mode" "${got#skipped: }" ;;
			*) say_not "$label ${names[$i]} $mode" "$got, not $expected" ;;
			esac
		done
		[ -n "$refused" ] || twins "$label $mode" "$row" "$scene_name"
	done

	[ -n "$all" ] || return 0
	for mode in $modes; do
		# (3) all defences off
		start hooks "$mode" "$all" "$program" "$scene_name"
		for i in "${!names[@]}"; do
			[ "${defences[$i]}" = - ] && continue
			got=$(answer "${names[$i]}")
			why="$label ${names[$i]} $mode without its defences"
			case $got in
			skipped*) say_skip "$why" "${got#skipped: }" ;;
			succeeded) say_ok "$why succeeds" ;;
			"${control[$i]}") ;;	# said so above; root's line may have it
			*) say_not "$why" "$got, outside ${control[$i]}" ;;
			esac
			for hook in ${defences[$i]//,/ }; do
				case $got in
				succeeded) mark "$hook" "$row" works ;;
				skipped* | "${control[$i]}") mark "$hook" "$row" kernel ;;
				*) mark "$hook" "$row" FAIL ;;
				esac
			done
		done
		# (4) all but one off
		for hook in "${!hooks_of_row[@]}"; do
			off=
			for other in "${!hooks_of_row[@]}"; do
				[ "$other" = "$hook" ] || off+=${off:+,}$other
			done
			start hooks "$mode" "$off" "$program" "$scene_name"
			for i in "${!names[@]}"; do
				case ",${defences[$i]}," in
				*",$hook,"*) ;;
				*) continue ;;
				esac
				got=$(answer "${names[$i]}")
				why="$label ${names[$i]} $mode with $hook alone"
				case ${weak[$i]}/$got in
				*" $hook "*/succeeded)
					say_skip "$why" "this kernel has no such defence"
					mark "$hook" "$row" kernel
					continue ;;
				esac
				case $got in
				succeeded | nothing*)
					say_not "$why" "$got"
					mark "$hook" "$row" FAIL ;;
				skipped*) say_skip "$why" "${got#skipped: }" ;;
				*) say_ok "$why $got" ;;
				esac
			done
		done
	done
}

# ---- read rows.txt ----------------------------------------------------------------------------

# A defence by Landlock is none where its version does not have it.
declare -A since=([landlock-net]=4 [scope-signal]=6 [scope-abstract]=6)

# The lines that start with `below`, and what they say about one attack on this kernel.
below=()
on_this_kernel() {	# ROW ATTACK SCENE: changes `hook_list` and `in`
	local line version row attack scene hooks answer hook kept=

	for line in "${below[@]}"; do
		read -r version row attack scene hooks answer <<<"$line"
		# shellcheck disable=SC2053 # patterns
		[[ $landlock -lt $version && $1 == $row && $2 == $attack && $3 == $scene ]] || continue
		# A pattern for attacks is none for twins.
		[[ $2 != twin:* || $attack == twin:* ]] || continue
		case $hooks in
		=) ;;
		+*) hook_list+=,${hooks#+} ;;
		*) hook_list=$hooks ;;
		esac
		[ "$answer" = = ] || in=$answer
		break
	done
	for hook in ${hook_list//,/ }; do
		[ "${since[$hook]:-1}" -gt "$landlock" ] || kept+=${kept:+,}$hook
	done
	hook_list=${kept:--}
}

flush() {
	[ ${#names[@]} = 0 ] || group $current
	names=() defences=() weak=() inside=() outside=()
}

# The defences marked with ~, between spaces; `hook_list` loses the marks.
take_marks() {
	local hook
	marked=' '
	for hook in ${hook_list//,/ }; do
		[ "$hook" = "${hook%\~}" ] || marked+="${hook%\~} "
	done
	hook_list=${hook_list//\~/}
}

names=() defences=() weak=() inside=() outside=() current=
while read -r row program name scene_name person hook_list in out _; do
	case $row in
	'' | '#'*) continue ;;
	below)
		below+=("$program $name $scene_name $person $hook_list $in")
		continue ;;
	esac
	[ "$wanted" = "  " ] || case "$wanted" in *" $row "*) ;; *) continue ;; esac
	case ",$ESCAPE_WHO," in *",$person,"*) ;; *) continue ;; esac
	[ "$current" = "$row $program $scene_name" ] || { flush; current="$row $program $scene_name"; }
	take_marks
	on_this_kernel "$row" "$name" "$scene_name"
	weak+=("$marked")
	names+=("$name") defences+=("$hook_list") inside+=("$in") outside+=("$out")
done <"$ESCAPE_TOP/rows.txt"
flush

# Residual B5 may only be there when the summary says so.
residual_is_told() {	# SCENE
	local mode

	scene "$1"
	for mode in $modes; do
		if "$release" "$mode" "${flags[@]:1}" -- /bin/true 2>&1 </dev/null |
			grep -q 'other machines'; then
			say_ok "B5 $1 $mode summary tells that others can connect"
		else
			say_not "B5 $1 $mode summary" "says nothing about connections from other machines"
		fi
	done
}
case "$ESCAPE_WHO $wanted $landlock" in
*" "[123]) ;;	# these flags are refused there, as the rows of B5 show
*user*"   "* | *user*" B5 "*)
	residual_is_told listen-port
	residual_is_told open-port ;;
esac

# Nothing of any session may be left; what is would disturb the next run.
for process in /proc/[0-9]*; do
	case $(readlink "$process/exe" 2>/dev/null) in
	"$bin/outside" | "") ;;
	"$ESCAPE_TOP"/*)
		say_not "$who nothing left behind" "$(tr '\0' ' ' <"$process/cmdline")"
		kill -KILL "${process#/proc/}" 2>/dev/null ;;
	esac
done

# The victim must have survived everything.
if kill -0 "$victim" 2>/dev/null; then
	say_ok "$who victim alive at the end"
else
	say_not "$who victim" "it did not survive"
fi
exec 9>&-
wait "$victim" 2>/dev/null

# ---- the matrix -------------------------------------------------------------------------------

if [ ${#hook_order[@]} -gt 0 ]; then
	echo
	echo "Defences (down) x rows (across), attacks as $who: x = the attack needs it off and any"
	echo "one left on stops it; k = tried, but this kernel refuses the attack even outside; ! = failed"
	printf '%-22s' ''
	for row in "${row_order[@]}"; do printf ' %-4s' "$row"; done
	echo
	for hook in "${hook_order[@]}"; do
		printf '%-22s' "$hook"
		for row in "${row_order[@]}"; do
			case ${matrix[$hook/$row]:-} in
			works) cell=x ;;
			kernel) cell=k ;;
			FAIL) cell='!' ;;
			*) cell=. ;;
			esac
			printf ' %-4s' "$cell"
		done
		echo
	done
	echo
fi
exit $failed
