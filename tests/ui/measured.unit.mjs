// The pure parts of Monitor, Alerts and Bench: what is made of what was measured. Node reads their
// TypeScript as it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureWords, termsOf, valueWords } from '../../web/src/alerts/rules.ts';
import { csvOf } from '../../web/src/bench/runs.ts';
import { recordsOf, summaryOf } from '../../web/src/monitor/groups.ts';
import { meanBy, stacked, withGaps } from '../../web/src/parts/curves.ts';
import { run } from './run.mjs';

const columns = (series) => ({
  step_s: 10,
  series: Object.keys(series).map((key) => {
    const [name, label = ''] = key.split('/');
    return { name, label, unit: '' };
  }),
  data: [[10, 20, 30], ...Object.values(series)],
  annotations: [],
});

test('the window is summed up by all of it, not by its last stretch', () => {
  const asked = columns({
    'questions/simple': [1, 9, null],
    'questions/expert': [null, 2, 2],
    'questions_failed/simple': [1, 0, null],
    'question_seconds_p95/simple': [9, 2, null],
    'question_seconds_p95/expert': [null, 4, 3],
    'agreement/simple': [0.5, 1, null],
    'agreement/expert': [null, 0.5, 0.5],
  });
  const models = columns({ 'asks/a': [4, 4, null], 'asks_failed/a': [1, 1, null] });
  const summary = summaryOf(asked, models);
  assert.equal(summary.asked, 14);
  assert.equal(summary.answered, 1 - 1 / 14);
  assert.deepEqual(summary.slowest, { tier: 'simple', seconds: 9 });
  // One of 0.5, nine of 1, four of 0.5.
  assert.ok(Math.abs(summary.agreement - (0.5 + 9 + 4 * 0.5) / 14) < 1e-9, summary.agreement);
  assert.equal(summary.succeeded, 0.75);
  const nothing = summaryOf(columns({}), columns({}));
  assert.deepEqual(nothing, { asked: 0, answered: null, slowest: null, agreement: null, succeeded: null });
});

test('a model is summed up by how often it was asked', () => {
  const history = columns({
    'asks/a': [1, 3, null],
    'asks_failed/a': [0, 1, null],
    'ttft_seconds/a': [1, 2, null],
    'seconds_per_token/a': [0.1, 0.02, null],
    'asks/b': [2, null, null],
  });
  const [a, b] = recordsOf(history);
  assert.deepEqual(a, { model: 'a', asked: 4, failed: 1, succeeded: 0.75, first: 1.75, pace: 1 / 0.04 });
  assert.deepEqual(b, { model: 'b', asked: 2, failed: 0, succeeded: 1, first: null, pace: null });
  assert.equal(meanBy([null], [3]), null);
});

test('bars stand on each other, and a gap stays one', () => {
  assert.deepEqual(stacked([[1, null], [2, 3], [null, 4]]), [[3, null], [2, 7], [null, 4]]);
  const [times, values] = withGaps([0, 10, 100], [[1, 2, 3]], 10);
  assert.deepEqual(times, [0, 10, 20, 100]);
  assert.deepEqual(values, [1, 2, null, 3]);
});

test('a value of an alert is said as its rule counts', () => {
  assert.equal(valueWords('share', 0.052), '5 %');
  assert.equal(valueWords('drop', 0.15), '15 points');
  assert.equal(valueWords('times', 2.34), '2.3 times');
  assert.equal(measureWords({ value: 0.24 }, { unit: 'drop' }), 'It has dropped by 24 points.');
  assert.equal(measureWords({ value: 1 }, { unit: 'flag' }), '');
  const rule = { unit: 'share', fires_above: 0.95, clears_at: 0.92, for_s: 60, keep_firing_for_s: 120 };
  assert.equal(
    termsOf(rule),
    'Met above 95 %; fires once that was so for 60 s; ends when it was at 92 % or below for 2 min.',
  );
  assert.equal(termsOf({ ...rule, unit: 'flag' }), 'Fires once it was so for 60 s; ends once it was not for 2 min.');
});

test('a run as CSV has a line for each way of asking, as wide as its head', () => {
  const open = { ...run.arms[0], arm: 'all', accuracy: null };
  const lines = csvOf({ document: { ...run, arms: [run.arms[0], open] } }).split('\r\n');
  assert.equal(lines.length, 4); // the last one ends
  const [names, best, all] = lines.map((line) => line.split(','));
  assert.equal(best[names.indexOf('accuracy')], String(run.arms[0].accuracy));
  assert.equal(all[names.indexOf('accuracy')], '');
  assert.equal(best[names.indexOf('won_against_best')], '3');
  assert.ok(best.length === names.length && all.length === names.length);
});
