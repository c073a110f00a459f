#!/bin/bash
# The manual page: it formats without complaint and names what --help names.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

page=$NONO_TOP/build/man/nono.1
[ -f "$page" ] || page=$NONO_BUILD/man/nono.1

security=$NONO_TOP/docs/man/nono-security.7
for p in "$page" "$security"; do
	if command -v mandoc >/dev/null; then
		# References to pages of other packages depend on what is installed here.
		is "lint: ${p##*/}" "$(mandoc -Tlint -Wstyle "$p" 2>/dev/null | grep -v 'Xr')" ''
	else
		skip "lint: ${p##*/}" 'mandoc is not installed'
	fi
	if command -v man >/dev/null; then
		is "man -l: ${p##*/}" "$(man --warnings -l "$p" 2>&1 >/dev/null)" ''
		has "man -l: ${p##*/}: text" "$(man -l "$p" 2>/dev/null | head -n 5)" NAME
	else
		skip "man -l: ${p##*/}" 'man is not installed'
	fi
done

names() {
	sed 's/\\-/-/g' "$page" | sed -n 's/^\.It.* Fl Fl \([a-z-]*\).*/\1/p' | sort -u
}
for command in run shell wrap setup "profile groups" "profile show" "profile diff" "profile list" "profile init" \
	"profile validate" "profile promote" "profile schema" "profile lint" "profile explain"; do
	missing=$("$NONO" $command --help | sed '/^Not available/,$d' |
		sed -n 's/^  \(-., \|    \)--\([a-z-]*\).*/\2/p' | sort -u | comm -23 - <(names))
	is "flags of $command" "$missing" ''
done
has 'synopsis' "$(cat "$page")" '.Cm completion'
is 'the internal command is not in it' "$(grep -c '__prove' "$page")" 0
for section in FILES CONFIGURATION UPDATES ENVIRONMENT EXAMPLES 'SEE ALSO'; do
	has "section $section" "$(cat "$page")" ".Sh $section"
done
# Every key with an effect, and those that are refused.
is 'keys of config.toml' "$(sed -n '/^\.Sh CONFIGURATION/,/^\.Sh UPDATES/p' "$page" |
	grep -oE '[a-z]+\.[a-z_]+' | grep -vE '\.toml' | sort -u)" "$(
	sed -n 's/.*{ "\([a-z]*\)", "\([a-z_]*\)".*, apply_[a-z_]* },/\1.\2/p' \
		"$NONO_TOP/cli/config.c" | grep -vE '^meta\.|unsafe_redaction' | sort -u)"
has 'exit codes' "$(cat "$page")" '.Sh EXIT STATUS'
for code in 1 2 126 127; do
	has "exit code $code" "$(grep '^\.It' "$page")" ".It $code"
done
is 'variables' "$(sed -n 's/^\.It Ev \(NONO_[A-Z_]*\)$/\1/p' "$page" | sort | tr '\n' ' ')" \
	"$({ "$NONO" run --help; "$NONO" --help; } | tr '\n' ' ' | grep -o 'env: *NONO_[A-Z_]*' |
		sed 's/env: *//' | sort -u | tr '\n' ' ')"

finish
