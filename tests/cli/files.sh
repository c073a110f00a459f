#!/bin/bash
# What of the file system is closed, with the exact errno, each beside what must stay open.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"
. "$NONO_TOP/tests/harness/launch.sh"

mkdir granted
plant granted/a
plant granted/sub/b
plant work2/a
plant work2/other
plant readable/a
top=$PWD
cd granted || exit 2
ln -s ../work2/a link-out
ln -s sub/b link-in
ln -s "$top/work2" dir-out
plant "$HOME/.ssh/id_ed25519" key
plant "$HOME/.aws/credentials" key
plant "$HOME/other/file"
# The start directory must be granted, or relative names would start at the root.
grant=(--allow . --read ../readable)

# ---- secrets of the home, and their twins ----

for secret in .ssh/id_ed25519 .aws/credentials; do
	dir=$HOME/${secret%%/*}
	outside "~/$secret" open r "$HOME/$secret"
	tries "~/$secret" EACCES "${grant[@]}" -- open r "$HOME/$secret"
	tries "list of ~/${secret%%/*}" EACCES "${grant[@]}" -- list "$dir"
	tries "~/$secret with its protection lifted and a grant" ok \
		--allow-cwd --bypass-protection "$dir" --read "$dir" -- open r "$HOME/$secret"
done
tries '/etc/shadow' EACCES "${grant[@]}" -- open r /etc/shadow
tries '/etc/hosts, its neighbour' ok "${grant[@]}" -- open r /etc/hosts
tries 'home itself' EACCES "${grant[@]}" -- list "$HOME"
tries 'another directory of the home' EACCES "${grant[@]}" -- open r "$HOME/other/file"
tries 'the same, granted' ok --allow-cwd --read "$HOME/other" -- open r "$HOME/other/file"

# ---- around a grant ----

tries 'file in the granted directory' ok "${grant[@]}" -- open r a
tries 'absolute path into it' ok "${grant[@]}" -- open r "$top/granted/a"
tries 'file below it' ok "${grant[@]}" -- open w sub/b
tries 'new file in it' ok "${grant[@]}" -- open c new
tries 'symlink inside it' ok "${grant[@]}" -- open r link-in
outside 'sibling directory' open r ../work2/a
tries 'sibling directory' EACCES "${grant[@]}" -- open r "$top/work2/a"
tries 'new file in the sibling' EACCES "${grant[@]}" -- open c "$top/work2/new"
outside 'symlink out of it' open r link-out
tries 'symlink out of it' EACCES "${grant[@]}" -- open r link-out
tries 'directory symlink out of it' EACCES "${grant[@]}" -- open r dir-out/a
outside 'dot dot out of it' open r ../work2/a
tries 'dot dot out of it' EACCES "${grant[@]}" -- open r ../work2/a
tries 'dot dot that stays inside' ok "${grant[@]}" -- open r sub/../a
tries 'parent directory' EACCES "${grant[@]}" -- list ..
tries '/proc/self/root to a secret' EACCES "${grant[@]}" -- \
	open r "/proc/self/root$HOME/.ssh/id_ed25519"
tries '/proc/self/root to a grant' ok "${grant[@]}" -- open r "/proc/self/root$top/granted/a"
tries '/proc/self/cwd to a sibling' EACCES "${grant[@]}" -- open r /proc/self/cwd/../work2/a
tries '/proc/self/cwd to a grant' ok "${grant[@]}" -- open r /proc/self/cwd/a

# ---- read is not write, and links do not carry rights ----

tries 'reading the readable' ok "${grant[@]}" -- open r ../readable/a
tries 'writing the readable' EACCES "${grant[@]}" -- open w ../readable/a
tries 'appending to the readable' EACCES "${grant[@]}" -- open a ../readable/a
# Before Landlock could, the filter refuses it, for any file.
refusal=$(by_landlock 3 EACCES EPERM)
tries 'truncating the readable' "$refusal" "${grant[@]}" -- truncate ../readable/a
tries 'truncating while opening it for reading' "$refusal" "${grant[@]}" -- open t ../readable/a
is 'the readable file is unchanged' "$(cat ../readable/a)" content
tries 'making a directory in the readable' EACCES "${grant[@]}" -- mkdir ../readable/new
for mode in $modes; do
	rm -f hard moved sub/hard
	run "$NONO" "$mode" -s "${grant[@]}" -- "$try" link a sub/hard
	is "$mode: hard link inside a grant" "$out" ok
	run "$NONO" "$mode" -s "${grant[@]}" -- "$try" link ../work2/a hard
	is "$mode: hard link of an outside file into a grant" "$out" EXDEV
	run "$NONO" "$mode" -s "${grant[@]}" -- "$try" link ../readable/a hard
	is "$mode: hard link of a readable file into a writable grant" "$out" EXDEV
	run "$NONO" "$mode" -s "${grant[@]}" -- "$try" rename ../work2/a moved
	is "$mode: moving an outside file into a grant" "$out" EACCES
	run "$NONO" "$mode" -s "${grant[@]}" -- "$try" rename sub/hard moved
	is "$mode: moving a file inside a grant" "$out" ok
done
is 'the outside file is still there' "$(cat ../work2/a)" content

# ---- file grants, write grants ----

cwd=--allow-cwd
tries 'the one file' ok $cwd --read-file ../work2/a -- open r ../work2/a
tries 'its directory' EACCES $cwd --read-file ../work2/a -- list ../work2
tries 'its neighbour' EACCES $cwd --read-file ../work2/a -- open r ../work2/other
tries 'writing through a read file grant' EACCES $cwd --read-file ../work2/a -- open w ../work2/a
tries 'write file grant: writing' ok $cwd --write-file ../work2/other -- open w ../work2/other
tries 'write file grant: reading' EACCES $cwd --write-file ../work2/other -- open r ../work2/other
tries 'write directory grant: a new file' ok $cwd --write ../work2 -- open c ../work2/made
tries 'write directory grant: reading' EACCES $cwd --write ../work2 -- open r ../work2/a
tries '--allow-cwd: reading' ok $cwd -- open r a
tries '--allow-cwd: writing' EACCES $cwd -- open w a
tries '--allow-cwd: a new file' EACCES $cwd -- open c never

# ---- bytes that are no UTF-8 ----

plant $'odd\xff\xfename'
tries 'a name that is no UTF-8' ok "${grant[@]}" -- open r $'odd\xff\xfename'
plant $'../odd\xffdir/a'
tries 'a granted directory whose name is no UTF-8' ok $cwd --allow $'../odd\xffdir' -- \
	open r $'../odd\xffdir/a'
for mode in $modes; do
	# shellcheck disable=SC2016
	run env ODD=$'\xff\xfe' "$NONO" "$mode" -s --allow . -- \
		/bin/sh -c 'printf "%s|%s" "$1" "$ODD" | od -An -tx1' x $'\x80\xc3'
	is "$mode: argument and variable that are no UTF-8" "$(echo $out)" '80 c3 7c ff fe'
done

finish
