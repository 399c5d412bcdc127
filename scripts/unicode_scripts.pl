#!/usr/bin/env perl
# Writes framework/data/tokenizers/unicode_scripts.inc: the property Script of the characters of Unicode 9, from the database that perl brings.
#
#     scripts/unicode_scripts.pl > framework/data/tokenizers/unicode_scripts.inc
#
# Numbers stand for scripts, in the order of their first characters; 0 is a code point without one.
use strict;
use warnings;
use Unicode::UCD qw(prop_invmap);

my ($starts, $scripts) = prop_invmap("Script");
my ($age_starts, $ages) = prop_invmap("Age");

sub value_at {
  my ($starts, $values, $code) = @_;
  my ($low, $high) = (0, scalar @$starts);
  while ($high - $low > 1) {
    my $middle = int(($low + $high) / 2);
    if ($starts->[$middle] <= $code) { $low = $middle } else { $high = $middle }
  }
  return $values->[$low];
}

# Characters whose script was another one in Unicode 9.
my %moved = (0x589 => "Common", 0x61C => "Common", 0x953 => "Devanagari", 0x954 => "Devanagari");

my %number = (Unknown => 0);
my @runs = ([0, -1]);
my %begins = map { $_ => 1 } @$starts, @$age_starts, map { $_, $_ + 1 } keys %moved;
for my $code (sort { $a <=> $b } keys %begins) {
  next if $code > 0x10FFFF;
  my $age = value_at($age_starts, $ages, $code);
  my $script = $moved{$code} // value_at($starts, $scripts, $code);
  $script = "Unknown" if $age eq "Unassigned" || $age > 9;
  $number{$script} //= scalar keys %number;
  push @runs, [$code, $number{$script}] if $runs[-1][1] != $number{$script};
}
shift @runs;

print "// Written by scripts/unicode_scripts.pl from the Unicode Character Database; do not edit.\n";
print "// Runs of code points of one script: first code point << 8 | number of the script.\n";
my $line = "constexpr std::uint32_t kScriptRuns[] = {";
for my $run (@runs) {
  my $value = sprintf("0x%X,", $run->[0] << 8 | $run->[1]);
  if (length($line) + length($value) > 158) { print "$line\n"; $line = "" }
  $line .= $value;
}
print "$line};\n";
print "constexpr std::uint8_t kHan = $number{Han}, kHiragana = $number{Hiragana}, kKatakana = $number{Katakana};\n";
