// The pure parts of the page: what events make of a question, where the timeline's bars stand, what
// differs between two texts. Node reads their TypeScript as it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apply, fromDocument, isOver, newQuestion } from '../../web/src/live/question.ts';
import { diff } from '../../web/src/question/diff.ts';
import { timelineOf } from '../../web/src/question/gantt.ts';
import { sparedOf, stanceOf } from '../../web/src/question/groups.ts';
import { beginning, doing, foreseen, rate, seconds, sentenceOf, shortPlain } from '../../web/src/question/words.ts';

let seq = 0;
const event = (type, t_ms, fields) => ({ type, seq: ++seq, query: 'q_1', t_ms, ...fields });
const asks = [
  { member: 'a', model: 'a', sample: 1, device: 'cpu' },
  { member: 'b', model: 'b', sample: 1, device: 'gpu0' },
];
const verdict = {
  shape: 'short', method: 'vote', text: 'Paris.', author: 'a', agreement: 0.5, confidence: null,
  voters: 2, agreeing: 1, abstained: [], dissent: [{ member: 'b', words: 'Rome' }],
  groups: [
    { answer: 'paris', members: ['a'], weight: 1 },
    { answer: 'rome', members: ['b'], weight: 1 },
  ],
};
const ended = (member, fields = {}) => ({
  member, model: member, device: 'cpu', ending: 'complete', error: null, text: 'Paris.',
  queued_ms: 100, load_ms: 200, prefill_ms: 300, decode_ms: 400, ttft_ms: 600, total_ms: 1000,
  prompt_tokens: 9, answer_tokens: 4, tokens_per_second: 10, ...fields,
});
const begun = () => {
  const question = newQuestion('q_1');
  const plan = { tier: 'simple', mode: 'adaptive', deadline_ms: 20_000, asks, left_out: [] };
  apply(question, event('query.asked', 0, { asked: '2026-01-01T00:00:00.000Z', question: 'Q?' }));
  apply(question, event('query.started', 10, { id: 'q_1', complexity: { why: 'short' }, plan }));
  return question;
};

test('a member passes from phase to phase, and its end has the last word', () => {
  const question = begun();
  apply(question, event('member.queued', 10, { member: 'a' }));
  apply(question, event('member.loading', 100, { member: 'a', progress: 0.5 }));
  apply(question, event('member.loading', 200, { member: 'a', progress: 1 }));
  apply(question, event('member.prefill', 300, { member: 'a', progress: 0 }));
  apply(question, event('member.token', 600, { member: 'a', text: 'Par' }));
  apply(question, event('member.token', 700, { member: 'a', text: 'is.' }));
  const [a] = question.members;
  assert.equal(a.text, 'Paris.');
  assert.deepEqual(a.spans.map(({ phase, from, to }) => [phase, from, to]), [
    ['queued', 10, 100], ['loading', 100, 300], ['reading', 300, 600], ['writing', 600, null],
  ]);
  apply(question, event('member.ended', 1050, ended('a')));
  assert.deepEqual(a.spans.map(({ phase, from, to }) => [phase, from, to]), [
    ['queued', 50, 150], ['loading', 150, 350], ['reading', 350, 650], ['writing', 650, 1050],
  ]);
});

test('one that was cut keeps the phases that were seen', () => {
  const question = begun();
  apply(question, event('member.queued', 10, { member: 'b' }));
  apply(question, event('member.token', 500, { member: 'b', text: 'R' }));
  const cut = { ending: 'cancelled', text: 'R', queued_ms: 0, load_ms: 0, prefill_ms: 0, decode_ms: 0 };
  apply(question, event('member.ended', 900, ended('b', cut)));
  assert.deepEqual(question.members[1].spans.map(({ phase, to }) => [phase, to]), [
    ['queued', 500], ['writing', 900],
  ]);
});

test('a draft grows, and begins anew when another writes', () => {
  const question = begun();
  const draft = (member, text, anew) =>
    apply(question, event('answer.draft', 100, { member, text, anew }));
  draft('a', 'One ', true);
  draft('a', 'two', false);
  assert.deepEqual(question.draft, { member: 'a', text: 'One two', revised: false });
  draft('b', 'Other', true);
  assert.deepEqual(question.draft, { member: 'b', text: 'Other', revised: true });
});

test('told anew, nothing of before is left', () => {
  const question = begun();
  apply(question, event('member.token', 100, { member: 'a', text: 'Paris.' }));
  apply(question, event('query.anew', 0, {}));
  assert.equal(question.members.length, 0);
  assert.equal(question.question, 'Q?');
});

test('one that a fallback asks again is at work again, and what it did before stays drawn', () => {
  const question = begun();
  const failed = { ending: 'failed', text: '', total_ms: 300, queued_ms: 100, load_ms: 0, decode_ms: 0, prefill_ms: 200 };
  apply(question, event('member.queued', 0, { member: 'a' }));
  apply(question, event('member.ended', 300, ended('a', failed)));
  const plan = { tier: 'simple', mode: 'adaptive', asks: asks.slice(0, 1), left_out: [] };
  apply(question, event('query.fallback', 310, { why: 'no valid answer; trying simpler models', plan }));
  assert.deepEqual(question.notices, ['Fallback: no valid answer; trying simpler models']);
  apply(question, event('member.queued', 310, { member: 'a' }));
  const [a] = question.members;
  assert.equal(a.ended, null);
  assert.deepEqual(a.spans.map(({ phase, from, to }) => [phase, from, to]), [
    ['queued', 0, 100], ['reading', 100, 300], ['queued', 310, null],
  ]);
  apply(question, event('member.ended', 1310, ended('a')));
  assert.deepEqual(a.spans.map(({ phase, from, to }) => [phase, from, to]), [
    ['queued', 0, 100], ['reading', 100, 300],
    ['queued', 310, 410], ['loading', 410, 610], ['reading', 610, 910], ['writing', 910, 1310],
  ]);
});

test('running code comes after the words, and moves them nowhere', () => {
  const question = begun();
  apply(question, event('member.token', 700, { member: 'a', text: 'def f(): pass' }));
  apply(question, event('member.testing', 1050, { member: 'a' }));
  apply(question, event('member.ended', 1550, ended('a')));
  assert.deepEqual(question.members[0].spans.map(({ phase, from, to }) => [phase, from, to]), [
    ['queued', 50, 150], ['loading', 150, 350], ['reading', 350, 650], ['writing', 650, 1050],
    ['testing', 1050, 1550],
  ]);
});

test('one that the server has lost is over, without an outcome', () => {
  const question = begun();
  assert.equal(isOver(question), false);
  question.lost = 'kai was stopped.';
  assert.equal(isOver(question), true);
});

const member = (name, stance, fields) => ({ stance, round: 0, order: 0, ...ended(name, fields) });
const document = {
  id: 'q_1', question: 'Q?', asked: '2026-01-01T00:00:00.000Z', latency_ms: 1200, error: null,
  tier: 'simple', text: 'Paris.', author: 'a', verdict, stop_why: null, complexity: { why: '' },
  plan: { deadline_ms: 20_000, left_out: [] },
  members: [
    member('a', 'agrees'),
    member('b', 'dissents', { device: 'gpu0', text: 'Rome' }),
    member('c', 'none', { ending: 'not_run', text: '', total_ms: 0, queued_ms: 0 }),
  ],
};

test('the past looks as it did live', () => {
  const past = fromDocument(document);
  assert.ok(isOver(past));
  assert.deepEqual(past.members[0].spans.map(({ phase }) => phase), [
    'queued', 'loading', 'reading', 'writing',
  ]);
  assert.equal(past.members[2].spans.length, 0);
  assert.deepEqual(past.members.map((one) => stanceOf(one, past.verdict)), [
    'agrees', 'dissents', 'none',
  ]);
});

test('a recorded fallback says so, and begins when the first plan had failed', () => {
  const failed = { ending: 'failed', stance: 'none', text: '', total_ms: 700, queued_ms: 100, load_ms: 0, prefill_ms: 600, decode_ms: 0 };
  const past = fromDocument({
    ...document,
    plan: { ...document.plan, fallbacks: 1 },
    device_changes: ['gpu0 was lost; b runs on cpu'],
    members: [
      member('a', 'none', { ...failed, total_ms: 500, prefill_ms: 400 }),
      member('b', 'none', failed),
      member('a', 'agrees', { round: 1 }),
    ],
  });
  assert.deepEqual(past.notices, [
    'Fallback: the first plan gave no valid answer; a simpler one was tried',
    'gpu0 was lost; b runs on cpu',
  ]);
  assert.deepEqual(past.members.map(({ name }) => name), ['a', 'b']);
  const [a] = past.members;
  assert.equal(a.ended.ending, 'complete');
  assert.deepEqual(a.spans.map(({ phase, from, to }) => [phase, from, to]), [
    ['queued', 0, 100], ['reading', 100, 500],
    ['queued', 700, 800], ['loading', 800, 1000], ['reading', 1000, 1300], ['writing', 1300, 1700],
  ]);
  assert.deepEqual(fromDocument(document).notices, []);
});

test('what was seen live of a question is not told a second time by its document', () => {
  const question = begun();
  apply(question, event('query.fallback', 20, { why: 'no valid answer', plan: { asks, left_out: [] } }));
  const outcome = { ...document, plan: { ...document.plan, fallbacks: 1 } };
  apply(question, event('query.completed', 1200, { outcome }));
  assert.deepEqual(question.notices, ['Fallback: no valid answer']);
});

test('bars stay on the axis, by device; the deadline is drawn where it fits', () => {
  const past = timelineOf(fromDocument(document), 1200);
  assert.deepEqual(past.devices.map(({ device }) => device), ['cpu', 'gpu0']);
  for (const { members } of past.devices) {
    for (const { bars } of members) {
      for (const { left, width } of bars) assert.ok(left >= 0 && left + width <= 101);
    }
  }
  assert.equal(past.deadline, null);
  assert.equal(past.beyond, 20_000);
  const late = begun();
  apply(late, event('member.token', 19_000, { member: 'a', text: 'x' }));
  assert.equal(timelineOf(late, 19_500).deadline, 20_000);
});

test('a difference gives both texts back', () => {
  const [before, after] = ['9.9 is larger, since 90 > 11.', '9.11 is larger, because 11 > 9.'];
  const { pieces, cut } = diff(before, after);
  const without = (kind) => pieces.filter((p) => p.kind !== kind).map((p) => p.text).join('');
  assert.equal(without('new'), before);
  assert.equal(without('gone'), after);
  assert.ok(pieces.some(({ kind, text }) => kind === 'same' && text.includes('is larger,')));
  assert.equal(cut, false);
  const long = 'word '.repeat(100_000);
  assert.equal(diff(long, long).cut, true);
});

test('quantities are said in their usual units', () => {
  assert.deepEqual([0, 44, 2340, 12_000, 119_000, 150_000, 300_000].map(seconds), [
    '0 ms', '40 ms', '2.3 s', '12 s', '119 s', '2 min 30 s', '5 min',
  ]);
  assert.equal(seconds(119_700), '2 min');
  assert.deepEqual([1, 4200, 45_000, 150_200].map(foreseen), ['1 s', '5 s', '45 s', '2 min 31 s']);
  assert.equal(rate(ended('a')), '10 t/s');
  assert.equal(rate(ended('a', { answer_tokens: 1, tokens_per_second: 33_333_333 })), '');
  assert.equal(rate(null), '');
});

test('what hardly took time is not said to have taken none', () => {
  assert.equal(seconds(0), '0 ms');
  assert.equal(seconds(0.4), '< 10 ms');
  assert.equal(seconds(12), '10 ms');
});

test('a sentence begins large, but for the name of the program', () => {
  assert.equal(sentenceOf('no model gave an answer'), 'No model gave an answer');
  assert.equal(sentenceOf('kai was stopped'), 'kai was stopped');
  assert.equal(sentenceOf('gemma3:270m is loaded already'), 'gemma3:270m is loaded already');
  assert.equal(sentenceOf('desk/phi4 is out'), 'desk/phi4 is out');
  assert.equal(sentenceOf(''), '');
});

test('of Markdown only the marks around words go', () => {
  assert.equal(shortPlain('**Paris** is `the` __capital__.', 100), 'Paris is the capital.');
  assert.equal(shortPlain('# 2**10 is 1024, says __init__.py', 100), '2**10 is 1024, says __init__.py');
});

test('how far it has loaded is said where it is told', () => {
  const question = begun();
  const [a] = question.members;
  apply(question, event('member.loading', 100, { member: 'a', progress: 0 }));
  assert.equal(doing(a), 'loads');
  apply(question, event('member.loading', 200, { member: 'a', progress: 0.4 }));
  assert.equal(doing(a), 'loads 40 %');
  apply(question, event('member.prefill', 300, { member: 'a', progress: 0 }));
  assert.equal(doing(a), 'reads');
});

test('the beginning of a text ends by characters or by lines, and a short one is whole', () => {
  const few = { charsMax: 10, linesMax: 2 };
  assert.equal(beginning('short', few), 'short');
  assert.equal(beginning('one\ntwo\nthree', few), 'one\ntwo…');
  assert.equal(beginning('0123456789', few), '0123456789');
  assert.equal(beginning('01234567890', few), '012345678…');
});

test('members of the past stand in the order of their plan, and who wrote nothing said nothing', () => {
  const past = fromDocument({
    ...document,
    members: [
      member('b', 'none', { order: 1, text: '', answer_tokens: 0 }),
      member('c', 'agrees', { round: 1, order: 0 }),
      member('a', 'none', { order: 0, text: '', answer_tokens: 0 }),
    ],
  });
  assert.deepEqual(past.members.map(({ name }) => name), ['a', 'b', 'c']);
  assert.deepEqual(past.members.map(doing), ['said nothing', 'said nothing', 'answered']);
});

test('who failed was not spared', () => {
  const past = fromDocument({
    ...document,
    members: [
      ...document.members,
      member('d', 'none', { ending: 'failed', text: '' }),
      member('e', 'none', { ending: 'cancelled', text: 'I th' }),
    ],
  });
  assert.equal(sparedOf(past), 2); // c never began, e was stopped
});
