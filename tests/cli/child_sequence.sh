#!/bin/bash
# The calls between fork and execve equal docs/formats/child-sequence.md.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"
. "$NONO_TOP/tests/harness/launch.sh"

document=$NONO_TOP/docs/formats/child-sequence.md

# The table as one regular expression for this mode, over calls that end in ";". Rows of the same
# "each ..." in a row are a group that repeats.
pattern_of() {
	local mode=$1 line call when group= pattern=^
	while IFS= read -r line; do
		call=${line#'| `'}
		when=${call#*'` | '}
		when=${when%% |*}
		call=${call%%'`'*}
		call="$(sed 's/[][().*+?{}|^$\\]/\\&/g' <<<"$call")( [^;]*)?;"
		if [ -n "$group" ] && [ "$when" != "$group" ]; then
			pattern+=')*'
			group=
		fi
		case $when in
		always) ;;
		run) [ "$mode" = run ] || continue ;;
		limited) continue ;; # tests/cli/root_memory.sh has such sessions
		*'uid 0') [ "$(id -u)" = 0 ] || continue ;;
		each*)
			[ -n "$group" ] || pattern+='('
			group=$when
			;;
		*) pattern+="unknown-condition-$when" ;;
		esac
		pattern+=$call
	done < <(grep '^| `' "$document")
	printf '%s$' "$pattern"
}

# What became the program did, ";" behind each call: the whole life of a forked child; under wrap
# from the last close_range on.
sequence_of() {
	local trace=$1 pid calls
	pid=$(sed -n 's/^program \([0-9]*\) fd 0 .*/\1/p' "$trace")
	calls=$(sed -n "s/^[0-9]* [a-z]* $pid \(.*\) = [^=]*\$/\1/p" "$trace")
	if grep -q "^[0-9]* child $pid " "$trace"; then
		calls=$(sed -n "s/^[0-9]* child $pid \(.*\) = [^=]*\$/\1/p" "$trace")
	else
		calls=$(tac <<<"$calls" | sed '/^close_range/q' | tac)
	fi
	tr '\n' ';' <<<"$calls"
}

exec 7</dev/null
for mode in $modes; do
	for grants in '--allow-cwd' '--allow-cwd --keep-fd 7' '--allow . --block-net'; do
		# shellcheck disable=SC2086
		"$tracer" record "$TMPDIR/trace" -- "$NONO" "$mode" -s $grants -- /bin/true \
			>/dev/null 2>"$TMPDIR/err" </dev/null
		is "$mode $grants: launched" "$? $(cat "$TMPDIR/err")" '0 '
		sequence=$(sequence_of "$TMPDIR/trace")
		pattern=$(pattern_of "$mode")
		if [[ $sequence =~ $pattern ]]; then
			ok "$mode $grants: $(tr -cd ';' <<<"$sequence" | wc -c) calls as documented"
		else
			not_ok "$mode $grants: the calls" \
				"$(tr ';' '\n' <<<"$sequence" | cut -c1-60 | paste -sd';')"
		fi
	done
done

# On a terminal: the calls that come in addition, up to where the tracer takes nono-screen for the
# program.
if unshare -m mount -t devpts none /dev/pts 2>/dev/null; then
	namespace='unshare 0x20000 [^;]*= 0;' enter='setns [^;]*0x20000 [^;]*= 0;'
	hand='openat[^;]*;sendmsg[^;]*;'
elif unshare -Urm mount -t devpts none /dev/pts 2>/dev/null; then
	file='openat[^;]*= [0-9]+;write[^;]*;close[^;]*;'
	namespace="unshare 0x20000 [^;]*= -EPERM;(gete.id [^;]*;){4}unshare 0x10020000 [^;]*= 0;"
	namespace+="prctl set-dumpable 0x1 [^;]*;$file$file${file}prctl set-dumpable 0x0 [^;]*;"
	enter='setns [^;]*0x10000000 [^;]*= 0;setns [^;]*0x20000 [^;]*= 0;'
	hand='openat[^;]*;openat[^;]*;sendmsg[^;]*;'
else
	namespace=
fi
if [ -n "$namespace" ]; then
	"$tools/cli/pty" -- "$tracer" record "$TMPDIR/trace" -- \
		"$NONO" run -s --allow-cwd -- /bin/true >/dev/null
	stat='(newfstatat|fstatat|stat|fstat)[^;]*;'
	# calls_of CALL: all calls of the first process that makes this one.
	calls_of() {
		pid=$(sed -n "s/^[0-9]* child \([0-9]*\) $1 .*/\1/p" "$TMPDIR/trace" | sed -n 1p)
		calls=$(sed -n "s/^[0-9]* child $pid //p" "$TMPDIR/trace" | tr '\n' ';')
	}
	follows() {
		if [[ $calls =~ $2 ]]; then
			ok "$1"
		else
			not_ok "$1" "$(tr ';' '\n' <<<"$calls" | cut -c1-60 | paste -sd';')"
		fi
	}
	root='openat[^;]*;statx [^;]*;setns [^;]*0x20000 [^;]*= 0;statx [^;]*;close[^;]*;'
	calls_of unshare
	follows 'on a terminal: the process that makes the devpts' \
		"umask[^;]*;$namespace${root}mount [^;]*;mount [^;]*;$stat$stat(mount [^;]*;)?${hand}exit_group [^;]*;\$"
	calls_of chdir
	follows 'on a terminal: into it, and the hand-over of its terminal' \
		"close_range [^;]*;${enter}chdir [^;]*;$stat${stat}openat[^;]*;ioctl[^;]*;ioctl[^;]*;sendmsg[^;]*;recvfrom[^;]*;"
else
	skip 'on a terminal' 'this system lets nobody mount a devpts'
fi

# The comparison itself: one call more, one less or two in another order must be noticed.
changed=0
for edit in 's/fchdir[^;]*;//' 's/fchdir/getpid;fchdir/' \
	's/\(landlock_restrict_self[^;]*;\)\(.*\)\(seccomp[^;]*;\)/\3\2\1/' \
	's/flags=0x4/flags=0x0/' 's/set-no-new-privs 0x1/set-no-new-privs 0x0/' 's/^/mmap 0x0;/'; do
	other=$(sed "$edit" <<<"$sequence")
	[ "$other" != "$sequence" ] && [[ ! $other =~ $pattern ]] && changed=$((changed + 1))
done
is 'changed sequences are noticed' $changed 6

finish
