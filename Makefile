# nono. Non-recursive: every object is a target of this file; the variants with sanitizers start
# this same file once more with another BUILD. `make help` lists the targets.
#
# all and install never call apt, sudo or the network. try and check do, through
# tools/need_packages, and only when something is missing.

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: FORCE

# ---- what may be set from outside -----------------------------------------------------------

ifeq ($(origin CC),default)
CC := cc
endif
STRIP ?= strip
INSTALL ?= install
# Compiler for the generators, which run during the build.
HOSTCC ?= $(CC)
CFLAGS ?= -O2 -g
PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= build
# address,undefined and so on: a dynamic build of the tests, used by asan, ubsan, tsan and fuzz.
SANITIZE ?=
V ?= 0
# Empty for a compiler that warns about more than the two that are tested.
WERROR ?= -Werror

BINDIR := $(PREFIX)/bin
LIBEXECDIR := $(PREFIX)/libexec/nono
MANDIR := $(PREFIX)/share/man

ifeq ($(V),0)
say = @printf '  %-7s %s\n' '$(1)' '$(2)';
else
say =
endif

# ---- sources --------------------------------------------------------------------------------

FOLDERS := base audit ipc plan profiles learn launch child shim broker screen record cli
HOOKS := base/hooks_on.c base/hooks_off.c
# Two implementations of one function, chosen by the program: cli/json.h.
SEAMS := cli/json_on.c cli/json_off.c

folder_sources = $(sort $(filter-out $(HOOKS) $(SEAMS),$(wildcard $(1)/*.c)))
SOURCES := $(foreach f,$(FOLDERS),$(call folder_sources,$(f)))
TOOLS := $(sort $(wildcard tools/*.[ch]))
UNIT_TESTS := $(sort $(wildcard tests/unit/*/test_*.c))
FUZZ_TESTS := $(sort $(wildcard tests/fuzz/fuzz_*.c))
# Under the other folders of tests/ a source with a main() is a program that a script starts, any
# other is shared by its neighbours.
TEST_SOURCES := $(sort $(wildcard tests/cli/*.c tests/escape/*.c tests/race/*.c tests/fault/*.c \
	tests/bench/*.c tests/vm/*.c))
TEST_TOOLS := $(shell grep -l '^main\>' $(TEST_SOURCES) /dev/null)
HARNESS := $(sort $(wildcard tests/harness/*.c) $(filter-out $(TEST_TOOLS),$(TEST_SOURCES)))

VERSION := $(shell cat VERSION)
# Both programs carry the same id and refuse each other otherwise. It is a hash of everything that
# is compiled, so that two builds of the same tree are equal, whenever and wherever they happen.
BUILD_ID := $(shell cat VERSION $(SOURCES) $(HOOKS) $(SEAMS) $(TOOLS) \
	$(sort $(wildcard $(addsuffix /*.h,$(FOLDERS)) profiles/data/*.json profiles/data/*/*.json)) | sha256sum | cut -c1-16)
# Only sources that name these macros are compiled again when a value changes.
IDENTITY := -DNONO_VERSION='"$(VERSION)"' -DNONO_BUILD_ID='"$(BUILD_ID)"' \
	-DNONO_LIBEXECDIR='"$(LIBEXECDIR)"'
IDENTITY_SOURCES := $(shell grep -lE 'NONO_(VERSION|BUILD_ID|LIBEXECDIR)' $(SOURCES) $(TOOLS) \
	$(UNIT_TESTS) $(FUZZ_TESTS) $(TEST_SOURCES) /dev/null)

# ---- flags ----------------------------------------------------------------------------------

MACHINE := $(shell $(CC) -dumpmachine)
STRICT := -std=c17 -D_GNU_SOURCE -Wall -Wextra -Wshadow -Wstrict-prototypes -Wconversion \
	-Wmissing-prototypes $(WERROR)
ifeq ($(SANITIZE),)
# glibc refuses _FORTIFY_SOURCE without optimisation.
HARDEN := $(if $(filter -O1 -O2 -O3 -Os -Og,$(CFLAGS)),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3) \
	-fPIE -fstack-protector-strong -ffunction-sections -fdata-sections
HARDEN += $(if $(findstring x86_64,$(MACHINE)),-fcf-protection)
HARDEN += $(if $(findstring aarch64,$(MACHINE)),-mbranch-protection=standard)
LINK_HARDEN := -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--gc-sections
else
HARDEN := -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
LINK_HARDEN := -fsanitize=$(SANITIZE)
endif
COMPILE_FLAGS = $(STRICT) -I. $(HARDEN) $(CPPFLAGS) $(CFLAGS)
LINK_FLAGS = $(CFLAGS) $(LINK_HARDEN) $(LDFLAGS)
# Not part of COMPILE_FLAGS, so that a copy of a built tree is not compiled again.
PREFIX_MAP := -ffile-prefix-map=$(CURDIR)=.

# Both programs are static: the dynamic loader would cost 110 us of the 410 us that a program takes
# to start here (1000 starts each, gcc 12, Linux 6.18). Relocating a static-pie costs another 11 us
# and three page faults. `nono` is on the path of every start, handles nothing but its user's own
# words and ends by exec: it is linked at a fixed address. The broker lives through the session
# beside a hostile program: there the random address is worth the 11 us.
STATIC_nono := -static
STATIC_nono-broker := -static-pie
# Not on the path of every start: the loader's time matters less than 0.8 MB of libc in each.
STATIC_nono-profile := -pie
STATIC_nono-screen := -pie
STATIC_nono-record := -pie
LIBS_nono-profile := -lcjson -l:libcrypto.a
LIBS_nono-screen := -lvterm
# Of libcrypto only the members that SHA256_*() needs are taken; nothing initialises it.
LIBS_nono-broker := -lcrypto
LIBS_nono-record := -l:libcrypto.a

object = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
archive = $(foreach f,$(1),$(BUILD)/lib/$(f).a)
TEST_BIN := $(BUILD)-test/bin

# ---- the targets of a plain make ------------------------------------------------------------

HELPERS := nono-broker nono-profile nono-screen nono-record
PROGRAMS := nono $(HELPERS)
MAN := $(if $(wildcard tools/gen_man.c),$(BUILD)/man/nono.1)

.PHONY: all test-programs
all: $(addprefix $(BUILD)/bin/,$(PROGRAMS)) $(MAN)
test-programs: $(addprefix $(TEST_BIN)/,$(PROGRAMS))

.PHONY: help
help:
	@echo 'all          the programs in build/bin/, ready to run there (default)'
	@echo 'try          build, then watch real programs work and be refused'
	@echo 'check        everything a change must pass (under 20 minutes)'
	@echo 'check-full   check, sanitizers, fuzzing, other kernels, a bare system (hours)'
	@echo 'check-layers the table of who may include and link what'
	@echo 'bench        start time against other sandboxes; writes tests/bench/RESULTS.md'
	@echo 'asan ubsan tsan cov fuzz   the unit tests and fuzz targets under that instrument'
	@echo 'format       clang-format over the tree'
	@echo 'install uninstall          honour DESTDIR and PREFIX'
	@echo 'clean        remove build/ and its variants'
	@echo
	@echo 'CC HOSTCC CFLAGS CPPFLAGS LDFLAGS WERROR PREFIX DESTDIR SOURCE_DATE_EPOCH V=1 are'
	@echo 'honoured.'

# ---- stamps: a file changes only when its content does --------------------------------------

define stamp
@mkdir -p $(@D)
@printf '%s\n' '$(subst ','\'',$(1))' | cmp -s - $@ || printf '%s\n' '$(subst ','\'',$(1))' >$@
endef

$(BUILD)/flags: FORCE
	$(call stamp,$(CC) $(COMPILE_FLAGS))
$(BUILD)/link-flags: FORCE
	$(call stamp,$(CC) $(LINK_FLAGS))
$(BUILD)/identity: FORCE
	$(call stamp,$(IDENTITY))
$(BUILD)/lib/%.list: FORCE
	$(call stamp,$(call folder_sources,$*))

# ---- compiling ------------------------------------------------------------------------------

$(call object,$(IDENTITY_SOURCES)): DEFINES = $(IDENTITY)
$(call object,$(IDENTITY_SOURCES)): $(BUILD)/identity

$(BUILD)/obj/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(COMPILE_FLAGS) $(PREFIX_MAP) $(DEFINES) -MMD -MP -c -o $@ $<

$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(COMPILE_FLAGS) $(PREFIX_MAP) -MMD -MP -c -o $@ $<

FILTER_OBJECT := $(if $(wildcard tools/gen_filter.c),$(BUILD)/obj/gen/filter_tables.o)
DATA_OBJECTS := $(patsubst %,$(BUILD)/obj/gen/%_table.o,groups presets examples hook_scripts network)
EXTRA_launch := $(FILTER_OBJECT)
EXTRA_profiles := $(DATA_OBJECTS)

define archive_rule
$(BUILD)/lib/$(1).a: $(call object,$(call folder_sources,$(1))) $(EXTRA_$(1)) $(BUILD)/lib/$(1).list
	$$(call say,AR,$$@)rm -f $$@ && $(AR) rcsD $$@ $$(filter %.o,$$^)
endef
$(foreach f,$(FOLDERS),$(eval $(call archive_rule,$(f))))

# ---- generators -----------------------------------------------------------------------------

# Compiled for the building machine, from sources alone: when compiling for another one, HOSTCC is
# another compiler.
TOOL_LIBS_gen_filter := -lseccomp
DATA_TOOLS := gen_tables gen_presets gen_network
TOOL_SOURCES_gen_filter := $(wildcard tools/filter_*.c)
# All of base but what needs libcrypto.
TOOL_BASE := $(filter-out base/sha256.c,$(call folder_sources,base)) base/hooks_off.c
$(foreach t,$(DATA_TOOLS),$(eval TOOL_LIBS_$(t) := -lcjson)$(eval TOOL_SOURCES_$(t) := $(TOOL_BASE)))
TOOL_SOURCES_gen_man := $(wildcard cli/table*.c) $(TOOL_BASE)

$(BUILD)/tools/%: tools/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,HOSTCC,$<)$(HOSTCC) $(STRICT) -I. -O1 $(DEFINES) -MMD -MP -MF $@.d -MT $@ \
		-o $@ $< $(TOOL_SOURCES_$*) $(TOOL_LIBS_$*)
# With several sources in one command the compiler keeps the dependencies of the last one only.
$(BUILD)/tools/gen_filter: $(TOOL_SOURCES_gen_filter)
$(addprefix $(BUILD)/tools/,$(DATA_TOOLS)): $(TOOL_BASE) $(wildcard base/*.h) tools/data.h
$(BUILD)/tools/gen_man: DEFINES = $(IDENTITY)
$(BUILD)/tools/gen_man: $(BUILD)/identity $(TOOL_SOURCES_gen_man) $(wildcard base/*.h cli/*.h)

$(BUILD)/gen/filter_tables.c: $(BUILD)/tools/gen_filter
	@mkdir -p $(@D)
	$(call say,GEN,$@)$< $(firstword $(subst -, ,$(MACHINE))) >$@
# In the order in which they are listed.
PRESETS := $(patsubst %,profiles/data/presets/%.json,default linux-host-compat openclaw python-dev \
	node-dev go-dev java-dev rust-dev swival claude-code codex opencode)
EXAMPLES := $(sort $(wildcard profiles/data/examples/*.json))
HOOK_SCRIPTS := $(sort $(wildcard profiles/data/hook_scripts/*.sh))
$(BUILD)/gen/groups_table.c: $(BUILD)/tools/gen_tables profiles/data/groups.json \
		profiles/data/presets/default.json
	@mkdir -p $(@D)
	$(call say,GEN,$@)$^ >$@
$(BUILD)/gen/presets_table.c: $(BUILD)/tools/gen_presets $(PRESETS)
	@mkdir -p $(@D)
	$(call say,GEN,$@)$< presets $(PRESETS) >$@
$(BUILD)/gen/examples_table.c: $(BUILD)/tools/gen_presets $(EXAMPLES)
	@mkdir -p $(@D)
	$(call say,GEN,$@)$< examples $(EXAMPLES) >$@
$(BUILD)/gen/hook_scripts_table.c: $(BUILD)/tools/gen_presets $(HOOK_SCRIPTS)
	@mkdir -p $(@D)
	$(call say,GEN,$@)$< hook_scripts $(HOOK_SCRIPTS) >$@
$(BUILD)/gen/network_table.c: $(BUILD)/tools/gen_network profiles/data/network.json
	@mkdir -p $(@D)
	$(call say,GEN,$@)$^ >$@
$(BUILD)/man/nono.1: $(BUILD)/tools/gen_man
	@mkdir -p $(@D)
	$(call say,GEN,$@)$< >$@

# ---- programs -------------------------------------------------------------------------------

NONO_ARCHIVES := $(call archive,cli profiles launch child shim plan base) $(call object,cli/json_off.c)
PROFILE_ARCHIVES := $(call archive,cli profiles learn launch child shim plan base) $(call object,cli/json_on.c)
BROKER_ARCHIVES := $(call archive,broker launch child shim plan audit ipc base)
SCREEN_ARCHIVES := $(call archive,screen ipc base)
RECORD_ARCHIVES := $(call archive,record plan audit ipc base)

# $(1) directory, $(2) hooks, $(3) program, $(4) archives. The same objects make the release and
# the test build; only the hooks differ. The link map is what check-layers reads.
define program_rule
$(1)/$(3): $(4) $(BUILD)/obj/base/$(2).o $(BUILD)/link-flags
	@mkdir -p $(1)
	$$(call say,LINK,$$@)$(CC) $$(LINK_FLAGS) $(STATIC_$(3)) -Wl,-Map=$$@.map -o $$@ \
		$(BUILD)/obj/base/$(2).o -Wl,--start-group $(4) -Wl,--end-group $(LIBS_$(3))
endef
ARCHIVES_nono := $(NONO_ARCHIVES)
ARCHIVES_nono-profile := $(PROFILE_ARCHIVES)
ARCHIVES_nono-broker := $(BROKER_ARCHIVES)
ARCHIVES_nono-screen := $(SCREEN_ARCHIVES)
ARCHIVES_nono-record := $(RECORD_ARCHIVES)
$(foreach p,$(PROGRAMS),$(eval $(call program_rule,$(BUILD)/bin,hooks_off,$(p),$(ARCHIVES_$(p)))))
$(foreach p,$(PROGRAMS),$(eval $(call program_rule,$(TEST_BIN),hooks_on,$(p),$(ARCHIVES_$(p)))))

# ---- test programs --------------------------------------------------------------------------

ALL_ARCHIVES := $(call archive,cli broker screen record profiles learn launch child shim plan audit ipc base)
test_program = $(patsubst %.c,$(BUILD)/%,$(1))
UNIT_PROGRAMS := $(call test_program,$(UNIT_TESTS))
TEST_TOOL_PROGRAMS := $(call test_program,$(TEST_TOOLS))

$(BUILD)/tests/harness.a: $(call object,$(HARNESS))
	@mkdir -p $(@D)
	$(call say,AR,$@)rm -f $@ && $(AR) rcsD $@ $^

$(UNIT_PROGRAMS) $(TEST_TOOL_PROGRAMS): $(BUILD)/tests/%: $(BUILD)/obj/tests/%.o \
		$(BUILD)/tests/harness.a $(BUILD)/obj/base/hooks_on.o $(ALL_ARCHIVES) \
		$(BUILD)/link-flags
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(LINK_FLAGS) -o $@ $(filter %.o,$^) -Wl,--as-needed \
		-Wl,--start-group $(filter %.a,$^) -Wl,--end-group -lcunit -lseccomp -lcjson -lvterm -lcrypto

.PHONY: unit-programs
unit-programs: $(UNIT_PROGRAMS)

# ---- dependencies ---------------------------------------------------------------------------

-include $(patsubst %.o,%.d,$(call object,$(SOURCES) $(HOOKS) $(SEAMS) $(UNIT_TESTS) $(FUZZ_TESTS) \
	$(TEST_TOOLS) $(HARNESS))) $(patsubst %.o,%.d,$(FILTER_OBJECT) $(DATA_OBJECTS)) \
	$(patsubst %.c,$(BUILD)/%.d,$(filter %.c,$(TOOLS)))

# ---- checks ---------------------------------------------------------------------------------

# Packages first: without libseccomp's header not even the generators compile.
.PHONY: try check check-built check-layers check-full bench
try:
	@tools/need_packages try
	@$(MAKE) --no-print-directory all
	@tools/try

check:
	@tools/need_packages check
	@$(MAKE) --no-print-directory check-built

check-built: all test-programs unit-programs test-tools
	@tools/check_layers $(BUILD)
	@tests/harness/run

.PHONY: test-tools
test-tools: $(TEST_TOOL_PROGRAMS)

check-layers: all
	@tools/check_layers $(BUILD)

# Minutes of fuzzing for each target.
FUZZ_MINUTES ?= 3
# All but what compiles the project over and over, in which the kernel has no part.
RUN_IN_VM = tests/harness/run -t 5400 -x cli/build.sh
check-full:
	@tools/need_packages full
	@$(MAKE) --no-print-directory check-built
	@$(MAKE) --no-print-directory asan
	@$(MAKE) --no-print-directory ubsan
	@$(MAKE) --no-print-directory fuzz
	@TEST_CASES=10000 TEST_SEED=$$(date +%s) tests/harness/run -t 1200 cli/why_random
	@tests/agents/run
	@tests/vm/run -k 6.1 -t 9000 $(RUN_IN_VM)
	@tests/vm/run -k 6.12 -t 9000 $(RUN_IN_VM)
	@tests/fresh/run
	@tests/fresh/run -u

bench: all test-tools
	@tests/bench/run

# ---- instruments: the tests once more, in a build directory of their own ---------------------

# Instruments change what the compiler can see and so what it warns about.
VARIANT = $(MAKE) --no-print-directory WERROR=
.PHONY: asan ubsan tsan cov fuzz
asan:
	@$(VARIANT) BUILD=build-asan SANITIZE=address unit-programs
	@tests/harness/run -b build-asan unit/
ubsan:
	@$(VARIANT) BUILD=build-ubsan SANITIZE=undefined unit-programs
	@tests/harness/run -b build-ubsan unit/
tsan:
	@$(VARIANT) BUILD=build-tsan SANITIZE=thread unit-programs
	@tests/harness/run -b build-tsan unit/
cov:
	@$(VARIANT) BUILD=build-cov CFLAGS='-O0 -g --coverage' unit-programs
	@tools/coverage build-cov
fuzz:
	@$(VARIANT) CC=clang BUILD=build-fuzz SANITIZE=fuzzer-no-link,address,undefined fuzz-programs
	@tests/fuzz/run build-fuzz $(FUZZ_MINUTES)

FUZZ_PROGRAMS := $(call test_program,$(FUZZ_TESTS))
.PHONY: fuzz-programs
fuzz-programs: $(FUZZ_PROGRAMS)
$(FUZZ_PROGRAMS): $(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(BUILD)/tests/harness.a \
		$(BUILD)/obj/base/hooks_on.o $(ALL_ARCHIVES) $(BUILD)/link-flags
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(LINK_FLAGS) -fsanitize=fuzzer -o $@ $(filter %.o,$^) \
		-Wl,--as-needed -Wl,--start-group $(filter %.a,$^) -Wl,--end-group -lcrypto -lcjson -lvterm

# ---- the rest -------------------------------------------------------------------------------

.PHONY: print-id
print-id:
	@echo $(BUILD_ID)

.PHONY: format install uninstall clean
format:
	clang-format -i $(sort $(wildcard $(addsuffix /*.[ch],$(FOLDERS) tools)) \
		$(shell find tests -name '*.[ch]'))

install: all
	$(INSTALL) -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(LIBEXECDIR)' '$(DESTDIR)$(MANDIR)/man1' \
		'$(DESTDIR)$(MANDIR)/man7'
	$(INSTALL) -m 755 -s --strip-program=$(STRIP) $(BUILD)/bin/nono '$(DESTDIR)$(BINDIR)/nono'
	for p in $(HELPERS); do $(INSTALL) -m 755 -s --strip-program=$(STRIP) $(BUILD)/bin/$$p \
		'$(DESTDIR)$(LIBEXECDIR)/'$$p || exit; done
	$(INSTALL) -m 644 $(MAN) '$(DESTDIR)$(MANDIR)/man1/nono.1'
	$(INSTALL) -m 644 docs/man/nono-security.7 '$(DESTDIR)$(MANDIR)/man7/nono-security.7'

# The directory of the helpers is ours and goes when it is empty; the others are shared.
uninstall:
	rm -f '$(DESTDIR)$(BINDIR)/nono' $(HELPERS:%='$(DESTDIR)$(LIBEXECDIR)/%') \
		'$(DESTDIR)$(MANDIR)/man1/nono.1' '$(DESTDIR)$(MANDIR)/man7/nono-security.7'
	-rmdir '$(DESTDIR)$(LIBEXECDIR)' 2>/dev/null

clean:
	rm -rf build build-test build-asan build-ubsan build-tsan build-cov build-fuzz
