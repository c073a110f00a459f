/*
 * The processes of the session: every descendant of the caller, found through /proc. The broker
 * and the guardian are subreapers, so a process whose parent died is still a descendant of one of
 * them, whatever sessions or groups it made.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/procstat.h"
#include "broker/internal.h"

enum {
	KILL_MS_MAX = 10000,
	PAUSE_MS = 5,
};

struct member {
	struct procstat stat;
	bool ours;
};

struct members {
	struct member *item;
	size_t count, capacity;
};

static int
collect(struct members *all)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;
	int r = 0;

	if (!dir)
		return -errno;
	while (r == 0 && (entry = readdir(dir))) {
		struct member m = { 0 };
		char *end;
		long pid;

		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		pid = strtol(entry->d_name, &end, 10);
		if (*end || pid > INT_MAX || procstat_read(&m.stat, (pid_t)pid) < 0)
			continue;
		r = mem_grow((void **)&all->item, &all->capacity, all->count, sizeof(m));
		if (r == 0)
			all->item[all->count++] = m;
	}
	(void)closedir(dir);
	return r;
}

static bool
is_marked(const struct members *all, pid_t pid)
{
	/* /proc lists ascending numbers, so the array is sorted. */
	size_t low = 0, high = all->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (all->item[middle].stat.pid == pid)
			return all->item[middle].ours;
		if (all->item[middle].stat.pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* Children are usually younger than their parents, but numbers wrap: repeat until nothing changes. */
static void
mark_descendants(struct members *all)
{
	pid_t self = getpid();
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < all->count; i++) {
			struct member *m = &all->item[i];

			if (m->ours || (m->stat.parent != self && !is_marked(all, m->stat.parent)))
				continue;
			m->ours = changed = true;
		}
	}
}

/* The number may have been given to somebody else since: the start time tells. */
static bool
signal_member(const struct member *m, int signal_number)
{
	autofd int pidfd = -1;
	struct procstat now;

	pidfd = (int)syscall(SYS_pidfd_open, m->stat.pid, 0);
	if (pidfd == -1 || procstat_read(&now, m->stat.pid) < 0 ||
	    now.start_ticks != m->stat.start_ticks)
		return false;
	return syscall(SYS_pidfd_send_signal, pidfd, signal_number, NULL, 0) == 0;
}

int
tree_signal(int signal_number)
{
	struct members all = { 0 };
	int r = collect(&all), signalled = 0;

	if (r == 0) {
		mark_descendants(&all);
		for (size_t i = 0; i < all.count; i++)
			if (all.item[i].ours && all.item[i].stat.state != 'Z' &&
			    signal_member(&all.item[i], signal_number))
				signalled++;
	}
	mem_free(all.item);
	return r < 0 ? r : signalled;
}

bool
tree_is_gone(void)
{
	for (;;) {
		siginfo_t info = { 0 };

		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) == -1)
			return errno == ECHILD;
		if (info.si_pid == 0)
			return false;
	}
}

static long
now_ms(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int
tree_end(unsigned int grace_ms)
{
	long start = now_ms();

	if (tree_is_gone())
		return 0;
	if (grace_ms) {
		(void)tree_signal(SIGTERM);
		/* A stopped process would not see it. */
		(void)tree_signal(SIGCONT);
		while (now_ms() - start < (long)grace_ms) {
			if (tree_is_gone())
				return 0;
			(void)poll(NULL, 0, PAUSE_MS);
		}
	}
	start = now_ms();
	while (now_ms() - start < KILL_MS_MAX) {
		/*
		 * Repeated: a process may fork between the look and the signal. When /proc cannot be
		 * read there is nothing to aim with; the parent of the survivors is told by the error.
		 */
		(void)tree_signal(SIGKILL);
		if (tree_is_gone())
			return 0;
		(void)poll(NULL, 0, PAUSE_MS);
	}
	return -ETIMEDOUT;
}
