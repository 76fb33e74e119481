#!/usr/bin/env bash
# device-tree-compiler 1.6.1. A number of a device tree is shown as a text if its bytes are letters.
# Expected: <0x41424300> is shown as a number, as <0x61620063> is; without `-t` fdtget shows numbers, and dtc writes a tree that reads like the one that it was made of.
# Seen: whether a property is a text is guessed from its bytes: fdtget prints "ABC" where a script wants 1094861568, and of two properties with the same
# sort of number one is decompiled as a text. For dtc `<0x41420000 0x43440000>` is a text as well, for fdtget it is two numbers.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian device-tree-compiler=1.6.1-4+b1
steps <<'SH'
cat >tree.dts <<'DTS'
/dts-v1/;
/ {
	one = <0x41424300>;
	other = <0x61620063>;
	two = <0x41420000 0x43440000>;
	blanks = <0x20202000>;
};
DTS
dtc -q -O dtb -o tree.dtb tree.dts
dtc -q -I dtb -O dts tree.dtb | grep =
for name in one other two blanks; do echo "$name: '$(fdtget tree.dtb / $name)', as numbers $(fdtget -t x tree.dtb / $name)"; done
SH
seen <<'TEXT'
	one = "ABC";
	other = <0x61620063>;
	two = "AB\0\0CD\0";
	blanks = "   ";
one: 'ABC', as numbers 41424300
other: '1633812579', as numbers 61620063
two: '1094844416 1128529920', as numbers 41420000 43440000
blanks: '   ', as numbers 20202000
TEXT
