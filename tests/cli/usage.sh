#!/bin/bash
# Bad input: one clear line, the right exit code, nothing started.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

mkdir dir
echo text >file
printf '#!/bin/sh\n' >script

# bad NAME EXIT TEXT ARGUMENT...: the first line of stderr holds TEXT; no banner, no program.
bad() {
	local name=$1 wanted=$2 text=$3 first
	shift 3
	for mode in run wrap; do
		run "$NONO" $mode "$@"
		first=${err%%$'\n'*}
		if [ "$rc" != "$wanted" ]; then
			not_ok "$name ($mode)" "exit code $rc, wanted $wanted: ${err:0:200}"
		elif [ -e started ]; then
			not_ok "$name ($mode)" "the program was started"
			rm -f started
		elif [ -n "$out" ]; then
			not_ok "$name ($mode)" "standard output: ${out:0:200}"
		elif [ "$wanted" = 2 ] && [[ $first != "error: "* || $err == *Capabilities* ]]; then
			not_ok "$name ($mode)" "no usage error: ${err:0:200}"
		elif [[ $err != *"$text"* ]]; then
			not_ok "$name ($mode)" "no '$text' in '${err:0:300}'"
		elif [ "$wanted" != 2 ] && [ "$(grep -c '^nono: ' <<<"$err")" != 1 ]; then
			not_ok "$name ($mode)" "not one error line: ${err:0:300}"
		else
			ok "$name ($mode)"
		fi
	done
}

# The twin of all of them.
run "$NONO" run -s --allow . -- touch started
is 'good input starts the program' "$rc$(ls started)" 0started
rm -f started

bad 'unknown flag' 2 "unexpected argument '--alow' found" --alow . touch started
bad 'unknown flag: suggestion' 2 "a similar argument exists: '--allow'" --alow . touch started
bad 'unknown flag: usage line' 2 'usage: nono ' --alow . touch started
bad 'unknown flag: pointer to help' 2 ' --help' --alow . touch started
bad 'unknown short flag' 2 "unexpected argument '-x' found" -x touch started
bad 'missing value at the end' 2 \
	"a value is required for '--allow <DIR>' but none was supplied" --allow
bad 'missing value before an option' 2 'a value is required for' --allow --silent touch started
bad 'empty value' 2 'invalid value' --read= touch started
bad 'value for a switch' 2 "unexpected value 'true'" --dry-run=true touch started
bad 'given twice' 2 'cannot be used multiple times' --block-net --block-net touch started
bad 'port 70000' 2 "invalid value '70000' for '--open-port <PORT>'" \
	--allow . --open-port 70000 touch started
bad 'port that is no number' 2 'invalid value' --allow . --listen-port http touch started
bad 'choice' 2 'possible values:' --color green touch started
bad 'contradictory flags' 2 'cannot be used with' --block-net --allow-net touch started
bad 'flag that needs another' 2 'required arguments were not provided' --json touch started
bad 'empty comma element' 2 'invalid value' --allow .,, touch started

bad 'file where a directory is due' 1 '--allow-file' --allow file touch started
bad 'file where a directory is due: read' 1 '--read-file' --read file touch started
bad 'directory where a file is due' 1 '--read' --allow . --read-file dir touch started
bad 'missing path' 1 'Path does not exist' --strict-paths --allow ./none touch started
bad 'command not found' 127 'Command execution failed: no-such-program' \
	--allow . no-such-program
bad 'command path not found' 127 'Command execution failed: ./none' --allow . ./none
bad 'command not executable' 126 'Command execution failed: ./script' --allow . ./script
bad 'descriptor that is not open' 1 '--keep-fd' --allow . --keep-fd 42 touch started

# Without a command.
run "$NONO" run --allow .
is 'run without a command' "$rc" 1
has 'run without a command: text' "$err" 'nono: No command specified'
run "$NONO" wrap --allow .
is 'wrap without a command' "$rc" 2
has 'wrap without a command: text' "$err" 'the following required arguments were not provided'
run "$NONO"
is 'no subcommand: exit code' "$rc" 2
is 'no subcommand: standard output' "$out" ''
has 'no subcommand: help' "$err" USAGE
run "$NONO" wrpa ls
is 'unknown subcommand: exit code' "$rc" 2
has 'unknown subcommand: text' "$err" "unrecognized subcommand 'wrpa'"
has 'unknown subcommand: suggestion' "$err" "a similar subcommand exists: 'wrap'"

# --error-exit-code moves nono's own codes, not those of usage errors or of the program.
for mode in run wrap; do
	run "$NONO" $mode -s --error-exit-code 99 --allow . no-such-program
	is "error exit code: not found ($mode)" "$rc" 99
	run "$NONO" $mode -s --error-exit-code 99 --allow . ./script
	is "error exit code: not executable ($mode)" "$rc" 99
	run "$NONO" $mode -s --error-exit-code 99 --allow file true
	is "error exit code: grant ($mode)" "$rc" 99
	run "$NONO" $mode -s --error-exit-code 99 --alow . true
	is "error exit code: usage ($mode)" "$rc" 2
	run "$NONO" $mode -s --error-exit-code 99 --allow . sh -c 'exit 127'
	is "error exit code: the program's own ($mode)" "$rc" 127
	run env NONO_ERROR_EXIT_CODE=98 "$NONO" $mode -s --allow . no-such-program
	is "error exit code: variable ($mode)" "$rc" 98
done

# Missing paths are skipped with a warning unless they are all there is under a blocked network.
run "$NONO" run --allow ./none --allow . -- echo 'should run'
is 'skipped path: runs' "$rc $out" '0 should run'
has 'skipped path: warning' "$err" \
	'some requested sandbox grants were skipped because the path does not exist'
has 'skipped path: names flag and path' "$err" '--allow ./none'

finish
