/* The report of `nono learn`. Paths and names are the command's choice: all go through out_text(). */
#include "cli/learn_text.h"

#include <string.h>
#include <sys/wait.h>

#include "base/str.h"
#include "learn/report.h"
#include "plan/format.h"

enum { FLAGS_SHOWN_MAX = 40 };

/* A path as a shell takes it. */
static void
put_path(struct out *o, const char *path)
{
	autobuf struct buf quoted = BUF_INIT;

	if (str_shell_quote(&quoted, path) < 0)
		o->failed = true;
	else
		out_text(o, buf_str(&quoted));
}

static const char *
grants(size_t n)
{
	return n == 1 ? "grant" : "grants";
}

static void
put_title(struct out *o, const char *title, size_t n, const char *what)
{
	out_puts(o, "\n  ");
	out_role(o, ROLE_BLUE, true, title);
	out_putf(o, " (%zu %s)\n", n, what);
}

static void
put_wanted(struct out *o, const struct findings *f, unsigned int access, const char *title)
{
	size_t n = 0;

	for (size_t i = 0; i < f->count; i++)
		n += f->item[i].access == access;
	if (n == 0)
		return;
	put_title(o, title, n, grants(n));
	for (size_t i = 0; i < f->count; i++) {
		if (f->item[i].access != access)
			continue;
		out_putf(o, "    %s ", report_flag(&f->item[i]));
		put_path(o, f->item[i].path);
		out_puts(o, "\n");
	}
}

static void
put_sensitive(struct out *o, const struct findings *f)
{
	if (f->count == 0)
		return;
	put_title(o, "PROTECTED", f->count, f->count == 1 ? "path" : "paths");
	out_puts(o,
		 "    The command used these. Not proposed: each holds secrets or starts "
		 "programs.\n    To grant one, give its flag and --bypass-protection for the same "
		 "path.\n");
	for (size_t i = 0; i < f->count; i++) {
		out_putf(o, "    %s ", report_flag(&f->item[i]));
		put_path(o, f->item[i].path);
		out_puts(o, "  [");
		out_text(o, f->item[i].group);
		out_puts(o, "]\n");
	}
}

static void
put_broad(struct out *o, const struct findings *f)
{
	static const char *const used[] = { "", "read", "written", "read and written" };

	if (f->count == 0)
		return;
	put_title(o, "TOO BROAD", f->count, f->count == 1 ? "path" : "paths");
	out_puts(o, "    Not proposed: it would take a grant of the home directory, of the root or "
		    "of something\n    protected. Grant what you can answer for by hand.\n");
	for (size_t i = 0; i < f->count; i++) {
		out_puts(o, "    ");
		out_text(o, f->item[i].path);
		out_putf(o, "  (%s)\n", used[f->item[i].access & 3]);
	}
}

static void
put_unneeded(struct out *o, const struct findings *f, const char *title)
{
	static const char *const mode[] = { "", "r  ", " w ", "r+w" };

	if (f->count == 0)
		return;
	put_title(o, title, f->count, f->count == 1 ? "path" : "paths");
	for (size_t i = 0; i < f->count; i++) {
		if (f->item[i].access)
			out_putf(o, "    %s  ", mode[f->item[i].access & 3]);
		else
			out_puts(o, "    ");
		out_text(o, f->item[i].path);
		out_puts(o, "\n");
	}
}

static void
put_endpoints(struct out *o, const struct endpoints *e, bool listening)
{
	size_t n = 0;

	for (size_t i = 0; i < e->count; i++)
		n += e->item[i].listening == listening;
	if (n == 0)
		return;
	if (listening)
		put_title(o, "LISTENING PORTS", n, n == 1 ? "port" : "ports");
	else
		put_title(o, "OUTBOUND NETWORK", n, n == 1 ? "endpoint" : "endpoints");
	for (size_t i = 0; i < e->count; i++) {
		const struct endpoint *p = &e->item[i];
		bool six = strchr(p->address, ':') != NULL;

		if (p->listening != listening)
			continue;
		out_puts(o, "    ");
		if (p->name) {
			out_text(o, p->name);
			out_putf(o, " (%s):%u", p->address, p->port);
		} else {
			out_putf(o, six ? "[%s]:%u" : "%s:%u", p->address, p->port);
		}
		if (p->count > 1)
			out_putf(o, " (%llux)", (unsigned long long)p->count);
		out_puts(o, "\n");
	}
}

static void
put_counts(struct out *o, const struct classification *c)
{
	if (c->by_system > 0)
		out_putf(o, "\n  %zu %s already covered by system defaults\n", c->by_system,
			 c->by_system == 1 ? "path" : "paths");
	if (c->by_profile > 0)
		out_putf(o, "%s  %zu %s already covered by profile\n", c->by_system ? "" : "\n",
			 c->by_profile, c->by_profile == 1 ? "path" : "paths");
}

/* One line to copy. */
static void
put_command(struct out *o, const struct learn_text *t)
{
	const struct findings *f = &t->c->wanted;

	if (f->count == 0 || f->count > FLAGS_SHOWN_MAX)
		return;
	out_puts(o, "\n  Run with:\n    nono run");
	if (t->profile) {
		out_puts(o, " --profile ");
		put_path(o, t->profile);
	}
	for (size_t i = 0; i < f->count; i++) {
		out_putf(o, " %s ", report_flag(&f->item[i]));
		put_path(o, f->item[i].path);
	}
	if (t->allow_cwd)
		out_puts(o, " --allow-cwd");
	if (t->trace->net.count == 0 && !t->profile)
		out_puts(o, " --block-net");
	out_puts(o, " --");
	for (size_t i = 0; i < t->words; i++) {
		out_puts(o, " ");
		put_path(o, t->command[i]);
	}
	out_puts(o, "\n");
	if (t->refused) {
		out_puts(o, "  As it is, this is refused: ");
		out_text(o, t->refused);
		out_puts(o, "\n");
	}
}

void
learn_text_report(struct out *o, const struct learn_text *t)
{
	const struct classification *c = t->c;

	out_puts(o, "\n");
	out_role(o, ROLE_BRAND, true, " nono learn");
	out_puts(o, " - Discovered Paths\n");
	put_wanted(o, &c->wanted, PLAN_READ, "READ");
	put_wanted(o, &c->wanted, PLAN_WRITE, "WRITE");
	put_wanted(o, &c->wanted, PLAN_READ | PLAN_WRITE, "READ+WRITE");
	put_sensitive(o, &c->sensitive);
	put_broad(o, &c->broad);
	if (c->wanted.count + c->sensitive.count + c->broad.count == 0)
		out_puts(o, "\n  No additional paths needed.\n");
	put_counts(o, c);
	if (t->all) {
		put_unneeded(o, &c->covered, "COVERED");
		put_unneeded(o, &c->looked, "LOOKED AT, NO GRANT NEEDED");
		put_unneeded(o, &c->absent, "NOT THERE");
	}
	put_endpoints(o, &t->trace->net, false);
	put_endpoints(o, &t->trace->net, true);
	put_command(o, t);
}

void
learn_text_end(struct out *o, const struct trace_result *trace)
{
	const char *hole;

	if (trace->timed_out)
		out_puts(o, "  timed out: the command was ended\n");
	if (trace->interrupted)
		out_puts(o, "  interrupted: the result is partial\n");
	if (WIFSIGNALED(trace->status))
		out_putf(o, "  command was killed by signal %d\n", WTERMSIG(trace->status));
	else
		out_putf(o, "  command exited with status %d\n", WEXITSTATUS(trace->status));
	if (trace->left > 0)
		out_putf(o, "  ended what the command left behind, as nono run does (%llu %s)\n",
			 (unsigned long long)trace->left,
			 trace->left == 1 ? "process" : "processes or threads");
	for (size_t i = 0; (hole = report_hole(trace, i)); i++)
		out_putf(o, "  incomplete: %s\n", hole);
}
