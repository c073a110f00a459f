/*
 * The expander of variables in paths. Input: three NUL-separated strings, the text, the value of a
 * variable and the name of that variable; the first byte chooses the flags.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of the bytes up to the next NUL. */
static char *
take_string(const uint8_t **data, size_t *size)
{
	size_t n = strnlen((const char *)*data, *size);
	char *s = malloc(n + 1);

	if (!s)
		abort();
	memcpy(s, *data, n);
	s[n] = '\0';
	*data += n < *size ? n + 1 : n;
	*size -= n < *size ? n + 1 : n;
	return s;
}

static bool
has_parent(const char *path)
{
	size_t n = strlen(path);

	return strncmp(path, "../", 3) == 0 || strstr(path, "/../") ||
	       (n >= 3 && strcmp(path + n - 3, "/..") == 0) || strcmp(path, "..") == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autobuf struct buf expanded = BUF_INIT, entry = BUF_INIT;
	char *environment[2] = { NULL, NULL };
	struct host host = {
		.uid = 1000,
		.home = "/home/u",
		.home_real = "/home/u",
		.temp = "/tmp",
		.cwd = "/w",
		.workdir = "/w",
		.environment = environment,
	};
	struct err e = ERR_INIT;
	char *text, *value, *name;
	unsigned int flags;
	int r;

	if (size == 0)
		return 0;
	flags = data[0] & 1 ? EXPAND_STRICT : 0;
	data++, size--;
	text = take_string(&data, &size);
	value = take_string(&data, &size);
	name = take_string(&data, &size);
	if (buf_addf(&entry, "%s=%s", name, value) < 0)
		abort();
	environment[0] = entry.p;
	r = expand_path(&expanded, text, &host, flags, &e);
	if (r < 0 && !e.text[0])
		abort();
	/* A text without variables is itself; one that was expanded cannot climb. */
	if (r == 0 && text[0] != '~' && !strchr(text, '$') && strcmp(buf_str(&expanded), text) != 0)
		abort();
	if (r == 0 && strncmp(text, "$HOME/", 6) == 0 &&
	    (strncmp(buf_str(&expanded), "/home/u/", 8) != 0 || has_parent(buf_str(&expanded))))
		abort();
	free(text);
	free(value);
	free(name);
	return 0;
}
