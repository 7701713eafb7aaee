import { RE2JS, RE2JSException, RE2JSSyntaxException } from '@bufbuild/re2';
import { HeadwayError } from '#base/errors.ts';

/** Whether a text has a match of the pattern; takes time that is linear in the text. */
export type Matcher = (text: string) => boolean;

/** A pattern that RE2 refuses; the message is worded as Go's. */
export class PatternError extends HeadwayError {
  readonly code = 'pattern';
  readonly isRetryable = false;
}

/** Compiles a pattern of Go's RE2 syntax, which has no look-around and no back references. @throws PatternError */
export function compilePattern(pattern: string): Matcher {
  try {
    const compiled = RE2JS.compile(pattern);
    return (text) => compiled.test(text);
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) throw new PatternError(`error parsing regexp: ${error.error}: \`${error.input ?? ''}\``, {}, { cause: error });
    if (error instanceof RE2JSException) throw new PatternError(error.message, {}, { cause: error });
    throw error;
  }
}
