/*
 * The guide. What a table of the program knows is written from that table, so that the guide cannot
 * name a key that the reader refuses.
 */
#include "profiles/guide.h"

#include <string.h>

#include "base/attr.h"
#include "base/str.h"
#include "profiles/groups.h"
#include "profiles/network_policy.h"
#include "profiles/presets.h"
#include "profiles/schema.h"

static const char beginning[] =
	"# nono Profile Authoring Guide\n"
	"\n"
	"A profile says once what a program may use. `nono run --profile NAME -- PROGRAM` starts it with\n"
	"that, and with nothing else.\n"
	"\n"
	"## Work order\n"
	"\n"
	"1. `nono profile init NAME --extends default` writes the beginning to\n"
	"   `~/.config/nono/profiles/NAME.json`. Agents write `~/.config/nono/profile-drafts/NAME.json`\n"
	"   instead: they cannot write profiles, and a person makes the draft a profile with\n"
	"   `nono profile promote NAME`.\n"
	"2. Grant what the program needs, as narrow as it works: files before directories, `read` before\n"
	"   `allow`.\n"
	"3. `nono profile validate NAME` checks it, `nono profile lint NAME` finds what is risky or has no\n"
	"   effect, `nono profile show NAME` prints it with everything that it inherits.\n"
	"4. `nono why --profile NAME --path FILE --op read` tells whether an access is allowed, and why.\n"
	"\n"
	"```json\n"
	"{\n"
	"  \"extends\": \"default\",\n"
	"  \"meta\": { \"name\": \"my-agent\", \"description\": \"My agent\" },\n"
	"  \"groups\": { \"include\": [\"node_runtime\", \"git_config\"] },\n"
	"  \"workdir\": { \"access\": \"readwrite\" },\n"
	"  \"filesystem\": {\n"
	"    \"allow\": [\"$HOME/.my-agent\"],\n"
	"    \"read_file\": [\"$HOME/.config/my-agent/config.json\"]\n"
	"  },\n"
	"  \"network\": { \"block\": false }\n"
	"}\n"
	"```\n"
	"\n"
	"Files end in `.json` or `.jsonc`; both take `//` and `/* */` comments and commas at the end of\n"
	"lists. Unknown keys, keys that stand twice, and values of a wrong type are errors with line and\n"
	"column. `nono profile schema -o nono-profile.schema.json` writes a JSON Schema for editors.\n";

static const char inheritance[] =
	"\n"
	"## Inheritance\n"
	"\n"
	"`extends` names one profile or several; later ones are stronger, and the file itself is the\n"
	"strongest. Lists are joined. Single values replace the inherited one when they are there. In maps\n"
	"(`custom_credentials`, `env_credentials`, `hooks`, `set_vars`) a whole entry replaces the one of\n"
	"the same name. `meta` is not inherited. `network.block` and `allow_http2` cannot be switched off\n"
	"again.\n"
	"\n"
	"Nothing that is inherited in a list can be taken back, except groups (`groups.exclude`), credentials\n"
	"(`\"credentials\": []`), the network profile (`\"network_profile\": null`), and what the key `remove`\n"
	"names as it was written. Denied paths can only be reached with `bypass_protection`.\n"
	"\n"
	"A name is looked for among your own profiles, then among installed packs, then among the profiles\n"
	"that come with nono. A reference with a `/`, or one that ends in `.json` or `.jsonc`, is a path.\n"
	"\n"
	"## Conditional entries\n"
	"\n"
	"Entries of `filesystem`, `groups` and `open_urls.allow_origins` may be objects with a condition:\n"
	"`{\"path\": \"/opt/x\", \"when\": \"linux\"}`, `{\"name\": \"go_runtime\", \"when\": \"!wsl\"}`. A list of\n"
	"conditions holds when one of them does.\n"
	"\n"
	"## Variable Expansion\n"
	"\n"
	"| Variable | Is |\n"
	"|---|---|\n"
	"| `~/`, `$HOME` | the home directory |\n"
	"| `$WORKDIR` | the working directory of the session |\n"
	"| `$TMPDIR` | the temporary directory, `/tmp` when it is not set |\n"
	"| `$UID` | the number of the user |\n"
	"| `$XDG_CONFIG_HOME`, `$XDG_DATA_HOME`, `$XDG_STATE_HOME`, `$XDG_CACHE_HOME` | those directories, "
	"or their places below the home directory |\n"
	"| `$NONO_CONFIG`, `$NONO_PACKAGES` | nono's configuration directory, and its packs |\n"
	"\n"
	"These names are nono's own: an exported `WORKDIR` or `UID` changes nothing. Other variables are\n"
	"those of the environment; one that is not set stays as it is written. `${NAME}` and glob characters\n"
	"are not expanded.\n"
	"\n"
	"## Denied paths\n"
	"\n"
	"Groups deny paths that are known to hold secrets (`nono profile groups deny_credentials`). A grant\n"
	"at or inside of such a path needs both the grant and the path in `bypass_protection`; a directory\n"
	"above it that is granted does not include it. Hard links to a denied file that were made before the\n"
	"start, inside of a granted directory, cannot be told apart from other files there.\n";

static const char tool_sandbox[] =
	"\n"
	"## Tool Sandbox  command-policy denials\n"
	"\n"
	"`command_policies` gives single commands a sandbox of their own. A call that is refused names the\n"
	"command, its caller and the rule. To see why:\n"
	"\n"
	"```\n"
	"nono why --profile <profile> --command gh -- issue comment 1052\n"
	"```\n"
	"\n"
	"What one caller may do with a command stands in\n"
	"`command_policies.commands.<name>.from.<caller>.invocation_policy`: `deny`, `approve` and `allow`\n"
	"are lists of rules, looked at in this order, and `default` is what happens when none fits.\n"
	"\n"
	"## Proxy credential endpoint policy\n"
	"\n"
	"A route of `custom_credentials` with `endpoint_rules` refuses every request that no rule names. With\n"
	"`endpoint_policy` the lists `deny`, `approve` and `allow` are looked at in this order, then\n"
	"`default`. In a path `*` is one segment and `**` any number of them.\n";

static const char legacy_head[] =
	"\n"
	"## Old keys\n"
	"\n"
	"These keys are read, with a warning, until v1.0.0. Their entries are appended to the new key's.\n"
	"\n"
	"| Old | New |\n"
	"|---|---|\n";

/* What a key's value is, in two words. */
static const char *
type_name(const struct key *k)
{
	switch (k->type) {
	case KEY_BOOL:
		return "true or false";
	case KEY_STRING:
		return "string";
	case KEY_INTEGER:
		return "number";
	case KEY_STRINGS:
		return k->flags & KEY_OR_STRING ? "string or list" : "list";
	case KEY_PATHS:
		return "list of paths";
	case KEY_NAMES:
		return "list of names";
	case KEY_ORIGINS:
		return "list of origins";
	case KEY_PORTS:
		return "list of ports";
	case KEY_OBJECT:
		return "object";
	case KEY_MAP:
		return "map";
	case KEY_OBJECTS:
		return k->flags & KEY_OR_STRING ? "list of strings or objects" : "list of objects";
	}
	return "";
}

static int
add_choices(struct buf *b, const char *const *choices)
{
	int r = 0;

	for (size_t i = 0; choices && choices[i] && r == 0; i++)
		r = buf_addf(b, "%s`%s`", i ? ", " : " One of ", choices[i]);
	return r == 0 && choices ? buf_adds(b, ".") : r;
}

/* The keys of a table, with those of the objects in it, as "network.block". */
static int
add_keys(struct buf *b, const struct key_table *t, const char *prefix, unsigned int levels)
{
	int r = 0;

	for (size_t i = 0; i < t->count && r == 0; i++) {
		const struct key *k = &t->key[i];
		autobuf struct buf name = BUF_INIT;

		if (k->flags & KEY_LEGACY)
			continue;
		r = buf_addf(&name, "%s%s%s", prefix, *prefix ? "." : "", k->name);
		if (r < 0)
			break;
		if (k->type == KEY_OBJECT && k->members && levels > 0) {
			r = add_keys(b, k->members, buf_str(&name), levels - 1);
			continue;
		}
		r = buf_addf(b, "| `%s` | %s | %s", buf_str(&name), type_name(k), k->description);
		if (r == 0)
			r = add_choices(b, k->choices);
		if (r == 0 && (k->flags & KEY_MACOS))
			r = buf_adds(b, " macOS only.");
		if (r == 0 && (k->flags & KEY_DEPRECATED))
			r = buf_adds(b, " Deprecated.");
		if (r == 0)
			r = buf_adds(b, " |\n");
	}
	return r;
}

static int
add_legacy(struct buf *b, const struct key_table *t, const char *prefix)
{
	int r = 0;

	for (size_t i = 0; i < t->count && r == 0; i++) {
		const struct key *k = &t->key[i];

		if (k->flags & KEY_LEGACY && k->instead)
			r = buf_addf(b, "| `%s%s%s` | `%s` |\n", prefix, *prefix ? "." : "",
				     k->name, k->instead);
		else if (!*prefix && k->type == KEY_OBJECT && k->members)
			r = add_legacy(b, k->members, k->name);
	}
	return r;
}

static int
add_groups(struct buf *b)
{
	int r = buf_adds(
		b, "\n## Groups\n\n"
		   "`nono profile groups NAME` shows what one holds. Required groups cannot be "
		   "excluded.\n\n| Group | Holds | |\n|---|---|---|\n");

	for (size_t i = 0; i < groups_count && r == 0; i++) {
		const struct group *g = &groups_table[i];

		if (g->linux_group)
			r = buf_addf(b, "| `%s` | %s | %s |\n", g->name, g->description,
				     g->required   ? "required"
				     : g->extended ? "in every profile"
						   : "");
	}
	return r;
}

static int
add_names(struct buf *b)
{
	int r = buf_adds(b, "\n## Names\n\nProfiles that come with nono:");

	for (size_t i = 0; i < presets_count && r == 0; i++)
		r = buf_addf(b, "%s `%s`", i ? "," : "", presets_table[i].name);
	if (r == 0)
		r = buf_adds(b, ".\n\nNetwork profiles:");
	for (size_t i = 0; i < network_profiles_count && r == 0; i++)
		r = buf_addf(b, "%s `%s`", i ? "," : "", network_profiles[i].name);
	if (r == 0)
		r = buf_adds(b, ".\n\nGroups of hosts, which `allow_domain` takes as well:");
	for (size_t i = 0; i < network_groups_count && r == 0; i++)
		r = buf_addf(b, "%s `%s`", i ? "," : "", network_groups[i].name);
	if (r == 0)
		r = buf_adds(b, ".\n\nCredentials with a route of their own:");
	for (size_t i = 0; i < network_credentials_count && r == 0; i++)
		r = buf_addf(b, "%s `%s`", i ? "," : "", network_credentials[i].name);
	return r == 0 ? buf_adds(b, ".\n") : r;
}

int
guide_write(struct buf *b)
{
	int r = buf_adds(b, beginning);

	if (r == 0)
		r = buf_adds(b, "\n## Keys\n\n| Key | Value | Meaning |\n|---|---|---|\n");
	if (r == 0)
		r = add_keys(b, &schema_profile, "", 1);
	if (r == 0)
		r = buf_adds(b, inheritance);
	if (r == 0)
		r = buf_adds(b, tool_sandbox);
	if (r == 0)
		r = add_groups(b);
	if (r == 0)
		r = add_names(b);
	if (r == 0)
		r = buf_adds(b, legacy_head);
	if (r == 0)
		r = add_legacy(b, &schema_profile, "");
	return r;
}
