// A chart over time by uPlot, in the page's own colours. All charts of a page share one crosshair.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Line, Note, Tone } from './curves.ts';

export interface ChartOptions {
  width: number;
  height: number;
  lines: Line[];
  say: (value: number) => string;
  top: number | null; // of the scale, where it has a natural one
  span: [number, number]; // of the time axis, in seconds since 1970
  notes: Note[];
  small: boolean;
  onrow: (row: number | null) => void; // what the crosshair is on
}

const colours: Record<Tone, string> = {
  first: '--accent',
  second: '--dissent',
  third: '--ink',
  fourth: '--rule-strong',
  bad: '--bad',
};
// Lines differ by their dashes too, so that no colour is needed.
export const dashes: Record<Tone, number[]> = {
  first: [],
  second: [6, 3],
  third: [2, 2],
  fourth: [10, 3, 2, 3],
  bad: [],
};
const daysAbove = 2 * 86_400; // of a chart's width in seconds: its axis tells days
// Ticks of the time axis: times of a day, or days.
function timeWords(seconds: number, span: number): string {
  const date = new Date(seconds * 1000);
  if (span > daysAbove) return date.toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
  return date.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', hour12: false });
}

// The time under the crosshair.
export const momentWords = (seconds: number, span: number): string =>
  new Date(seconds * 1000).toLocaleString(undefined, {
    ...(span > daysAbove ? { day: 'numeric', month: 'short' } : { second: '2-digit' }),
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  });

export const colourOf = (tone: Tone) => `var(${colours[tone]})`;

// A whole bar, or a half of its place.
const bars = {
  whole: uPlot.paths.bars!({ size: [0.8, 12, 1] }),
  left: uPlot.paths.bars!({ size: [0.4, 6, 1], align: -1 }),
  right: uPlot.paths.bars!({ size: [0.4, 6, 1], align: 1 }),
};

function seriesOf({ name, look, tone, half }: Line, colour: (name: string) => string): uPlot.Series {
  const stroke = colour(colours[tone]);
  if (look === 'bars') {
    return {
      label: name,
      stroke,
      fill: stroke,
      width: 0,
      points: { show: false },
      paths: bars[half ?? 'whole'],
    };
  }
  return {
    label: name,
    stroke,
    width: 1.75,
    dash: dashes[tone],
    spanGaps: false,
    // A single value between gaps has no line.
    points: { size: 4, filter: lonely },
  };
}
function lonely(chart: uPlot, at: number, show: boolean): number[] | null {
  if (show) return null;
  const values = chart.data[at]!;
  const rows: number[] = [];
  for (let row = 0; row < values.length; row += 1) {
    if (values[row] != null && values[row - 1] == null && values[row + 1] == null) rows.push(row);
  }
  return rows;
}

// What happened, as thin lines across: dotted, but for failures and alerts.
function drawNotes(chart: uPlot, notes: Note[], colour: (name: string) => string) {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  for (const { at, kind } of notes) {
    const x = Math.round(chart.valToPos(at, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    const grave = kind === 'alert' || kind === 'failure';
    ctx.strokeStyle = colour(grave ? '--bad' : '--rule-strong');
    ctx.setLineDash(grave ? [] : [2 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

// `options` is read again with each drawing: span, notes and onrow may be changed in it.
export function makeChart(options: ChartOptions, data: uPlot.AlignedData, target: HTMLElement) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: colour('--ink-soft'),
    grid: { stroke: colour('--rule'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
  const { small, say, top } = options;
  return new uPlot(
    {
      width: options.width,
      height: options.height,
      legend: { show: false },
      cursor: { sync: { key: 'kai' }, drag: { x: false, y: false }, points: { size: 6 } },
      scales: {
        x: { time: true, range: () => options.span },
        y: { range: (_, __, most) => [0, top ?? (most > 0 ? most * 1.1 : 1)] },
      },
      axes: [
        {
          ...axis,
          show: !small,
          space: 70,
          size: 24,
          values: (_, splits) =>
            splits.map((tick) => timeWords(tick, options.span[1] - options.span[0])),
        },
        {
          ...axis,
          size: 56,
          space: small ? 24 : 34,
          values: (_, splits) => splits.map((value) => say(value)),
        },
      ],
      series: [{}, ...options.lines.map((line) => seriesOf(line, colour))],
      hooks: {
        draw: [(chart) => drawNotes(chart, options.notes, colour)],
        setCursor: [(chart) => options.onrow(chart.cursor.idx ?? null)],
      },
    },
    data,
    target,
  );
}
