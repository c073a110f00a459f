/* The table of traced threads, and reading a stopped thread. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "learn/internal.h"

enum { STATUS_BYTES = 4096, PAGE_BYTES = 4096 };

static struct tracee **
find_link(struct tracees *t, pid_t tid)
{
	struct tracee **link = &t->bucket[(size_t)tid % TRACEE_BUCKETS];

	while (*link && (*link)->tid != tid)
		link = &(*link)->next;
	return link;
}

struct tracee *
tracees_find(const struct tracees *t, pid_t tid)
{
	struct tracee *k = t->bucket[(size_t)tid % TRACEE_BUCKETS];

	while (k && k->tid != tid)
		k = k->next;
	return k;
}

struct tracee *
tracees_get(struct tracees *t, pid_t tid)
{
	struct tracee **link = find_link(t, tid), *k = *link;

	if (k)
		return k;
	k = mem_calloc(1, sizeof(*k));
	if (!k)
		return NULL;
	k->tid = tid;
	*link = k;
	t->count++;
	return k;
}

void
tracees_remove(struct tracees *t, pid_t tid)
{
	struct tracee **link = find_link(t, tid), *k = *link;

	if (!k)
		return;
	*link = k->next;
	t->count--;
	mem_free(k->name);
	mem_free(k);
}

void
tracees_clear(struct tracees *t)
{
	for (size_t i = 0; i < TRACEE_BUCKETS; i++)
		while (t->bucket[i])
			tracees_remove(t, t->bucket[i]->tid);
}

void
tracees_kill(const struct tracees *t, int signal)
{
	/* They are not reaped: no number can have gone to somebody else. */
	for (size_t i = 0; i < TRACEE_BUCKETS; i++)
		for (const struct tracee *k = t->bucket[i]; k; k = k->next)
			(void)kill(k->tid, signal);
}

pid_t
tracee_process(struct tracee *k)
{
	char path[64], text[STATUS_BYTES];
	autofd int fd = -1;
	const char *line;
	ssize_t n;
	int process;

	if (k->process > 0)
		return k->process;
	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)k->tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd == -1 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return k->tid;
	text[n] = '\0';
	line = strstr(text, "\nTgid:");
	if (!line || sscanf(line, "\nTgid: %d", &process) != 1 || process <= 0)
		return k->tid;
	k->process = process;
	return k->process;
}

size_t
tracee_read(pid_t tid, uint64_t address, void *p, size_t n)
{
	struct iovec local = { p, n };
	struct iovec remote = { (void *)(uintptr_t)address, n };
	ssize_t got;

	if (address == 0 || n == 0)
		return 0;
	got = process_vm_readv(tid, &local, 1, &remote, 1, 0);
	return got > 0 ? (size_t)got : 0;
}

ssize_t
tracee_string(pid_t tid, uint64_t address, char *p, size_t size)
{
	size_t have = 0;

	/* One remote range is read whole or not at all, so none may cross into a hole. */
	while (have < size) {
		size_t n = PAGE_BYTES - (size_t)((address + have) % PAGE_BYTES);
		const char *end;

		if (n > size - have)
			n = size - have;
		n = tracee_read(tid, address + have, p + have, n);
		if (n == 0)
			return -EFAULT;
		end = memchr(p + have, '\0', n);
		if (end)
			return end - p;
		have += n;
	}
	return -ENAMETOOLONG;
}
