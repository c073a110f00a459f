#!/bin/bash
# What goes where: the program's bytes untouched, requested results on 1, all else on 2; --silent;
# colours; streams that are closed.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

# Everything below the home and temporary directories.
places() {
	find "$HOME" "$TMPDIR" -mindepth 1 ! -name .out ! -name .err | sort
}

bytes='\000\001\033[31m\377 x\r\n'

for mode in run wrap; do
	"$NONO" $mode -s --allow . -- printf "$bytes" >got 2>err </dev/null
	printf "$bytes" | cmp -s - got && ok "output byte for byte ($mode)" ||
		not_ok "output byte for byte ($mode)" "$(od -c got | head -2)"
	is "silent: nothing on stderr ($mode)" "$(cat err)" ''
	"$NONO" $mode --allow . -- printf "$bytes" >got 2>err </dev/null
	printf "$bytes" | cmp -s - got && ok "output byte for byte, not silent ($mode)" ||
		not_ok "output byte for byte, not silent ($mode)" "$(od -c got | head -2)"
	has "the block is on stderr ($mode)" "$(cat err)" Capabilities:
	has "last line before the program ($mode)" "$(tail -n 2 err | head -n 1)" \
		'  Applying sandbox...'
	run "$NONO" $mode -s --allow . -- sh -c 'cat; echo to-err >&2' <<<unused
	is "the program's stderr ($mode)" "$err" to-err
	printf 'a\nb\n' | "$NONO" $mode -s --allow . -- cat >got
	is "stdin reaches the program ($mode)" "$(cat got)" $'a\nb'

	# An error is told although silent.
	run "$NONO" $mode -s --allow . no-such-program
	is "silent error: one line ($mode)" "$(grep -c '' <<<"$err")" 1
	has "silent error: text ($mode)" "$err" 'nono: Command execution failed'

	# Closed streams: the program and nono still work, nothing of ours lands in a file.
	"$NONO" $mode -s --allow . -- true >&- 2>err
	is "stdout closed ($mode)" "$? $(cat err)" '0 '
	"$NONO" $mode -s --allow . -- echo x >got 2>&-
	is "stderr closed ($mode)" "$(cat got)" x
	"$NONO" $mode -s --allow . -- echo x >got <&-
	is "stdin closed ($mode)" "$(cat got)" x

	# Dry run.
	before=$(places)
	run "$NONO" $mode -s --dry-run --allow . -- touch made
	is "silent dry run: nothing at all ($mode)" "$rc$out$err" 0
	run "$NONO" $mode --dry-run --allow . -- touch made
	is "dry run: exit code, stdout ($mode)" "$rc$out" 0
	has "dry run: words ($mode)" "$err" 'dry-run sandbox would be applied with above capabilities'
	has "dry run: command ($mode)" "$err" '  Would execute: touch made'
	[ -e made ] && not_ok "dry run starts nothing ($mode)" 'it did' ||
		ok "dry run starts nothing ($mode)"
	run "$NONO" $mode --dry-run --allow . -- no-such-program
	is "dry run: program not found ($mode)" "$rc" 0
	has "dry run: would fail ($mode)" "$err" '  would fail: Command execution failed'
	run "$NONO" $mode --dry-run --allow . -- rm x
	is "dry run: blocked program ($mode)" "$rc" 0
	has "dry run: blocked program is named ($mode)" "$err" "  would fail: Command 'rm' is blocked"
	run "$NONO" $mode --dry-run --allow . -- curl --token=abc -H 'Authorization: x'
	has "dry run: secrets ($mode)" "$err" \
		"curl '--token=[REDACTED]' -H 'Authorization: [REDACTED]'"
	is "dry run creates nothing ($mode)" "$(places)" "$before"
done

# JSON on stdout only, parseable, also when silent.
run "$NONO" run -s --dry-run --json --allow . --read /usr --block-net --open-port 80 -- ls -l
is 'json: stderr' "$rc$err" 0
has 'json: layout' "$out" '  "command": [
    "ls",
    "-l"
  ],'
has 'json: network' "$out" '"mode": "blocked"'
has 'json: ports' "$out" '"localhost_ports": [
      80
    ]'
if [ -x /usr/bin/python3 ]; then
	wanted='version command profile workdir fs covered unix_sockets network credentials skipped kernel'
	wanted+=' scopes resource_limits warnings would_fail'
	is 'json: keys in order' "$(/usr/bin/python3 -c \
		'import json, sys; print(*json.load(sys.stdin))' <<<"$out")" "$wanted"
else
	skip 'json: keys in order' 'no python3'
fi

# Help and version.
run "$NONO" --version
is 'version' "$rc $out$err" "0 nono $(cat "$NONO_TOP/VERSION")"
for words in --help 'run --help' 'run -h' 'wrap --help' help 'help run' 'why --help'; do
	run "$NONO" $words
	is "$words: stdout only" "$rc $err" '0 '
	has "$words: text" "$out" nono
done
run env -u HOME NONO_BLOCK_NET=2 NONO_PROFILE=x "$NONO" run --help
is 'help under any environment' "$rc" 0
run "$NONO" run --override-deny x --help
is 'help warns of nothing' "$rc $err" '0 '

# A reader that leaves is no error.
"$NONO" run --help 2>err | head -n 1 >/dev/null
is 'help into head' "${PIPESTATUS[0]} $(cat err)" '0 '
(exec 3> >(true) && sleep 0.2 && "$NONO" help >&3 2>err)
is 'help into a closed pipe' "$? $(cat err)" '0 '
if [ -w /dev/full ]; then
	"$NONO" help >/dev/full 2>err
	is 'help onto a full device' "$? $(cat err)" \
		'1 nono: cannot write to standard output: No space left on device'
fi

# Colours: never into a file by itself, always when asked.
run "$NONO" run --dry-run --allow . -- true
is 'no colour in a file' "$(grep -c $'\033' <<<"$err")" 0
run "$NONO" run --color always --dry-run --allow . -- true
has 'colour when asked' "$err" $'\033['
run env NO_COLOR=1 CLICOLOR_FORCE=1 "$NONO" run --dry-run --allow . -- true
is 'NO_COLOR wins' "$(grep -c $'\033' <<<"$err")" 0
run env CLICOLOR_FORCE=1 "$NONO" run --dry-run --allow . -- true
has 'CLICOLOR_FORCE' "$err" $'\033['
run env CLICOLOR_FORCE=1 "$NONO" run --dry-run --json --allow . -- true
is 'no colour in JSON' "$(grep -c $'\033' <<<"$out")" 0

# Rows with a path end at the edge of a terminal, colours included; elsewhere they are whole.
mkdir -p "long/$(printf 'directory-%.0s' 1 2 3 4 5 6)漢字"
row() {
	"$NONO_BUILD/tests/cli/pty" -- sh -c "stty cols $1; $NONO run --dry-run --allow long/* -- true" |
		tr -d '\r' | sed $'s/\x1b\\[[0-9;]*m//g' | grep ' r+w '
}
for columns in 20 41; do
	text=$(row $columns)
	is "a row in $columns columns" "$(LC_ALL=C.UTF-8 bash -c 'echo ${#1}' - "$text")" $columns
	is "it says that it is cut ($columns)" "$(tail -c 4 <<<"$text")" …
done
has 'a wide terminal shows it whole' "$(row 400)" '漢字'
has 'so does a file' "$("$NONO" run --dry-run --allow long/* -- true 2>&1)" '漢字 (from long/'

# Escape sequences in what we show.
mkdir $'esc\033[31m\033]0;title\007dir'
run "$NONO" run --dry-run --allow $'esc\033[31m\033]0;title\007dir' -- $'a\033[2Jb'
is 'paths and words lose escape sequences' "$(grep -c $'\033' <<<"$err")" 0
has 'what is left of the path' "$err" /escdir

# Log file: used, private, not the program's, not a link.
mkdir logs
run "$NONO" run -vv --log-file logs/log --allow . -- ls -l /proc/self/fd
has 'log file: used' "$(cat logs/log)" ' DEBUG '
is 'log file: mode' "$(stat -c %a logs/log)" 600
is 'log file: not inherited' "$(grep -c logs/log <<<"$out")" 0
has 'log file inside a grant: warning' "$err" 'warning: the log file'
run "$NONO" run -vv -s --log-file "$HOME/log" --allow . -- true
is 'log file: silent' "$rc$err" 0
has 'log file: silent, still written' "$(cat "$HOME/log")" ' DEBUG '
rm "$HOME/log"
ln -s "$HOME/elsewhere" logs/link
run "$NONO" run --log-file logs/link --allow . -- true
is 'log file: link is not followed' "$rc$(ls "$HOME")" 0
has 'log file: told' "$err" 'failed to open log file logs/link'
mkfifo logs/fifo
run "$NONO" run --log-file logs/fifo --allow . -- true
is 'log file: fifo' "$rc" 0
has 'log file: fifo told' "$err" 'falling back to stderr'

finish
