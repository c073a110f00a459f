/* Words and lists of the footer. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "record/footer.h"

enum {
	ROWS_MAX = 10,
	LINE_BYTES_MAX = 400,
	PORT_MAX = 65535,
};

#define ELLIPSIS "\xe2\x80\xa6"

/* ---- words ---- */

const char *
footer_access(unsigned int access)
{
	static const char *const text[] = { "none", "read", "write", "read+write" };

	return text[access & (PLAN_READ | PLAN_WRITE)];
}

const char *
footer_signal(unsigned int number, char text[static SIGNAL_TEXT_BYTES])
{
	const char *name = sigabbrev_np((int)number);

	if (!name)
		return NULL;
	(void)snprintf(text, SIGNAL_TEXT_BYTES, "SIG%s", name);
	return text;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The number at `at`, when it is a port; 0 otherwise. */
static unsigned int
port_at(struct slice line, size_t at)
{
	unsigned int port = 0;
	size_t i;

	for (i = at; i < line.n && i < at + 6 && is_digit(line.p[i]); i++)
		port = port * 10 + (unsigned int)(line.p[i] - '0');
	return i > at && port <= PORT_MAX ? port : 0;
}

unsigned int
line_port(struct slice line)
{
	static const char *const shells[] = { "/dev/tcp/", "/dev/udp/" }; /* HOST/PORT */
	size_t at;

	for (size_t i = 0; i < ARRAY_LEN(shells); i++)
		if (text_find(line, 0, shells[i], &at)) {
			at += strlen(shells[i]);
			while (at < line.n && line.p[at] != '/')
				at++;
			return port_at(line, at + 1);
		}
	if (text_find_word(line, 0, "port", &at) && at + 5 < line.n && port_at(line, at + 5))
		return port_at(line, at + 5);
	/* "127.0.0.1:8080", "[::1]:8080", "host:443" */
	for (size_t i = line.n; i > 1; i--) {
		char before = line.p[i - 2];

		if (line.p[i - 1] == ':' && before != ' ' && before != ':' && port_at(line, i))
			return port_at(line, i);
	}
	return 0;
}

/* Names are looked up by UDP, which no flag for a port opens. */
static bool
is_about_names(struct slice line)
{
	static const char *const texts[] = { "resolve",	    "resolution",      "resolving",
					     "getaddrinfo", "name or service", "nor servname" };
	size_t at;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (text_find(line, 0, texts[i], &at))
			return true;
	return false;
}

int
network_flag_add(struct buf *b, const struct plan *p, struct slice line)
{
	unsigned int port = is_about_names(line) ? 0 : line_port(line);
	size_t at;
	bool listens = text_find_word(line, 0, "listen", &at) ||
		       text_find_word(line, 0, "bind", &at);

	if (port && listens && !plan_query_bind(p, port).allowed)
		return buf_addf(b, "--listen-port %u", port);
	if (port && !listens && !plan_query_connect(p, port).allowed)
		return buf_addf(b, "--allow-connect-port %u", port);
	return buf_addf(b, "--allow-net in place of %s",
			p->settings->net == PLAN_NET_BLOCKED ? "--block-net"
							     : "the flags that name ports");
}

/* ---- text ---- */

void
footer_puts(struct footer *f, const char *text)
{
	if (buf_adds(f->b, text) < 0)
		f->failed = true;
}

void
footer_putf(struct footer *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (buf_vaddf(f->b, fmt, ap) < 0)
		f->failed = true;
	va_end(ap);
}

void
footer_block(struct footer *f)
{
	footer_puts(f, "\n");
}

void
footer_foreign(struct footer *f, const char *text)
{
	if (str_printable(f->b, slice_of(text)) < 0)
		f->failed = true;
}

void
footer_text_line(struct footer *f, const char *text)
{
	footer_foreign(f, text);
	footer_puts(f, "\n");
}

void
footer_quoted(struct footer *f, const char *word)
{
	if (word_quote(f->b, word) < 0)
		f->failed = true;
}

/* Does a line of the program begin as advice of ours does? */
static bool
is_like_ours(struct slice line)
{
	static const char *const words[] = { "try:", "fix flags:", "hint:", "nono" };
	size_t at;

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (text_find(line, 0, words[i], &at) && at == 0)
			return true;
	return false;
}

void
footer_line(struct footer *f, struct slice line)
{
	const char *quote = is_like_ours(line) ? "\"" : "";
	bool cut = line.n > LINE_BYTES_MAX;

	if (cut) {
		line.n = LINE_BYTES_MAX;
		while (line.n > 0 && ((unsigned char)line.p[line.n] & 0xc0) == 0x80)
			line.n--;
	}
	footer_puts(f, quote);
	if (str_printable(f->b, line) < 0)
		f->failed = true;
	footer_puts(f, cut ? ELLIPSIS : "");
	footer_puts(f, quote);
	footer_puts(f, "\n");
}

void
footer_flag(struct footer *f, const struct grant_flag *flag)
{
	if (grant_flag_add(f->b, flag) < 0)
		f->failed = true;
}

bool
footer_has_records(const struct footer *f)
{
	return f->verdict->paths_count > 0 || f->verdict->sockets_count > 0;
}

static void
put_more(struct footer *f, size_t n)
{
	if (n > ROWS_MAX)
		footer_putf(f, "  " ELLIPSIS " and %zu more\n", n - ROWS_MAX);
}

/* " FLAG" unless the text behind `start` has it already. */
static void
add_once(struct footer *f, struct buf *flags, const struct buf *flag)
{
	const char *at = buf_str(flags);

	while ((at = strstr(at, buf_str(flag)))) {
		if (at[flag->n] == ' ' || at[flag->n] == '\0')
			return;
		at++;
	}
	if (buf_addc(flags, ' ') < 0 || buf_add(flags, flag->p, flag->n) < 0)
		f->failed = true;
}

static void
put_flags(struct footer *f, const struct buf *flags)
{
	if (flags->n > 0) {
		footer_puts(f, f->session->plan.settings->flags & PLAN_MANIFEST
				       ? "Fix, in filesystem.grants:"
				       : "Fix flags:");
		footer_text_line(f, buf_str(flags));
	}
}

/* ---- sockets ---- */

static const char *
operation_text(uint32_t operation)
{
	static const char *const text[] = { "", "open", "connect", "bind", "send" };

	return text[operation];
}

static const char *
reason_text(uint32_t reason)
{
	static const char *const text[] = { "",
					    "backend error",
					    "rate limited",
					    "denied by user",
					    "insufficient access",
					    "blocked by policy",
					    "not granted" };

	return text[reason];
}

static void
add_socket_flag(struct footer *f, struct buf *flags, const struct record_denial *d)
{
	autobuf struct buf flag = BUF_INIT;

	if (d->target[0] != '/')
		return;
	if (buf_adds(&flag, d->operation == RECORD_BIND ? "--allow-unix-socket-bind "
							: "--allow-unix-socket ") < 0 ||
	    word_quote(&flag, d->target) < 0)
		f->failed = true;
	add_once(f, flags, &flag);
}

void
footer_sockets(struct footer *f)
{
	const struct verdict *v = f->verdict;
	autobuf struct buf flags = BUF_INIT;
	size_t n = v->sockets_count, names = 0;

	if (n == 0)
		return;
	for (size_t i = 0; i < n; i++)
		names += v->sockets[i]->target[0] == '/';
	footer_block(f);
	footer_putf(f, "IPC denial: %zu %s%s blocked. (observed)\n", n,
		    names == n ? "pathname Unix socket" : "Unix socket operation",
		    n == 1 ? "" : "s");
	for (size_t i = 0; i < n && i < ROWS_MAX; i++) {
		const struct record_denial *d = v->sockets[i];

		footer_putf(f, "  %s ", operation_text(d->operation));
		footer_foreign(f, d->target);
		footer_putf(f, " (%s)\n", reason_text(d->reason));
		add_socket_flag(f, &flags, d);
	}
	put_more(f, n);
	put_flags(f, &flags);
}

/* ---- paths ---- */

static void
add_path_flag(struct footer *f, struct buf *flags, const struct denied_path *d)
{
	const struct plan *p = &f->session->plan;
	autobuf struct buf text = BUF_INIT;
	struct grant_flag flag;
	struct place place;

	if (place_find(&place, p, d->path, d->access) < 0) {
		f->failed = true;
		return;
	}
	if (grant_flag_find(&flag, p, &place, place.missing ? place.missing : d->access) < 0) {
		f->failed = true;
	} else {
		if (!flag.refused) {
			if (grant_flag_add(&text, &flag) < 0)
				f->failed = true;
			add_once(f, flags, &text);
		}
		grant_flag_clear(&flag);
	}
	place_clear(&place);
}

void
footer_paths(struct footer *f)
{
	const struct verdict *v = f->verdict;
	autobuf struct buf flags = BUF_INIT;
	size_t n = v->paths_count, restricted = 0;

	if (n == 0)
		return;
	footer_block(f);
	footer_putf(f, "Sandbox denial: %zu path%s blocked. (observed)\n", n, n == 1 ? "" : "s");
	for (size_t i = 0; i < n; i++) {
		const struct denied_path *d = &v->paths[i];

		restricted += d->deny != NULL;
		if (i >= ROWS_MAX)
			continue;
		footer_puts(f, "  ");
		footer_foreign(f, d->path);
		footer_putf(f, " (%s)%s%s\n", footer_access(d->access),
			    d->deny ? "  [permanently restricted]" : "",
			    save_is_suppressed(f->session, d->path) ? "  [save skipped]" : "");
		if (!d->deny)
			add_path_flag(f, &flags, d);
	}
	put_more(f, n);
	put_flags(f, &flags);
	if (restricted > 0)
		footer_putf(
			f, "%zu path%s permanently restricted \xe2\x80\x94 %s.\n", restricted,
			restricted == 1 ? " is" : "s are",
			f->session->plan.settings->flags & PLAN_MANIFEST
				? "denied by the manifest or config.toml"
				: "override via a user profile with filesystem.bypass_protection");
}

/* ---- what was granted ---- */

void
footer_policy(struct footer *f)
{
	const struct plan *p = &f->session->plan;
	static const char *const network[] = { "", "allowed", "blocked",
					       "allowed to the listed ports only" };
	size_t n = plan_count(p, PLAN_SEC_GRANTS), own = 0;

	footer_block(f);
	footer_puts(f, "Sandbox policy:\n  Allowed paths:\n");
	for (size_t i = 0; i < n; i++) {
		const struct plan_grant *g = plan_grant_at(p, i);

		if (g->source != PLAN_SOURCE_USER && g->source != PLAN_SOURCE_PROFILE)
			continue;
		if (++own > ROWS_MAX)
			continue;
		footer_puts(f, "    ");
		footer_foreign(f, plan_string(p, g->resolved.length ? g->resolved : g->original));
		footer_putf(f, " (%s)\n", footer_access(g->access));
	}
	if (own > ROWS_MAX)
		footer_putf(f, "    " ELLIPSIS " and %zu more\n", own - ROWS_MAX);
	if (n > own)
		footer_putf(f, "    + %zu system/group path%s\n", n - own, n - own == 1 ? "" : "s");
	footer_putf(f, "  Network: %s\n", network[p->settings->net]);
}
