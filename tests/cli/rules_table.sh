#!/bin/bash
# What the child really installs, seen by a tracer, equals the tables in tests/data/rules/.
. "${NONO_TOP:-$(dirname "$0")/../..}/tests/harness/lib.sh"
. "$NONO_TOP/tests/harness/launch.sh"

data=$NONO_TOP/tests/data/rules
mkdir -p cwd readable outbox "$HOME/.local/bin" "$HOME/.config/git"
plant readable/a
plant written
plant both
plant input
plant "$HOME/.gitconfig" '[core]'
up=$PWD
cd cwd || exit 2

declare -A meaning since
while read -r kind word rights; do
	case $kind in
	'#'* | '') ;;
	since) since[$word]=$rights ;;
	*) meaning[$kind $word]=$rights ;;
	esac
done <"$data/access.txt"

# known ABI RIGHT,RIGHT...: sorted, without what this version does not know; "-" for none.
known() {
	local abi=$1 right list=()
	for right in $(tr ',+' '  ' <<<"$2"); do
		[ "$right" = - ] || [ "${since[$right]:-1}" -gt "$abi" ] || list+=("$right")
	done
	[ ${#list[@]} -gt 0 ] || list=(-)
	printf '%s\n' "${list[@]}" | LC_ALL=C sort -u | paste -sd,
}

kind_of() {
	if [ -d "$1" ]; then
		echo dir
	elif [ -c "$1" ]; then
		echo char
	else
		echo file
	fi
}

expand() {
	local text=$1
	text=${text//'$CWD'/$PWD}
	text=${text//'$UP'/$up}
	text=${text//'$BIN'/${NONO%/*}}
	text=${text//'$HOME'/$HOME}
	printf '%s' "${text//'$TMPDIR'/$TMPDIR}"
}

# What is expected of each object, by its canonical path.
declare -A expected
add_expected() {
	local path=$1 access=$2 abi=$3 kind word rights=
	if [ "$path" = PRIVATE ]; then
		kind=dir
	elif [ "$path" = STATE ]; then
		kind=file
	else
		path=$(realpath -e "$(expand "$path")" 2>/dev/null) || return 0
		kind=$(kind_of "$path")
	fi
	case $access in
	=*) rights=${access#=} ;;
	*) for word in ${access//+/ }; do rights+=",${meaning[$kind $word]}"; done ;;
	esac
	expected[$path]=$(known "$abi" "${expected[$path]:-},$rights")
}

read_table() {
	local file=$1 abi=$2 key a b
	while read -r key a b; do
		case $key in
		rule) add_expected "$a" "$b" "$abi" ;;
		port) expected[port:$a]=$(known "$abi" "$b") ;;
		include) read_table "$data/$a" "$abi" ;;
		esac
	done <"$file"
}

# value FILE KEY
value() {
	sed -n "s/^$2 //p" "$1"
}

# is_covered PATH: a directory above it is expected with at least its rights.
is_covered() {
	local path=$1 parent=$1 right missing
	while [[ $parent = /?* ]]; do
		parent=$(dirname "$parent")
		[ -n "${expected[$parent]:-}" ] || continue
		missing=
		for right in ${expected[$path]//,/ }; do
			case ,${expected[$parent]}, in *",$right,"*) ;; *) missing=1 ;; esac
		done
		[ -n "$missing" ] || return 0
	done
	return 1
}

# recorded FILE: "PATH RIGHTS" of every rule that the kernel accepted.
recorded() {
	sed -n 's/^[0-9]* [a-z]* [0-9]* landlock_add_rule \(.*\) = 0$/\1/p' "$1" |
		sed -e 's|path=/proc/[0-9]*/|path=/proc/self/|' \
			-e 's|path=[^ ]*/nono/run/\.nono-[0-9a-f]*-[0-9]*\.json |path=STATE |' \
			-e 's|path=\([^ ]*\)/nono-[0-9]*/[0-9]*-[0-9]* |path=PRIVATE |' \
			-e 's|^path=\([^ ]*\) kind=[a-z]* access=\([^ ]*\) flags=0x0$|\1 \2|' \
			-e 's|^port=\([0-9]*\) access=\([^ ]*\) flags=0x0$|port:\1 \2|'
}

compare() {
	local name=$1 file=$2 trace=$3 abi key path rights wrong=() filter guard wanted
	local -A installed=()
	abi=$(sed -n 's/.*landlock_create_ruleset query=version = //p' "$trace" | head -n 1)
	[ "${abi:-0}" -ge 1 ] || {
		not_ok "$name" "no Landlock version in the trace: $(tail -n 3 "$trace")"
		return
	}
	[ "$abi" -le 7 ] || abi=7
	expected=()
	read_table "$file" "$abi"

	# the kernel unites the rules on one object, which two names of it may have led to
	while read -r path rights; do
		installed[$path]=$(known 99 "${installed[$path]:-},$rights")
	done < <(recorded "$trace")
	for path in "${!installed[@]}"; do
		[ "${expected[$path]:-}" = "${installed[$path]}" ] ||
			wrong+=("$path: ${installed[$path]}, expected ${expected[$path]:-no rule}")
	done
	for path in "${!expected[@]}"; do
		[ -n "${installed[$path]:-}" ] || is_covered "$path" || wrong+=("no rule for $path")
	done
	is "$name: rules (${#installed[@]})" "$(printf '%s; ' "${wrong[@]:0:6}")" '; '

	key=$(sed -n 's/.*landlock_create_ruleset fs=\(.*\) = [0-9]*$/\1/p' "$trace")
	key=$(sed -e 's/ [a-z]*=/\n/g' <<<"$key" | while read -r rights; do
		case $rights in 0x*) echo "$rights" ;; *) known 99 "$rights" ;; esac
	done | paste -sd' ')
	wanted="$(known "$abi" "$every_right") $(known "$abi" "$(value "$file" net)")"
	wanted+=" $(known "$abi" abstract_unix_socket,signal) 0x0"
	is "$name: handled rights, scopes, flags" "$key" "$wanted"
	is "$name: one domain, no flags" "$(sed -n 's/.*landlock_restrict_self //p' "$trace")" \
		'flags=0x0 = 0'

	guard=plain
	[ "$abi" -ge 3 ] || guard=guarded
	key='seccomp operation=set-mode-filter flags=0x0'
	filter=$(sed -n "s/.* $key .*hash=\([0-9a-f]*\) = 0\$/\1/p" "$trace")
	# Without rules for ports, no network is no internet socket at all.
	wanted=$(value "$file" filter)
	[ "$abi" -ge 4 ] || wanted=${wanted/tcp/none}
	is "$name: the one filter" "$("$tools/cli/filter_names" | sed -n "s/^$filter [0-9]* //p")" \
		"$wanted $guard"
	is "$name: descriptors of the program" \
		"$(sed -n 's/^program [0-9]* fd \([0-9]*\) .*/\1/p' "$trace" | paste -sd' ')" \
		'0 1 2'
}

every_right=execute,write_file,read_file,read_dir,remove_dir,remove_file,make_char,make_dir,make_reg
every_right+=,make_sock,make_fifo,make_block,make_sym,refer,truncate,ioctl_dev

for file in "$data"/*.txt; do
	name=$(basename "$file" .txt)
	[ "$name" != access ] || continue
	read -ra arguments < <(value "$file" arguments)
	for mode in $modes; do
		trace=$TMPDIR/$name.$mode
		stdin=$(expand "$(value "$file" stdin)")
		stdout=$(expand "$(value "$file" stdout)")
		stderr=$(expand "$(value "$file" stderr)")
		command=("$tracer" record "$trace" -- "$NONO" "$mode" -s "${arguments[@]}" --
			/bin/true)
		if [ -n "$stdin" ]; then
			"${command[@]}" <"$stdin" >"$stdout" 2>>"$stderr"
		else
			# pipes: they need no rule
			"${command[@]}" </dev/null 2> >(cat >"$trace.err") | cat >"$trace.out"
		fi
		if [ "$landlock" -lt 4 ] && grep -q '^port ' "$file"; then
			has "$mode ${name#*-}: refused without rules for ports" \
				"$(cat "$trace.err")" "kernel Landlock ABI doesn't support it"
			continue
		fi
		compare "$mode ${name#*-}" "$file" "$trace"
	done
done

finish
