#!/bin/bash
# Older kernels, by capping the Landlock version (test build), and kernels without Landlock or
# seccomp: each row of spec 02 4.3 behaves as stated, and what is lost is printed.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"
. "$NONO_TOP/tests/harness/launch.sh"

mkdir -p work/one work/two readable
plant outside-file
plant readable/a
cd work || exit 2
sleep 300 &
other=$!
trap 'kill $other' EXIT
port=$((20000 + RANDOM % 20000))

# How far this kernel itself goes.
kernel=$landlock
[ "$kernel" -ge 1 ] || {
	not_ok 'this kernel' 'no Landlock: nothing can be tested'
	finish
}
[ "$kernel" -le 7 ] || kernel=7

inside() {
	"$NONO_TEST" "$mode" -s --allow . --read ../readable "$@" 2>&1 </dev/null
}

# row NAME SINCE OLD NEW ACT...: the word below version SINCE and from it on.
row() {
	local name=$1 since=$2 old=$3 new=$4 wanted
	shift 4
	wanted=$new
	[ "$abi" -ge "$since" ] || wanted=$old
	is "$mode: V$abi: $name" "$(inside "${grants[@]}" -- "$try" "$@")" "$wanted"
}

names=(- Refer Truncate 'TCP filtering' IoctlDev Scoping)
since=(- 2 3 4 5 6)

for mode in $modes; do
	for abi in 1 2 3 4 5 6 7; do
		if [ $abi -gt "$kernel" ]; then
			skip "$mode: V$abi" "this kernel has V$kernel"
			continue
		fi
		export NONO_TEST_LANDLOCK_ABI=$abi
		grants=()
		row 'the granted file' 1 - ok open c one/file
		row 'a file outside' 1 - EACCES open r ../outside-file

		plant one/moved
		rm -f two/moved
		row 'rename to another directory' 2 EXDEV ok rename one/moved two/moved
		plant one/moved
		row 'rename in one directory' 1 - ok rename one/moved one/again
		row 'truncate of a readable file' 3 EPERM EACCES truncate ../readable/a
		row 'truncate of a file without any grant' 3 EPERM EACCES truncate ../outside-file
		row 'truncate of a granted file' 3 EPERM ok truncate one/again
		plant one/again
		row 'open of a readable file for reading and truncating' 3 EPERM EACCES \
			open t ../readable/a
		row 'openat2, whose flags no filter sees' 3 ENOSYS ENOSYS openat2 one/again
		is "$mode: V$abi: the readable file is unchanged" "$(cat ../readable/a)" content
		is "$mode: V$abi: the file outside is unchanged" "$(cat ../outside-file)" content
		row 'ioctl on a device that is granted for reading' 5 ok EACCES entropy /dev/urandom
		row 'a signal to a process outside' 6 ok EPERM signal $other 0

		grants=(--block-net)
		row '--block-net: a TCP socket' 4 EAFNOSUPPORT ok socket 2 1 0
		row '--block-net: connecting' 4 EAFNOSUPPORT EACCES connect $port
		row '--block-net: a UDP socket' 4 EAFNOSUPPORT EPROTONOSUPPORT socket 2 2 0
		row '--block-net: a unix socket' 1 - EAFNOSUPPORT socket 1 1 0
		for flag in "--allow-connect-port $port" "--block-net --open-port $port" \
			"--block-net --listen-port $port"; do
			# shellcheck disable=SC2086
			run "$NONO_TEST" "$mode" -s --allow . $flag -- "$try" stat /
			if [ $abi -lt 4 ]; then
				is "$mode: V$abi: $flag is refused" "$rc $out" '1 '
				has "$mode: V$abi: $flag: text" "$err" \
					"Network filtering requested but kernel Landlock ABI doesn't support it"
			else
				is "$mode: V$abi: $flag works" "$rc $out" '0 ok'
			fi
		done

		# What is lost is printed, what is not lost is not.
		run "$NONO_TEST" "$mode" --allow . -- /bin/true
		for i in 1 2 3 4 5; do
			listed=no
			grep -q "degraded:.*${names[i]}" <<<"$err" && listed=yes
			wanted=no
			[ $abi -ge "${since[i]}" ] || wanted=yes
			is "$mode: V$abi: '${names[i]}' is printed as lost" $listed $wanted
		done
		if [ $abi -lt 6 ]; then
			has "$mode: V$abi: the kernel line" "$err" "Landlock V$abi"
		else
			case $err in
			*degraded*) not_ok "$mode: V$abi: nothing is lost" "$err" ;;
			*) ok "$mode: V$abi: nothing is lost" ;;
			esac
		fi
		run "$NONO_TEST" "$mode" -v --allow . -- /bin/true
		wanted='signal: requested, enforced'
		[ $abi -ge 6 ] || wanted='signal: requested, unsupported by detected ABI'
		has "$mode: V$abi: -v tells about the scopes" "$err" "$wanted"
	done
	unset NONO_TEST_LANDLOCK_ABI

	# ---- nothing to confine with: nothing runs ----

	for broken in NONO_TEST_LANDLOCK_ABI=0 NONO_TEST_NO_SECCOMP=1; do
		run env $broken "$NONO_TEST" "$mode" --allow . -- /bin/sh -c 'echo ran; touch ran'
		is "$mode: $broken: exit code" $rc 1
		is "$mode: $broken: nothing ran" "$out$(ls ran 2>/dev/null)" ''
		has "$mode: $broken: text" "$err" 'Sandbox initialization failed:'
	done
	run env NONO_TEST_LANDLOCK_ABI=0 "$NONO_TEST" "$mode" --allow . -- /bin/true
	has "$mode: without Landlock: the next step" "$err" 'lsm='

	# The release does not know the hooks.
	run env NONO_TEST_LANDLOCK_ABI=0 NONO_TEST_NO_SECCOMP=1 NONO_TEST_OFF=all \
		"$NONO" "$mode" -s --allow . -- "$try" open r ../outside-file
	is "$mode: the release ignores the hooks" "$out" EACCES
done

# ---- refused for real, as the profile of a container does it ----

# The same command twice: the first tells the number of the call, which the second lets fail.
"$tracer" record "$TMPDIR/trace" -- "$NONO" wrap -s --allow . -- /bin/sh -c 'echo ran' \
	</dev/null >/dev/null
for call in landlock_create_ruleset seccomp; do
	index=$(sed -n "s/^\([0-9]*\) nono [0-9]* $call .*/\1/p" "$TMPDIR/trace" | head -n 1)
	run "$tracer" inject "${index:-1}" EPERM "$TMPDIR/end" -- \
		"$NONO" wrap -s --allow . -- /bin/sh -c 'echo ran'
	has "$call refused from around: that call" "$(cat "$TMPDIR/end")" "nono/$call"
	is "$call refused from around: nothing runs" "$rc $out" '1 '
	has "$call refused from around: text" "$err" 'Sandbox initialization failed:'
done

finish
