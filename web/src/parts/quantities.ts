// How quantities of the machine are said.
export function bytes(count: number): string {
  if (count < 1000) return `${Math.round(count)} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = count / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

// Of a count that may be large, as parameters of a model.
export function count(value: number): string {
  if (value < 1000) return String(Math.round(value * 100) / 100);
  const units = ['thousand', 'million', 'billion'];
  const step = Math.min(units.length, Math.floor(Math.log10(value) / 3));
  const shown = value / 1000 ** step;
  return `${shown < 9.95 ? shown.toFixed(1) : Math.round(shown)} ${units[step - 1]}`;
}

export function rate(perSecond: number): string {
  return `${perSecond < 9.95 ? perSecond.toFixed(1) : Math.round(perSecond)} t/s`;
}

// A length of time in whole words, as "2 h" or "5 min".
export function span(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
