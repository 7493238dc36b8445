// The table of figures: each with what it has to reach and what stands beside it, as the other
// benchmarks of kai print theirs.
export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

// A figure that has to be at most `most`, in its unit. beside: words.
export const atMost = (what, value, unit, most, beside = '') => ({
  what, value, unit, reach: `<= ${most}`, met: value <= most, beside,
});

const rounded = (value) => (value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3))));

export function print(figures) {
  const line = (what, value, unit, reach, beside) =>
    console.log(`${what.padEnd(66)} ${value.padStart(8)} ${unit.padEnd(4)} ${reach.padEnd(22)} ${beside}`.trimEnd());
  line('what', 'value', 'unit', 'reach', 'beside it');
  for (const { what, value, unit, reach, met, beside } of figures) {
    line(what, rounded(value), unit, `${reach} ${met ? 'ok' : 'MISSED'}`, beside);
  }
}
