// What a screen reader is told: changes of state in a sentence, never every word of an answer.
class Announcer {
  sentence = $state('');
  say(sentence: string) {
    this.sentence = sentence;
  }
}

export const announcer = new Announcer();
