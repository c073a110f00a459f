#!/bin/bash
# Real programs under --allow . : standard output and exit code are what they are without nono.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"
. "$NONO_TOP/tests/harness/launch.sh"

grant=(--allow .)
# The same programs in a read-only tree, where the system lets somebody mount one.
kinds=$modes
! unshare -m true 2>/dev/null && ! unshare -Urm mount -t tmpfs none /proc 2>/dev/null || kinds+=' full'

# Each program gets a fresh directory of the same name, so that paths in its output are equal.
in_fresh_directory() {
	rm -rf project
	mkdir project
	cd project || exit 2
	"$1" >/dev/null 2>&1
	shift
	"$@"
	local code=$?
	cd .. || exit 2
	return $code
}

# program NAME NEEDS SETUP COMMAND...
program() {
	local name=$1 needs=$2 setup=$3 wanted wanted_rc mode start
	shift 3
	if ! command -v "$needs" >/dev/null; then
		skip "$name" "$needs is not installed"
		return
	fi
	wanted=$(in_fresh_directory "$setup" "$@" 2>outside.err </dev/null)
	wanted_rc=$?
	[ -n "$wanted" ] || not_ok "outside: $name" "no output: $(head -c 300 outside.err)"
	for mode in $kinds; do
		start=("$mode")
		[ "$mode" != full ] || start=(run --namespaces=require)
		out=$(in_fresh_directory "$setup" "$NONO" "${start[@]}" -s "${grant[@]}" -- "$@" \
			2>inside.err </dev/null)
		rc=$?
		is "$mode: $name: exit code" $rc $wanted_rc
		if [ "$out" = "$wanted" ]; then
			ok "$mode: $name: output"
		else
			not_ok "$mode: $name: output" \
				"'${out:0:200}', outside '${wanted:0:200}', \
					$(head -c 400 inside.err)"
		fi
	done
}

nothing() {
	:
}

# ---- git ----

export GIT_AUTHOR_DATE='2024-01-02T03:04:05Z' GIT_COMMITTER_DATE='2024-01-02T03:04:05Z'
cat >"$HOME/.gitconfig" <<'END'
[user]
	name = A Tester
	email = tester@example.org
[init]
	defaultBranch = main
END
program 'git commit with fixed dates' git nothing /bin/sh -c '
	git init -q . && echo hello >a && mkdir d && echo world >d/b && git add . &&
	git commit -q -m "first" && echo more >>a && git commit -q -am "second" &&
	git log --format="%H %an %s" && git status --short && git diff HEAD~1 --stat &&
	git branch topic && git checkout -q topic && git mv a c && git commit -q -m moved &&
	git merge-base main topic && git gc -q && git fsck 2>&1'

# ---- a C project ----

c_project() {
	cat >main.c <<'END'
#include <stdio.h>
int twice(int);
int main(void) { printf("%d\n", twice(21)); return 7; }
END
	echo 'int twice(int n) { return 2 * n; }' >twice.c
	printf '%s\n' 'main: main.o twice.o' '	$(CC) -o $@ $^' >Makefile
}
program 'C project built by make' make c_project /bin/sh -c 'make -s CC=cc && ./main'

# ---- languages ----

program 'python3 -m venv' /usr/bin/python3 nothing /bin/sh -c '
	/usr/bin/python3 -m venv env && . env/bin/activate &&
	python -c "import sys, json, sqlite3, ssl, subprocess
print(sys.prefix != sys.base_prefix, json.dumps({\"a\": [1, 2]}))
print(subprocess.run([\"echo\", \"child\"], capture_output=True, text=True).stdout)" &&
	pip --version | cut -d" " -f1'

node_script() {
	cat >script.js <<'END'
const fs = require('fs'), { execFileSync } = require('child_process');
const { Worker } = require('worker_threads');
fs.mkdirSync('out/deep', { recursive: true });
fs.writeFileSync('out/deep/file', 'content');
console.log(fs.readdirSync('out', { recursive: true }).join());
console.log(execFileSync('echo', ['child']).toString().trim());
new Worker('require("worker_threads").parentPort.postMessage(6 * 7)', { eval: true })
	.on('message', (n) => { console.log(n); process.exitCode = 4; });
END
}
program 'node script' node node_script node script.js

npm_project() {
	mkdir -p node_modules/dep
	echo '{"name":"demo","version":"1.0.0","dependencies":{"dep":"1.2.3"}}' >package.json
	echo '{"name":"dep","version":"1.2.3"}' >node_modules/dep/package.json
}
program "sh -c 'npm ls'" npm npm_project /bin/sh -c 'npm ls --no-update-notifier'

# ---- tools ----

vim_file() {
	printf '%s\n' one two three >text
}
program 'vim -es edit' vim vim_file /bin/sh -c '
	vim -es -u NONE -c "%s/two/2/" -c "normal Goend" -c wq text; echo "code $?"; cat text'

program 'sqlite3 queries' sqlite3 nothing sqlite3 -batch db '
	CREATE TABLE t (n INTEGER PRIMARY KEY, s TEXT);
	WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 1000)
	INSERT INTO t SELECT i, hex(i * 7919) FROM c;
	BEGIN; DELETE FROM t WHERE n % 3 = 0; COMMIT;
	CREATE INDEX s ON t (s);
	SELECT count(*), sum(n), max(s) FROM t; PRAGMA integrity_check; VACUUM;'

tar_tree() {
	mkdir -p tree/sub
	printf '%s\n' data >tree/file
	ln -s file tree/link
	ln tree/file tree/sub/hard
	chmod 640 tree/file
	touch -h -d 2024-01-02T03:04:05Z tree/file tree/link tree/sub tree
}
program 'tar round trip' tar tar_tree /bin/sh -c '
	tar -czf a.tgz --numeric-owner tree && mkdir back && tar -xzf a.tgz -C back &&
	diff -r tree back/tree && tar -tvzf a.tgz | grep -v " tree/sub/$" | sort &&
	tar -cf - tree | (cd back && tar -xf -) && stat -c "%a %s %N" back/tree/* | sort'

rg_tree() {
	mkdir -p src/.hidden
	printf '%s\n' 'first needle' other >src/a
	printf '%s\n' 'second needle' >src/b
	echo needle >src/.hidden/c
	echo b >.ignore
}
program 'rg' rg rg_tree rg --sort path -n needle src
program 'rg without a match' rg rg_tree /bin/sh -c 'rg absent src; echo "code $?"'

program 'ssh -G' ssh nothing ssh -F none -G somebody@example.org

go_module() {
	printf 'package main\nimport "fmt"\nfunc main() { fmt.Println("built") }\n' >main.go
	printf 'module example.org/main\ngo 1.19\n' >go.mod
}
# What these need beside the system's own directories, wherever it is kept here.
also() {
	local d
	grant=(--allow .)
	for d in "$@"; do
		[ ! -d "$d" ] || grant+=(--read "$d")
	done
}
also /usr/local/go
program 'go build' go go_module /bin/sh -c '
	export GOCACHE=$PWD/cache GOFLAGS=-mod=mod GOTOOLCHAIN=local GOTELEMETRY=off; go build -o main . && ./main'

java_class() {
	echo 'class Main { public static void main(String[] a) { System.out.println("built"); } }' >Main.java
}
also /etc/java-*-openjdk
program 'java' java java_class /bin/sh -c 'java -version 2>&1 | head -n 1; command -v javac >/dev/null &&
	javac Main.java && java -cp . Main; echo "code $?"'

rust_program() {
	echo 'fn main() { println!("built"); }' >main.rs
}
also
program 'rustc' rustc rust_program /bin/sh -c 'rustc main.rs && ./main'

# A pipe between two programs, a temporary file, a locale, the time zone.
program 'shell pipeline with temporary files' sh nothing /bin/sh -c '
	f=$(mktemp) && seq 1000 | sort -R | sort -n >"$f" && sha256sum <"$f" && rm "$f" &&
	TZ=Europe/Paris date -d @0 && id -un >/dev/null; echo "code $?"'

# ---- twins ----

mkdir -p twin
cd twin || exit 2
vim_file
for mode in $modes; do
	run "$NONO" "$mode" -s --allow-cwd -- /bin/sh -c 'cat text; echo x >>text; echo "code $?"'
	has "$mode: --allow-cwd alone reads" "$out" three
	has "$mode: --allow-cwd alone cannot write" "$err" 'Permission denied'
	is "$mode: --allow-cwd alone leaves the file" "$(tail -n 1 text)" three
	if command -v npm >/dev/null; then
		run "$NONO" "$mode" --allow . -- npm --version
		is "$mode: npm as the direct command: exit code" $rc 1
		has "$mode: npm as the direct command is blocked" "$err" "Command 'npm' is blocked"
		is "$mode: npm as the direct command prints nothing" "$out" ''
		run "$NONO" "$mode" -s --allow . --allow-command npm -- npm --version
		is "$mode: npm with --allow-command npm" "$rc $out" "0 $(npm --version)"
	else
		skip "$mode: npm as the direct command" 'npm is not installed'
	fi
done

finish
