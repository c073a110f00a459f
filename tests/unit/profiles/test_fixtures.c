/*
 * A profile for each row of the tables: tests/data/profiles/bad says in its first line why it is
 * refused, good has the canonical form beside it, merge the outcome of a child and its bases.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json_write.h"
#include "base/str.h"
#include "profiles/profile.h"
#include "profiles/schema.h"
#include "tests/harness/unit.h"

enum { NAMES_MAX = 512 };

static char *environment[] = { (char[]){ "HOME=/nonexistent" }, NULL };

static void
read_data(struct buf *b, const char *directory, const char *name)
{
	const char *top = getenv("NONO_TOP");
	char path[1024];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/tests/data/profiles/%s/%s", top ? top : ".",
		       directory, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_FATAL(buf_read_fd(b, fd, 2 << 20) == 0);
	(void)fd_close(fd);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a directory with this ending, sorted. */
static size_t
list_data(char **names, const char *directory, const char *ending)
{
	const char *top = getenv("NONO_TOP");
	const struct dirent *entry;
	char path[1024];
	size_t n = 0;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "%s/tests/data/profiles/%s", top ? top : ".", directory);
	dir = opendir(path);
	CU_ASSERT_FATAL(dir != NULL);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' && str_ends_with(entry->d_name, ending)) {
			CU_ASSERT_FATAL(n < NAMES_MAX);
			names[n++] = strdup(entry->d_name);
		}
	(void)closedir(dir);
	qsort(names, n, sizeof(*names), compare_names);
	return n;
}

/* Notes, then the tree. */
static void
show(struct buf *b, const struct profile *p, const struct policy_notes *notes)
{
	struct json j = JSON_INIT(b);

	for (size_t i = 0; i < notes->count; i++)
		CU_ASSERT_EQUAL(buf_addf(b, "%s\n", notes->item[i].text), 0);
	node_write(&j, NULL, p->tree);
	CU_ASSERT_EQUAL(json_finish(&j), 0);
}

static bool
is_same(const char *what, const char *got, const char *wanted)
{
	if (str_equal(got, wanted))
		return true;
	printf("    %s: got\n%s\n    wanted\n%s\n", what, got, wanted);
	return false;
}

static bool
is_refused(const char *name)
{
	struct profile_request rq = { .environment = environment };
	struct policy_notes notes = { 0 };
	struct buf text = BUF_INIT, wanted = BUF_INIT;
	static const char mark[] = "// error: ";
	struct err e = ERR_INIT;
	struct profile *p = NULL;
	bool good;
	int r;

	read_data(&text, "bad", name);
	CU_ASSERT_TRUE_FATAL(str_starts_with(buf_str(&text), mark));
	CU_ASSERT_EQUAL(
		buf_add(&wanted, text.p + strlen(mark), strcspn(text.p, "\n") - strlen(mark)), 0);
	r = profile_load_text(&p, (struct slice){ text.p, text.n }, name, &rq, &notes, &e);
	if (r == 0)
		profile_free(p);
	good = r < 0 && is_same(name, e.text, buf_str(&wanted));
	if (r == 0)
		printf("    %s is accepted\n", name);
	policy_notes_clear(&notes);
	buf_clear(&text);
	buf_clear(&wanted);
	return good;
}

static void
test_bad(void)
{
	char *names[NAMES_MAX];
	size_t n = list_data(names, "bad", ".jsonc");

	CU_ASSERT(n >= 150);
	for (size_t i = 0; i < n; i++) {
		CU_ASSERT_TRUE(is_refused(names[i]));
		free(names[i]);
	}
}

static bool
is_read(const char *name)
{
	struct profile_request rq = { .environment = environment };
	struct buf text = BUF_INIT, wanted = BUF_INIT, got = BUF_INIT;
	struct policy_notes notes = { 0 };
	struct err e = ERR_INIT;
	struct profile *p = NULL;
	char expected[256];
	bool good;
	int r;

	(void)snprintf(expected, sizeof(expected), "%.*s.expected",
		       (int)(strlen(name) - strlen(".jsonc")), name);
	read_data(&text, "good", name);
	read_data(&wanted, "good", expected);
	r = profile_load_text(&p, (struct slice){ text.p, text.n }, name, &rq, &notes, &e);
	if (r < 0)
		printf("    %s: %s\n", name, e.text);
	else
		show(&got, p, &notes);
	good = r == 0 && is_same(name, buf_str(&got), buf_str(&wanted));
	if (r == 0)
		profile_free(p);
	policy_notes_clear(&notes);
	buf_clear(&text);
	buf_clear(&wanted);
	buf_clear(&got);
	return good;
}

static void
test_good(void)
{
	char *names[NAMES_MAX];
	size_t n = list_data(names, "good", ".jsonc");

	CU_ASSERT(n >= 15);
	for (size_t i = 0; i < n; i++) {
		CU_ASSERT_TRUE(is_read(names[i]));
		free(names[i]);
	}
}

/* What was written is read again as the same. */
static void
test_again(void)
{
	struct profile_request rq = { .environment = environment };
	struct policy_notes notes = { 0 };
	struct buf text = BUF_INIT, got = BUF_INIT;
	struct err e = ERR_INIT;
	struct profile *p = NULL;

	read_data(&text, "good", "every_key.expected");
	CU_ASSERT_EQUAL_FATAL(
		profile_load_text(&p, (struct slice){ text.p, text.n }, "x", &rq, &notes, &e), 0);
	show(&got, p, &notes);
	CU_ASSERT_TRUE(is_same("again", buf_str(&got), buf_str(&text)));
	profile_free(p);
	policy_notes_clear(&notes);
	buf_clear(&text);
	buf_clear(&got);
}

static bool
is_merged(const char *row)
{
	const char *top = getenv("NONO_TOP");
	struct buf wanted = BUF_INIT, got = BUF_INIT;
	struct policy_notes notes = { 0 };
	struct err e = ERR_INIT;
	struct profile *p = NULL;
	char path[1024], name[256];
	struct profile_request rq = { .reference = path,
				      .environment = environment,
				      .flags = PROFILE_TRUST_ANY };
	bool good;
	int r;

	(void)snprintf(path, sizeof(path), "%s/tests/data/profiles/merge/%s/child.json",
		       top ? top : ".", row);
	(void)snprintf(name, sizeof(name), "%s/expected", row);
	read_data(&wanted, "merge", name);
	r = profile_load(&p, &rq, &notes, &e);
	if (r < 0)
		printf("    %s: %s\n", row, e.text);
	else
		show(&got, p, &notes);
	good = r == 0 && is_same(row, buf_str(&got), buf_str(&wanted));
	if (r == 0)
		profile_free(p);
	policy_notes_clear(&notes);
	buf_clear(&wanted);
	buf_clear(&got);
	return good;
}

static void
test_merge(void)
{
	char *names[NAMES_MAX];
	size_t n = list_data(names, "merge", "");

	CU_ASSERT(n >= 20);
	for (size_t i = 0; i < n; i++) {
		CU_ASSERT_TRUE(is_merged(names[i]));
		free(names[i]);
	}
}

/* Is there a member of this name anywhere? Names of maps are the user's own. */
static bool
is_written(const struct node *n, const char *key)
{
	for (const struct node *c = node_first(n); c; c = c->next)
		if ((c->key && str_equal(c->key, key)) || is_written(c, key))
			return true;
	return false;
}

static void
check_table(const struct key_table *t, const struct node *tree, unsigned int depth)
{
	static const char *const consumed[] = { "$schema", "extends", "remove", "wsl2_proxy_policy",
						"when" };

	if (depth > 12)
		return;
	for (size_t i = 0; i < t->count; i++) {
		const struct key *k = &t->key[i];
		bool skip = k->flags & KEY_LEGACY || str_equal(k->name, "policy");

		for (size_t j = 0; j < ARRAY_LEN(consumed); j++)
			skip = skip || str_equal(k->name, consumed[j]);
		CU_ASSERT(k->type && k->merge && k->description && k->description[0]);
		if (skip)
			continue;
		if (!is_written(tree, k->name))
			printf("    %s.%s is in no fixture\n", t->name, k->name);
		CU_ASSERT_TRUE(is_written(tree, k->name));
		if (k->members)
			check_table(k->members, tree, depth + 1);
	}
}

/* The fixture with every key has every key: a new one cannot come without a test. */
static void
test_table(void)
{
	struct profile_request rq = { .environment = environment };
	struct policy_notes notes = { 0 };
	struct buf text = BUF_INIT;
	struct err e = ERR_INIT;
	struct profile *p = NULL;

	read_data(&text, "good", "every_key.jsonc");
	CU_ASSERT_EQUAL_FATAL(
		profile_load_text(&p, (struct slice){ text.p, text.n }, "x", &rq, &notes, &e), 0);
	check_table(&schema_profile, p->tree, 0);
	CU_ASSERT_PTR_EQUAL(schema_at("filesystem.ignore"), schema_at("filesystem."
								      "suppress_save_prompt"));
	CU_ASSERT_PTR_NULL(schema_at("filesystem.nothing"));
	CU_ASSERT_PTR_NULL(schema_at("filesystem.read.more"));
	profile_free(p);
	policy_notes_clear(&notes);
	buf_clear(&text);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "what is refused, and in which words", test_bad },
		{ "what is read, and as what", test_good },
		{ "what was written is read as the same", test_again },
		{ "how a child builds on its bases", test_merge },
		{ "every key of the table", test_table },
	};

	return unit_run("profile fixtures", tests, UNIT_COUNT(tests));
}
