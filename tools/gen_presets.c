/*
 * Build-time generator of texts: prints the C file that defines presets_table[] of
 * profiles/presets.h, examples_table[] of profiles/examples.h or hook_scripts_table[] of
 * profiles/hook_scripts.h. Presets lose their blanks, because programs read them; the others stay as
 * they are. Equal input gives equal output.
 *
 *   gen_presets presets profiles/data/presets/default.json ... >presets_table.c
 */
#include "tools/data.h"

/* The profile of a file is called like the file. */
static void
check_name(const cJSON *root, const char *path)
{
	const cJSON *meta = cJSON_GetObjectItemCaseSensitive(root, "meta");
	const char *name = get_text(meta, "name", path);
	const char *slash = strrchr(path, '/');

	if (!name || !slash || strncmp(slash + 1, name, strlen(name)) != 0 ||
	    strcmp(slash + 1 + strlen(name), ".json") != 0)
		die(path, "meta.name is not the name of the file");
}

/* What setup says about a profile without reading it. */
static void
print_summary(const cJSON *root, const char *path)
{
	const cJSON *network = cJSON_GetObjectItemCaseSensitive(root, "network");
	const char *description = get_text(cJSON_GetObjectItemCaseSensitive(root, "meta"),
					   "description", path);

	if (!description)
		die(path, "no meta.description");
	printf(", ");
	print_text(description);
	printf(", %s", get_flag(network, "block", path) ? "true" : "false");
}

static void
print_preset(const char *path)
{
	cJSON *root = read_json(path);
	char *text = cJSON_PrintUnformatted(root);

	if (!text)
		die(path, "out of memory");
	check_name(root, path);
	print_text(text);
	printf(", %zu", strlen(text));
	print_summary(root, path);
	cJSON_free(text);
	cJSON_Delete(root);
}

static void
print_as_is(const char *path)
{
	autobuf struct buf b = BUF_INIT;

	read_text(&b, path);
	print_text(buf_str(&b));
	printf(", %zu, NULL, false", b.n);
}

int
main(int argc, char **argv)
{
	bool presets;

	if (argc < 3)
		die("usage", "gen_presets presets|examples|hook_scripts FILE...");
	presets = strcmp(argv[1], "presets") == 0;
	printf("/* Made by tools/gen_presets.c from profiles/data/%s/. */\n"
	       "#include \"profiles/%s.h\"\n\nconst struct preset %s_table[] = {\n",
	       argv[1], argv[1], argv[1]);
	for (int i = 2; i < argc; i++) {
		printf("\t{ ");
		if (strcmp(argv[1], "hook_scripts") == 0)
			print_text(strrchr(argv[i], '/') ? strrchr(argv[i], '/') + 1 : argv[i]);
		else
			print_file_name(argv[i]);
		printf(", ");
		if (presets)
			print_preset(argv[i]);
		else
			print_as_is(argv[i]);
		printf(" },\n");
	}
	printf("};\n\nconst size_t %s_count = %d;\n", argv[1], argc - 2);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
