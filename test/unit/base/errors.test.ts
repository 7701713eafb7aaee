import test from 'ava';
import { HeadwayError } from '#base/errors.ts';

/** As bundlers name a class of the sources. */
const made = (name: string): HeadwayError => {
  const { [name]: Made } = { [name]: class extends HeadwayError {
    readonly code = 'made';
    readonly isRetryable = false;
  } };
  if (Made === undefined) throw new Error('no class');
  return new Made('what happened', {});
};

test('an error is named as its class in the sources, in the built program too', (t) => {
  for (const name of ['StatusError', '_StatusError', 'StatusError2']) {
    t.is(made(name).name, 'StatusError');
    t.is(String(made(name)), 'StatusError: what happened');
  }
  t.is(made('Http2Error').name, 'Http2Error');
});
