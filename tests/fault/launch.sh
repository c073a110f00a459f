#!/bin/bash
# The n-th system call, and the n-th allocation, of a launch fails, for every n: the outcome is a
# clear error with nothing executed, or the program runs and proves that it is fully confined.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"
. "$NONO_TOP/tests/harness/launch.sh"

probe=$tools/fault/probe
secret=$HOME/secret
plant "$secret"
mkdir work
cd work || exit 2
box=..

# judge PROGRAM_CODE: sets $verdict to "confined", "refused" or what is wrong. $box/out and $box/err
# hold what was printed; "end ..." in $box/end tells how the first process ended.
judge() {
	local said end left
	said=$(<$box/out)
	end=
	[ ! -s $box/end ] || end=$(tail -n 1 $box/end)
	left=${end##* left=}
	left=${left%% *}
	verdict="exit $1, printed '${said:0:80}', error '$(head -c 200 $box/err)', $end"
	case $end in *status=timeout*) return ;; esac
	[ "${left:-0}" = 0 ] || return
	case $said in
	CONFINED)
		# an error after the program has ended may still change the exit code
		verdict=confined
		;;
	'')
		case $1 in
		1 | 2 | 126 | 127) [ ! -s $box/err ] || verdict=refused ;;
		esac
		# killed by the kernel while half set up: libc's own start, before main()
		case $end in
		*status=signal:9 | *status=signal:11 | *status=signal:6) verdict=killed ;;
		esac
		;;
	esac
}

# ---- n-th system call ----

# A user's first session, which makes nono's own directories: more can fail in it than later.
first() {
	rm -rf "$HOME/.local"
	"$@"
}

# Thousands of launches under a tracer take hours where the machine is emulated: every tenth call
# there, another tenth for each errno.
stride=1
every=
[ "${TEST_PATIENCE:-1}" -lt 10 ] || { stride=10 every=' every tenth'; }

for mode in $modes; do
	first_call=1
	command=("$NONO" "$mode" -s --allow . -- "$probe" "$mode" "$secret")
	# What all of the user's sessions share, /tmp/nono-UID, is there from now on.
	"${command[@]}" >/dev/null 2>&1 </dev/null
	first "$tracer" record $box/trace -- "${command[@]}" >$box/out 2>$box/err </dev/null
	is "$mode: nothing fails" "$(cat $box/out $box/err)" CONFINED
	# What the broker does while the child makes its last calls comes before or after the program, by
	# chance: certain are the calls until it makes the child, and the child's own.
	steps=$(awk '$1 !~ /^[0-9]+$/ { next } $2 == "child" { of_child++; next }
		$2 == "broker" && $4 ~ /^clone/ { made = $1 } { last = $1 }
		END { print (of_child ? made + of_child : last) }' $box/trace)
	# The set-up of libc before main() is no step of the launch but counts all the same.
	[ "$steps" -gt 50 ] || not_ok "$mode: the trace" "only $steps calls"
	for errno in EPERM ENOMEM EIO; do
		confined=0 refused=0 killed=0 bad=0 n=$((first_call - stride))
		first_call=$((first_call % stride + 1))
		while :; do
			n=$((n + stride))
			: >$box/end
			first "$tracer" inject $n $errno $box/end -- "${command[@]}" \
				>$box/out 2>$box/err </dev/null
			judge $?
			case $(<$box/end) in *' injected=- '*) break ;; esac
			case $verdict in
			confined) confined=$((confined + 1)) ;;
			refused) refused=$((refused + 1)) ;;
			killed) killed=$((killed + 1)) ;;
			*)
				bad=$((bad + 1))
				[ $bad -gt 5 ] ||
					not_ok "$mode: call $n fails with $errno" "$verdict"
				;;
			esac
			[ $n -lt 3000 ] || break
		done
		n=$((n - 1))
		summary="$n calls, $steps of them certain,$every x $errno: $refused refused, $confined confined"
		summary+=", $killed killed"
		if [ $bad = 0 ] && [ $n -ge $((steps + 1 - stride)) ] && [ $((refused * stride)) -gt 20 ] &&
			[ $killed -lt 10 ]; then
			ok "$mode: every call failing: $summary"
		else
			not_ok "$mode: every call failing" "$summary, $bad wrong"
		fi
	done
done

# window NAME LAST: in ${terminal[@]} ${command[@]}, each call from the namespaces that are made for the child
# to the last that matches LAST fails. The program's output is in `said`.
window() {
	local name=$1 last=$2 first_call last_call errno code n confined refused bad summary
	"${terminal[@]}" "$tracer" record $box/trace -- "${command[@]}" >/dev/null 2>&1 </dev/null
	is "$name: nothing fails" "$(cat said)" CONFINED
	first_call=$(sed -n 's/^\([0-9]*\) child [0-9]* unshare .*/\1/p' $box/trace | sed -n 1p)
	last_call=$(sed -n "s/^\([0-9]*\) child [0-9]* $last .*/\1/p" $box/trace | sed -n '$p')
	for errno in EPERM ENOMEM EIO; do
		confined=0 refused=0 bad=0
		for ((n = first_call - 5; n < last_call + 5; n++)); do
			: >said
			: >$box/end
			"${terminal[@]}" "$tracer" inject $n $errno $box/end -- "${command[@]}" \
				>$box/pty 2>&1 </dev/null
			code=$?
			cp said $box/out
			grep -a 'nono: ' $box/pty >$box/err
			judge $code
			case $verdict in
			confined) confined=$((confined + 1)) ;;
			refused) refused=$((refused + 1)) ;;
			*)
				bad=$((bad + 1))
				[ $bad -gt 5 ] || not_ok "$name: call $n fails with $errno" "$verdict"
				;;
			esac
		done
		summary="$((n - first_call + 5)) calls x $errno: $refused refused, $confined confined"
		if [ $bad = 0 ] && [ $((confined + refused)) -gt 25 ] && [ $confined -gt 3 ]; then
			ok "$name: every call for it failing: $summary"
		else
			not_ok "$name: every call for it failing" "$summary, $bad wrong"
		fi
	done
}

# Without namespaces there is the terminal that the broker makes.
# shellcheck disable=SC2016
command=("$NONO" run -s --allow . --read-file "$probe" -- \
	sh -c 'exec "$0" run "$1" >said' "$probe" "$secret")
terminal=("$tools/cli/pty" --)
window terminal ioctl

# Without them nothing can be covered, and nothing starts.
terminal=()
key=$HOME/.local/share/keyrings/key
plant "$key" 'the secret'
# shellcheck disable=SC2016
command=("$NONO" run -s --deny-overlap=auto --allow . --allow "$HOME/.local/share" --read-file "$probe" -- \
	sh -c 'cat "$2" >said 2>/dev/null || exec "$0" run "$1" >said' "$probe" "$secret" "$key")
window masks setns

# Processes of its own: what would show those of the machine must not start.
# shellcheck disable=SC2016
command=("$NONO" run -s --namespaces=require --allow . --read-file "$probe" -- \
	sh -c '[ -e "/proc/$2" ] || exec "$0" run "$1" >said' "$probe" "$secret" $$)
window processes setns

# ---- n-th allocation ----

: >$box/end
# every_allocation NAME LEAST COMMAND...: until failing later allocations changes nothing any more;
# at least LEAST of them must have mattered.
every_allocation() {
	local name=$1 least=$2 confined=0 refused=0 bad=0 n=0 in_a_row=0 summary
	shift 2
	run "$@"
	is "$name: no allocation fails" "$out$err" CONFINED
	while [ $in_a_row -lt 40 ] && [ $n -lt 5000 ]; do
		n=$((n + 1))
		NONO_TEST_FAIL_ALLOC=$n "$@" >$box/out 2>$box/err </dev/null
		judge $?
		in_a_row=$((in_a_row + 1))
		case $verdict in
		confined) confined=$((confined + 1)) ;;
		refused) refused=$((refused + 1)) in_a_row=0 ;;
		*)
			bad=$((bad + 1)) in_a_row=0
			[ $bad -gt 5 ] || not_ok "$name: allocation $n fails" "$verdict"
			;;
		esac
	done
	summary="$n allocations: $refused refused, $confined confined"
	if [ $bad = 0 ] && [ $refused -ge "$least" ]; then
		ok "$name: every allocation failing: $summary"
	else
		not_ok "$name: every allocation failing" "$summary, $bad wrong"
	fi
}

for mode in $modes; do
	every_allocation "$mode" 50 "$NONO_TEST" "$mode" -s --allow . -- "$probe" "$mode" "$secret"
done
# The counter starts anew in each process, and under run the front end fails first: the broker
# alone, with an image that was made before.
cp "$probe" probe
"$tools/cli/make_plan" --rw "$PWD" $box/plan "$PWD/probe" run "$secret"
# shellcheck disable=SC2016
every_allocation broker 5 bash -c 'exec "$0" --plan-fd=5 5<"$1"' \
	"$(dirname "$NONO_TEST")/nono-broker" $box/plan

# ---- odd surroundings ----

# odd NAME COMMAND...: clear error or confined, and what it was is shown.
odd() {
	local name=$1
	shift
	"$@" >$box/out 2>$box/err
	judge $?
	case $verdict in
	confined) ok "$name: confined" ;;
	refused) ok "$name: refused: $(head -n 1 $box/err)" ;;
	*) not_ok "$name" "$verdict" ;;
	esac
}

for mode in $modes; do
	command=("$NONO" "$mode" -s --allow . -- "$probe" "$mode" "$secret")
	odd "$mode: standard input closed" "${command[@]}" <&-
	# shellcheck disable=SC2016
	odd "$mode: descriptors 0 to 9 open" bash -c 'exec 3<"$0" 4<"$0" 5<"$0" 6<"$0" 7<"$0" \
		8<"$0" 9<"$0"; exec "$@" </dev/null' "$secret" "${command[@]}"
	# shellcheck disable=SC2016
	run bash -c 'ulimit -n 64; exec "$@"' x "${command[@]}"
	is "$mode: RLIMIT_NOFILE 64 is enough" "$out$err" CONFINED
	odd "$mode: RLIMIT_NOFILE 5" prlimit --nofile=5:5 "${command[@]}" </dev/null
	odd "$mode: empty environment" env -i "${command[@]}"
	# shellcheck disable=SC2016
	odd "$mode: no core files at all" bash -c 'ulimit -c 0; exec "$@"' x "${command[@]}"
done

finish
