/*
 * Build-time generator of the policy groups: prints the C file that defines everything in
 * profiles/groups.h. Equal input gives equal output.
 *
 *   gen_tables profiles/data/groups.json profiles/data/presets/default.json >groups_table.c
 */
#include "base/path.h"
#include "tools/data.h"

/* Access bits by key of `allow`, in the order they are printed. */
static const struct {
	const char *key, *bits;
} access_kinds[] = {
	{ "read", "PLAN_READ" },
	{ "write", "PLAN_WRITE" },
	{ "readwrite", "PLAN_READ | PLAN_WRITE" },
};

static bool
is_linux(const cJSON *group)
{
	const char *platform = get_text(group, "platform", group->string);

	if (platform && strcmp(platform, "linux") != 0 && strcmp(platform, "macos") != 0)
		die(group->string, "platform is neither linux nor macos");
	return !platform || strcmp(platform, "linux") == 0;
}

/* Absolute, or from a variable; nothing that two spellings could hide behind. */
static void
check_path(const char *path, const char *where)
{
	size_t n = strlen(path);

	if (path[0] != '/' && path[0] != '$' && strncmp(path, "~/", 2) != 0)
		die(where, path);
	if (path[n - 1] == '/' || strstr(path, "//") || strstr(path, "/../") || strstr(path, "/./"))
		die(where, path);
}

/* ---- covered entries ------------------------------------------------------------------------- */

/* Objects that are another one in every process; a rule on their directory says nothing. */
static bool
is_alias(const char *path)
{
	return path_is_beneath(path, "/dev") || path_is_beneath(path, "/proc");
}

/*
 * True when an earlier entry of the list is an ancestor, so that no rule is needed. An ancestor
 * further down would break the promise of the header.
 */
static bool
is_covered(const cJSON *list, const cJSON *entry, const char *where)
{
	const cJSON *other;
	bool seen_entry = false, covered = false;

	if (is_alias(entry->valuestring))
		return false;
	cJSON_ArrayForEach(other, list)
	{
		seen_entry |= other == entry;
		if (is_alias(other->valuestring) ||
		    !path_is_inside(entry->valuestring, other->valuestring))
			continue;
		if (seen_entry)
			die(where, "an ancestor stands behind its entry");
		covered = true;
	}
	return covered;
}

/* ---- printing -------------------------------------------------------------------------------- */

static void
print_list(const char *prefix, size_t i, const cJSON *list)
{
	const cJSON *item;

	if (!list)
		return;
	printf("static const char *const %s_%zu[] = {\n", prefix, i);
	cJSON_ArrayForEach(item, list)
	{
		printf("\t");
		print_text(item->valuestring);
		printf(",\n");
	}
	printf("};\n");
}

static void
print_allow(size_t i, const cJSON *allow, const char *where)
{
	static const char *const known[] = { "read", "write", "readwrite" };

	if (!allow)
		return;
	check_keys(allow, known, ARRAY_LEN(known), where);
	printf("static const struct group_path allow_%zu[] = {\n", i);
	for (size_t k = 0; k < ARRAY_LEN(access_kinds); k++) {
		const cJSON *list = get_list(allow, access_kinds[k].key, where);
		const cJSON *item;

		cJSON_ArrayForEach(item, list)
		{
			check_path(item->valuestring, where);
			printf("\t{ ");
			print_text(item->valuestring);
			printf(", %s, %s },\n", access_kinds[k].bits,
			       is_covered(list, item, where) ? "true" : "false");
		}
	}
	printf("};\n");
}

static void
print_lists(size_t i, const cJSON *group)
{
	static const char *const known[] = {
		"description", "platform", "required", "extended", "allow", "deny",
	};
	static const char *const deny_known[] = {
		"access",
		"commands",
		"unlink",
		"unlink_override_for_user_writable",
	};
	const char *where = group->string;
	const cJSON *allow = cJSON_GetObjectItemCaseSensitive(group, "allow");
	const cJSON *deny = cJSON_GetObjectItemCaseSensitive(group, "deny");
	const cJSON *denied, *item;

	check_keys(group, known, ARRAY_LEN(known), where);
	if (!is_linux(group)) {
		/* Accepted by name; entries would be dead data here. */
		if (allow || deny)
			die(where, "entries in a group of another platform");
		return;
	}
	print_allow(i, allow, where);
	if (!deny)
		return;
	check_keys(deny, deny_known, ARRAY_LEN(deny_known), where);
	denied = get_list(deny, "access", where);
	cJSON_ArrayForEach(item, denied) check_path(item->valuestring, where);
	print_list("deny", i, denied);
	print_list("commands", i, get_list(deny, "commands", where));
}

static void
print_array(const char *field, const char *prefix, size_t i, bool present)
{
	if (present)
		printf("\t\t.%s = %s_%zu,\n\t\t.%s_count = sizeof(%s_%zu) / sizeof(%s_%zu[0]),\n",
		       field, prefix, i, field, prefix, i, prefix, i);
}

static void
print_group(size_t i, const cJSON *group)
{
	const char *where = group->string;
	const char *description = get_text(group, "description", where);
	const char *platform = get_text(group, "platform", where);
	const cJSON *deny = cJSON_GetObjectItemCaseSensitive(group, "deny");

	if (!description)
		die(where, "no description");
	printf("\t{\n\t\t.name = ");
	print_text(group->string);
	printf(",\n\t\t.description = ");
	print_text(description);
	if (platform) {
		printf(",\n\t\t.platform = ");
		print_text(platform);
	}
	printf(",\n\t\t.linux_group = %s,\n", is_linux(group) ? "true" : "false");
	printf("\t\t.required = %s,\n", get_flag(group, "required", where) ? "true" : "false");
	printf("\t\t.extended = %s,\n", get_flag(group, "extended", where) ? "true" : "false");
	printf("\t\t.unlink_protection = %s,\n",
	       get_flag(deny, "unlink", where) ? "true" : "false");
	print_array("allow", "allow", i, cJSON_HasObjectItem(group, "allow"));
	print_array("deny", "deny", i, deny && get_list(deny, "access", where));
	print_array("commands", "commands", i, deny && get_list(deny, "commands", where));
	printf("\t},\n");
}

static void
print_groups(const cJSON *groups)
{
	const cJSON *group;
	size_t i = 0;

	if (!cJSON_IsObject(groups))
		die("groups", "not an object");
	cJSON_ArrayForEach(group, groups)
	{
		for (const cJSON *later = group->next; later; later = later->next)
			if (strcmp(later->string, group->string) == 0)
				die(group->string, "a group twice");
		print_lists(i++, group);
	}
	printf("\nconst struct group groups_table[] = {\n");
	i = 0;
	cJSON_ArrayForEach(group, groups) print_group(i++, group);
	printf("};\n\nconst size_t groups_count = sizeof(groups_table) / sizeof(groups_table[0]);\n");
}

static void
print_version(const cJSON *meta, const char *where)
{
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(meta, "version");

	if (!cJSON_IsNumber(version))
		die(where, "no meta.version");
	printf("\nconst unsigned int groups_version = %d;\n", version->valueint);
}

static void
print_default_name(const cJSON *groups, const char *name)
{
	if (!cJSON_GetObjectItemCaseSensitive(groups, name))
		die("groups.include of preset default: unknown group", name);
	printf("\t");
	print_text(name);
	printf(",\n");
}

static void
print_default(const cJSON *groups, const cJSON *preset)
{
	const cJSON *set = cJSON_GetObjectItemCaseSensitive(preset, "groups");
	const cJSON *include = get_list(set, "include", "preset default");
	const cJSON *item;

	if (!include)
		die("preset default", "no groups.include");
	printf("\nconst char *const groups_default[] = {\n");
	cJSON_ArrayForEach(item, include) print_default_name(groups, item->valuestring);
	cJSON_ArrayForEach(item, groups) if (get_flag(item, "extended", item->string))
		print_default_name(groups, item->string);
	printf("};\n\nconst size_t groups_default_count =\n"
	       "\tsizeof(groups_default) / sizeof(groups_default[0]);\n");
}

/* Names that older profiles use, each with what it means now. */
static void
print_renamed(const cJSON *groups, const cJSON *renamed)
{
	const cJSON *old, *item;
	size_t i = 0;

	if (!cJSON_IsObject(renamed))
		die("renamed", "not an object");
	cJSON_ArrayForEach(old, renamed)
	{
		const cJSON *list = get_list(renamed, old->string, "renamed");

		if (cJSON_GetObjectItemCaseSensitive(groups, old->string))
			die("renamed: a name in use", old->string);
		printf("\nstatic const char *const renamed_%zu[] = {\n", i++);
		cJSON_ArrayForEach(item, list) print_default_name(groups, item->valuestring);
		printf("\tNULL,\n};\n");
	}
	printf("\nconst char *const *\ngroup_renamed(const char *name)\n{\n");
	i = 0;
	cJSON_ArrayForEach(old, renamed)
	{
		printf("\tif (strcmp(name, ");
		print_text(old->string);
		printf(") == 0)\n\t\treturn renamed_%zu;\n", i++);
	}
	printf("\treturn NULL;\n}\n");
}

int
main(int argc, char **argv)
{
	static const char *const known[] = { "meta", "groups", "renamed" };
	const cJSON *groups;
	cJSON *root, *preset;

	if (argc != 3)
		die("usage", "gen_tables groups.json default.json");
	root = read_json(argv[1]);
	preset = read_json(argv[2]);
	check_keys(root, known, ARRAY_LEN(known), argv[1]);
	groups = cJSON_GetObjectItemCaseSensitive(root, "groups");
	printf("/* Policy groups, made by tools/gen_tables.c from profiles/data/. */\n"
	       "#include \"profiles/groups.h\"\n\n#include <string.h>\n\n"
	       "#include \"plan/format.h\"\n\n");
	print_groups(groups);
	print_version(cJSON_GetObjectItemCaseSensitive(root, "meta"), argv[1]);
	print_default(groups, preset);
	printf("\nconst struct group *\ngroup_find(const char *name)\n{\n"
	       "\tfor (size_t i = 0; i < groups_count; i++)\n"
	       "\t\tif (strcmp(groups_table[i].name, name) == 0)\n"
	       "\t\t\treturn &groups_table[i];\n"
	       "\treturn NULL;\n}\n");
	print_renamed(groups, cJSON_GetObjectItemCaseSensitive(root, "renamed"));
	cJSON_Delete(root);
	cJSON_Delete(preset);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
