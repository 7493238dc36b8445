// What a screen reader is told: changes of state in a sentence, never every word of an answer.
import { untrack } from 'svelte';

const same = '\u00a0'; // unseen: a sentence that does not change is not read again

class Announcer {
  sentence = $state('');
  say(sentence: string) {
    const before = untrack(() => this.sentence); // an effect that says something is not run again for it
    this.sentence = sentence === before ? sentence + same : sentence;
  }
}

export const announcer = new Announcer();
