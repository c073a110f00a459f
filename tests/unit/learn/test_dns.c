/* learn/dns.c, net.c. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "learn/dns.h"
#include "learn/net.h"
#include "tests/harness/unit.h"

#define HEADER "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
#define TAIL "\x00\x00\x01\x00\x01"
#define BYTES(text)                    \
	{                              \
		text, sizeof(text) - 1 \
	}

static void
test_query(void)
{
	static const struct {
		struct slice packet;
		const char *name; /* NULL: none */
	} t[] = {
		{ BYTES(HEADER "\x03"
			       "api\x07"
			       "EXAMPLE\x03"
			       "com" TAIL),
		  "api.example.com" },
		{ BYTES(HEADER "\x05"
			       "_dmar\x02"
			       "x-" TAIL),
		  "_dmar.x-" },
		{ BYTES(HEADER "\x01"
			       "a" TAIL "more, as EDNS adds"),
		  "a" },
		{ BYTES(HEADER TAIL), NULL }, /* the root */
		{ BYTES(HEADER "\x03"
			       "api"),
		  NULL }, /* no end */
		{ BYTES(HEADER "\x03"
			       "api\x00\x00\x01"),
		  NULL }, /* no type and class */
		{ BYTES(HEADER "\x09"
			       "api" TAIL),
		  NULL },				 /* longer than the packet */
		{ BYTES(HEADER "\xc0\x0c" TAIL), NULL }, /* a pointer */
		{ BYTES(HEADER "\x03"
			       "a b" TAIL),
		  NULL },
		{ BYTES(HEADER "\x03"
			       "a\x1b[" TAIL),
		  NULL },
		{ BYTES("\x12\x34\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\x01"
			"a" TAIL),
		  NULL }, /* an answer */
		{ BYTES("\x12\x34\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"
			"a" TAIL),
		  NULL }, /* no question */
		{ BYTES("\x12\x34\x01"), NULL },
		{ { "", 0 }, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		char name[DNS_NAME_MAX] = "untouched";
		bool found = dns_query_name(name, t[i].packet);

		CU_ASSERT_EQUAL(found, t[i].name != NULL);
		CU_ASSERT_STRING_EQUAL(name, t[i].name ? t[i].name : "untouched");
	}
}

/* Labels of 63 bytes, up to a name of 253 bytes and one more. */
static void
test_longest(void)
{
	for (size_t last = 61; last <= 62; last++) {
		char packet[512], name[DNS_NAME_MAX];
		size_t n = sizeof(HEADER) - 1;
		const size_t label[] = { 63, 63, 63, last };

		memcpy(packet, HEADER, n);
		for (size_t i = 0; i < ARRAY_LEN(label); i++) {
			packet[n++] = (char)label[i];
			memset(packet + n, 'a', label[i]);
			n += label[i];
		}
		memcpy(packet + n, TAIL, sizeof(TAIL) - 1);
		n += sizeof(TAIL) - 1;
		CU_ASSERT_EQUAL(dns_query_name(name, (struct slice){ packet, n }), last == 61);
		if (last == 61)
			CU_ASSERT_EQUAL(strlen(name), DNS_NAME_MAX - 1);
	}
}

static void
test_varlink(void)
{
	static const struct {
		const char *message, *name;
	} t[] = {
		{ "{\"method\":\"io.systemd.Resolve.ResolveHostname\",\"parameters\":"
		  "{\"name\":\"api.Example.com\",\"flags\":0}}",
		  "api.example.com" },
		{ "{\"parameters\" : { \"name\" : \"a.b\" }, \"method\" : \"x.ResolveHostname\" }",
		  "a.b" },
		{ "{\"method\":\"io.systemd.Resolve.ResolveHostname\",\"parameters\":"
		  "{\"name\":\"localhost\"}}",
		  NULL },
		{ "{\"method\":\"io.systemd.Resolve.ResolveAddress\",\"parameters\":"
		  "{\"name\":\"a.b\"}}",
		  NULL },
		{ "{\"method\":\"x.ResolveHostname\",\"parameters\":{\"name\":\"a..b\"}}", NULL },
		{ "{\"method\":\"x.ResolveHostname\",\"parameters\":{\"name\":\"a.\\u0041\"}}",
		  NULL },
		{ "{\"method\":\"x.ResolveHostname\",\"parameters\":{\"name\":\"a.b", NULL },
		{ "{\"method\":\"x.ResolveHostname\"", NULL },
		{ "[\"method\"]", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		char name[DNS_NAME_MAX] = "untouched";
		bool found = dns_varlink_name(name, slice_of(t[i].message));

		CU_ASSERT_EQUAL(found, t[i].name != NULL);
		CU_ASSERT_STRING_EQUAL(name, t[i].name ? t[i].name : "untouched");
	}
}

static void
add(struct endpoints *e, const char *address, uint16_t port, bool listening, const char *name)
{
	struct sockaddr_storage s = { 0 };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	if (inet_pton(AF_INET, address, &in.sin_addr) == 1)
		memcpy(&s, &in, sizeof(in));
	else if (inet_pton(AF_INET6, address, &in6.sin6_addr) == 1)
		memcpy(&s, &in6, sizeof(in6));
	else
		s.ss_family = AF_UNIX;
	CU_ASSERT_EQUAL(endpoints_add(e, &s, sizeof(s), listening, name), 0);
}

static void
test_endpoints(void)
{
	struct endpoints e = { 0 };
	struct sockaddr_storage cut = { .ss_family = AF_INET };

	add(&e, "203.0.113.7", 443, false, NULL);
	add(&e, "203.0.113.7", 443, false, "api.example.com");
	add(&e, "203.0.113.7", 443, false, "other.example.com");
	add(&e, "203.0.113.7", 0, false, NULL);
	add(&e, "/run/socket", 1, false, NULL);
	add(&e, "0.0.0.0", 8080, true, NULL);
	add(&e, "2001:db8::1", 443, false, NULL);
	CU_ASSERT_EQUAL(endpoints_add(&e, &cut, 4, false, NULL), 0);
	endpoints_sort(&e);
	CU_ASSERT_EQUAL_FATAL(e.count, 3);
	CU_ASSERT_STRING_EQUAL(e.item[0].address, "2001:db8::1");
	CU_ASSERT_STRING_EQUAL(e.item[1].address, "203.0.113.7");
	CU_ASSERT_EQUAL(e.item[1].count, 3);
	CU_ASSERT_STRING_EQUAL(e.item[1].name, "api.example.com");
	CU_ASSERT(e.item[2].listening);
	endpoints_forget_names(&e);
	CU_ASSERT_PTR_NULL(e.item[1].name);
	endpoints_clear(&e);
}

static void
test_endpoints_limit(void)
{
	struct endpoints e = { 0 };
	char name[32];

	for (uint16_t port = 1; port <= ENDPOINTS_MAX + 1; port++)
		add(&e, "127.0.0.1", port, false, NULL);
	CU_ASSERT_EQUAL(e.count, ENDPOINTS_MAX);
	CU_ASSERT_EQUAL(e.dropped, 1);
	for (int i = 0; i <= NAMES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "n%d.example", i);
		CU_ASSERT_EQUAL(endpoints_add_name(&e, name), 0);
	}
	CU_ASSERT_EQUAL(e.asked_count, NAMES_MAX);
	endpoints_clear(&e);
}

int
main(void)
{
	static const struct unit_test tests[] = {
		{ "queries", test_query },
		{ "the longest name", test_longest },
		{ "calls of the local resolver", test_varlink },
		{ "addresses are counted", test_endpoints },
		{ "addresses and names are bounded", test_endpoints_limit },
	};

	return unit_run("dns", tests, UNIT_COUNT(tests));
}
