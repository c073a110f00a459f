/* Conditions of single entries (spec 03 3.15, B22). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "profiles/reader.h"

enum { SEGMENTS_MAX = 4 };

/* ---- os-release(5) ---- */

/* The value behind '=', without quotes and with its escapes taken off. */
static const char *
unquote(struct pool *pool, struct slice value)
{
	autobuf struct buf b = BUF_INIT;
	char quote = value.n > 0 && (*value.p == '"' || *value.p == '\'') ? *value.p : '\0';
	int r = buf_add(&b, "", 0);

	for (size_t i = quote ? 1 : 0; i < value.n && r == 0; i++) {
		if (quote && value.p[i] == quote)
			break;
		if (value.p[i] == '\\' && quote != '\'' && i + 1 < value.n)
			i++;
		r = buf_addc(&b, value.p[i]);
	}
	return r < 0 ? NULL : pool_take(pool, &b);
}

int
when_read_os_release(struct when_host *h, struct pool *pool, struct slice text)
{
	const struct {
		const char *name;
		const char **value;
	} fields[] = {
		{ "ID=", &h->id },
		{ "ID_LIKE=", &h->id_like },
		{ "VERSION_ID=", &h->version },
		{ "VARIANT_ID=", &h->variant },
	};

	while (text.n > 0) {
		const char *end = memchr(text.p, '\n', text.n);
		size_t n = end ? (size_t)(end - text.p) : text.n;

		for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
			size_t name = strlen(fields[i].name);
			struct slice value = { text.p + name, n - name };

			if (n < name || memcmp(text.p, fields[i].name, name) != 0)
				continue;
			if (value.n > 0 && value.p[value.n - 1] == '\r')
				value.n--;
			*fields[i].value = unquote(pool, value);
			if (!*fields[i].value)
				return -ENOMEM;
		}
		n += end ? 1 : 0;
		text = (struct slice){ text.p + n, text.n - n };
	}
	return 0;
}

/* ---- versions ---- */

static bool
is_number(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0 && s.n <= 18;
}

static struct slice
take_part(const char **text)
{
	struct slice part = { *text, strcspn(*text, ".") };

	*text += part.n;
	*text += **text == '.';
	return part;
}

/* Negative, 0 or positive. Texts that differ compare as less, whichever is first. */
static int
compare_versions(const char *a, const char *b)
{
	while (*a && *b) {
		struct slice x = take_part(&a), y = take_part(&b);

		if (is_number(x) && is_number(y)) {
			long long m = strtoll(x.p, NULL, 10), n = strtoll(y.p, NULL, 10);

			if (m != n)
				return m < n ? -1 : 1;
		} else if (!slice_equal(x, y)) {
			return -1;
		}
	}
	return *a ? 1 : *b ? -1 : 0;
}

enum operator{ OP_EQ, OP_GE, OP_LE, OP_GT, OP_LT };

static const char *
take_operator(const char *text, enum operator* ret)
{
	static const char *const spelled[] = { "==", ">=", "<=", ">", "<" };

	for (size_t i = 0; i < ARRAY_LEN(spelled); i++)
		if (str_starts_with(text, spelled[i])) {
			*ret = (enum operator)i;
			return text + strlen(spelled[i]);
		}
	*ret = OP_EQ;
	return text;
}

static bool
order_holds(enum operator op, int order)
{
	switch (op) {
	case OP_EQ:
		return order == 0;
	case OP_GE:
		return order >= 0;
	case OP_LE:
		return order <= 0;
	case OP_GT:
		return order > 0;
	case OP_LT:
		break;
	}
	return order < 0;
}

static bool
version_holds(const char *constraint, const char *version)
{
	enum operator op;

	constraint = take_operator(constraint, &op);
	return version && order_holds(op, compare_versions(version, constraint));
}

/* ---- predicates ---- */

static bool
has_word(const char *list, struct slice word)
{
	while (list && *list) {
		struct slice item;

		list += strspn(list, " ");
		item = (struct slice){ list, strcspn(list, " ") };
		if (item.n && slice_equal(item, word))
			return true;
		list += item.n;
	}
	return false;
}

static bool
id_matches(const struct when_host *h, const char *id)
{
	struct slice word = slice_of(id);

	if (h->id && str_equal(h->id, id))
		return true;
	if (!str_ends_with(id, "-like"))
		return false;
	word.n -= strlen("-like");
	return (h->id && slice_equal(word, slice_of(h->id))) || has_word(h->id_like, word);
}

static bool
linux_holds(const struct when_host *h, char *const *segment, size_t count)
{
	if (count > 1 && !id_matches(h, segment[1]))
		return false;
	if (count > 2 && !version_holds(segment[2], h->version))
		return false;
	return count < 4 || (h->variant && str_equal(h->variant, segment[3]));
}

static bool
abi_holds(const char *constraint, unsigned int abi)
{
	enum operator op;
	uint64_t wanted;

	constraint = take_operator(constraint, &op);
	if (str_to_u64(constraint, 0, 1000, &wanted) < 0)
		return false;
	return order_holds(op, (abi > wanted) - (abi < wanted));
}

static bool
path_exists(const struct when_host *h, const char *path)
{
	autobuf struct buf b = BUF_INIT;

	if (str_starts_with(path, "~/")) {
		if (!h->home || path_join(&b, h->home, path + 2) < 0)
			return false;
		path = buf_str(&b);
	}
	return path[0] == '/' && access(path, F_OK) == 0;
}

static bool
segments_hold(const struct when_host *h, char *const *segment, size_t count)
{
	const char *name = segment[0], *value = count > 1 ? segment[1] : NULL;

	if (str_equal(name, "linux"))
		return linux_holds(h, segment, count);
	if (str_equal(name, "wsl"))
		return count == 1 && h->wsl;
	if (str_equal(name, "container"))
		return count == 1 && h->container;
	if (str_equal(name, "ci"))
		return count == 1 && h->ci;
	if (!value || count != 2)
		return false;
	if (str_equal(name, "host"))
		return h->hostname && str_equal(h->hostname, value);
	if (str_equal(name, "arch"))
		return h->arch && str_equal(h->arch, value);
	if (str_equal(name, "landlock"))
		return abi_holds(value, h->landlock_abi);
	return false;
}

static bool
is_segment_byte(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '.' || c == '-';
}

/* NULL, or what is wrong with a segment; `versioned`: it may begin with a comparison. */
static const char *
segment_problem(const char *text, bool versioned)
{
	enum operator op;

	if (versioned)
		text = take_operator(text, &op);
	if (!*text)
		return "a part of it is empty";
	if (versioned && !is_segment_byte(*text))
		return "the comparisons are ==, >=, <=, > and <";
	for (; *text; text++)
		if (!is_segment_byte(*text))
			return "parts consist of letters, digits, '_', '.' and '-'";
	return NULL;
}

/* Which segments may begin with a comparison. */
static bool
is_versioned(const char *name, size_t index)
{
	if (str_equal(name, "linux"))
		return index == 2;
	return index == 1 && (str_equal(name, "macos") || str_equal(name, "windows") ||
			      str_equal(name, "landlock"));
}

static size_t
count_allowed(const char *name)
{
	if (str_equal(name, "linux"))
		return 4;
	if (str_equal(name, "windows"))
		return 3;
	return str_equal(name, "macos") ? 2 : SEGMENTS_MAX;
}

int
when_holds(const struct when_host *h, const char *text, bool *ret, const char **ret_reason)
{
	char copy[WHEN_TEXT_MAX], *segment[SEGMENTS_MAX], *rest = copy;
	bool negated = text[0] == '!';
	size_t count = 0;

	text += negated;
	if (strlen(text) >= sizeof(copy)) {
		*ret_reason = "it is too long";
		return -EINVAL;
	}
	(void)snprintf(copy, sizeof(copy), "%s", text);
	if (str_starts_with(text, "exists:") && text[7]) {
		*ret = path_exists(h, text + 7) != negated;
		return 0;
	}
	for (char *part; (part = strsep(&rest, ":"));) {
		if (count == SEGMENTS_MAX || (count > 0 && count == count_allowed(copy))) {
			*ret_reason = "it has too many parts";
			return -EINVAL;
		}
		*ret_reason = segment_problem(part, count > 0 && is_versioned(copy, count));
		if (*ret_reason)
			return -EINVAL;
		segment[count++] = part;
	}
	*ret = segments_hold(h, segment, count) != negated;
	return 0;
}
