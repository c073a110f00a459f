/* profiles/auto_run.c: what of a file counts, and what does not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/fd.h"
#include "profiles/auto_run.h"
#include "tests/harness/unit.h"

struct variant {
	enum auto_run_form form;
	const char *before, *after; /* NULL: no file */
	bool counts;
};

static int
hash_of(unsigned char ret[SHA256_BYTES], enum auto_run_form form, const char *path,
	const char *text)
{
	(void)unlink(path);
	if (text) {
		FILE *f = fopen(path, "w");

		CU_ASSERT_PTR_NOT_NULL_FATAL(f);
		CU_ASSERT(fputs(text, f) >= 0);
		CU_ASSERT_EQUAL(fclose(f), 0);
	}
	return auto_run_hash(ret, form, path);
}

static void
test_parts(void)
{
	static const struct variant v[] = {
		{ AUTO_RUN_CLAUDE, "{\"hooks\": {}}", "{\"x\": 1, /* c */ \"hooks\": { },}",
		  false },
		{ AUTO_RUN_CLAUDE, "{\"hooks\": {}}", "{\"hooks\": {\"a\": 1}}", true },
		{ AUTO_RUN_CLAUDE, "{\"x\": 1}", NULL, false },
		{ AUTO_RUN_CLAUDE, "{\"statusLine\": 1}", "{\"mcpServers\": 1}", true },
		{ AUTO_RUN_CLAUDE, "{\"x\": 1}", "{\"x\": ", true },
		{ AUTO_RUN_OPENCODE, "{\"mcp\": 1}", "{\"mcp\": 1, \"hooks\": 1}", false },
		{ AUTO_RUN_OPENCODE, "{\"mcp\": 1}", "{\"mcp\": 2}", true },
		{ AUTO_RUN_CODEX, "model = 1\n[projects.a]\n", "model = 2\n", false },
		{ AUTO_RUN_CODEX, "model = 1\n", "notify = [\"x\"]\n", true },
		{ AUTO_RUN_CODEX, "[a]\nnotify = 1\n", "[a]\n", false },
		{ AUTO_RUN_CODEX, "[mcp_servers.a]\nx = 1\n", "[mcp_servers.a]\nx = 2\n", true },
		{ AUTO_RUN_CODEX, "[mcp_servers.a]\nx = 1\n[b]\ny = 1\n",
		  "[mcp_servers.a]\nx = 1\n[b]\ny = 2", false },
		{ AUTO_RUN_GIT, "[user]\n\tname = x\n", "[user]\n\tname = y\n", false },
		{ AUTO_RUN_GIT, "[core]\n\tbare = true\n", "[core]\n\tbare = false\n", false },
		{ AUTO_RUN_GIT, "[core]\n", "[core]\n\tHooksPath = x\n", true },
		{ AUTO_RUN_GIT, "[alias]\n\ta = b\n", "[alias]\n\ta = !c\n", true },
		{ AUTO_RUN_GIT, "", "[include]\n\tpath = x\n", true },
		{ AUTO_RUN_WHOLE, "", NULL, true },
		{ AUTO_RUN_WHOLE, "a", "a", false },
	};
	char path[] = "/tmp/nono-unit-XXXXXX";
	int fd = mkstemp(path);

	CU_ASSERT_FATAL(fd != -1);
	fd = fd_close(fd);
	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		unsigned char before[SHA256_BYTES], after[SHA256_BYTES];
		int a = hash_of(before, v[i].form, path, v[i].before);
		int b = hash_of(after, v[i].form, path, v[i].after);
		bool counts = a != b || (a && memcmp(before, after, sizeof(before)) != 0);

		if (counts != v[i].counts)
			(void)fprintf(stderr, "variant %zu\n", i);
		CU_ASSERT_EQUAL(counts, v[i].counts);
	}
	(void)unlink(path);
}

/* Nothing of what a program can put there makes us wait. */
static void
test_kinds(void)
{
	unsigned char hash[SHA256_BYTES];
	char directory[] = "/tmp/nono-unit-XXXXXX", path[64];

	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
	(void)snprintf(path, sizeof(path), "%s/fifo", directory);
	CU_ASSERT_EQUAL(auto_run_hash(hash, AUTO_RUN_FILES, directory), 0);
	CU_ASSERT_EQUAL(mkfifo(path, 0600), 0);
	CU_ASSERT_EQUAL(auto_run_hash(hash, AUTO_RUN_CLAUDE, path), 1);
	CU_ASSERT_EQUAL(auto_run_hash(hash, AUTO_RUN_FILES, directory), 1);
	CU_ASSERT_EQUAL(auto_run_hash(hash, AUTO_RUN_NAMES, directory), 1);
	CU_ASSERT_EQUAL(auto_run_hash(hash, AUTO_RUN_WHOLE, directory), 1);
	CU_ASSERT_EQUAL(unlink(path), 0);
	CU_ASSERT_EQUAL(symlink("fifo", path), 0);
	CU_ASSERT_EQUAL(auto_run_hash(hash, AUTO_RUN_WHOLE, path), 1);
	CU_ASSERT_EQUAL(unlink(path), 0);
	CU_ASSERT_EQUAL(rmdir(directory), 0);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "what counts, and its neighbour", test_parts },
		{ "what is no file", test_kinds },
	};

	return unit_run("auto_run", tests, UNIT_COUNT(tests));
}
