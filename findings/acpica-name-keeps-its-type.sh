#!/usr/bin/env bash
# acpica-tools 20200925. What is stored in a name of ACPI's becomes what the name was at first, as long as it was at first.
# Expected: `NAME = value` and then NAME is the value, as with Local0.
# Seen: 255 in a text is "00000000000000FF", "20" in a number is 32; of six bytes in a buffer of four the last two are dropped, of one the other three are zeros.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian acpica-tools=20200925-8
steps <<'SH'
cat >table.asl <<'ASL'
DefinitionBlock ("", "DSDT", 2, "ACME", "TABLE", 1) {
  Name (NUMB, 5)
  Name (TEXT, "ready")
  Name (BUFF, Buffer (4) { 1, 2, 3, 4 })
  Method (NUTX) { NUMB = "20" Return (NUMB) }
  Method (TXNU) { TEXT = 255 Return (TEXT) }
  Method (BULG) { BUFF = Buffer () { 9, 8, 7, 6, 5, 4 } Return (BUFF) }
  Method (BUSH) { BUFF = Buffer () { 9 } Return (BUFF) }
  Method (BUTX) { BUFF = "hi" Return (BUFF) }
  Method (LOCL) { Local0 = BUFF Local0 = "hi" Return (Local0) }
}
ASL
iasl table.asl >/dev/null 2>&1
evaluated NUTX 'a text in a number'
evaluated TXNU 'a number in a text'
evaluated BULG 'six bytes in a buffer of four'
evaluated BUSH 'one byte in it'
evaluated BUTX 'a text in it'
evaluated LOCL 'a text in Local0, which held the buffer'
SH
seen <<'TEXT'
a text in a number: [Integer] = 0000000000000020
a number in a text: [String] Length 10 = "00000000000000FF"
six bytes in a buffer of four: [Buffer] Length 04 = 0000: 09 08 07 06 // ....
one byte in it: [Buffer] Length 04 = 0000: 09 00 00 00 // ....
a text in it: [Buffer] Length 04 = 0000: 68 69 00 00 // hi..
a text in Local0, which held the buffer: [String] Length 02 = "hi"
TEXT
