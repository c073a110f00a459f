# For test scripts that start real programs under nono; after lib.sh.
# shellcheck shell=bash

tools=$NONO_BUILD/tests
try=$tools/cli/try
tracer=$tools/cli/tracer
modes='run wrap'
landlock=$("$try" landlock)

# by_landlock VERSION WORD OLD: WORD where this kernel's Landlock has at least that version.
by_landlock() {
	if [ "$landlock" -ge "$1" ]; then
		echo "$2"
	else
		echo "$3"
	fi
}

# A file with one line, its directories made.
plant() {
	mkdir -p "$(dirname "$1")"
	printf '%s\n' "${2:-content}" >"$1"
}

# tries NAME WANTED GRANT... -- ACT...: the word that `try ACT...` prints in every mode.
tries() {
	local name=$1 wanted=$2 mode grants=()
	shift 2
	while [ "$1" != -- ]; do
		grants+=("$1")
		shift
	done
	shift
	for mode in $modes; do
		run "$NONO" "$mode" -s "${grants[@]}" -- "$try" "$@"
		is "$mode: $name" "$out${err:+ ($err)}" "$wanted"
	done
}

# outside NAME ACT...: the control: without nono it succeeds.
outside() {
	local name=$1
	shift
	is "outside: $name" "$("$try" "$@")" ok
}

# wait_until SECONDS COMMAND...: until the command succeeds; fails when time is up.
wait_until() {
	local end=$(($(date +%s) + $1 * ${TEST_PATIENCE:-1}))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt "$end" ] || return 1
		sleep 0.02
	done
}

# Process numbers whose arguments contain this word, our own shell excepted.
processes_with() {
	local word=$1 d
	for d in /proc/[0-9]*; do
		[ "${d#/proc/}" != "$$" ] && [ "${d#/proc/}" != "$BASHPID" ] || continue
		tr '\0' '\n' 2>/dev/null <"$d/cmdline" | grep -qxF -- "$word" && echo "${d#/proc/}"
	done
	return 0
}
