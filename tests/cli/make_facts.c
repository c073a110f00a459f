/*
 * Write what the broker tells nono-record, so that a test can start it without a session.
 *
 *   make_facts OUT [KEY=VALUE]... [OPERATION:ACCESS:REASON:TARGET]...
 *   make_facts --build
 *
 * Keys are the numbers end, number, exit, step, error, version and the names of flags: silent,
 * no_diagnostics, json, terminal, pty, shell, timeout, oom (=1). Without any the program exited
 * with 1. A denial is four fields, the first three numbers. --build prints the build id.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "ipc/broker_record.h"

#ifndef NONO_BUILD_ID
#define NONO_BUILD_ID "unknown"
#endif

enum { DENIALS_MAX = 32 };

struct file {
	struct record_facts facts;
	struct record_denial denial[DENIALS_MAX];
};

static bool
set_number(struct record_facts *f, const char *key, size_t n, uint32_t value)
{
	const struct {
		const char *name;
		uint32_t *field;
	} numbers[] = {
		{ "end", &f->end },   { "number", &f->number }, { "exit", &f->exit_code },
		{ "step", &f->step }, { "error", &f->error },	{ "version", &f->version },
	};
	static const struct {
		const char *name;
		uint32_t flag;
	} flags[] = {
		{ "silent", RECORD_SILENT },
		{ "no_diagnostics", RECORD_NO_DIAGNOSTICS },
		{ "json", RECORD_DIAGNOSTICS_JSON },
		{ "terminal", RECORD_TERMINAL },
		{ "pty", RECORD_PTY },
		{ "shell", RECORD_SHELL },
		{ "timeout", RECORD_STARTUP_TIMEOUT },
		{ "oom", RECORD_OOM_TOLD },
	};

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (strlen(numbers[i].name) == n && memcmp(numbers[i].name, key, n) == 0) {
			*numbers[i].field = value;
			return true;
		}
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (strlen(flags[i].name) == n && memcmp(flags[i].name, key, n) == 0) {
			f->flags |= value ? flags[i].flag : 0;
			return true;
		}
	return false;
}

static bool
add_denial(struct file *f, const char *word)
{
	struct record_denial *d = &f->denial[f->facts.denials];
	unsigned int operation, access, reason;
	int n = 0;

	if (f->facts.denials == DENIALS_MAX ||
	    sscanf(word, "%u:%u:%u:%n", &operation, &access, &reason, &n) != 3 || n == 0)
		return false;
	d->operation = operation;
	d->access = access;
	d->reason = reason;
	(void)snprintf(d->target, sizeof(d->target), "%s", word + n);
	f->facts.denials++;
	return true;
}

static bool
take_word(struct file *f, const char *word)
{
	const char *equals = strchr(word, '=');
	uint64_t value;

	if (word[0] >= '0' && word[0] <= '9')
		return add_denial(f, word);
	if (!equals || str_to_u64(equals + 1, 0, UINT32_MAX, &value) < 0)
		return false;
	return set_number(&f->facts, word, (size_t)(equals - word), (uint32_t)value);
}

int
main(int argc, char **argv)
{
	static struct file f = { .facts = { .version = RECORD_VERSION,
					    .end = RECORD_EXITED,
					    .number = 1,
					    .exit_code = 1 } };
	autofd int fd = -1;

	if (argc == 2 && strcmp(argv[1], "--build") == 0)
		return puts(NONO_BUILD_ID) == EOF;
	for (int i = 2; i < argc; i++)
		if (!take_word(&f, argv[i])) {
			(void)fprintf(stderr, "make_facts: what is '%s'?\n", argv[i]);
			return 2;
		}
	if (argc < 2)
		return 2;
	memcpy(f.facts.magic, RECORD_MAGIC, sizeof(f.facts.magic));
	f.facts.bytes = (uint32_t)(sizeof(f.facts) + f.facts.denials * sizeof(f.denial[0]));
	fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	return fd == -1 || fd_write_all(fd, &f, f.facts.bytes) < 0;
}
