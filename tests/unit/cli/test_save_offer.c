/* What of a list of refusals is offered for saving: nothing in it is believed. */
#include "cli/save_offer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "tests/harness/record_sample.h"
#include "tests/harness/unit.h"

struct row {
	unsigned int access, flags;
	const char *path;
};

struct fixture {
	struct record_sample sample;
	struct save_offer offer;
	struct save_list *list;
	size_t context_bytes;
};

/* `context`: words, each ended by '|'. */
static void
fixture_make(struct fixture *f, const char *context, const struct row *rows, size_t n)
{
	struct save_row *row;
	char *words;

	*f = (struct fixture){ .context_bytes = 0 };
	CU_ASSERT_TRUE_FATAL(record_sample_make(&f->sample, PLAN_NET_ALLOWED));
	f->list = mem_calloc(1, SAVE_LIST_BYTES);
	words = record_sample_text(&f->sample, context);
	CU_ASSERT_FATAL(f->list && words);
	memcpy(f->list->magic, SAVE_MAGIC, sizeof(f->list->magic));
	f->list->version = SAVE_VERSION;
	f->list->count = (uint32_t)n;
	row = (struct save_row *)(f->list + 1);
	for (size_t i = 0; i < n; i++) {
		autofree char *path = record_sample_text(&f->sample, rows[i].path);

		CU_ASSERT_FATAL(path != NULL);
		row[i].access = rows[i].access;
		row[i].flags = rows[i].flags;
		(void)strncpy(row[i].path, path, sizeof(row[i].path) - 1);
	}
	f->context_bytes = strlen(words);
	for (char *p = words; *p; p++)
		*p = *p == '|' ? '\0' : *p;
	f->offer = (struct save_offer){ .plan = f->sample.session.plan,
					.context_image = words,
					.list_image = f->list };
}

static void
fixture_clear(struct fixture *f)
{
	save_offer_clear(&f->offer);
	record_sample_clear(&f->sample);
}

/* "LIST [claimed ][GROUP ]PATH" per line. */
static char *
shown(const struct save_offer *s)
{
	autobuf struct buf b = BUF_INIT;

	for (size_t i = 0; i < s->count; i++)
		if (buf_addf(&b, "%s %s%s%s%s\n", s->item[i].list,
			     s->item[i].claimed ? "claimed " : "",
			     s->item[i].group ? s->item[i].group : "", s->item[i].group ? " " : "",
			     s->item[i].path) < 0)
			abort();
	return buf_take(&b);
}

static void
expect(const char *context, const struct row *rows, size_t n, const char *wanted)
{
	struct fixture f;
	autofree char *got = NULL, *text = NULL;
	bool equal;

	fixture_make(&f, context, rows, n);
	CU_ASSERT_EQUAL(save_offer_judge(&f.offer, f.context_bytes, SAVE_LIST_BYTES), 0);
	got = shown(&f.offer);
	text = record_sample_text(&f.sample, wanted);
	equal = text && str_equal(got ? got : "", text);
	if (!equal)
		(void)printf("--- got\n%s--- wanted\n%s---\n", got, text);
	CU_ASSERT_TRUE(equal);
	fixture_clear(&f);
}

static void
test_rows(void)
{
	static const struct row rows[] = {
		{ 1, SAVE_CLAIMED, "@/out/file" },
		{ 3, SAVE_DIRECTORY, "@/out" },
		{ 1, SAVE_CLAIMED, "@/home/.ssh/key" },
		/* Of what is asked for only what is not granted. */
		{ 3, SAVE_DIRECTORY, "@/wide" },
	};

	expect("", rows, UNIT_COUNT(rows),
	       "filesystem.allow @/out\n"
	       "filesystem.write @/wide\n"
	       "filesystem.read_file claimed deny_keys @/home/.ssh/key\n"
	       "filesystem.read_file claimed @/out/file\n");
}

static void
test_no_rows(void)
{
	static const struct row rows[] = {
		{ 1, 0, "@/out/none" },
		{ 1, SAVE_DIRECTORY, "@/out/file" }, /* it is none */
		{ 1, 0, "@/out" },
		{ 1, 0, "@/out/way/own" }, /* through a link */
		{ 1, 0, "@/out/../out/file" },
		{ 1, 0, "@/out//file" },
		{ 1, 0, "out/file" },
		{ 1, 0, "" },
		{ 0, 0, "@/out/file" },
		{ 4, 0, "@/out/file" },
		{ 1, SAVE_ALL_FLAGS + 1, "@/out/file" },
		{ 1, 0, "@/wide/have" }, /* granted */
		{ 1, SAVE_DIRECTORY, "@/home" },
		{ 1, SAVE_DIRECTORY, "@" }, /* holds the home */
		{ 1, SAVE_DIRECTORY, "/" },
		{ 1, 0, "/proc/version" },
	};

	expect("", rows, UNIT_COUNT(rows), "");
}

static void
test_context(void)
{
	static const struct row rows[] = {
		{ 1, 0, "@/out/file" },
		{ 2, 0, "@/wide/have" },
	};
	struct fixture f;

	expect("s@/out|", rows, UNIT_COUNT(rows), "filesystem.write_file @/wide/have\n");
	expect("vXDG_STATE_HOME=@/out|", rows, UNIT_COUNT(rows),
	       "filesystem.read_file @/out/file\nfilesystem.write_file @/wide/have\n");
	/* nono's own state and configuration. */
	expect("vXDG_STATE_HOME=@|", &(struct row){ 3, SAVE_DIRECTORY, "@/out" }, 1,
	       "filesystem.allow @/out\n");
	fixture_make(&f, "pdev|vA=1|vB=2|sx|", rows, 0);
	CU_ASSERT_EQUAL_FATAL(save_offer_judge(&f.offer, f.context_bytes, SAVE_LIST_BYTES), 0);
	CU_ASSERT_STRING_EQUAL(f.offer.profile, "dev");
	CU_ASSERT_STRING_EQUAL(f.offer.environment[0], "A=1");
	CU_ASSERT_STRING_EQUAL(f.offer.environment[1], "B=2");
	CU_ASSERT_PTR_NULL(f.offer.environment[2]);
	fixture_clear(&f);
}

static void
test_no_end(void)
{
	struct fixture f;
	struct save_row *row;

	fixture_make(&f, "", &(struct row){ 1, 0, "@/out/file" }, 1);
	row = (struct save_row *)(f.list + 1);
	memset(row->path, '/', sizeof(row->path));
	CU_ASSERT_EQUAL(save_offer_judge(&f.offer, f.context_bytes, SAVE_LIST_BYTES), 0);
	CU_ASSERT_EQUAL(f.offer.count, 0);
	fixture_clear(&f);
}

/* The list as a whole: what it is refused for. */
static void
test_damaged(void)
{
	for (int i = 0; i < 6; i++) {
		struct fixture f;
		size_t bytes = SAVE_LIST_BYTES;

		fixture_make(&f, "", &(struct row){ 1, 0, "@/out/file" }, 1);
		switch (i) {
		case 0: /* the twin */
			break;
		case 1:
			bytes--;
			break;
		case 2:
			f.list->magic[0] ^= 1;
			break;
		case 3:
			f.list->version++;
			break;
		case 4:
			f.list->count = SAVE_ROWS_MAX + 1;
			break;
		default:
			f.list->zero = 1;
		}
		CU_ASSERT_EQUAL(save_offer_judge(&f.offer, f.context_bytes, bytes),
				i == 0 ? 0 : -EBADMSG);
		fixture_clear(&f);
	}
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "rows", test_rows },
		{ "what is no row", test_no_rows },
		{ "the context", test_context },
		{ "a path without an end", test_no_end },
		{ "a list that is none", test_damaged },
	};

	return unit_run("save offer", tests, UNIT_COUNT(tests));
}
