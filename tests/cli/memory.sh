#!/bin/bash
# --memory and --max-procs as far as any user and any machine can see them. What needs a delegated
# cgroup: root_memory.sh.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"

run "$NONO" run --memory 512 --allow . -- touch started
is 'bytes by mistake: exit code' "$rc" 2
has 'bytes by mistake' "$err" 'below the 1 MiB minimum; without a unit it is bytes, did you mean 512M?'
for command in wrap; do
	for flag in '--memory 64M' '--max-procs 9'; do
		# shellcheck disable=SC2086
		run "$NONO" $command $flag --allow . -- touch started
		is "$command $flag: exit code" "$rc" 2
		has "$command $flag" "$err" "unexpected argument '${flag% *}' found"
	done
done

# The summary and the dry run.
run "$NONO" run --memory 512M --max-procs 64 --dry-run --allow . -- touch started
is 'dry run' "$rc" 0
has 'row of the memory' "$err" 'resources memory=512.0 MiB (hard cap'
has 'row of the processes' "$err" 'resources max-procs=64 (hard cap'
run "$NONO" run --memory 512M --max-procs 64 --dry-run --json --allow . -- touch started
has 'in JSON' "$(tr -d ' \n' <<<"$out")" \
	'"resource_limits":{"memory_bytes":536870912,"max_processes":64}'
run "$NONO" run --dry-run --json --allow . -- touch started
has 'none in JSON' "$(tr -d ' \n' <<<"$out")" '"resource_limits":{}'

# No way to the files that hold the limits.
for limit in 'memory 64M' 'max-procs 9'; do
	for grant in '--allow /sys' '--write /sys' '--allow /sys/fs' '--allow /sys/fs/cgroup'; do
		# shellcheck disable=SC2086
		run "$NONO" run -s --${limit} $grant --allow-cwd -- touch started
		is "$grant with --$limit: exit code" "$rc" 1
		has "$grant with --$limit" "$err" \
			"refusing write access to '${grant#* }' while a --${limit% *} limit is enforced"
	done
	# shellcheck disable=SC2086
	run "$NONO" run -s --dry-run --${limit} --read /sys --allow-cwd -- touch started
	is "--read /sys with --$limit" "$rc $err" '0 '
	mkdir -p sys/fs/cgroup
	# shellcheck disable=SC2086
	run "$NONO" run -s --dry-run --${limit} --allow sys/fs/cgroup -- touch started
	is "a directory of that name elsewhere with --$limit" "$rc $err" '0 '
done
run "$NONO" run -s --dry-run --allow /sys/fs --allow-cwd -- touch started
is '--allow /sys/fs without a limit' "$rc $err" '0 '

# A limit that cannot be set refuses the launch, and says what to do.
run env -u XDG_RUNTIME_DIR "$NONO" run -s --memory 512M --max-procs 64 --allow . -- touch started
if [ "$rc" = 0 ]; then
	[ -e started ] && ok 'limits where they can be set' || not_ok 'limits' 'nothing was started'
else
	is 'limits where they cannot be set: exit code' "$rc" 1
	has 'their error' "$err" 'nono: resource: '
	has 'their next step' "$err" 'leave'
	[ ! -e started ] && ok 'nothing is started' || not_ok 'nothing is started' 'it was'
fi
rm -f started
limits_rc=$rc
run env -u XDG_RUNTIME_DIR "$NONO" run --dry-run --memory 512M --max-procs 64 --allow . -- true
is 'the dry run tells the same' "$rc $(grep -c 'would fail: resource: ' <<<"$err")" \
	"0 $((limits_rc != 0))"
run env -u XDG_RUNTIME_DIR "$NONO" run --dry-run --json --memory 512M --allow . -- true
is 'in JSON too' "$rc $(grep -c '"message": "resource: ' <<<"$out")" "0 $((limits_rc != 0))"

finish
