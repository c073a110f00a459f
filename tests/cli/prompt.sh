#!/bin/bash
# The question about the working directory: asked on a terminal only, no unless the answer is yes.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

pty=$NONO_TOP/$NONO_BUILD/tests/cli/pty
[ -x "$pty" ] || pty=$NONO_BUILD/tests/cli/pty
echo inside >f
mkdir "$HOME/other"
question='[y/N] '

# answered ANSWER WANTED NAME MODE
answered() {
	run "$pty" "$question" "$1"$'\n' -- "$NONO" "$4" --allow "$HOME/other" -- cat "$PWD/f"
	has "$3: asked ($4)" "$out" "  Share $PWD with read access? [y/N] "
	if [ "$2" = yes ]; then
		is "$3: granted ($4)" "$rc$(grep -c inside <<<"$out")" 01
	else
		is "$3: not granted ($4)" "$rc$(grep -c 'Permission denied' <<<"$out")" 11
	fi
}

for mode in run wrap; do
	answered y yes 'y' $mode
	answered YES yes 'YES' $mode
	answered '' no 'empty' $mode
	answered n no 'n' $mode
	answered yesss no 'a word that begins with yes' $mode

	# No terminal on stdin: a notice, no question, no grant.
	run "$NONO" $mode --allow "$HOME/other" -- cat "$PWD/f"
	is "no terminal: not granted ($mode)" "$rc$(grep -c 'Share' <<<"$err")" 10
	has "no terminal: notice ($mode)" "$err" \
		'Skipping CWD prompt (non-interactive). Use --allow-cwd'
	run "$NONO" $mode --allow-cwd -- cat "$PWD/f"
	is "no terminal: --allow-cwd ($mode)" "$rc $out" '0 inside'

	# Nothing is asked when silent, when the directory is granted, or in a dry run.
	run "$pty" -- "$NONO" $mode -s --allow "$HOME/other" -- cat "$PWD/f"
	has "silent: refused ($mode)" "$out" 'nono: CWD access requires --allow-cwd'
	is "silent: exit code ($mode)" "$rc" 1
	run "$pty" -- "$NONO" $mode --allow . -- cat "$PWD/f"
	is "granted: not asked ($mode)" "$rc$(grep -c Share <<<"$out")" 00
	run "$pty" -- "$NONO" $mode --dry-run --allow "$HOME/other" -- cat "$PWD/f"
	is "dry run: not asked ($mode)" "$rc$(grep -c 'Share' <<<"$out")" 00

	# stderr elsewhere: the question could not be seen.
	run "$pty" -- sh -c '"$0" "$@" 2>err' "$NONO" $mode --allow "$HOME/other" -- cat "$PWD/f"
	is "stderr is no terminal: not asked ($mode)" "$rc$(grep -c 'Share' err)" 10
	has "stderr is no terminal: notice ($mode)" "$(cat err)" 'Skipping CWD prompt'
done

# What was typed before the question is no answer to it.
run "$pty" typed $'y\n' asked $'n\n' -- \
	sh -c 'echo typed; sleep 0.3; (sleep 0.5; echo asked) & exec "$0" "$@"' \
	"$NONO" wrap --allow "$HOME/other" -- cat "$PWD/f"
is 'type-ahead is dropped' "$rc$(grep -c 'Permission denied' <<<"$out")" 11

# Nobody answers: no, after the time that the configuration gives.
mkdir -p "$HOME/.config/nono"
chmod 700 "$HOME/.config" "$HOME/.config/nono"
echo $'[ui]\nprompt_timeout_secs = 1' >"$HOME/.config/nono/config.toml"
chmod 600 "$HOME/.config/nono/config.toml"
for mode in run wrap; do
	run "$pty" -- "$NONO" $mode --allow "$HOME/other" -- cat "$PWD/f"
	is "no answer: not granted ($mode)" "$rc$(grep -c 'Permission denied' <<<"$out")" 11
	has "no answer: said ($mode)" "$out" 'No answer within 1 s: taken as no.'
	answered y yes 'in time' $mode
done
echo $'[ui]\nprompt_timeout_secs = 0' >"$HOME/.config/nono/config.toml"
run "$pty" later $'y\n' -- sh -c '(sleep 2.5; echo later) & exec "$0" "$@"' \
	"$NONO" wrap --allow "$HOME/other" -- cat "$PWD/f"
is 'no limit: the answer counts whenever it comes' "$rc$(grep -c inside <<<"$out")" 01

finish
