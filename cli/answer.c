/* What `nono why` answers, as JSON and as text. */
#include "cli/answer.h"

#include <stdio.h>

#include "base/json_write.h"

enum { EXIT_DENIED = 3, EXIT_APPROVAL = 4 };

void
answer_clear(struct answer *a)
{
	buf_clear(&a->granted_path);
	buf_clear(&a->source);
	buf_clear(&a->details);
	buf_clear(&a->policy);
	buf_clear(&a->closest_path);
	buf_clear(&a->closest_source);
	buf_clear(&a->suggestion);
	*a = (struct answer){ 0 };
}

int
answer_detail(struct answer *a, const char *fmt, ...)
{
	va_list ap;
	int r = a->details.n ? buf_adds(&a->details, "; ") : 0;

	if (r < 0)
		return r;
	va_start(ap, fmt);
	r = buf_vaddf(&a->details, fmt, ap);
	va_end(ap);
	return r;
}

int
answer_exit_code(const struct answer *a)
{
	if (a->status == ANSWER_DENIED)
		return EXIT_DENIED;
	return a->status == ANSWER_APPROVAL ? EXIT_APPROVAL : 0;
}

/* ---- JSON ---- */

static void
json_optional(struct json *j, const char *key, const char *value)
{
	if (value && *value)
		json_bytes(j, key, value);
}

static void
json_scope(struct json *j, const struct answer *a)
{
	char abi[16];

	json_string(j, "scope", a->scope);
	json_string(j, "state", a->state);
	json_boolean(j, "requested", a->requested);
	json_boolean(j, "enforced", a->enforced);
	json_boolean(j, "supported", a->supported);
	if (a->kernel_abi > 0) {
		(void)snprintf(abi, sizeof(abi), "V%d", a->kernel_abi);
		json_string(j, "kernel_abi", abi);
	}
	json_optional(j, "details", buf_str(&a->details));
}

static void
json_denied(struct json *j, const struct answer *a)
{
	json_optional(j, "category", a->category);
	json_optional(j, "details", buf_str(&a->details));
	json_optional(j, "policy_source", buf_str(&a->policy));
	if (a->system_file) {
		json_object(j, "origin");
		json_string(j, "kind", "system");
		json_bytes(j, "file", a->system_file);
		json_end(j);
	}
	if (a->closest_path.n) {
		json_object(j, "matching_capability");
		json_bytes(j, "path", buf_str(&a->closest_path));
		json_string(j, "access", a->closest_access);
		json_bytes(j, "source", buf_str(&a->closest_source));
		json_end(j);
	}
	json_optional(j, "suggested_flag", buf_str(&a->suggestion));
}

int
answer_json(struct buf *b, const struct answer *a)
{
	static const char *const status[] = {
		[ANSWER_ALLOWED] = "allowed",
		[ANSWER_DENIED] = "denied",
		[ANSWER_APPROVAL] = "approval_required",
		[ANSWER_NOT_SANDBOXED] = "not_sandboxed",
		[ANSWER_SCOPE] = "scope",
	};
	struct json j = JSON_INIT(b);

	json_object(&j, NULL);
	json_string(&j, "status", status[a->status]);
	switch (a->status) {
	case ANSWER_NOT_SANDBOXED:
		json_string(&j, "message", a->message);
		break;
	case ANSWER_SCOPE:
		json_scope(&j, a);
		break;
	case ANSWER_ALLOWED:
		json_string(&j, "reason", a->reason);
		json_optional(&j, "granted_path", buf_str(&a->granted_path));
		json_optional(&j, "access", a->access);
		json_optional(&j, "source", buf_str(&a->source));
		json_optional(&j, "details", buf_str(&a->details));
		break;
	case ANSWER_DENIED:
	case ANSWER_APPROVAL:
		json_string(&j, "reason", a->reason);
		json_denied(&j, a);
		break;
	}
	json_optional(&j, "enforcement", a->enforcement);
	json_end(&j);
	return json_finish(&j);
}

/* ---- text ---- */

static void
row(struct out *o, const char *title, const char *value)
{
	if (!value || !*value)
		return;
	out_putf(o, "  %s: ", title);
	out_text(o, value);
	out_puts(o, "\n");
}

static void
put_scope(struct out *o, const struct answer *a)
{
	static const char *const word[] = { "no", "yes" };
	char abi[16];

	row(o, "Scope", a->scope);
	row(o, "State", a->state);
	row(o, "Requested", word[a->requested]);
	row(o, "Enforced", word[a->enforced]);
	row(o, "Supported", word[a->supported]);
	if (a->kernel_abi > 0) {
		(void)snprintf(abi, sizeof(abi), "V%d", a->kernel_abi);
		row(o, "Kernel ABI", abi);
	}
}

static void
put_closest(struct out *o, const struct answer *a)
{
	if (!a->closest_path.n)
		return;
	out_puts(o, "  Closest match: ");
	out_text(o, buf_str(&a->closest_path));
	out_putf(o, " (%s, ", a->closest_access);
	out_text(o, buf_str(&a->closest_source));
	out_puts(o, ")\n");
}

void
answer_text(struct out *o, const struct answer *a)
{
	static const struct {
		const char *title;
		enum role role;
	} head[] = {
		[ANSWER_ALLOWED] = { "ALLOWED", ROLE_GREEN },
		[ANSWER_DENIED] = { "DENIED", ROLE_RED },
		[ANSWER_APPROVAL] = { "APPROVAL REQUIRED", ROLE_YELLOW },
		[ANSWER_NOT_SANDBOXED] = { "NOT SANDBOXED", ROLE_YELLOW },
		[ANSWER_SCOPE] = { "SCOPE", ROLE_BLUE },
	};

	out_role(o, head[a->status].role, true, head[a->status].title);
	out_puts(o, "\n");
	if (a->status == ANSWER_SCOPE)
		put_scope(o, a);
	row(o, "Reason", a->status == ANSWER_NOT_SANDBOXED ? a->message : a->reason);
	row(o, "Granted by", buf_str(&a->granted_path));
	row(o, "Access", a->access);
	row(o, "Source", buf_str(&a->source));
	row(o, "Category", a->category);
	row(o, "Details", buf_str(&a->details));
	row(o, "Policy", buf_str(&a->policy));
	if (a->system_file) {
		out_puts(o, "  Origin: system (");
		out_text(o, a->system_file);
		out_puts(o, ")\n");
	}
	put_closest(o, a);
	row(o, "Suggested fix", buf_str(&a->suggestion));
}
