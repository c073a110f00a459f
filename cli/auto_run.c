/* Looking is a service: where something is missing for it, the session goes on without. */
#include "cli/auto_run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "ipc/auto_run.h"
#include "profiles/auto_run.h"

#ifndef NONO_BUILD_ID
#define NONO_BUILD_ID "unknown"
#endif

#define SILENT "silent"
#define NOTHING "-"

struct noting {
	const struct plan *plan;
	struct buf words;
};

/* What the program may not write, somebody else changes. */
static bool
is_in_reach(const struct plan *p, const char *path)
{
	autobuf struct buf real = BUF_INIT;

	return path_canonical(&real, "/", path) == 0 &&
	       plan_query_path(p, buf_str(&real), PLAN_WRITE).allowed;
}

static int
note_file(void *context, enum auto_run_form form, const char *path)
{
	unsigned char hash[SHA256_BYTES];
	struct noting *n = context;
	char hex[SHA256_HEX_MAX];
	int r;

	if (!is_in_reach(n->plan, path))
		return 0;
	if ((r = auto_run_hash(hash, form, path)) < 0)
		return r;
	sha256_hex(hex, hash);
	r = buf_addf(&n->words, "%d %s %s", (int)form, r > 0 ? hex : NOTHING, path);
	return r < 0 ? r : buf_addc(&n->words, '\0');
}

int
auto_run_context(const struct profile *p, const struct plan *plan, char *const *environment)
{
	const char *workdir = plan_string(plan, plan->settings->workdir);
	struct noting n = { .plan = plan };
	struct err ignored = ERR_INIT;
	int r = 0, fd = -1;

	if (!auto_run_wanted(p))
		return -1;
	if (plan->settings->flags & PLAN_SILENT)
		r = buf_add(&n.words, SILENT, sizeof(SILENT));
	if (r == 0 && auto_run_each(p, workdir, environment, note_file, &n, &ignored) >= 0 &&
	    n.words.n <= AUTO_RUN_CONTEXT_MAX)
		fd = fd_sealed_memory("nono-auto-run", n.words.p, n.words.n);
	buf_clear(&n.words);
	return fd < 0 ? -1 : fd;
}

/* ---- behind the session ---- */

struct looking {
	struct auto_run_list *list;
	struct out out;
};

static void
tell(struct looking *l, const struct auto_run_row *row)
{
	autobuf struct buf text = BUF_INIT;

	if (buf_addf(&text,
		     "%s changed its auto-run commands during this session: %s%s; look at "
		     "them before you start what reads it without nono",
		     row->file, row->kind,
		     !row->before[0]  ? " (new)"
		     : !row->after[0] ? " (gone)"
				      : "") < 0)
		l->out.failed = true;
	else
		out_warning(&l->out, buf_str(&text));
}

static int
look_at(struct looking *l, const char *word)
{
	struct auto_run_row *rows = (struct auto_run_row *)(l->list + 1), *row;
	char *end;
	long form = strtol(word, &end, 10);
	const char *hash = end + (*end == ' '), *path = strchr(hash, ' ');
	const char *kind = auto_run_kind((enum auto_run_form)form);
	unsigned char value[SHA256_BYTES];
	char hex[SHA256_HEX_MAX];
	int r;

	if (!kind || !path || strlen(path + 1) >= sizeof(row->file) ||
	    (hash[0] != NOTHING[0] && path - hash != SHA256_HEX_MAX - 1))
		return 0;
	path++;
	row = &rows[l->list->count];
	memset(row, 0, sizeof(*row));
	if ((r = auto_run_hash(value, (enum auto_run_form)form, path)) < 0)
		return r;
	sha256_hex(hex, value);
	if (hash[0] != NOTHING[0])
		memcpy(row->before, hash, SHA256_HEX_MAX - 1);
	if (r > 0)
		memcpy(row->after, hex, sizeof(hex));
	if (str_equal(row->before, row->after))
		return 0;
	memcpy(row->file, path, strlen(path) + 1);
	memcpy(row->kind, kind, strlen(kind) + 1);
	if (!l->out.quiet)
		tell(l, row);
	l->list->count++;
	return 0;
}

int
cmd_auto_run(const struct opt *o, char *const *environment)
{
	autofree void *image = NULL;
	autofree struct auto_run_list *list = NULL;
	struct looking l;
	size_t bytes = 0, at = 0;
	int r;

	if (o->program.count != 1 || !str_equal(o->program.item[0], NONO_BUILD_ID))
		return EXIT_USAGE;
	list = mem_calloc(1, AUTO_RUN_LIST_BYTES);
	if (!list ||
	    fd_read_file(AUTO_RUN_CONTEXT_FD, AUTO_RUN_CONTEXT_MAX, false, &image, &bytes) < 0)
		return EXIT_NONO;
	out_init(&l.out, STDERR_FILENO, NULL, environment);
	l.list = list;
	memcpy(list->magic, AUTO_RUN_MAGIC, sizeof(list->magic));
	list->version = AUTO_RUN_VERSION;
	for (r = 0; at < bytes && r == 0 && list->count < AUTO_RUN_ROWS_MAX;) {
		const char *word = (const char *)image + at;

		at += strlen(word) + 1;
		if (str_equal(word, SILENT))
			l.out.quiet = true;
		else
			r = look_at(&l, word);
	}
	(void)out_flush(&l.out);
	if (r == 0 && lseek(AUTO_RUN_LIST_FD, 0, SEEK_SET) == 0)
		r = fd_write_all(AUTO_RUN_LIST_FD, list, AUTO_RUN_LIST_BYTES);
	out_clear(&l.out);
	return r < 0 ? EXIT_NONO : 0;
}
