/* A temporary home and one run of policy_assemble() in it. */
#include "tests/harness/policy_run.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"

enum { RING = 32 };

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

const char *
policy_path(const struct policy_run *t, const char *fmt, ...)
{
	static char ring[RING][RUN_PATH_MAX];
	static unsigned int next;
	char *p = ring[next++ % RING];
	va_list ap;
	int n = snprintf(p, RUN_PATH_MAX, "%s/", t->root);

	va_start(ap, fmt);
	(void)vsnprintf(p + n, RUN_PATH_MAX - (size_t)n, fmt, ap);
	va_end(ap);
	return p;
}

void
policy_mkdir(const char *path)
{
	char copy[RUN_PATH_MAX];

	(void)snprintf(copy, sizeof(copy), "%s", path);
	for (char *p = copy + 1;; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		must(mkdir(copy, 0755) == 0 || errno == EEXIST, copy);
		*p = c;
		if (c == '\0')
			return;
	}
}

void
policy_file(const char *path, const char *contents, unsigned int mode)
{
	autofd int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);

	must(fd != -1 && fd_write_all(fd, contents, strlen(contents)) == 0 &&
		     fchmod(fd, (mode_t)mode) == 0,
	     path);
}

void
policy_link(const char *target, const char *path)
{
	must(symlink(target, path) == 0, path);
}

void
policy_env(struct policy_run *t, const char *entry)
{
	size_t n = strcspn(entry, "=");

	for (size_t i = 0; i < t->variables_count; i++)
		if (strncmp(t->variables[i], entry, n) == 0 && t->variables[i][n] == '=') {
			free(t->variables[i]);
			t->variables[i] = t->variables[--t->variables_count];
			t->variables[t->variables_count] = NULL;
			i--;
		}
	if (!entry[n])
		return;
	must(t->variables_count < RUN_VARIABLES_MAX, "variables");
	t->variables[t->variables_count++] = strdup(entry);
}

void
policy_words(struct policy_run *t, struct words *words, ...)
{
	const char **list = NULL;
	const char *word;
	va_list ap;

	for (size_t i = 0; i < t->stores; i++)
		if (words->item == t->store[i])
			list = t->store[i];
	if (!list) {
		must(t->stores < ARRAY_LEN(t->store), "lists");
		list = t->store[t->stores++];
	}
	words->item = list;
	words->count = 0;
	va_start(ap, words);
	while ((word = va_arg(ap, const char *))) {
		must(words->count < RUN_WORDS_MAX, "words");
		list[words->count++] = word;
	}
	va_end(ap);
}

void
policy_run_init(struct policy_run *t)
{
	char entry[RUN_PATH_MAX + 16];

	*t = (struct policy_run){ .root = "/var/tmp/nono-unit-XXXXXX" };
	must(mkdtemp(t->root) != NULL, t->root);
	(void)snprintf(t->home, sizeof(t->home), "%s/home", t->root);
	(void)snprintf(t->project, sizeof(t->project), "%s/project", t->root);
	policy_mkdir(t->home);
	policy_mkdir(t->project);
	must(chdir(t->project) == 0, t->project);
	(void)snprintf(entry, sizeof(entry), "HOME=%s", t->home);
	policy_env(t, entry);
	(void)snprintf(entry, sizeof(entry), "PWD=%s", t->project);
	policy_env(t, entry);
	policy_env(t, "PATH=/usr/bin:/bin");
	t->rq.mode = PLAN_MODE_RUN;
	t->rq.allow_cwd = true;
	t->rq.no_audit =
		true; /* a record wants the words as they may be shown, which the caller adds */
	t->rq.environment = t->variables;
	policy_words(t, &t->rq.command, "/bin/true", NULL);
}

static void
drop_result(struct policy_run *t)
{
	policy_notes_clear(&t->notes);
	if (t->image) {
		mem_free(t->image);
		t->image = NULL;
	}
	t->plan = (struct plan){ NULL, NULL, NULL };
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

void
policy_run_clear(struct policy_run *t)
{
	drop_result(t);
	for (size_t i = 0; i < t->variables_count; i++)
		free(t->variables[i]);
	must(chdir("/") == 0, "/");
	(void)nftw(t->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int
policy_go(struct policy_run *t)
{
	size_t bytes;

	drop_result(t);
	t->e = (struct err)ERR_INIT;
	t->r = plan_builder_init(&t->builder);
	if (t->r == 0)
		t->r = policy_assemble(&t->builder, &t->rq, &t->notes, t->ask, t->ask_context,
				       &t->e);
	if (t->r == 0)
		t->r = plan_build_finish(&t->builder, &t->image, &bytes, &t->e);
	if (t->r == 0)
		t->r = plan_open(&t->plan, t->image, bytes, &t->e);
	plan_builder_clear(&t->builder);
	return t->r;
}

bool
policy_noted(const struct policy_run *t, enum policy_note_kind kind, const char *part)
{
	for (size_t i = 0; i < t->notes.count; i++)
		if (t->notes.item[i].kind == kind && strstr(t->notes.item[i].text, part))
			return true;
	return false;
}

bool
policy_failed_with(const struct policy_run *t, const char *part)
{
	bool found = t->r < 0 && strstr(t->e.text, part);

	if (!found)
		(void)fprintf(stderr, "# r=%d, text '%s', wanted '%s'\n", t->r, t->e.text, part);
	return found;
}

static const char *
grant_path(const struct policy_run *t, const struct plan_grant *g)
{
	const char *path = plan_string(&t->plan, g->resolved);

	return *path ? path : plan_string(&t->plan, g->original);
}

const struct plan_grant *
policy_grant(const struct policy_run *t, const char *path)
{
	for (size_t i = 0; t->image && i < plan_count(&t->plan, PLAN_SEC_GRANTS); i++) {
		const struct plan_grant *g = plan_grant_at(&t->plan, i);

		if (strcmp(grant_path(t, g), path) == 0)
			return g;
	}
	return NULL;
}

size_t
policy_grants_of(const struct policy_run *t, const char *path)
{
	size_t n = 0;

	for (size_t i = 0; t->image && i < plan_count(&t->plan, PLAN_SEC_GRANTS); i++)
		n += strcmp(grant_path(t, plan_grant_at(&t->plan, i)), path) == 0;
	return n;
}

const struct plan_deny *
policy_deny(const struct policy_run *t, const char *literal)
{
	for (size_t i = 0; t->image && i < plan_count(&t->plan, PLAN_SEC_DENIES); i++) {
		const struct plan_deny *d = plan_deny_at(&t->plan, i);

		if (strcmp(plan_string(&t->plan, d->literal), literal) == 0)
			return d;
	}
	return NULL;
}

const char *
policy_variable(const struct policy_run *t, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; t->image && i < plan_count(&t->plan, PLAN_SEC_ENVIRONMENT); i++) {
		const char *entry = plan_environment_at(&t->plan, i);

		if (strncmp(entry, name, n) == 0 && entry[n] == '=')
			return entry + n + 1;
	}
	return NULL;
}

size_t
policy_variable_count(const struct policy_run *t, const char *name)
{
	size_t n = strlen(name), count = 0;

	for (size_t i = 0; t->image && i < plan_count(&t->plan, PLAN_SEC_ENVIRONMENT); i++) {
		const char *entry = plan_environment_at(&t->plan, i);

		count += strncmp(entry, name, n) == 0 && entry[n] == '=';
	}
	return count;
}
