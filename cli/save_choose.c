/*
 * A list on the user's terminal, in raw mode: keys send no signals then, and every return sets the
 * modes back. Lines are cut by the terminal itself (no autowrap), so that a row is a line whatever
 * characters a path is made of; the whole path is shown again before anything is written.
 */
#include "cli/save_choose.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/env.h"
#include "cli/prompt.h"

enum {
	ROWS_MAX = 15,
	COLUMNS_MIN = 20, /* of a path */
	COLUMNS_MAX = 200,
	COLUMNS_BESIDE = 48, /* what stands around it */
	DEAF_MS = 300,	     /* somebody may be typing still, for the program */
	ESCAPE_MS = 50,	     /* between the bytes of one key */
	ANSWERS_MAX = 5,
};

enum key {
	KEY_OTHER = 0,
	KEY_UP,
	KEY_DOWN,
	KEY_CYCLE,
	KEY_GRANT_ALL,
	KEY_SUPPRESS_ALL,
	KEY_CONFIRM,
	KEY_CANCEL,
};

/* ---- text ---- */

static const char *
action_text(enum save_action action)
{
	static const char *const text[] = { "skip    ", "grant   ", "suppress" };

	return text[action];
}

static const char *
kind_text(const struct save_item *item)
{
	static const char *const text[2][4] = {
		{ "", "read file", "write file", "read+write file" },
		{ "", "read directory", "write directory", "read+write directory" },
	};

	return text[item->directory][item->access & 3];
}

/* The `n`-th character of UTF-8 text, from the front. */
static const char *
character(const char *text, size_t n)
{
	for (; *text && n > 0; n--)
		text += str_utf8_sequence(slice_of(text));
	return text;
}

static size_t
count_characters(const char *text)
{
	size_t n = 0;

	for (; *text; n++)
		text += str_utf8_sequence(slice_of(text));
	return n;
}

/* Long ones without their middle: both ends tell the most. */
static void
put_path(struct out *o, const char *path, size_t limit)
{
	autobuf struct buf quoted = BUF_INIT, shown = BUF_INIT;
	const char *text, *middle;
	size_t n;

	if (str_shell_quote(&quoted, path) < 0) {
		o->failed = true;
		return;
	}
	text = buf_str(&quoted);
	n = count_characters(text);
	if (limit == 0 || n <= limit) {
		out_text(o, text);
		return;
	}
	middle = character(text, limit / 2);
	if (buf_add(&shown, text, (size_t)(middle - text)) < 0 ||
	    buf_adds(&shown, "\xe2\x80\xa6") < 0 ||
	    buf_adds(&shown, character(text, n - (limit - limit / 2 - 1))) < 0)
		o->failed = true;
	else
		out_text(o, buf_str(&shown));
}

static void
put_row(struct out *o, const struct save_item *item, size_t limit)
{
	out_puts(o, action_text(item->action));
	out_puts(o, item->group ? " \xe2\x9a\xa0 " : "   ");
	put_path(o, item->path, limit);
	out_puts(o, "  (");
	out_puts(o, kind_text(item));
	if (item->group) {
		out_puts(o, "; protected by ");
		out_text(o, item->group);
		out_puts(o, ", not granted here");
	}
	out_puts(o, item->claimed ? "; claimed by program)" : ")");
}

void
save_put_item(struct out *o, const struct save_item *item)
{
	out_puts(o, "  ");
	put_row(o, item, 0);
	out_puts(o, "\n");
}

static void
put_left_out(struct out *o, const struct save_offer *s, const char *end)
{
	if (s->dropped > 0)
		out_putf(o, "  and %zu more%s", s->dropped, end);
	if (s->odd_names > 0)
		out_putf(o, "  %zu with a name that a profile cannot hold%s", s->odd_names, end);
}

/* ---- actions ---- */

static void
cycle(struct save_item *item)
{
	switch (item->action) {
	case SAVE_SKIP:
		item->action = item->group ? SAVE_SUPPRESS : SAVE_GRANT;
		break;
	case SAVE_GRANT:
		item->action = SAVE_SUPPRESS;
		break;
	case SAVE_SUPPRESS:
		item->action = SAVE_SKIP;
		break;
	}
}

/* What is protected is never granted with the rest. */
static void
set_all(struct save_offer *s, enum save_action action)
{
	for (size_t i = 0; i < s->count; i++)
		if (action != SAVE_GRANT || !s->item[i].group)
			s->item[i].action = action;
}

/* ---- keys ---- */

/* One byte; -EIO when there is none in time. */
static int
read_byte(int tty, int limit_ms)
{
	struct pollfd wait = { .fd = tty, .events = POLLIN };
	unsigned char c;

	if (poll(&wait, 1, limit_ms) != 1 || read(tty, &c, 1) != 1)
		return -EIO;
	return c;
}

/* Whatever was typed until now, and in the next moment, was not meant for us. */
static void
be_deaf(int tty)
{
	struct timespec now, end;
	long left_ms = DEAF_MS;

	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	while (left_ms > 0) {
		struct pollfd wait = { .fd = tty, .events = POLLIN };

		if (poll(&wait, 1, (int)left_ms) == 1 && !(wait.revents & POLLIN))
			break; /* hung up */
		(void)tcflush(tty, TCIFLUSH);
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		left_ms = DEAF_MS - ((now.tv_sec - end.tv_sec) * 1000 +
				     (now.tv_nsec - end.tv_nsec) / 1000000);
	}
	(void)tcflush(tty, TCIFLUSH);
}

/* Behind ESC: an arrow, another key, or nothing when ESC itself was pressed. */
static enum key
read_escape(int tty)
{
	int c = read_byte(tty, ESCAPE_MS), last;

	if (c < 0)
		return KEY_CANCEL;
	if (c != '[' && c != 'O')
		return KEY_OTHER;
	do
		last = read_byte(tty, ESCAPE_MS);
	while (last >= 0x20 && last < 0x40);
	return last == 'A' ? KEY_UP : last == 'B' ? KEY_DOWN : KEY_OTHER;
}

static enum key
read_key(int tty, int idle_ms)
{
	int c = read_byte(tty, idle_ms);

	switch (c) {
	case 0x1b:
		return read_escape(tty);
	case 'k':
		return KEY_UP;
	case 'j':
		return KEY_DOWN;
	case ' ':
		return KEY_CYCLE;
	case 'a':
		return KEY_GRANT_ALL;
	case 'd':
		return KEY_SUPPRESS_ALL;
	case '\r':
	case '\n':
		return KEY_CONFIRM;
	case 'q':
	case 0x03: /* ^C, ^D, ^\ */
	case 0x04:
	case 0x1c:
		return KEY_CANCEL;
	default:
		return c < 0 ? KEY_CANCEL : KEY_OTHER;
	}
}

/* ---- the list ---- */

struct view {
	struct out *o;
	int tty;
	struct save_offer *s;
	size_t cursor, lines; /* lines drawn below the place where drawing begins */
};

static void
end_line(struct view *v)
{
	out_puts(v->o, "\x1b[K\r\n");
	v->lines++;
}

/* How much of a path is shown. */
static size_t
path_columns(const struct view *v)
{
	struct winsize size;
	size_t n = COLUMNS_MIN;

	if (ioctl(v->tty, TIOCGWINSZ, &size) == 0 && size.ws_col > COLUMNS_BESIDE + COLUMNS_MIN)
		n = size.ws_col - COLUMNS_BESIDE;
	return n > COLUMNS_MAX ? COLUMNS_MAX : n;
}

static int
draw(struct view *v)
{
	struct out *o = v->o;
	size_t n = v->s->count, first = 0, last = n, limit = path_columns(v);

	if (n > ROWS_MAX) {
		first = v->cursor > ROWS_MAX / 2 ? v->cursor - ROWS_MAX / 2 : 0;
		first = first > n - ROWS_MAX ? n - ROWS_MAX : first;
		last = first + ROWS_MAX;
	}
	if (v->lines > 0)
		out_putf(o, "\x1b[%zuA", v->lines);
	v->lines = 0;
	out_puts(o, "\r [nono] Review denied paths");
	if (n > ROWS_MAX)
		out_putf(o, " (%zu-%zu of %zu)", first + 1, last, n);
	end_line(v);
	for (size_t i = first; i < last; i++) {
		out_puts(o, i == v->cursor ? " > " : "   ");
		put_row(o, &v->s->item[i], limit);
		end_line(v);
	}
	if (v->s->dropped + v->s->odd_names > 0) {
		put_left_out(o, v->s, "");
		end_line(v);
	}
	out_puts(o, "  Space: change  a: grant all  d: suppress all  Enter: confirm  Esc: cancel");
	end_line(v);
	return out_flush(o);
}

/* 1, 0 or -errno. */
static int
use_keys(struct view *v)
{
	struct save_offer *s = v->s;
	int r;

	while ((r = draw(v)) == 0) {
		switch (read_key(v->tty, s->idle_ms)) {
		case KEY_UP:
			v->cursor -= v->cursor > 0;
			break;
		case KEY_DOWN:
			v->cursor += v->cursor + 1 < s->count;
			break;
		case KEY_CYCLE:
			cycle(&s->item[v->cursor]);
			break;
		case KEY_GRANT_ALL:
			set_all(s, SAVE_GRANT);
			break;
		case KEY_SUPPRESS_ALL:
			set_all(s, SAVE_SUPPRESS);
			break;
		case KEY_CONFIRM:
			return 1;
		case KEY_CANCEL:
			return 0;
		case KEY_OTHER:
			break;
		}
	}
	return r;
}

static int
choose_in_list(struct out *o, int tty, struct save_offer *s, const struct termios *before)
{
	struct view v = { .o = o, .tty = tty, .s = s };
	struct termios raw = *before;
	int r;

	cfmakeraw(&raw);
	if (tcsetattr(tty, TCSANOW, &raw) == -1)
		return -errno;
	be_deaf(tty);
	/* No cursor, no autowrap. */
	out_puts(o, "\x1b[?25l\x1b[?7l");
	r = use_keys(&v);
	out_puts(o, "\x1b[?7h\x1b[?25h");
	(void)out_flush(o);
	(void)tcsetattr(tty, TCSANOW, before);
	return r;
}

/* ---- lines ---- */

int
save_ask_line(struct out *o, int tty, int idle_ms, char *answer, size_t size)
{
	struct pollfd wait = { .fd = tty, .events = POLLIN };

	(void)tcflush(tty, TCIFLUSH);
	if (out_flush(o) < 0 || poll(&wait, 1, idle_ms) != 1)
		return -EIO;
	return prompt_read_line(tty, answer, size);
}

static bool
is_word(const char *answer, const char *const *words)
{
	for (; *words; words++)
		if (strcasecmp(answer, *words) == 0)
			return true;
	return false;
}

static int
choose_by_line(struct out *o, int tty, struct save_offer *s, const char *question)
{
	static const char *const grant[] = { "g", "grant", "y", "yes", "save", NULL };
	static const char *const suppress[] = { "s",	  "suppress", "suppress-save-prompt",
						"no-nag", "no_nag",   "nonag",
						NULL };
	static const char *const skip[] = { "", "n", "no", "skip", NULL };
	char answer[32];

	be_deaf(tty);
	out_puts(o, "[nono] Denied paths:\n");
	for (size_t i = 0; i < s->count; i++)
		save_put_item(o, &s->item[i]);
	put_left_out(o, s, "\n");
	for (int i = 0; i < ANSWERS_MAX; i++) {
		out_puts(o, question);
		out_puts(o, " [g] grant / [s] suppress / [Enter] skip: ");
		if (save_ask_line(o, tty, s->idle_ms, answer, sizeof(answer)) < 0 ||
		    is_word(answer, skip))
			return 0;
		if (is_word(answer, grant))
			set_all(s, SAVE_GRANT);
		else if (is_word(answer, suppress))
			set_all(s, SAVE_SUPPRESS);
		else
			continue;
		return 1;
	}
	return 0;
}

int
save_choose(struct out *o, int tty, struct save_offer *s, const char *question)
{
	const char *term = env_get(s->environment, "TERM");
	struct termios before;
	int r;

	if (!term || str_equal(term, "dumb") || tcgetattr(tty, &before) == -1)
		r = choose_by_line(o, tty, s, question);
	else
		r = choose_in_list(o, tty, s, &before);
	if (r <= 0)
		set_all(s, SAVE_SKIP);
	return r;
}
