/*
 * What a session leaves to be saved: the context that `nono` writes, the list that nono-record makes
 * of the program's output, and what nono-profile believes of a list, which it holds to be hostile.
 *
 * An input is lines. Their first byte says what they are: a word of the context (its kind), "r" a
 * row of the list: access, flags, path, and anything else is output of the program. "@" in a row or
 * in the output stands for a directory with files in it.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/save_offer.h"
#include "tests/harness/record_sample.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* One for all inputs: they write nothing. */
static struct record_sample *
sample(void)
{
	static struct record_sample s;

	return &s;
}

static void
forget_sample(void)
{
	struct session *s = &sample()->session;

	s->output = s->context = (struct slice){ NULL, 0 };
	record_sample_clear(sample());
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	must(record_sample_make(sample(), PLAN_NET_ALLOWED));
	return atexit(forget_sample);
}

/* ---- what an input says ---- */

struct input {
	struct buf context, output;
	struct save_list *list;
};

static void
add_text(struct buf *b, struct slice text)
{
	for (size_t i = 0; i < text.n; i++)
		must((text.p[i] == '@' ? buf_adds(b, buf_str(&sample()->base))
				       : buf_addc(b, text.p[i])) == 0);
}

static void
add_row(struct save_list *list, struct slice line)
{
	struct save_row *row = (struct save_row *)(list + 1) + list->count;
	autobuf struct buf path = BUF_INIT;

	if (line.n < 2 || list->count == SAVE_ROWS_MAX)
		return;
	row->access = (unsigned char)line.p[0] - (uint32_t)'0';
	row->flags = (unsigned char)line.p[1] - (uint32_t)'0';
	add_text(&path, (struct slice){ line.p + 2, line.n - 2 });
	/* Without an end where it is too long, as a hostile writer would leave it. */
	memcpy(row->path, path.n ? path.p : "",
	       path.n < sizeof(row->path) ? path.n : sizeof(row->path));
	list->count++;
}

static void
add_line(struct input *in, struct slice line)
{
	char kind = line.n ? line.p[0] : '\0';

	if (kind == SAVE_PROFILE || kind == SAVE_SUPPRESSED || kind == SAVE_VARIABLE) {
		add_text(&in->context, line);
		must(buf_addc(&in->context, '\0') == 0);
	} else if (kind == 'r') {
		add_row(in->list, (struct slice){ line.p + 1, line.n - 1 });
	} else {
		autobuf struct buf raw = BUF_INIT;

		add_text(&raw, line);
		must(str_printable(&in->output, (struct slice){ buf_str(&raw), raw.n }) == 0);
		must(buf_addc(&in->output, '\n') == 0);
	}
}

static void
read_input(struct input *in, struct slice rest)
{
	*in = (struct input){ BUF_INIT, BUF_INIT, mem_calloc(1, SAVE_LIST_BYTES) };
	must(in->list != NULL);
	memcpy(in->list->magic, SAVE_MAGIC, sizeof(in->list->magic));
	in->list->version = SAVE_VERSION;
	while (rest.n > 0) {
		const char *end = memchr(rest.p, '\n', rest.n);
		size_t n = end ? (size_t)(end - rest.p) : rest.n;

		add_line(in, (struct slice){ rest.p, n });
		rest.p += n + (end != NULL);
		rest.n -= n + (end != NULL);
	}
}

/* ---- what has to hold ---- */

static bool
is_suppressed(struct slice context, const char *path)
{
	const char *word;
	int kind;

	while ((kind = save_take_word(&context, &word)) != 0)
		if (kind == SAVE_SUPPRESSED && path_is_beneath(path, word))
			return true;
	return false;
}

static void
check_offer(const struct save_offer *s, struct slice context)
{
	must(s->count <= SAVE_ROWS_MAX && s->odd_names <= SAVE_ROWS_MAX);
	must(save_offer_count(s, SAVE_SKIP) == s->count);
	for (size_t i = 0; i < s->count; i++) {
		const struct save_item *item = &s->item[i];
		autobuf struct buf shown = BUF_INIT;

		must(item->path[0] == '/' && strlen(item->path) < RECORD_PATH_MAX);
		must(item->access >= 1 && item->access <= 3 && item->list != NULL);
		must(!is_suppressed(context, item->path));
		/* What is shown of it is all of it. */
		must(str_printable(&shown, slice_of(item->path)) == 0);
		must(str_equal(buf_str(&shown), item->path));
		must(i == 0 || item[-1].claimed <= item->claimed);
		for (unsigned int bit = PLAN_READ; bit <= PLAN_WRITE; bit <<= 1)
			must(!(item->access & bit) ||
			     !plan_query_path(&s->plan, item->path, bit).allowed);
	}
	for (char **v = s->environment; v && *v; v++)
		must(strlen(*v) < context.n);
}

/* `list` is written by somebody who has read hostile text, or by such text itself. */
static void
judge(struct slice context, const struct save_list *list, size_t bytes)
{
	struct save_offer s = { .plan = sample()->session.plan };
	int r;

	s.context_image = mem_memdup0(context.p, context.n);
	s.list_image = mem_memdup0(list, bytes);
	must(s.context_image && s.list_image);
	r = save_offer_judge(&s, context.n, bytes);
	must(r == 0 || r == -EBADMSG);
	if (r == 0)
		check_offer(&s, context);
	save_offer_clear(&s);
}

static void
check_list(const struct save_list *list, struct slice context)
{
	const struct save_row *row = (const struct save_row *)(list + 1);

	must(list->count <= SAVE_ROWS_MAX);
	for (size_t i = 0; i < list->count; i++) {
		must(memchr(row[i].path, '\0', sizeof(row[i].path)) != NULL);
		must(row[i].path[0] == '/' && row[i].access >= 1 && row[i].access <= 3);
		must((row[i].flags & ~(uint32_t)SAVE_ALL_FLAGS) == 0);
		must(!is_suppressed(context, row[i].path));
	}
}

/* As nono-record does it; the list goes where it goes in the end. */
static void
find(const struct input *in)
{
	struct session *s = &sample()->session;
	struct save_list *list = NULL;
	struct verdict v;

	s->output = (struct slice){ buf_str(&in->output), in->output.n };
	s->context = (struct slice){ buf_str(&in->context), in->context.n };
	must(verdict_find(&v, s) == 0 && save_find(&list, s, &v) == 0);
	verdict_clear(&v);
	check_list(list, s->context);
	judge(s->context, list, SAVE_LIST_BYTES);
	mem_free(list);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in;

	read_input(&in, (struct slice){ (const char *)data, size });
	find(&in);
	judge((struct slice){ buf_str(&in.context), in.context.n }, in.list, SAVE_LIST_BYTES);
	/* Bytes that are neither context nor list. */
	judge((struct slice){ (const char *)data, size }, in.list, SAVE_LIST_BYTES - 1);
	memcpy(in.list, data, size < sizeof(*in.list) ? size : sizeof(*in.list));
	judge((struct slice){ (const char *)data, size }, in.list, SAVE_LIST_BYTES);
	mem_free(in.list);
	buf_clear(&in.context);
	buf_clear(&in.output);
	return 0;
}
