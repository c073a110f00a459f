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

static bool
is_stranger(const struct strangers *s, pid_t pid)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->pid[i] == pid)
			return true;
	return false;
}

/* Children are usually younger than their parents, but numbers wrap: repeat until nothing changes. */
static void
mark_descendants(struct members *all, const struct strangers *s)
{
	pid_t self = getpid();
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < all->count; i++) {
			struct member *m = &all->item[i];

			if (m->ours || (m->stat.parent == self ? is_stranger(s, m->stat.pid)
							       : !is_marked(all, m->stat.parent)))
				continue;
			m->ours = changed = true;
		}
	}
}

/* The number may have been given to somebody else since: the start time tells. */
static void
signal_member(const struct member *m, int signal_number)
{
	autofd int pidfd = -1;
	struct procstat now;

	pidfd = (int)syscall(SYS_pidfd_open, m->stat.pid, 0);
	if (pidfd == -1 || procstat_read(&now, m->stat.pid) < 0 ||
	    now.start_ticks != m->stat.start_ticks)
		return;
	(void)syscall(SYS_pidfd_send_signal, pidfd, signal_number, NULL, 0);
}

int
strangers_note(struct strangers *s)
{
	struct members all = { 0 };
	siginfo_t info = { 0 };
	int r;

	s->count = 0;
	s->init = 0;
	/* Nearly always there are none, and looking through /proc is not needed. */
	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == -1)
		return errno == ECHILD ? 0 : -errno;
	r = collect(&all);
	for (size_t i = 0; r == 0 && i < all.count; i++) {
		if (all.item[i].stat.parent != getpid())
			continue;
		if (s->count == ARRAY_LEN(s->pid))
			r = -E2BIG;
		else
			s->pid[s->count++] = all.item[i].stat.pid;
	}
	mem_free(all.item);
	return r;
}

int
tree_signal(const struct strangers *s, int signal_number)
{
	struct members all = { 0 };
	int r = collect(&all), alive = 0;

	if (r == 0) {
		mark_descendants(&all, s);
		for (size_t i = 0; i < all.count; i++) {
			if (!all.item[i].ours || all.item[i].stat.state == 'Z' ||
			    (all.item[i].stat.pid == s->init && signal_number != SIGKILL))
				continue;
			signal_member(&all.item[i], signal_number);
			alive++;
		}
	}
	mem_free(all.item);
	return r < 0 ? r : alive;
}

/* Reap what ended. True when no child at all is left: then nothing can be left below. */
static bool
reap_all(void)
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

/*
 * Gone: no child, or (strangers stay) two looks in a row that saw nobody: one look can miss a
 * process that forks while /proc is read.
 */
static bool
is_gone(const struct strangers *s, int alive, unsigned int *quiet_looks)
{
	*quiet_looks = alive == 0 ? *quiet_looks + 1 : 0;
	return reap_all() || (s->count > 0 && *quiet_looks >= 2);
}

int
tree_end(const struct strangers *s, unsigned int grace_ms, const struct limits *l)
{
	unsigned int quiet_looks = 0;
	long start = now_ms();

	if (reap_all())
		return 0;
	if (grace_ms) {
		int alive = tree_signal(s, SIGTERM);

		/* A stopped process would not see it. */
		(void)tree_signal(s, SIGCONT);
		while (alive != 0 && now_ms() - start < (long)grace_ms) {
			if (reap_all())
				return 0;
			(void)poll(NULL, 0, PAUSE_MS);
			/* This one is always there. */
			if (s->init)
				alive = tree_signal(s, 0);
		}
	}
	start = now_ms();
	while (now_ms() - start < KILL_MS_MAX) {
		/* Repeated: a process may fork between the look and the signal. */
		limits_kill(l);
		if (is_gone(s, tree_signal(s, SIGKILL), &quiet_looks))
			return 0;
		(void)poll(NULL, 0, PAUSE_MS);
	}
	return -ETIMEDOUT;
}
