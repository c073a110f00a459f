# For test scripts: `. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"`.
# One line per check; finish with `finish`. A script that is started by hand gets the directories
# that tests/harness/run gives it.
# shellcheck shell=bash

if [ -z "${NONO_TOP:-}" ]; then
	NONO_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
	lib_box=$(mktemp -d /var/tmp/nono-by-hand.XXXXXX)
	trap 'rm -rf "$lib_box"' EXIT
	mkdir "$lib_box/home" "$lib_box/tmp" "$lib_box/cwd"
	export NONO_TOP HOME=$lib_box/home TMPDIR=$lib_box/tmp
	export NONO_BUILD=$NONO_TOP/build NONO=$NONO_TOP/build/bin/nono
	export NONO_TEST=$NONO_TOP/build-test/bin/nono
	cd "$lib_box/cwd" || exit 2
fi

# Nobody answers the question behind a refused session, unless a test is about it.
export NONO_NO_SAVE_PROMPT=1

suite=$(basename "$0" .sh)
lib_failed=0

ok() {
	printf 'ok %s: %s\n' "$suite" "$1"
}

not_ok() {
	printf 'not ok %s: %s: %s\n' "$suite" "$1" "$2"
	lib_failed=1
}

skip() {
	printf 'skip %s: %s: %s\n' "$suite" "$1" "$2"
}

# run COMMAND...: stdout in $out, stderr in $err, exit code in $rc.
run() {
	"$@" >"$TMPDIR/.out" 2>"$TMPDIR/.err" </dev/null
	rc=$?
	out=$(cat "$TMPDIR/.out")
	err=$(cat "$TMPDIR/.err")
}

# is NAME GOT WANTED
is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "got '${2:0:300}', wanted '${3:0:300}'"
	fi
}

# has NAME TEXT PART
has() {
	case $2 in
	*"$3"*) ok "$1" ;;
	*) not_ok "$1" "no '$3' in '${2:0:300}'" ;;
	esac
}

finish() {
	exit $lib_failed
}
