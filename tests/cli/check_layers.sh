#!/bin/bash
# The layer check refuses what it is there for: each case plants one violation in a copy of the
# tree and expects a refusal that names the place.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

tree=$TMPDIR/tree

fresh_tree() {
	rm -rf "$tree"
	mkdir "$tree"
	tar -C "$NONO_TOP" -cf - --exclude=./.git --exclude='./build-*' --exclude=./build/tests . |
		tar -C "$tree" -xf -
}

# sources NAME TEXT...: the check of the sources must fail and say every TEXT
refused() {
	local name=$1 text
	shift
	if [ $rc = 0 ]; then
		not_ok "$name" "accepted"
		return
	fi
	for text; do
		case $err in
		*"$text"*) ;;
		*)
			not_ok "$name" "the message lacks '$text': ${err:0:300}"
			return
			;;
		esac
	done
	ok "$name"
}

check_sources() {
	run "$tree/tools/check_layers"
}

fresh_tree
check_sources
is "the tree as it is passes" "$rc" 0

plant() { # FILE LINE
	cp "$tree/$1" "$TMPDIR/kept"
	printf '%s\n' "$2" >>"$tree/$1"
	check_sources
	cp "$TMPDIR/kept" "$tree/$1"
}

plant plan/read.c '#include "launch/launch.h"'
refused "include of a layer above" plan/read.c: launch/launch.h

plant base/buf.c '#include "plan/plan.h"'
refused "base includes nobody" base/buf.c: plan/plan.h

plant launch/prepare.c '#include "child/internal.h"'
refused "internal.h of another folder" launch/prepare.c: child/internal.h

plant plan/read.c '#include "plan.h"'
refused "include without its folder" plan/read.c: '"plan.h"'

plant plan/read.c '#include "../launch/launch.h"'
refused "include through .." plan/read.c:

plant launch/prepare.c '#include <seccomp.h>'
refused "library header in the product" launch/prepare.c: seccomp.h

plant child/child.c '#include "base/buf.h"'
refused "child/ includes a header that allocates" child/child.c: base/buf.h

plant child/child.c 'void *p = malloc(1);'
refused "malloc in child/" child/child.c: malloc

plant child/child.c 'pthread_mutex_t lock;'
refused "lock in child/" child/child.c: pthread_mutex_t

plant child/child.c '/* malloc and printf are not called here */ const char *s = "free";'
is "words in comments and strings are no calls" "$rc" 0

plant child/child.c "$(yes '/* */' | head -600)"
refused "child/ stays readable in one sitting" 'child/*.[ch]' lines

mkdir "$tree/extra"
echo 'int x;' >"$tree/extra/x.c"
check_sources
refused "unknown folder" extra/x.c extra/
rm -r "$tree/extra"

# The rest is about linked programs, in the copy's own build.
build_and_check() {
	run make -C "$tree" -s build/bin/nono build/bin/nono-broker
	if [ $rc != 0 ]; then
		not_ok "$1" "does not build: ${err:0:300}"
		return 1
	fi
	run "$tree/tools/check_layers" build
}

if build_and_check "programs as they are"; then
	is "programs as they are pass" "$rc" 0
fi

printf 'int planted(const char *s);\nint\nplanted(const char *s)\n{\n\treturn system(s);\n}\n' |
	cat - >>"$tree/broker/main.c"
sed -i '1i #include <stdlib.h>' "$tree/broker/main.c"
build_and_check "extra symbol in the broker" &&
	refused "extra symbol in the broker" nono-broker 'system()' main.o
cp "$NONO_TOP/broker/main.c" "$tree/broker/main.c"

sed -i 's/^\(BROKER_ARCHIVES := .*\))$/\1 profiles)/' "$tree/Makefile"
sed -i '0,/^{/s//{\n\textern const unsigned long groups_count;\n\tif (groups_count == 77)\n\t\treturn 1;/' \
	"$tree/broker/main.c"
build_and_check "foreign archive in the broker" &&
	refused "foreign archive in the broker" nono-broker profiles.a

finish
