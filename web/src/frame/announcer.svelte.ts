// What a screen reader is told: changes of state in a sentence, never every word of an answer.
const same = '\u00a0'; // unseen: a sentence that does not change is not read again

class Announcer {
  sentence = $state('');
  say(sentence: string) {
    this.sentence = sentence === this.sentence ? sentence + same : sentence;
  }
}

export const announcer = new Announcer();
