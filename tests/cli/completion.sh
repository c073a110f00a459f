#!/bin/bash
# The completion scripts in real shells: a key is pressed, and what stands on the line is looked at.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

mkdir -p subdir
: >file.txt
scripts=$TMPDIR/scripts
mkdir "$scripts"
for shell in bash zsh fish powershell; do
	run "$NONO" completion $shell
	is "$shell: exit code, no message" "$rc $err" '0 '
	printf '%s\n' "$out" >"$scripts/$shell"
done

# ---- wrong use ----

run "$NONO" completion
is 'no shell' "$rc $(grep -c 'bash zsh fish powershell' <<<"$err")" '2 1'
run "$NONO" completion tcsh
is 'an unknown shell lists the known ones' "$rc $(head -n 1 <<<"$err")" \
	"2 error: invalid value 'tcsh' for '<SHELL>'; possible values: bash zsh fish powershell"
run "$NONO" completion bash zsh
is 'two shells' "$rc" 2
"$NONO" completion zsh 2>err | head -n 1 >/dev/null
is 'a reader that leaves' "${PIPESTATUS[0]} $(cat err)" '0 '
rm -f err
run sh -c '"$0" completion bash >/dev/full' "$NONO"
is 'a full disk' "$rc" 1
mkdir -p "$HOME/.config/nono"
echo x >"$HOME/.config/nono/config.toml"
run "$NONO" completion bash
is 'no configuration is read' "$rc $err" '0 '
rm -r "$HOME/.config"

# ---- what is typed, and the words that stand there after the key ----

cases='nono wr|<wrap>
nono setup --che|<setup><--check-only>
nono --color al|<--color><always>
nono run --theme tok|<run><--theme><tokyo-night>
nono run --color=al|<run><--color=always>
nono run --allow-cw|<run><--allow-cwd>
nono run --allow sub|<run><--allow><subdir/>
nono run -r sub|<run><-r><subdir/>
nono run --read-file fi|<run><--read-file><file.txt>
nono completion po|<completion><powershell>
nono help wr|<help><wrap>
nono run --allow . unam|<run><--allow><.><uname>
nono wrap -s -- unam|<wrap><-s><--><uname>
nono run -s cat fi|<run><-s><cat><file.txt>
nono run --allow . cat --allow-cw|<run><--allow><.><cat><--allow-cw>
nono run --network-prof|<run><--network-prof>
nono __pro|<__pro>
nono prof|<profile>
nono profile sho|<profile><show>
nono profile show --orig|<profile><show><--origin>
nono run --open-port 80|<run><--open-port><80>'

# drive NAME COMMAND...: an interactive shell in which `nono` prints its words.
drive() {
	local name=$1 typed wanted line
	shift
	line=0
	while IFS='|' read -r typed wanted; do
		line=$((line + 1))
		got=$(TYPED=$typed WAIT=$((10 * ${TEST_PATIENCE:-1})) timeout $((30 * ${TEST_PATIENCE:-1})) expect -f - "$@" <<'END' 2>&1
log_user 0
set timeout $env(WAIT)
spawn -noecho {*}$argv
expect "READY>"
send -- "$env(TYPED)\t"
# The line must have been completed before it is entered.
after [expr {40 * $env(WAIT)}]
send -- "\r"
expect -re {WORDS(<[^\r\n]*>)END}
puts $expect_out(1,string)
send -- "exit\r"
expect eof
END
)
		is "$name: $typed" "$got" "$wanted"
	done <<<"$cases"
}

printer='nono() { printf WORDS; printf "<%s>" "$@"; printf "END\n"; }'
if command -v expect >/dev/null && [ -e /dev/ptmx ]; then
	cat >"$scripts/bashrc" <<END
$printer
PS1='READY> '
bind 'set bell-style none' 2>/dev/null
bind 'set enable-bracketed-paste off' 2>/dev/null
source '$scripts/bash'
END
	drive bash bash --noprofile --rcfile "$scripts/bashrc" -i
	if [ -r /usr/share/bash-completion/bash_completion ]; then
		sed -i '1i source /usr/share/bash-completion/bash_completion' "$scripts/bashrc"
		drive 'bash with bash-completion' bash --noprofile --rcfile "$scripts/bashrc" -i
	fi
	if command -v zsh >/dev/null; then
		mkdir -p "$scripts/zdot"
		cat >"$scripts/zdot/.zshrc" <<END
autoload -Uz compinit && compinit -u -D
$printer
unsetopt beep prompt_cr prompt_sp auto_remove_slash
PS1='READY> '
source '$scripts/zsh'
END
		ZDOTDIR=$scripts/zdot drive zsh zsh -d -i
		cp "$scripts/zsh" "$scripts/zdot/_nono"
		sed -i "1i fpath=('$scripts/zdot' \$fpath)" "$scripts/zdot/.zshrc"
		sed -i '/^source/d' "$scripts/zdot/.zshrc"
		cases=$(head -n 3 <<<"$cases")
		ZDOTDIR=$scripts/zdot drive 'zsh, from $fpath' zsh -d -i
	else
		skip zsh 'zsh is not installed'
	fi
else
	skip 'bash and zsh' 'expect or terminals are missing'
fi

# ---- fish answers what it would offer ----

if command -v fish >/dev/null; then
	offers() {
		fish --no-config -c "source '$scripts/fish'; complete -C '$1'" 2>&1 |
			cut -f1 | paste -sd ' '
	}
	is 'fish: no complaint' "$(fish --no-config -c "source '$scripts/fish'" 2>&1)" ''
	is 'fish: nono wr' "$(offers 'nono wr')" wrap
	is 'fish: nono setup --che' "$(offers 'nono setup --che')" --check-only
	is 'fish: nono --color al' "$(offers 'nono --color al')" always
	is 'fish: nono run --theme tok' "$(offers 'nono run --theme tok')" tokyo-night
	is 'fish: nono run --color=al' "$(offers 'nono run --color=al')" --color=always
	is 'fish: nono run --allow-cw' "$(offers 'nono run --allow-cw')" --allow-cwd
	is 'fish: nono run --allow sub' "$(offers 'nono run --allow sub')" subdir/
	is 'fish: nono run -r sub' "$(offers 'nono run -r sub')" subdir/
	is 'fish: nono run --read-file fi' "$(offers 'nono run --read-file fi')" file.txt
	is 'fish: nono completion po' "$(offers 'nono completion po')" powershell
	is 'fish: nono help wr' "$(offers 'nono help wr')" wrap
	is 'fish: nono run --allow . unam' "$(offers 'nono run --allow . unam')" uname
	is 'fish: nono wrap -s -- unam' "$(offers 'nono wrap -s -- unam')" uname
	is 'fish: nono run -s cat fi' "$(offers 'nono run -s cat fi')" file.txt
	is 'fish: flags of nono are not the program'\''s' \
		"$(offers 'nono run --allow . cat --allow-cw')" ''
	is 'fish: nono run --network-prof' "$(offers 'nono run --network-prof')" ''
	is 'fish: nono __pro' "$(offers 'nono __pro')" ''
else
	skip fish 'fish is not installed'
fi

# ---- PowerShell ----

if command -v pwsh >/dev/null; then
	is 'powershell: parses' "$(pwsh -NoProfile -Command '$errors = $null
[void][System.Management.Automation.Language.Parser]::ParseFile($args[0], [ref]$null, [ref]$errors)
$errors.Count' "$scripts/powershell")" 0
else
	text=$(cat "$scripts/powershell")
	has 'powershell, structure only: registers' "$text" \
		'Register-ArgumentCompleter -Native -CommandName nono'
	has 'powershell, structure only: commands' "$text" "'wrap'"
	has 'powershell, structure only: choices' "$text" "'--color' = @('auto', 'always', 'never')"
	has 'powershell, structure only: shells' "$text" \
		"'completion' = @('bash', 'zsh', 'fish', 'powershell')"
	for pair in '{}' '()'; do
		is "powershell, structure only: $pair in pairs" "$(tr -cd "${pair:0:1}" <<<"$text" | wc -c)" \
			"$(tr -cd "${pair:1:1}" <<<"$text" | wc -c)"
	done
fi

# ---- all shown flags and commands are in every script, later ones in none ----

for shell in bash zsh fish powershell; do
	missing=''
	for flag in $("$NONO" run --help | sed '/^Not available/,$d' |
		sed -n 's/^  \(-., \|    \)--\([a-z-]*\).*/\2/p'); do
		case $shell in fish) word="-l $flag" ;; *) word=--$flag ;; esac
		grep -qE -- "$word([^a-z-]|\$)" "$scripts/$shell" || missing+=" $flag"
	done
	is "$shell: every flag of run" "$missing" ''
	is "$shell: no later flag" "$(grep -cE -- '(--|-l )(allow-domain|rollback-dest)' \
		"$scripts/$shell")" 0
done

finish
