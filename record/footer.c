/*
 * The diagnostic footer: how the program ended, what was refused, what would have granted it
 * (spec 01 section 26). Every foreign byte passes str_printable(), and a line break in the text is
 * ours. What the broker saw is marked observed, what the output suggests is marked as a guess.
 */
#include "record/footer.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"

#define GUESSED " (guessed from output)\n"
#define DASH "\xe2\x80\x94"

enum { SHELL_CANNOT_EXECUTE = 126, SHELL_NOT_FOUND = 127 };

/* ---- how it ended ---- */

static void
put_killed(struct footer *f, const struct record_facts *facts)
{
	char name[SIGNAL_TEXT_BYTES];
	const char *text = footer_signal(facts->number, name);

	if (facts->number == SIGKILL) {
		footer_putf(f, "Command killed by SIGKILL (exit code %u).\n", facts->exit_code);
		return;
	}
	footer_putf(f, "Command killed by signal %u", facts->number);
	if (text)
		footer_putf(f, " / %s", text);
	footer_putf(f, " (exit code %u).\n", facts->exit_code);
	if (facts->number == SIGSYS)
		footer_puts(
			f, "  It made a blocked system call. nono answers those with an error; the "
			   "filter that killed it\n"
			   "  is one that the program, or a tool it started, installed itself.\n");
}

/* The program as it was found, and whether the sandbox can read around it. */
static void
put_program(struct footer *f, const struct place *program)
{
	const struct plan *p = &f->session->plan;
	const char *path = buf_str(&program->path);
	autobuf struct buf directory = BUF_INIT;

	footer_puts(f, "  Program: ");
	footer_text_line(f, path);
	if (buf_add(&directory, path, (size_t)(path_basename(path) - path)) < 0) {
		f->failed = true;
		return;
	}
	if (directory.n > 1)
		directory.p[--directory.n] = '\0';
	footer_puts(f, "  Its directory ");
	footer_foreign(f, buf_str(&directory));
	if (plan_query_path(p, buf_str(&directory), PLAN_READ).allowed) {
		footer_puts(f, " is readable in the sandbox.\n");
		return;
	}
	if (p->settings->flags & PLAN_MANIFEST) {
		footer_puts(f, " is not readable in the sandbox.\n  Grant it in the manifest.\n");
		return;
	}
	footer_puts(f, " is not readable in the sandbox.\n  Try: nono run --read ");
	footer_quoted(f, buf_str(&directory));
	footer_puts(f, " ...\n");
}

/* 126 and 127: from execve, or a number that a shell chose to return. */
static void
put_not_executed(struct footer *f, const struct record_facts *facts)
{
	const struct plan *p = &f->session->plan;
	bool by_itself = facts->end == RECORD_EXITED;
	struct place program;

	if (place_find(&program, p, plan_string(p, p->settings->program), PLAN_READ) < 0) {
		f->failed = true;
		return;
	}
	if (facts->exit_code == SHELL_CANNOT_EXECUTE)
		footer_puts(f, "Permission denied (exit code 126).\n");
	else if (program.exists)
		footer_puts(f, "Failed to execute command (exit code 127).\n");
	else
		footer_puts(f, "Command not found (exit code 127).\n");
	put_program(f, &program);
	if (by_itself && facts->exit_code == SHELL_CANNOT_EXECUTE)
		footer_puts(f, "  It started and returned 126 itself: shells do that for a command "
			       "that they find but\n  cannot execute.\n");
	else if (by_itself)
		footer_puts(f, "  It started and returned 127 itself: shells do that for a command "
			       "that they cannot find.\n");
	else if (program.exists && facts->exit_code == SHELL_NOT_FOUND)
		footer_puts(f,
			    "  It exists; the interpreter or the loader that it names does not, or "
			    "cannot be read.\n");
	else if (program.exists)
		footer_putf(f, "  It was found but could not be executed: %s.\n",
			    strerror((int)facts->error));
	place_clear(&program);
}

static void
put_exit(struct footer *f)
{
	const struct record_facts *facts = &f->session->facts;
	enum cause cause = f->verdict->cause;

	if (facts->end == RECORD_KILLED)
		put_killed(f, facts);
	else if (facts->end == RECORD_NOT_STARTED && facts->step != RECORD_STEP_EXEC)
		footer_putf(f,
			    "The sandbox could not be set up: the command was not started (exit "
			    "code %u).\n",
			    facts->exit_code);
	else if (facts->end == RECORD_NOT_STARTED || facts->exit_code == SHELL_CANNOT_EXECUTE ||
		 facts->exit_code == SHELL_NOT_FOUND)
		put_not_executed(f, facts);
	else if (facts->exit_code == 0 && !footer_has_records(f))
		footer_puts(f, "The command succeeded, but stderr showed a likely sandbox-related "
			       "access issue.\n");
	else if (!footer_has_records(f) &&
		 (cause == CAUSE_MISSING || cause == CAUSE_FAILURE || cause == CAUSE_PERMISSIONS))
		footer_putf(f,
			    "The command failed, but this does not look like a sandbox denial. "
			    "(exit code %u)\n",
			    facts->exit_code);
	else
		footer_putf(f, "Command exited with code %u.\n", facts->exit_code);
}

/* ---- the likely cause ---- */

/*
 * No flag for it: the text is the program's, who may want just this file. Somebody who means it
 * has to say so in a profile, not to copy a line.
 */
static void
put_deny_rule(struct footer *f, const struct plan_deny *deny)
{
	const struct plan *p = &f->session->plan;

	if (p->settings->flags & PLAN_MANIFEST) {
		footer_puts(f, "  Denied by the manifest or config.toml: ");
		footer_text_line(f, plan_string(p, deny->literal));
		return;
	}
	footer_puts(f, "  Protected by rule group:");
	footer_foreign(f, plan_string(p, deny->group));
	footer_puts(f, " " DASH " override via a user profile with "
		       "filesystem.bypass_protection.\n");
}

static void
put_hints(struct footer *f, const struct grant_flag *flag)
{
	const struct plan *p = &f->session->plan;
	const struct place *place = &f->verdict->place;

	if (flag->must_be_made)
		footer_puts(f, "  Hint: create it first: path flags only apply to paths that exist "
			       "when nono starts.\n");
	if (place->missing == PLAN_WRITE && (place->granted & PLAN_READ) && !flag->in_manifest &&
	    path_is_beneath(buf_str(&place->path), plan_string(p, p->settings->workdir)))
		footer_puts(f,
			    "  Hint: the working directory is granted for reading only; --allow . "
			    "grants writing as well.\n");
	else if (flag->is_file && (place->missing & PLAN_WRITE))
		footer_puts(f, "  Hint: a file grant does not let a program replace the file by "
			       "renaming another to it;\n  programs that save that way need the "
			       "directory.\n");
}

static void
put_guess(struct footer *f)
{
	const struct place *place = &f->verdict->place;
	struct grant_flag flag;

	if (grant_flag_find(&flag, &f->session->plan, place, place->missing) < 0) {
		f->failed = true;
		return;
	}
	footer_block(f);
	footer_puts(f, "Sandbox denial:" GUESSED "  ");
	footer_foreign(f, buf_str(&place->path));
	footer_putf(f, " (%s)%s%s\n", footer_access(place->missing),
		    place->deny ? "  [permanently restricted]" : "",
		    save_is_suppressed(f->session, buf_str(&place->path)) ? "  [save skipped]"
									  : "");
	if (place->deny) {
		put_deny_rule(f, place->deny);
	} else if (flag.refused) {
		footer_puts(f, "  nono does not grant this: it is part of nono's own records and "
			       "settings, or holds them or\n"
			       "  something protected. Grant the single files and directories that "
			       "are needed.\n");
	} else {
		footer_puts(f, flag.in_manifest ? "  Try, in filesystem.grants: " : "  Try: ");
		footer_flag(f, &flag);
		footer_puts(f, "\n");
		put_hints(f, &flag);
	}
	grant_flag_clear(&flag);
}

static void
put_network(struct footer *f)
{
	const struct plan *p = &f->session->plan;
	struct slice line = f->verdict->line;
	size_t at;

	footer_block(f);
	footer_puts(f, "Network denial:" GUESSED "  ");
	footer_line(f, line);
	if (p->settings->flags & PLAN_MANIFEST) {
		footer_puts(f, "  Try: \"mode\" and \"ports\" in \"network\" of the manifest\n");
		return;
	}
	footer_puts(f, "  Try: ");
	if (network_flag_add(f->b, p, line) < 0)
		f->failed = true;
	footer_puts(f, "\n");
	if (!line_port(line) && text_find(line, 0, "permission denied", &at))
		footer_puts(f, "  Hint: where it is about one port, --allow-connect-port <port> or "
			       "--listen-port <port> is enough.\n");
}

static void
put_permissions(struct footer *f)
{
	const struct place *place = &f->verdict->place;

	footer_block(f);
	footer_puts(f, "File permissions:" GUESSED "  ");
	footer_foreign(f, buf_str(&place->path));
	footer_putf(f, " (%s)\n", footer_access(place->closed));
	footer_puts(f, "  Owner and mode, or a file system that is read-only, refuse it to you "
		       "outside of the sandbox as well.\n");
}

static void
put_unclear(struct footer *f)
{
	footer_block(f);
	footer_puts(f, "Unclear denial:" GUESSED "  ");
	footer_line(f, f->verdict->line);
	footer_puts(f, "  This does not tell what was refused, nor whether the sandbox did.\n");
}

static void
put_cause(struct footer *f)
{
	switch (f->verdict->cause) {
	case CAUSE_NONE:
		break;
	case CAUSE_DENIAL:
		put_guess(f);
		break;
	case CAUSE_NETWORK:
		put_network(f);
		break;
	case CAUSE_MISSING:
		footer_block(f);
		footer_puts(f, "Missing path:" GUESSED "  ");
		footer_text_line(f, buf_str(&f->verdict->place.path));
		footer_puts(f, "  Path flags only apply to paths that exist when nono starts.\n");
		break;
	case CAUSE_FAILURE:
		footer_block(f);
		footer_puts(f, "Application error:\n  ");
		footer_line(f, f->verdict->line);
		break;
	case CAUSE_PERMISSIONS:
		put_permissions(f);
		break;
	case CAUSE_UNCLEAR:
		put_unclear(f);
		break;
	}
}

/* ---- nothing was found ---- */

static void
put_nothing(struct footer *f)
{
	footer_block(f);
	footer_puts(f, "No path denials were observed during this session.\n"
		       "The failure may be unrelated to sandbox restrictions.\n");
}

/* The program alone: its arguments may hold secrets, also under names that only the user knows. */
static void
put_command(struct footer *f)
{
	const struct plan *p = &f->session->plan;

	footer_puts(f, " ");
	footer_quoted(f, plan_argument_at(p, 0));
	footer_puts(f, plan_count(p, PLAN_SEC_ARGV) > 1 ? " ...\n" : "\n");
}

static void
put_help_manifest(struct footer *f)
{
	footer_block(f);
	footer_puts(f,
		    "The manifest of this session is its whole policy. To grant additional access, "
		    "add to filesystem.grants:\n"
		    "  { \"path\": \"<path>\", \"access\": \"read|write|readwrite\", "
		    "\"type\": \"directory|file\" }\n");
}

static void
put_help(struct footer *f)
{
	if (f->session->plan.settings->flags & PLAN_MANIFEST) {
		put_help_manifest(f);
		return;
	}
	footer_block(f);
	footer_puts(f, "To grant additional access, re-run with:\n"
		       "  --allow <path>   read and write everything below a directory\n"
		       "  --read <path>    read it\n"
		       "  --write <path>   write it\n");
	if (f->session->plan.settings->net != PLAN_NET_ALLOWED)
		footer_puts(f, "  --allow-net      leave the network unrestricted\n");
	footer_block(f);
	footer_puts(f, "Next steps:\n"
		       "  Add permissions: nono run --allow <path> --");
	put_command(f);
	if (f->verdict->cause == CAUSE_UNCLEAR) {
		footer_puts(f, "  Discover paths: nono learn --sandboxed --");
		put_command(f);
	}
	footer_puts(f, "  Query policy: nono why --path <path> --op <read|write|readwrite>\n");
}

bool
footer_is_wanted(const struct session *s)
{
	const uint32_t never = RECORD_SILENT | RECORD_NO_DIAGNOSTICS | RECORD_SHELL |
			       RECORD_STARTUP_TIMEOUT | RECORD_OOM_TOLD;

	return !(s->facts.flags & never) && s->plan.settings->mode != PLAN_MODE_SHELL;
}

/* Is there anything to say? */
static bool
has_content(const struct session *s, const struct verdict *v)
{
	return s->facts.exit_code != 0 || v->paths_count > 0 || v->sockets_count > 0 ||
	       v->cause != CAUSE_NONE;
}

/* Grants have nothing to do with a missing file, its mode, or a complaint of the program. */
static bool
concerns_grants(enum cause cause)
{
	return cause != CAUSE_MISSING && cause != CAUSE_FAILURE && cause != CAUSE_PERMISSIONS;
}

int
footer_text(struct buf *b, const struct session *s, const struct verdict *v)
{
	struct footer f = { .b = b, .session = s, .verdict = v };
	bool records = footer_has_records(&f);

	if (!footer_is_wanted(s) || !has_content(s, v))
		return 0;
	footer_puts(&f, "\n");
	put_exit(&f);
	footer_sockets(&f);
	footer_paths(&f);
	/* A guess beside facts would only blur them. */
	if (!records)
		put_cause(&f);
	if (!records && v->cause == CAUSE_NONE)
		put_nothing(&f);
	if (s->facts.end != RECORD_KILLED && !records && concerns_grants(v->cause))
		footer_policy(&f);
	if (s->facts.end != RECORD_KILLED && !records &&
	    (v->cause == CAUSE_NONE || v->cause == CAUSE_UNCLEAR))
		put_help(&f);
	return f.failed ? -ENOMEM : 0;
}
