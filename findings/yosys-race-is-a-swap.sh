#!/usr/bin/env bash
# yosys 0.23, iverilog 11.0. Two processes that race for each other's register in Verilog swap them for Yosys, and in its output do so too.
# Expected: `a = b` in one process and `b = a` in another is a race: one sees what the other has written, and both end with the same value; who reads the
# design warns, or chooses one of the two orders.
# Seen: where another process reads it, Yosys takes what is assigned at once for assigned later (`<=`), without a warning: after three edges 1 and 0.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
debian yosys=0.23-6 iverilog=11.0-1.1+b1
steps <<'SH'
cat >design.v <<'VERILOG'
module swap(input clk, output reg a, output reg b);
  initial a = 0;
  initial b = 1;
  always @(posedge clk) a = b;
  always @(posedge clk) b = a;
endmodule
VERILOG
cat >bench.v <<'VERILOG'
module bench;
  reg clk = 0;
  wire a, b;
  swap it(clk, a, b);
  initial begin
    repeat (3) begin #1 clk = 1; #1 clk = 0; end
    $display("a %b, b %b", a, b);
  end
endmodule
VERILOG
simulated() {
  iverilog -B root/usr/lib/x86_64-linux-gnu/ivl -o program "$1" bench.v
  echo "$1: $(vvp -M root/usr/lib/x86_64-linux-gnu/ivl program)"
}
yosys -q -p 'read_verilog design.v; prep -top swap; write_verilog -noattr written.v' 2>&1
simulated design.v
simulated written.v
SH
seen <<'TEXT'
design.v: a 0, b 0
written.v: a 1, b 0
TEXT
