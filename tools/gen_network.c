/*
 * Build-time generator of the network policy: prints the C file that defines the tables of
 * profiles/network_policy.h. Equal input gives equal output.
 *
 *   gen_network profiles/data/network.json >network_table.c
 */
#include "tools/data.h"

/* Lower case, dots and hyphens: what a request's host is compared with. */
static void
check_host(const char *host, bool suffix, const char *where)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
	size_t n = strlen(host);

	if (strspn(host, letters) != n || !strchr(host, '.') || strstr(host, "..") ||
	    host[n - 1] == '.' || (host[0] == '.') != suffix)
		die(where, host);
}

/* An array of texts, which may be empty but not absent. */
static const cJSON *
get_texts(const cJSON *object, const char *key, const char *where)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, key);

	if (!cJSON_IsArray(list))
		die(where, key);
	return cJSON_GetArraySize(list) == 0 ? list : get_list(object, key, where);
}

static void
print_texts(const char *prefix, size_t i, const cJSON *list)
{
	const cJSON *item;

	if (cJSON_GetArraySize(list) == 0)
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
print_field(const char *field, const char *prefix, size_t i, const cJSON *list)
{
	int n = cJSON_GetArraySize(list);

	if (n > 0)
		printf("\t\t.%s = %s_%zu,\n\t\t.%s_count = %d,\n", field, prefix, i, field, n);
}

static void
print_string(const char *field, const cJSON *object, const char *key, const char *where, bool need)
{
	const char *text = get_text(object, key, where);

	if (!text && need)
		die(where, key);
	if (!text)
		return;
	printf("\t\t.%s = ", field);
	print_text(text);
	printf(",\n");
}

static void
print_groups(const cJSON *groups)
{
	static const char *const known[] = { "description", "hosts", "suffixes" };
	const cJSON *group, *item;
	size_t i = 0;

	cJSON_ArrayForEach(group, groups)
	{
		const char *where = group->string;
		const cJSON *hosts = get_texts(group, "hosts", where);
		const cJSON *suffixes = get_texts(group, "suffixes", where);

		check_keys(group, known, ARRAY_LEN(known), where);
		cJSON_ArrayForEach(item, hosts) check_host(item->valuestring, false, where);
		cJSON_ArrayForEach(item, suffixes) check_host(item->valuestring, true, where);
		print_texts("hosts", i, hosts);
		print_texts("suffixes", i++, suffixes);
	}
	printf("\nconst struct network_group network_groups[] = {\n");
	i = 0;
	cJSON_ArrayForEach(group, groups)
	{
		const char *where = group->string;

		printf("\t{\n\t\t.name = \"%s\",\n", where);
		print_string("description", group, "description", where, true);
		print_field("hosts", "hosts", i, get_texts(group, "hosts", where));
		print_field("suffixes", "suffixes", i++, get_texts(group, "suffixes", where));
		printf("\t},\n");
	}
	printf("};\n\nconst size_t network_groups_count = %zu;\n\n", i);
}

static void
print_profiles(const cJSON *profiles, const cJSON *groups, const cJSON *credentials)
{
	static const char *const known[] = { "groups", "credentials" };
	const cJSON *profile, *item;
	size_t i = 0;

	cJSON_ArrayForEach(profile, profiles)
	{
		const char *where = profile->string;
		const cJSON *used = get_texts(profile, "groups", where);
		const cJSON *keys = get_texts(profile, "credentials", where);

		check_keys(profile, known, ARRAY_LEN(known), where);
		cJSON_ArrayForEach(item, used) if (!cJSON_GetObjectItemCaseSensitive(
							   groups, item->valuestring))
			die(where, item->valuestring);
		cJSON_ArrayForEach(item, keys) if (!cJSON_GetObjectItemCaseSensitive(
							   credentials, item->valuestring))
			die(where, item->valuestring);
		print_texts("profile_groups", i, used);
		print_texts("profile_credentials", i++, keys);
	}
	printf("\nconst struct network_profile network_profiles[] = {\n");
	i = 0;
	cJSON_ArrayForEach(profile, profiles)
	{
		const char *where = profile->string;

		printf("\t{\n\t\t.name = \"%s\",\n", where);
		print_field("groups", "profile_groups", i, get_texts(profile, "groups", where));
		print_field("credentials", "profile_credentials", i++,
			    get_texts(profile, "credentials", where));
		printf("\t},\n");
	}
	printf("};\n\nconst size_t network_profiles_count = %zu;\n\n", i);
}

static void
print_credentials(const cJSON *credentials)
{
	static const char *const known[] = { "upstream", "inject_header", "credential_format",
					     "credential_key", "env_var" };
	const cJSON *c;
	size_t n = 0;

	printf("const struct network_credential network_credentials[] = {\n");
	cJSON_ArrayForEach(c, credentials)
	{
		const char *where = c->string;

		check_keys(c, known, ARRAY_LEN(known), where);
		if (strncmp(get_text(c, "upstream", where), "https://", 8) != 0)
			die(where, "upstream is not https");
		printf("\t{\n\t\t.name = \"%s\",\n", where);
		print_string("upstream", c, "upstream", where, true);
		print_string("header", c, "inject_header", where, true);
		print_string("format", c, "credential_format", where, true);
		print_string("key", c, "credential_key", where, true);
		print_string("variable", c, "env_var", where, false);
		printf("\t},\n");
		n++;
	}
	printf("};\n\nconst size_t network_credentials_count = %zu;\n", n);
}

int
main(int argc, char **argv)
{
	static const char *const known[] = { "meta", "groups", "profiles", "credentials" };
	const cJSON *groups, *credentials;
	cJSON *root;

	if (argc != 2)
		die("usage", "gen_network network.json");
	root = read_json(argv[1]);
	check_keys(root, known, ARRAY_LEN(known), argv[1]);
	groups = cJSON_GetObjectItemCaseSensitive(root, "groups");
	credentials = cJSON_GetObjectItemCaseSensitive(root, "credentials");
	printf("/* Network policy, made by tools/gen_network.c from profiles/data/network.json. */\n"
	       "#include \"profiles/network_policy.h\"\n\n");
	print_groups(groups);
	print_profiles(cJSON_GetObjectItemCaseSensitive(root, "profiles"), groups, credentials);
	print_credentials(credentials);
	cJSON_Delete(root);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
