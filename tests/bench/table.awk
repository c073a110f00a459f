# The budget table from the lines of tests/bench/start.c and relay.c (5 fields). Exit 1 when a row
# misses its budget.

NF == 5 {
	median[$1] = $2; worst[$1] = $5
	next
}

{
	median[$1] = $2; low[$1] = $3; high[$1] = $4; execs[$1] = $5; syncs[$1] = $6; code[$1] = $7
	if ($7 != 0)
		broken = broken sprintf("%s ended with %d\n", $1, $7)
}

function verdict(good)
{
	if (!good)
		missed++
	return good ? "ok" : "**missed**"
}

function ratio_row(what, ours, peer, budget,    r)
{
	if (!(peer in median)) {
		printf "| %s | %.2f | %s is not installed | – | ≤ %s | not measured |\n", what, \
			median[ours] / 1000, peer, budget
		return
	}
	r = median[ours] / median[peer]
	printf "| %s | %.2f | %s %.2f | %.2f | ≤ %s | %s |\n", what, median[ours] / 1000, peer, \
		median[peer] / 1000, r, budget, verdict(r <= budget)
}

function added_row(what, more, base, budget,    d)
{
	d = (median[more] - median[base]) / 1000
	printf "| %s | %.2f | %s %.2f | %+.2f ms | ≤ +%s ms | %s |\n", what, median[more] / 1000, base, \
		median[base] / 1000, d, budget, verdict(d <= budget)
}

function times_row(what, more, base, budget,    r)
{
	if (!(base in median))
		return
	r = median[more] / median[base]
	printf "| %s | %.2f | %s %.2f | %.2f | ≤ %s | %s |\n", what, median[more] / 1000, base, \
		median[base] / 1000, r, budget, verdict(r <= budget)
}

function limit_row(what, ours, budget)
{
	printf "| %s | %.2f | – | – | ≤ %s ms | %s |\n", what, median[ours] / 1000, budget, \
		verdict(median[ours] / 1000 <= budget)
}

function count_row(what, name, want_execs)
{
	printf "| %s | %d, %d | – | – | %d, 0 | %s |\n", what, execs[name], syncs[name], want_execs, \
		verdict(execs[name] <= want_execs && syncs[name] == 0)
}

# Seconds, and how much of the peer's time we need.
function relay_row(what, ours, peer, budget,    r)
{
	if (!(ours in median))
		return
	if (!(peer in median)) {
		printf "| %s | %.2f s | %s is not installed | – | ≤ %s | not measured |\n", what, \
			median[ours], peer, budget
		return
	}
	r = median[ours] / median[peer]
	printf "| %s | %.2f s | tmux %.2f s | %.2f | ≤ %s | %s |\n", what, median[ours], \
		median[peer], r, budget, verdict(r <= budget)
}

function echo_row(what, more, base, budget,    d)
{
	if (!(more in median))
		return
	d = median[more] - median[base]
	printf "| %s | %.0f µs | bare %.0f µs | %+.0f µs | ≤ +%s µs | %s |\n", what, median[more], \
		median[base], d, budget, verdict(d <= budget)
}

function answer_row(what, ours, budget)
{
	if (ours in worst)
		printf "| %s | %.1f ms | – | – | ≤ %s ms | %s |\n", what, worst[ours], budget, \
			verdict(worst[ours] <= budget)
}

END {
	print "# What a start costs\n"
	printf "%s. Medians of %d interleaved runs, milliseconds; `make bench` writes this file.\n\n", \
		machine, rounds
	print "| what | ours | peer | ratio | budget | |"
	print "|---|---|---|---|---|---|"
	ratio_row("`nono wrap -s --allow-cwd -- true`", "wrap", "landstrip", 1.15)
	ratio_row("`nono wrap -s --allow-cwd -- true`", "wrap", "bwrap", 0.45)
	count_row("the same: executions, syncs", "wrap", 2)
	ratio_row("`nono run -s --no-audit --allow-cwd -- true`", "run_no_audit", "bwrap", 0.7)
	ratio_row("`nono run -s --allow-cwd -- true`, recorded", "run", "bwrap", 0.8)
	count_row("the same: executions, syncs", "run", 3)
	added_row("with `--block-net`", "run_block_net", "run", 0.3)
	added_row("with a profile of three levels", "run_profile", "run", 1)
	added_row("in a directory of " files " files", "run_big", "run_small", 1)
	limit_row("`nono why`, one question", "why", 5)
	times_row("`nono learn -- cc -c some.c`", "learn", "build", 3)
	relay_row("`seq " lines "` on a terminal of 80x24", "output_nono", "output_tmux", 1)
	relay_row("`cat` of " big " bytes there", "cat_nono", "cat_tmux", 1)
	echo_row("from a key to its echo", "echo_nono", "echo_bare", 100)
	answer_row("^C while the program prints without end, the worst", "answer_nono", 50)
	printf "\nFor comparison: the bare program %.2f", median["bare"] / 1000
	if ("firejail" in median)
		printf ", firejail %.2f", median["firejail"] / 1000
	else
		printf ", firejail is not installed"
	if ("libc" in median)
		printf ". libc takes %.2f of each start of a program on this machine before main() " \
		       "(CPUID, which a virtual machine may have to emulate); bwrap and wrap pay it " \
		       "once before the program, run twice", (median["libc"] - median["no_libc"]) / 1000
	print ". Rows of features that this build does not have are not in the table."
	if (broken)
		printf "\n%s", broken
	exit (missed || broken) ? 1 : 0
}
