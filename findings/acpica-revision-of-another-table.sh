#!/usr/bin/env bash
# acpica-tools 20200925. How long the integers of a table are is told by the revision of another one.
# Expected: `DefinitionBlock ("", "SSDT", 2, …)`, compiled without a warning, has integers of 64 bits, as revision 2 says.
# Seen: the revision of the DSDT counts for all tables. Beside one of revision 1 the SSDT's constants, sums and shifts lose what is above 32 bits; what is true is 0xFFFFFFFF.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian acpica-tools=20200925-8
steps <<'SH'
for revision in 1 2; do
  echo "DefinitionBlock (\"\", \"DSDT\", $revision, \"ACME\", \"BOARD\", 1) { Name (NONE, 0) }" >dsdt$revision.asl
  iasl dsdt$revision.asl >/dev/null 2>&1
done
cat >ssdt.asl <<'ASL'
DefinitionBlock ("", "SSDT", 2, "ACME", "DEVICE", 1) {
  Name (ADDR, 0x123456789)
  Name (LAST, 0xFFFFFFFF)
  Name (BITS, 32)
  Method (NEXT) { Return (LAST + 1) }
  Method (SHIF) { Return (1 << BITS) }
  Method (TRUE) { Return (BITS == 32) }
}
ASL
iasl ssdt.asl 2>&1 | grep -o '0 Errors, 0 Warnings'
told() { acpiexec -b "evaluate $1" dsdt$revision.aml ssdt.aml 2>/dev/null | grep -o '\[Integer\] = .*' | tr -d ']['; }
for revision in 1 2; do
  echo "beside a DSDT of revision $revision:"
  echo "  0x123456789: $(told ADDR)"
  echo "  0xFFFFFFFF + 1: $(told NEXT)"
  echo "  1 << 32: $(told SHIF)"
  echo "  32 == 32: $(told TRUE)"
done
SH
seen <<'TEXT'
0 Errors, 0 Warnings
beside a DSDT of revision 1:
  0x123456789: Integer = 0000000023456789
  0xFFFFFFFF + 1: Integer = 0000000000000000
  1 << 32: Integer = 0000000000000000
  32 == 32: Integer = 00000000FFFFFFFF
beside a DSDT of revision 2:
  0x123456789: Integer = 0000000123456789
  0xFFFFFFFF + 1: Integer = 0000000100000000
  1 << 32: Integer = 0000000100000000
  32 == 32: Integer = FFFFFFFFFFFFFFFF
TEXT
