#!/usr/bin/env bash
# babeltrace2 2.0.4. A signed byte -8 that a trace shows in octal is 0770, which no byte is; in hexadecimal and in binary it is right.
# Expected: 0370, the byte's eight bits, as 0xF8 and 0b11111000 are; or -010, as `sink.text.details` has it.
# Seen: it is filled up to nine bits; one of 16 bits is 0777770, of 18. The two sinks that come with it differ for every base: 0xF8 and -0x8.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian babeltrace2=2.0.4-1+b6 libbabeltrace2-0=2.0.4-1+b6
steps <<'SH'
BABELTRACE_PLUGIN_PATH=$(find "$PWD/root" -type d -path '*babeltrace2/plugins')
export BABELTRACE_PLUGIN_PATH
mkdir trace
cat >trace/metadata <<'TSDL'
/* CTF 1.8 */
typealias integer { size = 8; align = 8; signed = true; base = 8; } := octal_byte;
typealias integer { size = 16; align = 8; signed = true; base = 8; } := octal_word;
typealias integer { size = 8; align = 8; signed = true; base = 16; } := hexadecimal_byte;
typealias integer { size = 8; align = 8; signed = true; base = 2; } := binary_byte;
trace { major = 1; minor = 8; byte_order = le; };
stream { };
event { name = "seen"; fields := struct { octal_byte a; octal_word b; hexadecimal_byte c; binary_byte d; }; };
TSDL
printf '\370\370\377\370\370' >trace/stream
babeltrace2 trace
babeltrace2 trace -c sink.text.details | grep -E '^ +[a-d]: -' | tr -s ' \n' ' '
echo
SH
seen <<'TEXT'
seen: { a = 0770, b = 0777770, c = 0xF8, d = 0b11111000 }
 a: -010 b: -010 c: -0x8 d: -0x8 
TEXT
