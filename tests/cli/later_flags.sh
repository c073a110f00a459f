#!/bin/bash
# Names of later builds are refused, each by its name: flags, commands, environment variables.
# tests/data/later_flags.txt is the exact list, in both directions.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

list=$NONO_TOP/tests/data/later_flags.txt

# refused NAME SHOWN COMMAND...: exit 2, one line that names it, nothing started.
refused() {
	local name=$1 shown=$2
	shift 2
	run "$@"
	if [ "$rc" != 2 ]; then
		not_ok "$name" "exit code $rc: ${err:0:200}"
	elif [ "${err%%$'\n'*}" != "error: not available in this build: $shown" ]; then
		not_ok "$name" "${err:0:200}"
	elif [ -n "$out" ] || [ -e started ]; then
		not_ok "$name" "something was started"
	else
		ok "$name"
	fi
}

while read -r kind name flag; do
	case $kind in
	'#' | '#'*) ;;
	command) refused "command $name" "$name" "$NONO" "$name" x ;;
	run | wrap | setup | why) refused "$kind $name" "$name" "$NONO" "$kind" "$name" touch started ;;
	variable)
		for command in run wrap; do
			refused "$name under $command" \
				"$flag (set by the environment variable $name; unset it to continue)" \
				env "$name=1" "$NONO" "$command" --allow . touch started
		done
		# An empty variable, as CI templates make it, is none.
		run env "$name=" "$NONO" wrap -s --dry-run --allow . true
		is "$name empty" "$rc $err" '0 '
		;;
	macos)
		run "$NONO" run "$name" touch started
		is "$name" "$rc $err" \
			"1 nono: Configuration parse error: $name is only supported on macOS"
		;;
	*) not_ok "list" "unknown line '$kind $name'" ;;
	esac
done <"$list"

# A switch that is off asks for nothing.
for word in 0 false No off; do
	run env NONO_TRUST_OVERRIDE=$word "$NONO" wrap -s --dry-run --allow . true
	is "NONO_TRUST_OVERRIDE=$word" "$rc $err" '0 '
done

# What help says is not available is the list.
later() {
	"$NONO" "$1" --help | sed -n '/^Not available in this build:/,$p' | grep -o -- '--[a-z0-9-]*' |
		sort
}
for command in run wrap setup why; do
	is "help of $command lists them all" "$(later $command)" \
		"$(awk -v c=$command '$1 == c { print $2 }' "$list" | sort)"
done
is "root help lists the commands" \
	"$("$NONO" --help | sed -n 's/^  \([a-z-]*\) .*(not in this build)$/\1/p' | sort)" \
	"$(awk '$1 == "command" && $2 !~ /^(prune|open-url-helper|pack-update-hint-helper)$/ { print $2 }' \
		"$list" | sort)"

# Other spellings of the same flags.
refused 'joined' --rollback-dest "$NONO" run --rollback-dest=/x touch started
refused 'old name' --credential "$NONO" run --proxy-credential x touch started
refused 'alias of a command' attach "$NONO" resume x

finish
