/*
 * A command line of any bytes becomes an event. Whatever it is, the event must be canonical JSON
 * (spec 07 section 6.2) that says the redacted words again, and redacting must change nothing the
 * second time and leave no value of a secret flag behind.
 *
 * The input is the words, separated by NUL. The checker below reads the text from its first byte
 * to its last and refuses whatever the canonical form does not have.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "audit/internal.h"
#include "base/alloc.h"
#include "base/redact.h"
#include "base/str.h"

enum { WORDS_MAX = 64, TEXT_MAX = 8192 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
demand(bool condition)
{
	if (!condition)
		abort();
}

static void
take(const char **p, const char *text)
{
	size_t n = strlen(text);

	demand(strncmp(*p, text, n) == 0);
	*p += n;
}

static unsigned int
hex_value(char c)
{
	demand((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
	return (unsigned int)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* A string in canonical form, decoded into `b`. */
static void
take_string(const char **p, struct buf *b)
{
	static const char letters[] = "\"\\bfnrt", meant[] = "\"\\\b\f\n\r\t";

	take(p, "\"");
	while (**p != '"') {
		const unsigned char c = (unsigned char)**p;
		size_t n;

		if (c == '\\' && (*p)[1] == 'u') {
			unsigned int value;

			take(p, "\\u00");
			value = hex_value((*p)[0]) << 4 | hex_value((*p)[1]);
			/* Only where there is no shorter form. */
			demand(value < 0x20 && (value == 0 || !strchr(meant, (int)value)));
			demand(buf_addc(b, (char)value) == 0);
			*p += 2;
		} else if (c == '\\') {
			const char *letter = strchr(letters, (*p)[1]);

			demand((*p)[1] != '\0' && letter != NULL);
			demand(buf_addc(b, meant[letter - letters]) == 0);
			*p += 2;
		} else {
			demand(c >= 0x20);
			n = str_utf8_sequence(slice_of(*p));
			demand(n > 0 && buf_add(b, *p, n) == 0);
			*p += n;
		}
	}
	take(p, "\"");
}

/* The word with U+FFFD for every byte that is not UTF-8. */
static void
lossy(struct buf *b, const char *word)
{
	while (*word) {
		size_t n = str_utf8_sequence(slice_of(word));

		demand((n ? buf_add(b, word, n) : buf_adds(b, "\xef\xbf\xbd")) == 0);
		word += n ? n : 1;
	}
}

static void
check_event(const char *text, const struct words *words)
{
	const char *word = words_next(words, NULL);

	take(&text, "{\"type\":\"session_started\",\"started\":\"T\",\"command\":[");
	for (; word; word = words_next(words, word)) {
		autobuf struct buf said = BUF_INIT, meant = BUF_INIT;

		take_string(&text, &said);
		lossy(&meant, word);
		demand(strcmp(buf_str(&said), buf_str(&meant)) == 0 && said.n == meant.n);
		if (words_next(words, word))
			take(&text, ",");
	}
	take(&text, "]}");
	demand(*text == '\0');
}

/* Redacting what was redacted changes nothing. */
static void
check_twice(const struct words *words)
{
	struct redact state = { 0 };

	for (const char *p = words_next(words, NULL); p; p = words_next(words, p)) {
		autobuf struct buf again = BUF_INIT;

		demand(redact_word(&state, &again, p) == 0);
		demand(strcmp(buf_str(&again), p) == 0);
	}
}

/* The word behind a secret flag is gone, whatever it is. */
static void
check_secret(const char *word)
{
	struct redact state = { 0 };
	autobuf struct buf flag = BUF_INIT, value = BUF_INIT, joined = BUF_INIT;

	demand(redact_word(&state, &flag, "--Token") == 0);
	demand(redact_word(&state, &value, word) == 0);
	demand(strcmp(buf_str(&value), REDACT_TEXT) == 0);
	buf_reset(&flag);
	demand(buf_adds(&flag, "--password=") == 0 && buf_adds(&flag, word) == 0);
	demand(redact_word(&state, &joined, buf_str(&flag)) == 0);
	demand(strcmp(buf_str(&joined), "--password=" REDACT_TEXT) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *argv[WORDS_MAX];
	struct words words = WORDS_INIT;
	autobuf struct buf text = BUF_INIT, raw = BUF_INIT;
	char *copy;
	size_t n = 0;
	bool any;

	if (size > TEXT_MAX || !(copy = mem_memdup0(data, size)))
		return 0;
	for (size_t at = 0; at <= size && n < WORDS_MAX; at += strlen(copy + at) + 1)
		argv[n++] = copy + at;
	demand(words_add_command(&words, argv, n, NULL) == 0);
	demand(words.count == n && words.cut == 0);
	demand(event_started(&text, "T", &words, NULL) == 0);
	check_event(buf_str(&text), &words);
	check_twice(&words);
	check_secret(argv[0]);
	demand(note_raw(&raw, &words, &any) == 0);
	words_clear(&words);
	mem_free(copy);
	return 0;
}
