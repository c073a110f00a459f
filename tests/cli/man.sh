#!/bin/bash
# The manual page: it formats without complaint and names what --help names.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

page=$NONO_TOP/build/man/nono.1
[ -f "$page" ] || page=$NONO_BUILD/man/nono.1

if command -v mandoc >/dev/null; then
	# References to pages of other packages depend on what is installed here.
	is 'lint' "$(mandoc -Tlint -Wstyle "$page" 2>/dev/null | grep -v 'Xr')" ''
else
	skip 'lint' 'mandoc is not installed'
fi

names() {
	sed 's/\\-/-/g' "$page" | sed -n 's/^\.It.* Fl Fl \([a-z-]*\).*/\1/p' | sort -u
}
for command in run wrap; do
	missing=$("$NONO" $command --help | sed '/^Not available/,$d' |
		sed -n 's/^  \(-., \|    \)--\([a-z-]*\).*/\2/p' | sort -u | comm -23 - <(names))
	is "flags of $command" "$missing" ''
done
has 'exit codes' "$(cat "$page")" '.Sh EXIT STATUS'
for code in 1 2 126 127; do
	has "exit code $code" "$(grep '^\.It' "$page")" ".It $code"
done
is 'variables' "$(sed -n 's/^\.It Ev \(NONO_[A-Z_]*\)$/\1/p' "$page" | sort | tr '\n' ' ')" \
	"$({ "$NONO" run --help; "$NONO" --help; } | tr '\n' ' ' | grep -o 'env: *NONO_[A-Z_]*' |
		sed 's/env: *//' | sort -u | tr '\n' ' ')"

finish
