#!/usr/bin/env bash
# sigrok-cli 0.7.2 (libsigrok 0.5.2), iverilog 11.0. Of a VCD file with a bus in it everything after the first value of the bus is lost.
# Expected: what a simulator wrote is read; a signal of more than one bit is read as its bits, or left out with a word.
# Seen: the bus is left out, and with it every later change of every other signal; nothing is said, and the command ends with 0.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian sigrok-cli=0.7.2-1+b1 iverilog=11.0-1.1+b1
steps <<'SH'
simulate() {
  iverilog -B root/usr/lib/x86_64-linux-gnu/ivl -o program "$1.v"
  vvp -M root/usr/lib/x86_64-linux-gnu/ivl program >/dev/null
}
for width in '' '[3:0]'; do
  cat >design.v <<VERILOG
\`timescale 1ns/1ns
module top;
  reg clock = 0;
  reg $width count = 0;
  initial begin
    \$dumpfile("design.vcd");
    \$dumpvars(0, top);
    #30 \$finish;
  end
  always #5 clock = !clock;
  always #10 count = count + 1;
endmodule
VERILOG
  simulate design
  echo "with a count of ${width:-one bit}: $(grep -c '^#' design.vcd) times in the file"
  sigrok-cli -I vcd -i design.vcd -O bits:width=80 2>&1 | tail -n +4
  echo "ends with ${PIPESTATUS[0]}"
done
SH
seen <<'TEXT'
with a count of one bit: 7 times in the file
clock:00000111 11000001 11110000 011111
count:00000000 00111111 11110000 000000
ends with 0
with a count of [3:0]: 7 times in the file
clock:00000111 11000001 1111
ends with 0
TEXT
