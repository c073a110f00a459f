/*
 * The last question of a session: shall what it was refused be granted the next time? Started by
 * the broker (ipc/save.h), when the program and everything it started have ended. The exit code of
 * the session does not depend on it.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "cli/config.h"
#include "cli/save_choose.h"
#include "cli/save_name.h"
#include "cli/save_offer.h"
#include "cli/save_write.h"
#include "profiles/profile.h"
#include "profiles/save.h"

#ifndef NONO_BUILD_ID
#define NONO_BUILD_ID "unknown"
#endif

enum { ATTEMPTS_MAX = 5 };

struct saving {
	struct save_offer offer;
	struct out out;
	int tty;
	struct buf path; /* of the user's profile that the session had; empty: none */
};

/* The command as records show it. */
static void
put_run_line(struct saving *s, const char *name)
{
	const struct plan *p = &s->offer.plan;
	size_t n = plan_count(p, PLAN_SEC_ARGV);
	const char **shown = mem_calloc(n + 1, sizeof(*shown));
	struct words command = { shown, n };

	if (!shown) {
		s->out.failed = true;
		return;
	}
	for (size_t i = 0; i < n; i++)
		shown[i] = plan_shown_at(p, i);
	save_put_run_line(&s->out, &command, name);
	mem_free(shown);
}

static void
put_result(struct saving *s, const char *done, const char *path, const char *name)
{
	size_t suppressed = save_offer_count(&s->offer, SAVE_SUPPRESS);

	out_puts(&s->out, done);
	out_text(&s->out, path);
	out_puts(&s->out, "\n");
	if (suppressed > 0)
		out_putf(&s->out, "  (%zu path suggestion%s suppressed; access is still denied)\n",
			 suppressed, suppressed == 1 ? "" : "s");
	put_run_line(s, name);
}

/* Whole paths, as they will be written: in the list they may have been cut. */
static void
show_chosen(struct saving *s)
{
	static const struct {
		enum save_action action;
		const char *title;
	} parts[] = {
		{ SAVE_GRANT, "[nono] Paths to be saved as grants:\n" },
		{ SAVE_SUPPRESS, "[nono] Paths not to be offered again, and still denied:\n" },
	};

	for (size_t k = 0; k < ARRAY_LEN(parts); k++) {
		if (save_offer_count(&s->offer, parts[k].action) == 0)
			continue;
		out_puts(&s->out, parts[k].title);
		for (size_t i = 0; i < s->offer.count; i++)
			if (s->offer.item[i].action == parts[k].action)
				save_put_item(&s->out, &s->offer.item[i]);
	}
}

static int
update(struct saving *s, struct err *e)
{
	char answer[16];
	size_t added = 0;
	int r;

	out_putf(&s->out, "Update user profile '%s'? [y/N] ", s->offer.profile);
	if (save_ask_line(&s->out, s->tty, s->offer.idle_ms, answer, sizeof(answer)) < 0 ||
	    (strcasecmp(answer, "y") != 0 && strcasecmp(answer, "yes") != 0))
		return 0;
	r = save_write_existing(&s->offer, buf_str(&s->path), &added, e);
	if (r == 0)
		put_result(s, added ? "Profile updated: " : "Profile has all of it: ",
			   buf_str(&s->path), s->offer.profile);
	return r;
}

/* Is there a profile of the user's of this name? Its path is appended. 1, 0 or an error. */
static int
find_user_profile(struct saving *s, struct buf *path, const char *name, struct err *e)
{
	autobuf struct buf root = BUF_INIT;
	int r;

	if (!name || !profile_name_is_valid(name))
		return 0;
	if ((r = profile_config_root(&root, s->offer.environment, e)) < 0)
		return r;
	r = profile_user_file(path, buf_str(&root), name);
	return r < 0 ? err_set(e, r, "out of memory") : r;
}

static int
save_new(struct saving *s, struct err *e)
{
	char suggestion[SAVE_SUGGESTION_MAX], name[PROFILE_NAME_MAX + 1];
	autobuf struct buf taken = BUF_INIT;
	int r;

	save_suggest_name(suggestion, s->offer.profile, plan_shown_at(&s->offer.plan, 0));
	if ((r = find_user_profile(s, &taken, suggestion, e)) < 0)
		return r;
	if (r == 1)
		suggestion[0] = '\0';
	for (int i = 0; i < ATTEMPTS_MAX; i++) {
		autobuf struct buf path = BUF_INIT;
		struct err problem = ERR_INIT;
		const char *doubt;

		out_puts(&s->out, "User profile name");
		if (*suggestion)
			out_putf(&s->out, " [%s]", suggestion);
		out_puts(&s->out, " ('skip' saves nothing): ");
		if (save_ask_line(&s->out, s->tty, s->offer.idle_ms, name, sizeof(name)) < 0 ||
		    str_equal(name, "skip") || (!*name && !*suggestion))
			return 0;
		if (!*name)
			(void)strcpy(name, suggestion);
		doubt = save_name_doubt(name);
		if (!doubt) {
			r = save_write_new(&path, &s->offer, name, &problem);
			if (r == 0) {
				put_result(s, "Profile saved: ", buf_str(&path), name);
				return 0;
			}
			if (r != -EEXIST) {
				*e = problem;
				return r;
			}
		}
		out_puts(&s->out, "  '");
		out_text(&s->out, name);
		out_puts(&s->out, "' ");
		out_puts(&s->out, doubt ? doubt : "exists already");
		out_puts(&s->out, "\n");
	}
	return 0;
}

static int
save(struct saving *s, struct err *e)
{
	autobuf struct buf question = BUF_INIT;
	struct err refusal = ERR_INIT;
	int r = find_user_profile(s, &s->path, s->offer.profile, e);

	if (r < 0)
		return r;
	r = r == 1 ? buf_addf(&question, "Update user profile '%s' with suggestions?",
			      s->offer.profile)
		   : buf_adds(&question, "Save suggestions to a user profile?");
	if (r < 0)
		return err_set(e, r, "out of memory");
	out_puts(&s->out, "\n");
	r = save_choose(&s->out, s->tty, &s->offer, buf_str(&question));
	if (r < 0)
		return err_set_errno(e, r, "cannot use the terminal");
	if (save_offer_count(&s->offer, SAVE_SKIP) == s->offer.count)
		return 0;
	if ((r = save_check(&s->offer, &refusal)) < 0)
		return err_set(e, r, "nothing was saved: %s", refusal.text);
	show_chosen(s);
	return s->path.n > 0 ? update(s, e) : save_new(s, e);
}

/* A configuration that is wrong was told at the start; its defaults hold. */
static int
idle_ms(char *const *environment)
{
	struct config config;
	struct err ignored = ERR_INIT;
	int ms;

	(void)!config_load(&config, environment, &ignored);
	ms = config_prompt_ms(&config);
	config_clear(&config);
	return ms;
}

int
cmd_save(const struct opt *o)
{
	struct saving s = { .tty = -1, .path = BUF_INIT };
	struct err e = ERR_INIT;
	int r;

	if (o->program.count != 1 || !str_equal(o->program.item[0], NONO_BUILD_ID)) {
		(void)err_set_exit(&e, EXIT_USAGE, -EINVAL,
				   "__save is started by nono at the end of a session");
		return cmd_usage_error(o, &e, NULL);
	}
	r = save_offer_load(&s.offer, &e);
	s.tty = r < 0 || s.offer.count == 0 ? -1 : save_open_terminal();
	if (s.tty != -1) {
		out_init(&s.out, s.tty, NULL, s.offer.environment);
		s.offer.idle_ms = idle_ms(s.offer.environment);
		r = save(&s, &e);
		(void)out_flush(&s.out);
	} else {
		out_init(&s.out, STDERR_FILENO, NULL, NULL);
	}
	if (r < 0)
		out_error(&s.out, &e);
	out_clear(&s.out);
	s.tty = fd_close(s.tty);
	buf_clear(&s.path);
	save_offer_clear(&s.offer);
	return r < 0 ? EXIT_NONO : 0;
}
