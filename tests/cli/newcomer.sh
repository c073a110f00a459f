#!/bin/bash
# The first minutes: setup, a refusal, the flag that the footer names typed as it stands there, success;
# and what README shows of it is what is printed.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

pty=$NONO_BUILD/tests/cli/pty
readme=$NONO_TOP/README.md
mkdir -p "$HOME/bin" "$HOME/hello" "$HOME/shared" || exit 2
for program in "$(dirname "$NONO")"/*; do
	ln -s "$program" "$HOME/bin/"
done
PATH=$HOME/bin:$PATH
unset XDG_CONFIG_HOME
cd "$HOME/hello" || exit 2
printf '#define VERSION "1"\n' >../shared/version.h
printf '#include "../shared/version.h"\nint main(void) { return 0; }\n' >hello.c
printf 'hello: hello.c\n\tcc -O2 -o hello hello.c\n' >Makefile

# Without what a terminal adds: colours, positions, the ends of lines, spaces before them.
plain() {
	tr -d '\r' | sed -E $'s/\x1b\\[[0-9;?]*[A-Za-z]//g; s/ +$//'
}
# from LINE < TEXT: this line and what follows it.
from() {
	sed -n "/^$1/,\$p"
}
# shown COMMAND: what README shows below `$ COMMAND`.
shown() {
	awk -v want="\$ $1" '$0 == want { on = 1; next } /^(\$ |```)/ { on = 0 } on' "$readme"
}
# What differs from machine to machine; an older kernel has a paragraph of its own.
alike() {
	sed -E "s|$HOME|/home/ada|g; s/\+ [0-9]+ system/+ N system/; /^ *kernel  Landlock V/,/^ *\$/d"
}

run nono setup
is 'setup' "$rc" 0
has 'setup proves something' "$out" 'enforced     files outside your grants'
is 'setup: what README shows of it' "$(shown 'nono setup' | grep -v '^\.\.\.$' |
	grep -v 'binary found' | grep -vxFf <(echo "$out"))" ''

first='nono run --allow . -- make'
text=$("$pty" -- sh -c "$first; echo code \$?" | plain)
has 'the first start is refused a header' "$text" '/shared/version.h: Permission denied'
is 'its exit code' "$(grep '^code ' <<<"$text")" 'code 2'
[ ! -e hello ] && ok 'nothing was built' || not_ok 'nothing was built' 'hello is there'
is 'the footer is as README shows it' \
	"$(from 'Command exited' <<<"$text" | grep -v '^code ' | alike)" \
	"$(shown "$first" | from 'Command exited' | alike)"
is 'so is what stands before the program' \
	"$(sed -n '/Capabilities:/,/Applying/p' <<<"$text" | alike)" \
	"$(shown "$first" | sed -n '/Capabilities:/,/Applying/p' | alike)"

flag=$(sed -n 's/^  Try: //p' <<<"$text")
second="nono run -s --allow . $flag -- make"
text=$("$pty" -- sh -c "$second; echo code \$?" | plain | grep .)
is 'with the flag of the footer it is built' "$text" 'cc -O2 -o hello hello.c
code 0'
[ -x hello ] && ok 'the program is there' || not_ok 'the program is there' 'no hello'
has 'README types the same flag' "$(alike <<<"$second" | grep -xFf - "$readme" |
	cat; sed -n 's/^\$ //p' "$readme")" "$(alike <<<"$second")"

# A file that the program wants to write, a directory, one that does not exist yet: each flag works.
mkdir ../data ../made
echo text >../data/file
advice() {
	local want=$1 text flags
	shift
	text=$("$pty" -- nono run --allow . -- sh -c "$1" | plain)
	flags=$(sed -n 's/^  Try: //p' <<<"$text")
	is "$2: the flag" "$(alike <<<"$flags")" "$want"
	text=$("$pty" -- sh -c "nono run -s --allow . $flags -- sh -c '$1'; echo code \$?" | plain)
	has "$2: it works" "$text" 'code 0'
}
advice '--read-file /home/ada/data/file' 'cat ../data/file' 'reading a file'
advice '--read /home/ada/data' 'ls ../data' 'reading a directory'
advice '--write /home/ada/made' 'touch ../made/new' 'making a file'
advice '--write-file /home/ada/data/file' 'echo more >>../data/file' 'writing a file'

# Commands that footers name exist.
text=$("$pty" -- nono run --allow . -- sh -c 'exit 3' | plain)
has 'help of a footer without a finding' "$text" 'Add permissions: nono run --allow <path> -- sh ...'
named=$(grep -oE '\bnono [a-z]+' <<<"$text" | sort -u)
while read -r _ command; do
	run nono "$command" --help
	case $out in
	*'Not available in this build.'*) not_ok "nono $command is named" 'this build refuses it' ;;
	*) ok "nono $command is named" ;;
	esac
done <<<"$named"
has 'nono why is named' "$named" 'nono why'

finish
