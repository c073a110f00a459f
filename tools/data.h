/*
 * Checked reading of our own data at build time, and printing of C text: shared by the generators
 * of tables. The files are ours, but a misspelt key in one would be a defence left out in silence.
 * So everything that is not understood ends the build.
 */
#ifndef TOOLS_DATA_H
#define TOOLS_DATA_H

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/fd.h"

enum { DATA_BYTES_MAX = 1 << 20 };

static inline _Noreturn void
die(const char *where, const char *what)
{
	fprintf(stderr, "%s: %s\n", where, what);
	exit(1);
}

/* ---- checked access to the JSON -------------------------------------------------------------- */

static inline void
check_keys(const cJSON *object, const char *const *known, size_t n, const char *where)
{
	const cJSON *item;

	if (!cJSON_IsObject(object))
		die(where, "not an object");
	cJSON_ArrayForEach(item, object)
	{
		bool found = false;

		for (size_t i = 0; i < n; i++)
			found |= strcmp(item->string, known[i]) == 0;
		if (!found)
			die(where, item->string);
		for (const cJSON *later = item->next; later; later = later->next)
			if (strcmp(later->string, item->string) == 0)
				die(where, "a key twice");
	}
}

static inline const char *
get_text(const cJSON *object, const char *key, const char *where)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

	if (!item)
		return NULL;
	if (!cJSON_IsString(item) || item->valuestring[0] == '\0')
		die(where, key);
	return item->valuestring;
}

static inline bool
get_flag(const cJSON *object, const char *key, const char *where)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

	if (item && !cJSON_IsBool(item))
		die(where, key);
	return cJSON_IsTrue(item);
}

/* An array of distinct texts, or NULL where the key is absent. */
static inline const cJSON *
get_list(const cJSON *object, const char *key, const char *where)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, key);
	const cJSON *item;

	if (!list)
		return NULL;
	if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) == 0)
		die(where, key);
	cJSON_ArrayForEach(item, list)
	{
		if (!cJSON_IsString(item) || item->valuestring[0] == '\0')
			die(where, key);
		for (const cJSON *later = item->next; later; later = later->next)
			if (cJSON_IsString(later) &&
			    strcmp(later->valuestring, item->valuestring) == 0)
				die(where, item->valuestring);
	}
	return list;
}

static inline void
print_text(const char *text)
{
	putchar('"');
	for (const char *p = text; *p; p++) {
		if (*p == '\n') {
			fputs("\\n\"\n\t\t\"", stdout);
			continue;
		}
		if (*p == '\t') {
			fputs("\\t", stdout);
			continue;
		}
		if (*p < ' ' || *p > '~')
			die("text that is not plain ASCII", text);
		if (*p == '"' || *p == '\\')
			putchar('\\');
		putchar(*p);
	}
	putchar('"');
}

static inline void
read_text(struct buf *b, const char *path)
{
	autofd int fd = -1;
	int r;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		die(path, strerror(errno));
	r = buf_read_fd(b, fd, DATA_BYTES_MAX);
	if (r < 0)
		die(path, strerror(-r));
}

static inline cJSON *
read_json(const char *path)
{
	autobuf struct buf b = BUF_INIT;
	cJSON *root;

	read_text(&b, path);
	root = cJSON_ParseWithOpts(buf_str(&b), NULL, true);
	if (!root)
		die(path, "not valid JSON");
	return root;
}

/* "DIR/NAME.json" -> "NAME" */
static inline void
print_file_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	autobuf struct buf b = BUF_INIT;
	const char *name = slash ? slash + 1 : path;

	if (strlen(name) < 6 || strcmp(name + strlen(name) - 5, ".json") != 0)
		die(path, "not a .json file");
	if (buf_add(&b, name, strlen(name) - 5) < 0)
		die(path, "out of memory");
	print_text(buf_str(&b));
}

#endif
