#!/usr/bin/env bash
# acpica-tools 20200925. In ACPI's language "10" is 16 where a number is wanted, and 10 for ToInteger.
# Expected: a text is made a number in one way only, and of two things that are compared it does not matter which stands first.
# Seen: the implied conversion reads hexadecimal digits, up to the first sign that is none; the first operand tells the type that both are compared or joined in, so that
# 16 == "10" holds and "10" == 16 does not, and 1 joined with "10" is 16 bytes.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian acpica-tools=20200925-8
steps <<'SH'
cat >table.asl <<'ASL'
DefinitionBlock ("", "DSDT", 2, "ACME", "TABLE", 1) {
  Name (TEXT, "10")
  Name (MODL, "1G5")
  Name (NUMB, 16)
  Name (UNIT, 1)
  Method (ADD1) { Return (TEXT + 1) }
  Method (TOIN) { Return (ToInteger (TEXT) + 1) }
  Method (CUTS) { Return (MODL + 1) }
  Method (NUTX) { Return (NUMB == TEXT) }
  Method (TXNU) { Return (TEXT == NUMB) }
  Method (JOIN) { Return (Concatenate (UNIT, TEXT)) }
  Method (NIOJ) { Return (Concatenate (TEXT, UNIT)) }
}
ASL
iasl table.asl >/dev/null 2>&1
evaluated ADD1 '"10" + 1'
evaluated TOIN 'ToInteger ("10") + 1'
evaluated CUTS '"1G5" + 1'
evaluated NUTX '16 == "10"'
evaluated TXNU '"10" == 16'
evaluated JOIN '1 joined with "10"'
evaluated NIOJ '"10" joined with 1'
SH
seen <<'TEXT'
"10" + 1: [Integer] = 0000000000000011
ToInteger ("10") + 1: [Integer] = 000000000000000B
"1G5" + 1: [Integer] = 0000000000000002
16 == "10": [Integer] = FFFFFFFFFFFFFFFF
"10" == 16: [Integer] = 0000000000000000
1 joined with "10": [Buffer] Length 10 = 0000: 01 00 00 00 00 00 00 00 10 00 00 00 00 00 00 00 // ................
"10" joined with 1: [String] Length 12 = "100000000000000001"
TEXT
