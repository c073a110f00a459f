/* Bounded lists of strings: a command line may be megabytes, a record of it may not. */
#include <errno.h>
#include <string.h>

#include "audit/internal.h"

static const char mark[] = "..."; /* with its NUL, as every word */

void
words_clear(struct words *w)
{
	buf_clear(&w->text);
	w->count = w->cut = 0;
}

static int
add(struct words *w, struct slice word)
{
	int r = buf_add(&w->text, word.p, word.n);

	if (r < 0 || (r = buf_addc(&w->text, '\0')) < 0)
		return r;
	w->count++;
	return 0;
}

int
words_add_whole(struct words *w, struct slice word)
{
	if (w->cut > 0 || word.n >= AUDIT_WORDS_BYTES_MAX - w->text.n) {
		w->cut++;
		return 0;
	}
	return add(w, word);
}

int
words_add(struct words *w, struct slice word)
{
	size_t room = AUDIT_WORDS_BYTES_MAX - w->text.n, keep;
	int r;

	if (w->cut > 0 || word.n < room || room < sizeof(mark))
		return words_add_whole(w, word);
	/* Not within a UTF-8 sequence: at most three bytes of one lie behind its first. */
	keep = room - sizeof(mark);
	for (int i = 0; i < 3 && keep > 0 && ((unsigned char)word.p[keep] & 0xc0) == 0x80; i++)
		keep--;
	r = buf_add(&w->text, word.p, keep);
	r = r < 0 ? r : add(w, slice_of(mark));
	if (r == 0)
		w->cut++;
	return r;
}

int
words_add_command(struct words *w, const char *const *argv, size_t n,
		  const struct redact_rules *rules)
{
	autobuf struct buf word = BUF_INIT;
	struct redact state = { .rules = rules };
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		if (w->cut > 0) {
			w->cut += n - i;
			break;
		}
		buf_reset(&word);
		r = redact_word(&state, &word, argv[i]);
		r = r < 0 ? r : words_add(w, (struct slice){ buf_str(&word), word.n });
	}
	return r;
}

const char *
words_next(const struct words *w, const char *at)
{
	const char *end = w->text.p + w->text.n;

	if (w->count == 0)
		return NULL;
	at = at ? at + strlen(at) + 1 : w->text.p;
	return at < end ? at : NULL;
}

void
words_put(struct json *j, const char *key, const struct words *w)
{
	json_array(j, key);
	for (const char *p = words_next(w, NULL); p; p = words_next(w, p))
		json_string(j, NULL, p);
	json_end(j);
}
