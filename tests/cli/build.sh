#!/bin/bash
# The build: incremental, reproducible wherever the tree lies, and install and uninstall are exact.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

copy_tree() {
	mkdir -p "$1"
	tar -C "$NONO_TOP" -cf - --exclude=./.git --exclude='./build*' . | tar -C "$1" -xf -
}

unset MAKEFLAGS MAKELEVEL CFLAGS LDFLAGS CPPFLAGS
first=$TMPDIR/first second=$TMPDIR/another/place
copy_tree "$first"
copy_tree "$second"

run make -s -C "$first" SOURCE_DATE_EPOCH=1
is "a copy of the sources builds" "$rc $err" "0 "
sleep 1.1
run make -s -j3 -C "$second" SOURCE_DATE_EPOCH=1
is "another copy builds in parallel" "$rc $err" "0 "
for f in bin/nono bin/nono-broker man/nono.1; do
	if cmp -s "$first/build/$f" "$second/build/$f"; then
		ok "$f is the same wherever and however it was built"
	else
		not_ok "$f is the same wherever and however it was built" "they differ"
	fi
done

run make -C "$first" SOURCE_DATE_EPOCH=1
case $out in
*' CC '* | *' LINK '* | *' GEN '*) not_ok "a second make does nothing" "$out" ;;
*) ok "a second make does nothing" ;;
esac
touch "$first/base/slice.h" "$first/child/internal.h"
run make -C "$first" SOURCE_DATE_EPOCH=1
has "a changed header compiles its users again" "$out" child/child.c
case $out in
*base/err.c*) not_ok "a changed header compiles nothing else" "$out" ;;
*) ok "a changed header compiles nothing else" ;;
esac
echo '/* */' >>"$first/child/child.c"
run make -C "$first" SOURCE_DATE_EPOCH=1
run "$first/build/bin/nono" run -s --allow . -- echo inside
is "the two programs of one build work together" "$rc $out" "0 inside"
mkdir "$TMPDIR/mixed"
cp "$first/build/bin/nono" "$second/build/bin/nono-broker" "$TMPDIR/mixed/"
run "$TMPDIR/mixed/nono" run -s --allow . -- echo inside
is "programs of different sources do not" "$rc $out" "1 "
has "and the message says so" "$err" "build"

dest=$TMPDIR/dest
run make -s -C "$first" install DESTDIR="$dest" PREFIX=/opt/x
is "install" "$rc $err" "0 "
# The front end, every helper that was built, the manual pages; nothing else.
wanted=$(cd "$first/build/bin" && for p in nono-*; do
	case $p in *.map) ;; *) echo "opt/x/libexec/nono/$p 755" ;; esac
done)
wanted="opt/x/bin/nono 755
$wanted
opt/x/share/man/man1/nono.1 644
opt/x/share/man/man7/nono-security.7 644"
is "installed files" "$(cd "$dest" && find . -type f -printf '%P %m\n' | sort)" "$wanted"
run "$dest/opt/x/bin/nono" --version
is "the installed program runs" "$rc ${out%% *}" "0 nono"
: >"$dest/opt/x/bin/other"
run make -s -C "$first" uninstall DESTDIR="$dest" PREFIX=/opt/x
is "uninstall leaves only what is not ours" "$(cd "$dest" && find . -type f -printf '%P ')" \
	"opt/x/bin/other "
if [ -e "$dest/opt/x/libexec/nono" ]; then
	not_ok "uninstall removes our directory" "libexec/nono is still there"
else
	ok "uninstall removes our directory"
fi

finish
