// The models that most tests of the page use, and what they say: three that agree, one that does
// not, on two devices.
export const decimals = 'Which is larger, 9.11 or 9.9?';
export const tides = 'Explain how the tides come about.';

const tidesText = `The tides come from the **Moon's gravity**, and less from the Sun's.

1. The near side of the Earth is pulled harder than its centre.
2. The far side is pulled less, so water bulges there too.

As the Earth turns, each place passes both bulges: two high tides a day.`;

const says = (answer, { first, pace }) => (question) => {
  if (question.includes('tides')) return { text: tidesText, first, pace: pace * 5 };
  if (question.includes('9.9')) return { text: answer, first, pace };
  if (question.includes('slow')) return { text: 'word '.repeat(2000), first, pace: 30 };
  return { text: 'Paris.', first, pace };
};

// The one that is wrong is the quickest, and the one whose say counts most the slowest: so all of
// them are heard before the outcome is settled.
export const plays = {
  desk: {
    'qwen3-8b': says('The answer is 9.9.', { first: 700, pace: 40 }),
    'gemma3-4b': says('9.9', { first: 350, pace: 40 }),
  },
  attic: {
    'phi4-mini': says('The answer: 9.9', { first: 450, pace: 30 }),
    'llama3.2-3b': says('The answer is 9.11.', { first: 60, pace: 25 }),
  },
};
