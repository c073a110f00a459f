/*
 * Saving what was learned. Protected paths are left out: a bypass is written by hand. The answer is
 * read from the terminal, after what was typed before the question is thrown away.
 */
#include "cli/learn_save.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/prompt.h"
#include "cli/save_name.h"
#include "learn/report.h"
#include "profiles/profile.h"
#include "profiles/save.h"

enum { ATTEMPTS_MAX = 5 };

static int
out_of_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "out of memory");
}

static int
ask(struct out *o, int tty, char *answer, size_t size)
{
	(void)tcflush(tty, TCIFLUSH);
	if (out_flush(o) < 0)
		return -EIO;
	return prompt_read_line(tty, answer, size);
}

static int
make_profile(struct buf *text, const struct learn_save *s, const char *name, struct err *e)
{
	autobuf struct buf description = BUF_INIT;
	struct report_profile p = {
		.name = name, .base = s->profile, .home = s->home, .strict = true
	};

	if (buf_addf(&description, "%s for %s",
		     s->profile ? "Learned path additions" : "Auto-generated profile",
		     path_basename(s->command->item[0])) < 0)
		return out_of_memory(e);
	p.description = buf_str(&description);
	if (report_profile(text, &p, s->c, s->trace) < 0)
		return out_of_memory(e);
	return 0;
}

static int
save_new(struct out *o, const struct learn_save *s, int tty, struct err *e)
{
	char suggestion[SAVE_SUGGESTION_MAX], name[PROFILE_NAME_MAX + 1];
	const char *doubt;
	int r;

	save_suggest_name(suggestion, s->profile, s->command->item[0]);
	for (int i = 0; i < ATTEMPTS_MAX; i++) {
		autobuf struct buf text = BUF_INIT, path = BUF_INIT;
		struct err problem = ERR_INIT;

		if (*suggestion)
			out_putf(o,
				 "Save as user profile? Enter a name (suggested: %s, or press "
				 "Enter to skip): ",
				 suggestion);
		else
			out_puts(o,
				 "Save as user profile? Enter a name (or press Enter to skip): ");
		r = ask(o, tty, name, sizeof(name));
		if (r <= 0 || str_equal(name, "skip"))
			return 0;
		doubt = save_name_doubt(name);
		if (!doubt) {
			if ((r = make_profile(&text, s, name, e)) < 0)
				return r;
			r = save_profile_new(&path, name, (struct slice){ text.p, text.n },
					     s->environment, &problem);
			if (r == 0) {
				out_puts(o, "Profile saved: ");
				out_text(o, buf_str(&path));
				out_puts(o, "\n");
				save_put_run_line(o, s->command, name);
				return 0;
			}
			if (r != -EEXIST) {
				*e = problem;
				return r;
			}
		}
		out_puts(o, "  '");
		out_text(o, name);
		out_puts(o, "' ");
		out_text(o, doubt ? doubt : "exists already");
		out_puts(o, "\n");
	}
	return 0;
}

/* The lists of a profile are those of the flags: "--read-file" is filesystem.read_file. */
static int
add_addition(struct edit_addition *to, char **ret_list, char **ret_path, const struct finding *f,
	     const char *home)
{
	autobuf struct buf list = BUF_INIT, path = BUF_INIT;
	const char *flag = report_flag(f) + 2;
	int r;

	if ((r = buf_adds(&list, "filesystem.")) < 0 || (r = buf_adds(&list, flag)) < 0)
		return r;
	for (char *p = list.p; *p; p++)
		*p = *p == '-' ? '_' : *p;
	if (path_is_inside(f->path, home))
		r = buf_addf(&path, "~%s", f->path + strlen(home));
	else
		r = buf_adds(&path, f->path);
	if (r < 0)
		return r;
	*ret_list = buf_take(&list);
	*ret_path = buf_take(&path);
	to->list = *ret_list;
	to->value = *ret_path;
	return *ret_list && *ret_path ? 0 : -ENOMEM;
}

static int
save_existing(struct out *o, const struct learn_save *s, const char *path, struct err *e)
{
	const struct findings *f = &s->c->wanted;
	struct edit_addition *items = mem_calloc(f->count + 1, sizeof(*items));
	char **owned = mem_calloc(2 * f->count + 1, sizeof(*owned));
	struct save_additions additions = { .item = items };
	autobuf struct buf alone = BUF_INIT;
	size_t added = 0;
	int r = items && owned ? 0 : -ENOMEM;

	for (size_t i = 0; i < f->count && r == 0; i++) {
		if (!report_can_be_written(f->item[i].path))
			continue;
		r = add_addition(&items[additions.count], &owned[2 * i], &owned[2 * i + 1],
				 &f->item[i], s->home);
		additions.count += r == 0;
	}
	r = r < 0 ? out_of_memory(e) : make_profile(&alone, s, s->profile, e);
	if (r == 0) {
		additions.alone = (struct slice){ alone.p, alone.n };
		r = save_profile_add(path, s->profile, &additions, s->environment, &added, e);
	}
	if (r == 0) {
		out_putf(o, added ? "Profile updated: " : "Profile has all of it: ");
		out_text(o, path);
		out_puts(o, "\n");
		save_put_run_line(o, s->command, s->profile);
	}
	for (size_t i = 0; owned && i < 2 * f->count; i++)
		mem_free(owned[i]);
	mem_free(owned);
	mem_free(items);
	return r;
}

/* Nothing but Enter, y and yes is a yes here: the paths were shown just before. */
static bool
is_yes(const char *answer)
{
	return *answer == '\0' || strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}

int
learn_save(struct out *o, const struct learn_save *s, struct err *e)
{
	autobuf struct buf root = BUF_INIT, path = BUF_INIT;
	autofd int tty = -1;
	char answer[16];
	int r = 0;

	if (s->c->wanted.count == 0)
		return 0;
	tty = isatty(STDIN_FILENO) == 1 ? save_open_terminal() : -1;
	if (tty == -1)
		return 0;
	if (s->profile && (r = profile_config_root(&root, s->environment, e)) < 0)
		return r;
	if (s->profile && profile_name_is_valid(s->profile))
		r = profile_user_file(&path, buf_str(&root), s->profile);
	if (r < 0)
		return out_of_memory(e);
	if (s->c->sensitive.count > 0)
		out_puts(o, "Protected paths are not saved; add them by hand, with "
			    "bypass_protection.\n");
	if (r == 0)
		return save_new(o, s, tty, e);
	out_putf(o, "Update existing user profile '%s' with discovered paths? [Y/n] ", s->profile);
	r = ask(o, tty, answer, sizeof(answer));
	return r >= 0 && is_yes(answer) ? save_existing(o, s, buf_str(&path), e) : 0;
}
