// The models that most tests of the page use, and what they say: three that agree, one that does
// not, on two devices.
export const decimals = 'Which is larger, 9.11 or 9.9?';
export const tides = 'Explain how the tides come about.';

const tidesText = `The tides come from the **Moon's gravity**, and less from the Sun's.

1. The near side of the Earth is pulled harder than its centre.
2. The far side is pulled less, so water bulges there too.

As the Earth turns, each place passes both bulges: two high tides a day.`;

const says = (answer, { first = 60, pace = 15 } = {}) => (question) => {
  if (question.includes('tides')) return { text: tidesText, first, pace };
  if (question.includes('9.9')) return { text: answer, first, pace };
  if (question.includes('slow')) return { text: 'word '.repeat(2000), first, pace: 30 };
  return { text: 'Paris.', first, pace };
};

export const plays = {
  desk: {
    'qwen3-8b': says('9.9 is larger.'),
    'gemma3-4b': says('The larger one is 9.9.', { first: 150, pace: 20 }),
  },
  attic: {
    'phi4-mini': says('9.9', { first: 300, pace: 30 }),
    'llama3.2-3b': says('9.11 is larger, because 11 is more than 9.', { first: 120, pace: 25 }),
  },
};
